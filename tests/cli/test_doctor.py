"""`wfm doctor` on the command line: checks first, then findings; 4 only with --strict."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.tiny import fails, history_rows, history_text, run, succeeds, write

MAPPING = """
[source.acd]
grain = "interval"
[source.acd.columns]
queue = "Skill"
interval_start = "Start"
offered = "Calls"
aht_s = "AHT"
"""


def test_eleven_checks_come_first_then_the_findings(planned: Path) -> None:
    lines = succeeds("doctor", "history.csv").out.splitlines()
    assert [int(line[2:4]) for line in lines[:11]] == list(range(1, 12))
    assert all(line[0] == " " for line in lines)
    assert lines[11].startswith("  hotline: span")


def test_json_has_checks_findings_and_the_number_of_what_is_wrong(planned: Path) -> None:
    rows = history_rows()
    write("odd.csv", history_text([*rows[:40], rows[40].replace(",240", ",2"), *rows[41:]]))
    summary = json.loads(succeeds("doctor", "odd.csv", "--json").out)
    assert set(summary) == {"checks", "findings", "wrong"}
    assert [set(check) for check in summary["checks"]] == [
        {"number", "name", "status", "text", "places"}
    ] * 11
    assert {check["number"] for check in summary["checks"] if check["status"] == "wrong"} == {5}
    assert summary["checks"][4]["places"] == [{"queue": "hotline", "dates": ["2026-01-12"]}]
    assert summary["wrong"] == len([finding for finding in summary["findings"] if finding["wrong"]]) == 1


def test_unknown_queues_are_reported_and_end_with_4_only_if_strict(planned: Path) -> None:
    rows = history_rows()
    write("odd.csv", history_text([*rows, rows[-1].replace("hotline", "hotlin")]))
    outcome = run("doctor", "odd.csv")
    assert outcome.code == 0
    assert "! 10 unknown queues: wrong" in outcome.out
    assert f"odd.csv, records {len(rows) + 1}, hotlin" in outcome.out
    assert run("doctor", "odd.csv", "--strict").code == 4


def test_an_overlap_is_worth_a_look_and_no_fault(planned: Path) -> None:
    rows = history_rows()
    write("a.csv", history_text(rows[:200]))
    write("b.csv", history_text([rows[190].replace(",240", ",250"), *rows[191:]]))
    outcome = succeeds("doctor", "a.csv", "b.csv", "--strict")
    assert (
        "?  2 overlapping files: look: b.csv replaces 10 rows of a.csv (1 with other values)" in outcome.out
    )


def test_a_raw_export_is_read_through_its_mapping(planned: Path) -> None:
    write("mapping.toml", MAPPING)
    write(
        "raw.csv",
        history_text(history_rows()).replace("queue,interval_start,offered,aht_s", "Skill,Start,Calls,AHT"),
    )
    assert "--mapping" in fails(4, "doctor", "raw.csv")
    assert succeeds("doctor", "raw.csv", "--mapping", "mapping.toml", "--strict").code == 0
    assert "exclude" in fails(2, "doctor", "raw.csv", "--mapping", "mapping.toml", "--preset", "connect-wfm")
    assert "no such preset" in fails(3, "doctor", "raw.csv", "--preset", "nobody")

"""The list of nights, where a run folder of another version keeps none from the others; and their logs."""

from __future__ import annotations

from pathlib import Path

from wfm.nightly.history import last_runs, record
from wfm.nightly.journal import Journal


def test_a_run_of_another_version_is_listed_with_what_it_lacks(tmp_path: Path) -> None:
    run = tmp_path / "20260301T2300Z-001"
    run.mkdir()
    (run / "summary.json").write_text('{"first_day": "2026-03-02", "weeks": 1}', encoding="utf-8")
    record(tmp_path, run.name, 0)
    record(tmp_path, "", 11, "a failure")
    nights = last_runs(tmp_path, 5)
    assert [night.exit_code for night in nights] == [11, 0]
    assert "another version" in nights[1].text
    assert "'gap'" in nights[1].text


def test_a_night_with_its_clock_set_back_keeps_its_own_log(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    for year in (2090, 2091, 2092):
        (logs / f"{year}0101T000000Z-001.jsonl").touch()
    tonight = Journal(lambda _: None, folder=tmp_path)
    tonight.write("info", "here")
    tonight.close(2)
    names = sorted(path.name for path in logs.iterdir())
    assert len(names) == 2
    assert "here" in (logs / names[0]).read_text()
    assert names[1] == "20920101T000000Z-001.jsonl"

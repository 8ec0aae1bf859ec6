"""Exit code 4: a file that is missing, unreadable or holds what cannot be believed; nothing is written."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.cli.tiny import (
    SCHEDULE_COMMAND,
    STAFF_COMMAND,
    VERIFY_COMMAND,
    fails,
    history_rows,
    history_text,
    run,
    succeeds,
    write,
)

HISTORY_HEADER = "queue,interval_start,offered,aht_s"
AGENTS_HEADER = "agent_id,name,site,contract,skills"
GOOD_ROW = "hotline,2026-01-05T09:00:00,8,240"


def forecast_of(*rows: str, header: str = HISTORY_HEADER) -> str:
    """Forecast a history of these rows, which must be refused; return the message."""
    write("bad.csv", "\n".join([header, *rows, ""]))
    message = fails(4, "forecast", "bad.csv", "-o", "new.csv")
    assert not Path("new.csv").exists()
    return message


def schedule_with(option: str, *lines: str) -> str:
    """Schedule with a file of these lines, which must be refused; return the message."""
    write("bad.csv", "\n".join([*lines, ""]))
    message = fails(4, *SCHEDULE_COMMAND[:-1], "new.csv", option, "bad.csv")
    assert not Path("new.csv").exists()
    return message


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("forecast", "nope.csv", "-o", "new.csv"), id="history"),
        pytest.param(("backtest", "nope.csv", "-o", "new.csv"), id="history to score"),
        pytest.param(("doctor", "nope.csv"), id="history to examine"),
        pytest.param(("import", "nope.csv", "-o", "new.csv"), id="log"),
        pytest.param(("staff", "nope.csv", "-o", "new.csv"), id="forecast"),
        pytest.param(("staff", "forecast.csv", "--backlog", "nope.csv", "-o", "new.csv"), id="backlog"),
        pytest.param(("schedule", "nope.csv", "--agents", "agents.csv", "-o", "new.csv"), id="requirements"),
        pytest.param(("schedule", "requirements.csv", "--agents", "nope.csv", "-o", "new.csv"), id="agents"),
        pytest.param((*SCHEDULE_COMMAND, "--time-off", "nope.csv"), id="time off"),
        pytest.param((*SCHEDULE_COMMAND, "--requests", "nope.csv"), id="requests"),
        pytest.param((*SCHEDULE_COMMAND, "--pins", "nope.csv"), id="pins"),
        pytest.param((*SCHEDULE_COMMAND, "--previous", "nope.csv"), id="roster before"),
        pytest.param((*VERIFY_COMMAND, "--summary", "nope.json"), id="summary"),
        pytest.param(("report", "nope"), id="run folder"),
    ],
)
def test_a_named_file_that_is_missing_is_4(planned: Path, command: tuple[str, ...]) -> None:
    assert "nope" in fails(4, *command)
    assert not Path("new.csv").exists()


def test_a_folder_in_place_of_a_csv_is_4(planned: Path) -> None:
    Path("folder.csv").mkdir()
    assert "folder.csv" in fails(4, "forecast", "folder.csv", "-o", "new.csv")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        pytest.param("bad.csv", b"", "the file is empty", id="empty"),
        pytest.param(
            "bad.csv", b"queue,interval_start,offered\n\xff,2026-01-05T09:00:00,3\n", "UTF-8", id="latin"
        ),
        pytest.param(
            "bad.csv",
            bytes(range(256)),
            "bad.csv",
            id="binary",
        ),
        pytest.param("bad.csv.gz", b"plain text", "bad.csv.gz: cannot be read", id="not gzip"),
        pytest.param("bad.csv.gz", gzip.compress(b"queue," * 999)[:-9], "bad.csv.gz", id="half a gzip"),
        pytest.param("bad.parquet", b"PAR1", "bad.parquet: cannot be read", id="not Parquet"),
    ],
)
def test_a_file_that_is_no_table_is_4(planned: Path, name: str, content: bytes, words: str) -> None:
    Path(name).write_bytes(content)
    assert words in fails(4, "forecast", name, "-o", "new.csv")


def test_a_column_named_twice_is_4(planned: Path) -> None:
    assert "offered" in forecast_of(
        "hotline,2026-01-05T09:00:00,3,4", header="queue,interval_start,offered,offered"
    )


def test_a_missing_column_is_named_with_its_meaning(planned: Path) -> None:
    message = forecast_of("hotline,2026-01-05T09:00:00,240", header="queue,interval_start,aht_s")
    assert "bad.csv" in message
    assert "column offered: missing column -> add it: contacts that arrived" in message


def test_a_misspelt_column_is_named_with_the_right_name(planned: Path) -> None:
    message = forecast_of(GOOD_ROW, header="queue,interval_start,offerd,aht_s")
    assert "column offerd: unknown column -> rename it to 'offered'" in message


@pytest.mark.parametrize(
    ("row", "words"),
    [
        pytest.param(
            "hotline,2026-01-05T10:00:00,-3,240", "row 3, column offered, value '-3': below 0", id="negative"
        ),
        pytest.param(
            "hotline,2026-01-05T10:00:00,many,240", "column offered, value 'many': not a number", id="word"
        ),
        pytest.param("hotline,2026-01-05T10:00:00,nan,240", "row 3, column offered, value 'nan'", id="nan"),
        pytest.param("hotline,2026-01-05T10:00:00,,240", "row 3, column offered: empty", id="empty"),
        pytest.param(GOOD_ROW, "row 3, column interval_start: second row for one key", id="twice"),
        pytest.param("hotlin,2026-01-05T10:00:00,3,240", "did you mean 'hotline'?", id="unknown queue"),
        pytest.param("hotline,5 January,3,240", "value '5 January': not a time", id="no time"),
        pytest.param(
            "hotline,today,3,240",
            "value 'today': not a time",
            id="the clock",
        ),
        pytest.param("hotline,2026-03-29T02:30:00,3,240", "impossible: the clock change", id="skipped hour"),
        pytest.param("hotline,2026-10-25T02:00:00,3,240", "ambiguous: the clock change", id="repeated hour"),
        pytest.param("hotline,2026-01-05T10:00:00,3,240,9", "row 3: 5 cells, the header has 4", id="ragged"),
    ],
)
def test_a_bad_row_of_a_history_is_named(planned: Path, row: str, words: str) -> None:
    assert words in forecast_of(GOOD_ROW, row)


def test_the_row_in_a_message_is_the_line_of_the_file(planned: Path) -> None:
    message = forecast_of("", GOOD_ROW, "", "hotline,2026-01-05T10:00:00,-3,240")
    assert "row 5, column offered" in message


def test_all_faults_of_a_file_come_at_once_and_in_order(planned: Path) -> None:
    message = forecast_of(GOOD_ROW, "hotlin,2026-01-05T10:00:00,-3,240", "hotline,soon,x,240")
    assert "4 data faults" in message
    rows = [line.split(",")[0] for line in message.splitlines() if line.startswith("  row")]
    assert rows == ["  row 3", "  row 3", "  row 4", "  row 4"]


def test_beyond_twenty_faults_only_their_number_is_printed(planned: Path) -> None:
    rows = [row.replace(",240", ",-1") for row in history_rows()[:27]]
    message = forecast_of(*rows)
    assert "27 data faults" in message
    assert sum(line.startswith("  row") for line in message.splitlines()) == 20
    assert "... and 7 more" in message


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        pytest.param(
            ("A1,Ann,office,full,hotline", "A2,Bob,office,full,hotlin"),
            "row 3, column skills, value 'hotlin': 'hotlin' is not known -> did you mean 'hotline'?",
            id="unknown skill",
        ),
        pytest.param(("A1,Ann,offic,full,hotline",), "row 2, column site, value 'offic'", id="unknown site"),
        pytest.param(("A1,Ann,office,ful,hotline",), "row 2, column contract, value 'ful'", id="contract"),
        pytest.param(("A1,Ann,office,full,",), "row 2, column skills: empty", id="no skill"),
        pytest.param(
            ("A1,Ann,office,full,hotline", "A1,Bob,office,full,hotline"), "row 3, column agent_id", id="twice"
        ),
        pytest.param((), "no agents", id="nobody"),
    ],
)
def test_a_bad_row_of_the_agents_is_named(planned: Path, lines: tuple[str, ...], words: str) -> None:
    message = schedule_with("--agents", AGENTS_HEADER, *lines)
    assert "bad.csv" in message
    assert words in message


@pytest.mark.parametrize(
    ("option", "header", "row", "words"),
    [
        pytest.param("--requests", "agent_id,date,kind,value", "A1,2026-03-03,like,", "'like'", id="kind"),
        pytest.param(
            "--requests",
            "agent_id,date,kind,value",
            "A1,2026-03-03,prefer_shift,9-17",
            "row 2, column value, value '9-17': cannot be read -> write HH:MM-HH:MM",
            id="window",
        ),
        pytest.param(
            "--requests",
            "agent_id,date,kind,value",
            "A1,2026-03-03,prefer_start,25:00",
            "'25:00'",
            id="start",
        ),
        pytest.param(
            "--requests",
            "agent_id,date,kind,value",
            "A1,2026-03-03,avoid_shift,",
            "write HH:MM-HH:MM",
            id="empty",
        ),
        pytest.param("--requests", "agent_id,date,kind", "A1,3 March,day_off", "'3 March'", id="date"),
        pytest.param(
            "--pins",
            "agent_id,date,shift_start,shift_end",
            "A1,2026-03-03,9,17:00",
            "row 2, column shift_start, value '9': cannot be read -> write HH:MM, or off",
            id="pin start",
        ),
        pytest.param(
            "--pins", "agent_id,date,shift_start,shift_end", "A1,2026-03-03,09:00,", "shift_end", id="pin end"
        ),
        pytest.param(
            "--pins", "agent_id,date,shift_start,shift_end", "A1,2026-03-03,off,17:00", "no end", id="day off"
        ),
        pytest.param(
            "--time-off",
            "agent_id,start,end,kind,paid",
            "A1,2026-03-05T00:00:00,2026-03-04T00:00:00,leave,true",
            "row 2, column end, value '2026-03-04T00:00:00': not after 'start'",
            id="leave backwards",
        ),
        pytest.param(
            "--time-off",
            "agent_id,start,end,kind,paid",
            "A1,2026-03-04T00:00:00,2026-03-05T00:00:00,leave,maybe",
            "column paid, value 'maybe'",
            id="perhaps paid",
        ),
    ],
)
def test_a_bad_row_of_the_planners_files_is_named(
    planned: Path, option: str, header: str, row: str, words: str
) -> None:
    assert words in schedule_with(option, header, row)


def test_faults_of_columns_and_of_clock_times_come_together(planned: Path) -> None:
    header = "agent_id,date,shift_start,shift_end"
    message = schedule_with("--pins", header, "A1,2026-03-03,9,17:00", "A1,tomorrow,09:00,17:00")
    assert "2 data faults" in message


def test_a_history_without_rows_is_4(planned: Path) -> None:
    assert "no rows" in forecast_of()


def test_requirements_that_hold_no_whole_week_are_4_and_ask_for_from(planned: Path) -> None:
    lines = Path("requirements.csv").read_text(encoding="utf-8").splitlines()
    write("short.csv", "\n".join([lines[0], *lines[1:20], ""]))
    message = fails(4, "schedule", "short.csv", "--agents", "agents.csv", "-o", "new.csv")
    assert "--from" in message


def test_a_summary_that_is_no_object_is_4(planned: Path) -> None:
    write("list.json", "[1, 2]")
    assert "list.json" in fails(4, *VERIFY_COMMAND, "--summary", "list.json")


def test_a_run_folder_without_tables_is_4(planned: Path) -> None:
    Path("empty").mkdir()
    assert "runs/current" in fails(4, "report", "empty")


def test_a_file_that_must_not_be_read_is_4(planned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", denied)  # chmod would not stop root
    assert "Permission denied" in fails(4, *STAFF_COMMAND)


def test_import_quarantines_a_bad_row_and_ends_0_up_to_the_ratio(planned: Path) -> None:
    rows = history_rows()
    write("export.csv", history_text([*rows, "hotlin,2026-01-05T09:00:00,3,240"]))
    summary = json.loads(succeeds("import", "export.csv", "-o", "new.csv", "--json").out)
    assert summary["rows_read"] == len(rows) + 1
    assert (summary["rows_kept"], summary["rows_quarantined"]) == (len(rows), 1)
    refused = Path("new.quarantine.csv").read_text(encoding="utf-8")
    assert "hotlin" in refused
    assert len(refused.splitlines()) == 2


def test_an_accepted_import_says_per_reason_how_many_rows_it_refused_and_where_the_first_is(
    planned: Path,
) -> None:
    bad = ["hotlin,2026-01-05T09:00:00,3,240", "hotline,2026-02-30T09:00:00,3,240", "hotlin,x,3,240"]
    rows = history_rows()
    write("export.csv", history_text([bad[1], *rows, bad[0], bad[2]]))
    write("lenient.toml", Path("wfm.toml").read_text() + "\n[import]\nmax_bad_ratio = 0.5\n")
    err = succeeds("import", "export.csv", "-o", "new.csv", "--config", "lenient.toml").err
    assert "warning: 1 refused, the first is export.csv, record 1, column interval_start" in err
    unknown = f"export.csv, record {len(rows) + 2}, column queue, value 'hotlin': unknown queue"
    assert f"warning: 2 refused, the first is {unknown}" in err
    refused = Path("new.quarantine.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert len(refused) == 3
    assert err.count(" refused, the first is ") == 2


def test_cut_files_are_all_named_and_nothing_is_written(planned: Path) -> None:
    text = history_text(history_rows())
    for name, content in (("a.csv", text[:-1]), ("b.csv", text), ("c.csv", text[:-9])):
        write(name, content)
    before = sorted(Path().iterdir())
    message = fails(4, "import", "a.csv", "b.csv", "c.csv", "-o", "new.csv")
    assert "2 data faults" in message
    for name in ("a.csv", "c.csv"):
        assert f"{name}: the file does not end with a line break: its last line may be cut" in message
    assert "fetch it again" in message
    assert 'final_newline = "optional"' in message
    assert "its last line may be cut" in fails(4, "doctor", "b.csv", "a.csv")
    assert "so import refuses it" in succeeds("import", "--sniff", "a.csv").out
    assert sorted(Path().iterdir()) == before
    write("lenient.toml", Path("wfm.toml").read_text() + '\n[import]\nfinal_newline = "optional"\n')
    summary = json.loads(
        succeeds("import", "a.csv", "-o", "new.csv", "--config", "lenient.toml", "--json").out
    )
    assert summary["rows_kept"] == summary["rows_read"] == len(history_rows())
    assert "lets import take it" in succeeds("import", "--sniff", "a.csv", "--config", "lenient.toml").out


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(gzip.compress(b"queue,interval_start,offered\n" * 99)[:-9], "cut or damaged", id="gzip"),
        pytest.param(b"PAR1 and no more", "cut or damaged", id="Parquet"),
        pytest.param(b'[{"queue": "hotline", "offe', "cut or damaged", id="JSON"),
        pytest.param(bytes(range(256)), "it is no text", id="noise"),
        pytest.param(b"Skill,Anzahl\na,1\n", "wfm import --sniff FILE", id="other columns"),
    ],
)
def test_import_says_what_to_do_with_a_file_that_is_no_table(
    planned: Path, content: bytes, words: str
) -> None:
    Path("export").write_bytes(content)
    message = fails(4, "import", "export", "-o", "new.csv")
    assert words in message
    assert "LINE 1" not in message  # of the database's own statement
    assert "permissions" in fails(4, "import", "nowhere", "-o", "new.csv")


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(("-o", "./export.csv"), id="result"),
        pytest.param(("-o", "new.csv", "--quarantine", "export.csv"), id="quarantine"),
        pytest.param(("export.quarantine.csv", "-o", "export.csv"), id="quarantine by default"),
    ],
)
def test_import_never_replaces_a_source(planned: Path, options: tuple[str, ...]) -> None:
    text = history_text(history_rows())
    for name in ("export.csv", "export.quarantine.csv"):
        write(name, text)
    source = () if options[0].startswith("export") else ("export.csv",)
    assert "is a source: it would be replaced" in fails(2, "import", *source, *options)
    assert Path("export.csv").read_text() == Path("export.quarantine.csv").read_text() == text
    assert not Path("new.csv").exists()


def test_import_of_too_many_bad_rows_is_4_and_keeps_the_reasons(planned: Path) -> None:
    write("export.csv", history_text([GOOD_ROW, "hotlin,2026-01-05T09:00:00,3,240"]))
    outcome = run("import", "export.csv", "-o", "new.csv")
    assert outcome.code == 4
    assert not Path("new.csv").exists()
    assert "hotlin" in Path("new.quarantine.csv").read_text(encoding="utf-8")


def test_every_other_command_refuses_the_first_bad_row(planned: Path) -> None:
    write("mixed.csv", history_text([*history_rows(), "hotlin,2026-01-05T09:00:00,3,240"]))
    assert "'hotlin'" in fails(4, "forecast", "mixed.csv", "-o", "new.csv")


def test_doctor_is_silent_about_a_good_history_and_strict_about_a_bad_one(planned: Path) -> None:
    assert succeeds("doctor", "history.csv", "--strict").code == 0
    write("gap.csv", history_text(history_rows()[:40] + history_rows()[80:]))
    assert run("doctor", "gap.csv").code == 0
    assert run("doctor", "gap.csv", "--strict").code == 4


def test_a_refused_import_tells_each_reason_once_with_its_first_places(planned: Path) -> None:
    bad = [f"hotlin,2026-01-05T{hour:02d}:00:00,3,240" for hour in range(9, 17)]
    bad += ["other,2026-01-05T09:00:00,3,240", "hotline,2026-02-30,3,240", "hotline,2026-02-31,3,240"]
    message = fails(4, "import", write("export.csv", history_text(bad)), "-o", "new.csv")
    assert "import: 11 data faults" in message
    lines = [line for line in message.splitlines() if line.startswith("  export.csv, record")]
    assert [line.split(":")[0] for line in lines] == [
        "  export.csv, record 1, column queue, value 'hotlin'",
        "  export.csv, record 10, column interval_start, value '2026-02-30'",
        "  export.csv, record 9, column queue, value 'other'",
    ]
    assert lines[0].endswith("(8 rows, also record 2, record 3)")
    assert lines[1].endswith("(2 rows, also record 11 '2026-02-31')")
    assert "rows" not in lines[2]
    assert "more" not in message

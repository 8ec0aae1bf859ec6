"""Where results go: files whole or not at all (exit code 7), `-` for standard output, talk on stderr."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.tiny import (
    FORECAST_COMMAND,
    SCHEDULE_COMMAND,
    STAFF_COMMAND,
    fails,
    leftovers,
    run,
    succeeds,
)

PROJECT = Path(__file__).resolve().parents[2]
CALCULATOR = ("erlang", "--calls", "100", "--service-level", "80/20")
TO_STANDARD_OUTPUT = [
    pytest.param(CALCULATOR, id="talk"),
    pytest.param((*STAFF_COMMAND[:-1], "-"), id="table"),
]


def start(*arguments: str, stdout: int) -> tuple[int, str]:
    """Run `wfm` in a process of its own; return its exit code and stderr."""
    process = subprocess.run(
        [sys.executable, "-m", "wfm", *arguments],
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=120,
    )
    return process.returncode, process.stderr


@contextmanager
def small_disk() -> Iterator[None]:
    """Let no file of this process grow beyond 200 bytes."""
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)


@pytest.mark.parametrize(
    "command",
    [
        pytest.param((*FORECAST_COMMAND[:-1], "nofolder/x.csv"), id="forecast"),
        pytest.param((*FORECAST_COMMAND, "--days", "nofolder/x.csv"), id="days"),
        pytest.param(("backtest", "history.csv", "-o", "nofolder/x.csv"), id="backtest"),
        pytest.param(("import", "history.csv", "-o", "nofolder/x.csv"), id="import"),
        pytest.param((*STAFF_COMMAND[:-1], "nofolder/x.parquet"), id="staff"),
        pytest.param((*SCHEDULE_COMMAND[:-1], "nofolder/x.csv"), id="roster"),
        pytest.param((*SCHEDULE_COMMAND, "--coverage", "nofolder/x.csv"), id="coverage"),
        pytest.param((*SCHEDULE_COMMAND, "--summary", "nofolder/x.json"), id="summary"),
        pytest.param((*SCHEDULE_COMMAND, "--proof", "nofolder/x.csv"), id="proof"),
        pytest.param(("report", ".", "-o", "nofolder/x.html"), id="report"),
    ],
)
def test_a_missing_output_folder_is_7_before_any_work(planned: Path, command: tuple[str, ...]) -> None:
    files = {path.name: path.read_bytes() for path in planned.iterdir()}
    message = fails(7, *command)
    assert message.startswith("wfm: nofolder/x.")
    assert "create the folder nofolder" in message
    assert {path.name: path.read_bytes() for path in planned.iterdir()} == files


def test_a_file_in_place_of_the_output_folder_is_7(planned: Path) -> None:
    assert "agents.csv is not a folder" in fails(7, *STAFF_COMMAND[:-1], "agents.csv/x.csv")


@pytest.mark.parametrize(
    "name",
    ["requirements.csv", pytest.param("requirements.csv.gz", marks=pytest.mark.slow), "requirements.parquet"],
)
def test_a_full_disk_is_7_and_leaves_the_old_file_and_nothing_half_written(planned: Path, name: str) -> None:
    Path(name).write_bytes(b"the last good file")
    with small_disk():
        message = fails(7, *STAFF_COMMAND[:-1], name)
    assert name in message
    assert Path(name).read_bytes() == b"the last good file"
    assert leftovers(planned) == []


@pytest.mark.parametrize("command", TO_STANDARD_OUTPUT)
def test_a_full_standard_output_is_7(planned: Path, command: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        code, message = start(*command, stdout=full.fileno())
    assert code == 7
    assert "standard output" in message
    assert "Traceback" not in message


@pytest.mark.parametrize(
    "command",
    [
        TO_STANDARD_OUTPUT[0],
        pytest.param(TO_STANDARD_OUTPUT[1].values[0], id="table", marks=pytest.mark.slow),
    ],
)
def test_a_reader_that_stops_reading_gets_no_traceback(planned: Path, command: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    code, message = start(*command, stdout=writing)
    os.close(writing)
    assert code == 7
    assert "Traceback" not in message
    assert "Error" not in message


def test_a_dash_is_standard_output_with_the_same_table(planned: Path) -> None:
    expected = Path("requirements.csv").read_text(encoding="utf-8")
    outcome = succeeds(*STAFF_COMMAND[:-1], "-")
    assert outcome.out == expected
    assert "staff:" in outcome.err
    assert not Path("-").exists()


def test_a_report_goes_to_standard_output_too(planned: Path) -> None:
    outcome = succeeds("report", ".", "-o", "-")
    assert outcome.out.lstrip().lower().startswith("<!doctype html>")
    assert not Path("-").exists()


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(FORECAST_COMMAND, id="forecast"),
        pytest.param(STAFF_COMMAND, id="staff"),
        pytest.param(SCHEDULE_COMMAND, id="schedule"),
        pytest.param(("backtest", "history.csv", "-o", "scores.csv", "--origins", "1"), id="backtest"),
        pytest.param(("import", "history.csv", "-o", "new.csv"), id="import"),
        pytest.param(("doctor", "history.csv"), id="doctor"),
        pytest.param(("status",), id="status"),
        pytest.param(CALCULATOR, id="erlang"),
    ],
)
def test_json_is_one_object_on_stdout_and_nothing_else(planned: Path, command: tuple[str, ...]) -> None:
    outcome = succeeds(*command, "--json")
    assert isinstance(json.loads(outcome.out), dict)
    assert len(outcome.out.splitlines()) == 1


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(FORECAST_COMMAND, id="forecast"),
        pytest.param(STAFF_COMMAND, id="staff"),
        pytest.param(SCHEDULE_COMMAND, id="schedule"),
    ],
)
def test_talk_goes_to_stderr_and_says_where_the_result_is(planned: Path, command: tuple[str, ...]) -> None:
    outcome = succeeds(*command)
    assert outcome.out == ""
    assert f"{command[0]}:" in outcome.err


def test_an_unknown_kind_of_file_is_refused_before_the_work(planned: Path) -> None:
    outcome = run(*SCHEDULE_COMMAND[:-1], "roster.xlsx")
    assert outcome.code == 2
    assert "search" not in outcome.err

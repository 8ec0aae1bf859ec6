"""`wfm export`: the file on disk or on stdout, the talk on stderr, and the exit code of each failure."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.tiny import changed_config, fails, leftovers, succeeds, write

CONNECT = ("export", "forecast.csv", "--format", "connect-wfm")


@pytest.fixture
def halves(planned: Path) -> str:
    """Return a configuration of half-hours, for which the hourly rows of the tiny centre stay on the grid."""
    return changed_config({"interval_min = 60": "interval_min = 30"})


def test_a_forecast_becomes_the_override_that_was_summed_up(halves):
    names = write("names.csv", "queue,name,id\nhotline,Hotline,7f-1\n")
    done = succeeds(*CONNECT, "--queues", names, "-o", "o.csv", "--json", "--config", halves)
    with Path("forecast.csv").open() as file:
        offered = [float(row["offered"]) for row in csv.DictReader(file)]
    with Path("o.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(offered)
    assert {(row["QueueName"], row["QueueId"], row["IntervalDuration"]) for row in rows} == {
        ("Hotline", "7f-1", "30mins")
    }
    summary = json.loads(done.out)
    assert summary["rows"] == len(rows)
    assert summary["contacts"] == sum(int(row["IncomingContactVolume"]) for row in rows)
    assert abs(summary["contacts"] - sum(offered)) <= 0.5 * 5  # five days
    assert "forecast override for Amazon Connect" in done.err
    assert leftovers(Path()) == []


def test_standard_output_takes_the_file(halves):
    succeeds(*CONNECT, "-o", "o.csv", "--config", halves)
    done = succeeds(*CONNECT, "-o", "-", "--config", halves)
    assert done.out == Path("o.csv").read_text()
    assert next(csv.reader(io.StringIO(done.out)))[0] == "QueueName"


@pytest.mark.parametrize(
    ("code", "arguments", "what"),
    [
        pytest.param(2, ("forecast.csv", "--format", "conect", "-o", "o.csv"), "did you mean", id="format"),
        pytest.param(2, (*CONNECT[1:], "-o", "o.xlsx"), "the format is CSV", id="ending"),
        pytest.param(2, (*CONNECT[1:], "-o", "forecast.csv"), "is the table to export", id="onto itself"),
        pytest.param(2, (*CONNECT[1:], "-o", "-", "--json"), "not both", id="stdout twice"),
        pytest.param(2, (*CONNECT[1:], "-o", "o.csv", "--queue", "x"), "no such queue", id="queue"),
        pytest.param(2, (*CONNECT[1:], "-o", "o.csv", "--interval", "15"), "--interval 15", id="interval"),
        pytest.param(2, (*CONNECT[1:], "-o", "o.csv", "--daily", "Mars"), "--daily: 'Mars'", id="zone"),
        pytest.param(4, ("roster.csv", *CONNECT[2:], "-o", "o.csv"), "a roster", id="roster"),
        pytest.param(4, ("requirements.csv", *CONNECT[2:], "-o", "o.csv"), "requirements", id="requirements"),
        pytest.param(4, ("nope.csv", *CONNECT[2:], "-o", "o.csv"), "nope.csv", id="missing"),
        pytest.param(4, (*CONNECT[1:], "-o", "o.csv", "--queues", "nope.csv"), "nope.csv", id="no names"),
        pytest.param(7, (*CONNECT[1:], "-o", "nowhere/o.csv"), "there is no folder", id="folder"),
    ],
)
def test_what_cannot_be_exported_says_why_and_writes_nothing(halves, code, arguments, what):
    before = Path("forecast.csv").read_bytes()
    assert what in fails(code, "export", *arguments, "--config", halves)
    assert not Path("o.csv").exists()
    assert Path("forecast.csv").read_bytes() == before


def test_intervals_that_the_other_system_has_not_are_a_fault_of_the_configuration(planned):
    assert "cannot be split" in fails(3, *CONNECT, "-o", "o.csv")
    assert "do not make" in fails(3, "export", "history.csv", "--format", "genesys-wfm", "-o", "o.csv")

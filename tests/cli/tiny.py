"""The smallest centre that goes through the whole chain, and a way to run the command line in this process.

One queue, Mon-Fri 09:00-17:00 in hours, eight weeks of history, four agents whose only shift fills the day:
every roster is solved at once, and what is right can be said by hand.
"""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import typer.main

from wfm.cli import main
from wfm.schedule import combine, effort

FIRST_DAY = date(2026, 1, 5)  # a Monday
WEEKS = 8
PLANNED = date(2026, 3, 2)  # the Monday after the history
CALLS = (8, 12, 14, 13, 10, 11, 12, 9)  # 09:00 to 16:00
AGENTS = ("A1", "A2", "A3", "A4")

CONFIG = """\
[centre]
name = "Tiny"
timezone = "Europe/Berlin"
interval_min = 60
[sites.office]
[queues.hotline]
hours = "Mon-Fri 09:00-17:00"
service_level = 0.80
answer_within_s = 20
[contracts.full]
week_hours = [32, 40]
days_per_week = [4, 5]
shift_hours = [8.0, 8.0]
starts = ["09:00-09:00"]
rest_h = 11
[forecast]
horizon = "1w"
models = ["seasonal_naive"]
[schedule]
time_limit_s = 20
[nightly]
now = "2026-03-02T03:30"
[inputs]
history = "history.csv"
agents = "agents.csv"
"""

FORECAST_COMMAND = ("forecast", "history.csv", "-o", "forecast.csv")
STAFF_COMMAND = ("staff", "forecast.csv", "-o", "requirements.csv")
SCHEDULE_COMMAND = ("schedule", "requirements.csv", "--agents", "agents.csv", "-o", "roster.csv")
_commands = cache(typer.main.get_command)  # built from the signatures of all commands, which takes a while
VERIFY_COMMAND = ("verify", "roster.csv", "--agents", "agents.csv", "--requirements", "requirements.csv")


@dataclass(frozen=True)
class Outcome:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str


def run(*arguments: str | Path) -> Outcome:
    """Run `wfm` with these arguments in this process; what would be a traceback is exit code 1."""
    out, err = io.StringIO(), io.StringIO()
    code: Any = 0
    argv = ["wfm", *map(str, arguments)]
    with (
        patch.object(sys, "argv", argv),
        patch.object(typer.main, "get_command", _commands),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
        except Exception:  # noqa: BLE001  as the interpreter itself does with it
            code = 1
            traceback.print_exc()
    return Outcome(code, out.getvalue(), err.getvalue())


@contextmanager
def short_search() -> Iterator[None]:
    """Plan the fewest steps of every phase of a roster: in a centre so small the first ones find it."""
    with (
        patch.object(effort, "MOST_PRICE_STEPS", effort.FEWEST_PRICE_STEPS),
        patch.object(effort, "MOST_SWEEPS", effort.FEWEST_SWEEPS),
        patch.object(effort, "MOST_ROUNDS", effort.FEWEST_ROUNDS),
        patch.object(effort, "MOST_STEPS", effort.FEWEST_STEPS),
        patch.object(combine, "FRUITLESS", 1),
    ):
        yield


def fails(code: int, *arguments: str | Path) -> str:
    """Run `wfm`, which must end with `code` and one message, nothing on stdout; return the message."""
    outcome = run(*arguments)
    assert outcome.code == code, outcome.err
    assert outcome.out == ""
    assert "Traceback" not in outcome.err
    spoken = [line for line in outcome.err.splitlines() if not line.startswith(" ")]
    problems = [line for line in spoken if line.startswith(("wfm: ", "Error: "))]
    assert len(problems) == 1, outcome.err
    return outcome.err


def succeeds(*arguments: str | Path) -> Outcome:
    """Run `wfm`, which must end with 0."""
    outcome = run(*arguments)
    assert outcome.code == 0, outcome.err
    return outcome


def write(name: str, text: str) -> str:
    """Write a file of the current folder, and return its name."""
    Path(name).write_text(text, encoding="utf-8", newline="")
    return name


def changed_config(changes: Mapping[str, str], name: str = "changed.toml") -> str:
    """Write the configuration with each text replaced by another, and return its name."""
    text = CONFIG
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new, 1)
    return write(name, text)


def history_rows() -> list[str]:
    """Return the rows of the history as CSV; the wall clock has no offset."""
    days = (FIRST_DAY + timedelta(days=step) for step in range(7 * WEEKS))
    return [
        f"hotline,{day}T{9 + hour:02d}:00:00,{calls + day.weekday() % 2},240"
        for day in days
        if day.weekday() < 5
        for hour, calls in enumerate(CALLS)
    ]


def history_text(rows: list[str]) -> str:
    """Return a history of these rows as CSV."""
    return "\n".join(["queue,interval_start,offered,aht_s", *rows, ""])


def make_centre(folder: Path) -> None:
    """Write the configuration, the history and the agents into a folder."""
    rows = [f"{agent},Agent {agent},office,full,hotline" for agent in AGENTS]
    with chdir(folder):
        write("wfm.toml", CONFIG)
        write("history.csv", history_text(history_rows()))
        write("agents.csv", "\n".join(["agent_id,name,site,contract,skills", *rows, ""]))


def make_chain(folder: Path) -> None:
    """Make a centre, and run the chain over it: forecast, requirements, roster, coverage, summary."""
    make_centre(folder)
    with chdir(folder):
        succeeds(*FORECAST_COMMAND)
        succeeds(*STAFF_COMMAND)
        succeeds(*SCHEDULE_COMMAND, "--coverage", "coverage.csv", "--summary", "summary.json")


def leftovers(folder: Path) -> list[str]:
    """Return the names of half-written files below a folder."""
    return [name for _, folders, files in os.walk(folder) for name in folders + files if ".part" in name]

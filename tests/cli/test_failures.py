"""How a command ends when something breaks: Ctrl-C (130), a bug (1), names that attack a terminal."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import wfm.erlang
from tests.cli.tiny import (
    FORECAST_COMMAND,
    SCHEDULE_COMMAND,
    STAFF_COMMAND,
    VERIFY_COMMAND,
    changed_config,
    fails,
    run,
    write,
)
from wfm.cli import main
from wfm.schedule.search import Search
from wfm.schedule.state import State

RED = "[red]x[/red]"
ESCAPE = "\x1b"


def raising(error: BaseException) -> Callable[..., None]:
    """Return a stage that raises."""

    def stage(*_: object, **__: object) -> None:
        raise error

    return stage


def test_ctrl_c_is_130_and_leaves_files_as_they_were(planned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = Path("requirements.csv").read_bytes()
    monkeypatch.setattr(wfm.erlang, "staff", raising(KeyboardInterrupt()))
    outcome = run(*STAFF_COMMAND)
    assert outcome.code == 130
    assert "interrupted" in outcome.err
    assert "Traceback" not in outcome.err
    assert Path("requirements.csv").read_bytes() == good


def test_a_bug_keeps_its_traceback(planned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wfm.erlang, "staff", raising(ZeroDivisionError("a bug")))
    monkeypatch.setattr(sys, "argv", ["wfm", *STAFF_COMMAND])
    with pytest.raises(ZeroDivisionError):  # the interpreter shows it, and ends with 1
        main()
    outcome = run(*STAFF_COMMAND)
    assert outcome.code == 1
    assert "Traceback" in outcome.err
    assert "a bug" in outcome.err


def test_markup_in_a_name_is_shown_as_it_is(planned: Path) -> None:
    write(
        "bad.csv", f"queue,interval_start,offered\n{RED},2026-01-05T09:00:00,3\n[/],2026-01-05T09:00:00,3\n"
    )
    message = fails(4, "forecast", "bad.csv", "-o", "new.csv")
    assert f"value '{RED}': '{RED}' is not known" in message
    assert "'[/]'" in message


def test_markup_in_a_configured_name_is_shown_as_it_is(planned: Path) -> None:
    config = changed_config({"[queues.hotline]": f'[queues."{RED}"]', "= 0.80": "= 80"})
    assert f"queues.{RED}.service_level" in fails(3, *FORECAST_COMMAND, "--config", config)


def test_no_control_character_of_a_file_reaches_the_terminal(planned: Path) -> None:
    name = f"{ESCAPE}]0;owned\x07{ESCAPE}[31m\u202e\x9b2J\r"
    write("bad.csv", f'queue,interval_start,offered\n"{name}",2026-01-05T09:00:00,3\n')
    message = fails(4, "forecast", "bad.csv", "-o", "new.csv")
    assert all(character.isprintable() or character == "\n" for character in message)
    assert r"\x1b" in message


def test_a_line_break_in_a_name_cannot_forge_a_line(planned: Path) -> None:
    write("bad.csv", 'queue,interval_start,offered\n"a\nwfm: all is well",2026-01-05T09:00:00,3\n')
    message = run("forecast", "bad.csv", "-o", "new.csv").err
    assert [line for line in message.splitlines() if line.startswith("wfm: ")] == [
        "wfm: bad.csv: 1 data fault"
    ]


def test_ctrl_c_in_schedule_writes_the_best_roster_so_far(
    planned: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt_after_the_search(*_: object) -> bool:
        os.kill(os.getpid(), signal.SIGINT)
        return True

    monkeypatch.setattr("wfm.schedule.stage.best_annealed", interrupt_after_the_search)
    outcome = run(*SCHEDULE_COMMAND[:-1], "stopped.csv", "--summary", "stopped.json")
    assert outcome.code == 0
    assert "best roster so far" in outcome.err
    assert json.loads(Path("stopped.json").read_text())["status"] in ("interrupted", "optimal")
    assert run(*VERIFY_COMMAND[:1], "stopped.csv", *VERIFY_COMMAND[2:]).code == 0


def test_ctrl_c_before_any_roster_is_6(planned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt_at_once(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(Search, "sweep", interrupt_at_once)
    monkeypatch.setattr(State, "breaches", lambda _: {"office": "no roster yet"})
    good = Path("roster.csv").read_bytes()
    assert "interrupted before any legal roster" in fails(6, *SCHEDULE_COMMAND)
    assert Path("roster.csv").read_bytes() == good

"""How a command ends when something breaks: Ctrl-C (130), a bug (1), names that attack a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import wfm.erlang
from tests.cli.tiny import FORECAST_COMMAND, STAFF_COMMAND, changed_config, fails, run, write
from wfm.cli import main

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


@pytest.mark.xfail(reason="errors.Fault shows its problem and remedy with line breaks of the file")
def test_a_line_break_in_a_name_cannot_forge_a_line(planned: Path) -> None:
    write("bad.csv", 'queue,interval_start,offered\n"a\nwfm: all is well",2026-01-05T09:00:00,3\n')
    message = run("forecast", "bad.csv", "-o", "new.csv").err
    assert [line for line in message.splitlines() if line.startswith("wfm: ")] == [
        "wfm: bad.csv: 1 data fault"
    ]

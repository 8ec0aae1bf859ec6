"""What a stranger reads first: --help, --version, and the documentation of every command."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from tests.cli.tiny import run, succeeds
from wfm import __version__
from wfm.cli import app


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every command below a group with the words that call it."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


COMMANDS = dict(commands(typer.main.get_command(app)))
NAMES = [pytest.param(words, id=" ".join(words)) for words in COMMANDS]


def test_the_version_is_the_packages() -> None:
    assert succeeds("--version").out == f"wfm {__version__}\n"


def test_the_help_lists_every_command() -> None:
    page = succeeds("--help").out
    assert {words[0] for words in COMMANDS} <= set(page.split())
    for name in (
        "import",
        "forecast",
        "backtest",
        "staff",
        "schedule",
        "verify",
        "report",
        "nightly",
        "erlang",
    ):
        assert re.search(rf"^  {name} ", page, re.MULTILINE)


@pytest.mark.parametrize("words", NAMES)
def test_every_help_ends_with_an_example_that_its_command_accepts(words: tuple[str, ...]) -> None:
    page = " ".join(succeeds(*words, "--help").out.split())
    assert "Example: wfm " in page
    example = next(line for line in COMMANDS[words].help.splitlines() if line.strip().startswith("Example:"))
    call = shlex.split(example.partition("Example: ")[2])
    assert tuple(call[: len(words) + 1]) == ("wfm", *words)
    rest = call[len(words) + 1 :]
    COMMANDS[words].make_context(" ".join(words), rest)  # raises when an option does not exist


@pytest.mark.parametrize("words", NAMES)
def test_every_option_is_explained(words: tuple[str, ...]) -> None:
    silent = [
        parameter.name
        for parameter in COMMANDS[words].params
        if parameter.name != "help" and not getattr(parameter, "help", None)
    ]
    assert silent == []


@pytest.mark.parametrize("words", NAMES)
def test_every_command_is_in_the_documentation(words: tuple[str, ...], project: Path) -> None:
    pages = [project / "README.md", *sorted((project / "docs").rglob("*.md"))]
    named = f"wfm {' '.join(words)}"
    assert any(named in page.read_text(encoding="utf-8") for page in pages), named


def test_every_command_line_of_the_readme_names_commands_and_options_that_exist(project: Path) -> None:
    text = (project / "README.md").read_text(encoding="utf-8")
    calls = re.findall(r"^    wfm (.+?)(?:\s+#.*)?$", text, re.MULTILINE)
    assert calls
    for call in calls:
        name, *rest = shlex.split(call)
        COMMANDS[name,].make_context(name, rest)


def test_an_option_that_is_nearly_right_gets_the_right_one_named() -> None:
    outcome = run("forecast", "history.csv", "-o", "x.csv", "--horizn", "6w")
    assert outcome.code == 2
    assert "--horizon" in outcome.err

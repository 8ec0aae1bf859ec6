"""diff from the command line: tables or one object, ruled on a terminal, and what is no run."""

from __future__ import annotations

import io
import json
import shutil
from contextlib import redirect_stdout
from pathlib import Path

import pandas as pd
import pytest

from tests.cli.tiny import fails, succeeds
from wfm.cli.diffing import show
from wfm.diff.in_words import Section

TABLES = ("history", "forecast", "requirements", "agents", "roster", "coverage")


@pytest.fixture
def two_runs(planned: Path) -> Path:
    """Return a folder with run one and run two, where one agent less comes and calls are a tenth more."""
    for run in ("one", "two"):
        Path(run).mkdir()
        for name in TABLES:
            shutil.copy(f"{name}.csv", run)
        shutil.copy("wfm.toml", run)
        shutil.copy("summary.json", run)
    roster = pd.read_csv("two/roster.csv")
    roster[roster["agent_id"] != "A1"].to_csv("two/roster.csv", index=False)
    forecast = pd.read_csv("two/forecast.csv")
    forecast.assign(offered=forecast["offered"] * 1.1).to_csv("two/forecast.csv", index=False)
    text = Path("two/wfm.toml").read_text(encoding="utf-8").replace("rest_h = 11", "rest_h = 12")
    Path("two/wfm.toml").write_text(text, encoding="utf-8")
    return planned


def test_a_run_and_itself_have_no_difference(two_runs: Path) -> None:
    outcome = succeeds("diff", "one", "one")
    assert outcome.out == ""
    assert "nothing differs" in outcome.err


def test_words_and_object_tell_who_and_how_much(two_runs: Path) -> None:
    outcome = succeeds("diff", "one", "two")
    found = json.loads(succeeds("diff", "one", "two", "--json").out)
    shifts = pd.read_csv("one/roster.csv").query("agent_id == 'A1'")["shift_date"].nunique()
    assert f"{shifts} shifts of 1 agent differ: {shifts} gone" in outcome.err
    assert [row["agent_id"] for row in found["shifts"]] == ["A1"] * shifts
    assert {(row["before"], row["after"]) for row in found["shifts"]} == {("09:00-17:00", "off")}
    volume = found["figures"]["volume"]
    assert volume["after"] == pytest.approx(1.1 * volume["before"])
    assert volume["before"] == pytest.approx(pd.read_csv("one/forecast.csv")["offered"].sum())
    assert f"{volume['after']:.2f}" in outcome.out
    assert found["settings"] == [{"key": "contracts.full.rest_h", "before": 11, "after": 12}]
    assert "contracts.full.rest_h  11      12" in outcome.out
    assert found["figures"]["paid"]["before"] - found["figures"]["paid"]["after"] == pytest.approx(8 * shifts)


@pytest.mark.parametrize("arguments", [("nowhere", "one"), ("one", "empty")])
def test_what_is_no_run_ends_with_4(two_runs: Path, arguments: tuple[str, str]) -> None:
    Path("empty").mkdir()
    assert arguments[arguments != ("nowhere", "one")] in fails(4, "diff", *arguments)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_a_table_is_ruled_and_a_name_is_no_markup(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    screen = Terminal()
    with redirect_stdout(screen):
        show(Section("shifts [x]", ("agent", "before"), (("[bold]Eve[/bold]", "08:00"),), 3))
    assert "[bold]Eve[/bold]" in screen.getvalue()
    assert "shifts [x]" in screen.getvalue()
    assert "┃" in screen.getvalue()
    assert "... and 3 more" in screen.getvalue()

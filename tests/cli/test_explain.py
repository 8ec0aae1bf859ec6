"""explain from the command line: of a run or of files, as words or one object, and what is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.cli.tiny import PLANNED as MONDAY
from tests.cli.tiny import VERIFY_COMMAND, changed_config, fails, run, succeeds, write

TABLES = ("history", "forecast", "requirements", "agents", "roster", "coverage")
FILES = ("--roster", "roster.csv", "--agents", "agents.csv", "--requirements", "requirements.csv")
SATURDAY = "2026-03-07"
TEN = f"{MONDAY}T10:00"


@pytest.fixture
def made_run(planned: Path) -> Path:
    """Return a centre whose chain stands as runs/current, as a night leaves it."""
    folder = planned / "runs" / "current"
    folder.mkdir(parents=True)
    for name in TABLES:
        shutil.copy(planned / f"{name}.csv", folder)
    shutil.copy(planned / "summary.json", folder)
    return planned


def shift_of(*arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(succeeds("explain", "shift", *arguments, "--json").out)
    return found


def at_work(day: str = str(MONDAY)) -> str:
    roster = pd.read_csv("roster.csv")
    return str(roster[roster["shift_date"] == day]["agent_id"].min())


def test_a_shift_of_a_run_and_of_its_files_has_one_explanation(made_run: Path) -> None:
    agent = at_work()
    of_run, of_files = shift_of(agent, str(MONDAY)), shift_of(agent, str(MONDAY), *FILES)
    assert of_run == of_files
    verified = json.loads(succeeds(*VERIFY_COMMAND, "--json").out)
    assert of_run["objective"] == pytest.approx(verified["objective"])
    assert of_run["shift"][0]["activity"] == "on_queue"
    for option in of_run["options"]:
        assert sum(option["parts"].values()) == pytest.approx(option["points"])
        assert option["legal"] == (not option["broken"])


def test_words_and_object_say_the_same(made_run: Path) -> None:
    agent = at_work()
    words, found = succeeds("explain", "shift", agent, str(MONDAY)).out, shift_of(agent, str(MONDAY))
    assert words.startswith(f"{agent} Agent {agent}, {MONDAY} Mon, office: 09:00-17:00")
    assert f"({found['objective']:.2f} in all)" in words
    for option in found["options"]:
        assert f"{option['points']:+.2f}" in words
    assert "earlier  08:30-16:30 breaks starts: start 08:30, allowed 09:00-09:00" in words


def test_a_day_off_is_explained_too(made_run: Path) -> None:
    found = shift_of("A1", SATURDAY)
    assert found["shift"] == []
    assert found["off_because"].startswith("off: ")
    assert found["options"][0]["parts"]["understaffed"] == 0


def test_files_that_a_night_did_not_keep_are_told_when_they_matter(made_run: Path) -> None:
    agent = at_work()
    write("requests.csv", f"agent_id,date,kind,value\n{agent},{MONDAY},day_off,\n")
    outcome = succeeds("explain", "shift", agent, str(MONDAY), "--requests", "requests.csv")
    assert "warning: the run had objective" in outcome.err
    assert "missed  day_off, weight 1" in outcome.out
    (wish,) = shift_of(agent, str(MONDAY), "--requests", "requests.csv")["requests"]
    assert wish["met"] is False
    assert "warning" not in succeeds("explain", "shift", agent, str(MONDAY)).err


def test_an_interval_goes_from_the_forecast_to_the_people(made_run: Path) -> None:
    outcome = succeeds("explain", "interval", "hotline", TEN)
    words = [line.split()[0] for line in outcome.out.splitlines() if line.strip()]
    steps = ["level", "model", "offered", "load", "required", "shrinkage", "gross", "scheduled"]
    assert [words.index(step) for step in steps] == sorted(words.index(step) for step in steps)
    found = json.loads(succeeds("explain", "interval", "hotline", TEN, "--json").out)
    coverage = pd.read_csv("coverage.csv", parse_dates=["interval_start"])
    moment = pd.Timestamp(TEN, tz="Europe/Berlin")
    row = coverage[pd.to_datetime(coverage["interval_start"], utc=True) == moment].iloc[0]
    assert found["on_queue"]["scheduled"] == pytest.approx(row["agents_scheduled"])
    assert found["on_queue"]["needed"] == row["agents_to_schedule"]
    forecast = pd.read_csv("forecast.csv")
    at = pd.to_datetime(forecast["interval_start"], utc=True) == moment
    assert found["forecast"]["contacts"] == pytest.approx(forecast[at]["offered"].iloc[0], abs=0.005)
    assert "warning" not in outcome.err


def test_an_interval_of_a_forecast_alone_says_nothing_of_people(planned: Path) -> None:
    alone = succeeds("explain", "interval", "hotline", TEN, "--forecast", "forecast.csv").out
    assert alone.startswith("hotline 2026-03-02 10:00")
    assert "scheduled" not in alone
    with_people = succeeds("explain", "interval", "hotline", TEN, "--forecast", "forecast.csv", *FILES).out
    assert with_people.startswith(alone)
    assert "scheduled" in with_people


def test_a_run_without_roster_or_history_is_explained_as_far_as_it_goes(made_run: Path) -> None:
    for name in ("roster", "history"):
        Path("runs/current", f"{name}.csv").unlink()
    outcome = succeeds("explain", "interval", "hotline", TEN)
    assert outcome.out.startswith("hotline 2026-03-02 10:00")
    assert "who is on queue cannot be told" in outcome.err


def test_a_forecast_of_a_run_says_why_its_model(made_run: Path) -> None:
    arguments = ("explain", "forecast", "hotline", TEN)
    assert (
        "why seasonal_naive: no other model was asked for"
        in succeeds(*arguments, "--model", "seasonal_naive").out
    )
    found = json.loads(succeeds(*arguments, "--json").out)
    product = found["level"]
    for factor in found["factors"]:
        product *= factor["value"]
    assert product == pytest.approx(found["model_contacts"])


@pytest.mark.parametrize(
    ("code", "arguments", "words"),
    [
        pytest.param(2, ("shift", "A11", str(MONDAY)), "did you mean 'A1' (Agent A1)?", id="agent"),
        pytest.param(2, ("shift", "A1", "2027-03-02"), "2026-03-02 to 2026-03-08", id="date"),
        pytest.param(2, ("shift", "A1", "2.3."), "is not a date", id="no date"),
        pytest.param(2, ("shift", "A1", SATURDAY, "--roster", "roster.csv"), "--agents", id="half"),
        pytest.param(4, ("shift", "A1", SATURDAY, "--run", "nowhere"), "is not a folder", id="no run"),
        pytest.param(2, ("interval", "hotlin", TEN), "did you mean 'hotline'?", id="queue"),
        pytest.param(4, ("interval", "hotline", f"{MONDAY}T03:00"), "no working interval", id="closed"),
        pytest.param(4, ("forecast", "hotline", TEN, "--run", "data"), "has no table history", id="empty"),
    ],
)
def test_what_cannot_be_explained_gets_one_message(
    made_run: Path, code: int, arguments: tuple[str, ...], words: str
) -> None:
    Path("data").mkdir()
    assert words in fails(code, "explain", *arguments)


@pytest.mark.parametrize("command", ["shift A1 2026-03-02", "interval hotline 2026-03-02T10:00"])
def test_without_a_night_the_hint_says_what_to_name(planned: Path, command: str) -> None:
    outcome = run("explain", *command.split())
    assert outcome.code == 2
    assert "no nightly run here yet" in outcome.err


def test_a_shift_of_a_roster_for_skill_groups_has_the_points_of_verify_by_group(made_run: Path) -> None:
    """Two groups share the agents; the price of the shift is the objective with it less that without it."""
    changed = {
        "[contracts.full]\n": "[queues.second]\nservice_level = 0.8\nanswer_within_s = 20\n[contracts.full]\n"
    }
    config = ("--config", changed_config(changed))
    people = pd.read_csv("agents.csv")
    agent = at_work()
    people["skills"] = ["hotline;second" if name == agent else "hotline" for name in people["agent_id"]]
    people.to_csv("agents.csv", index=False)
    required = pd.read_csv("requirements.csv")
    rows = required[["interval_start", "agents_required", "agents_to_schedule", "agents_gross"]]
    both = rows.assign(group="both", skills="hotline;second", agents_to_schedule=2)
    pd.concat([rows.assign(group="phone", skills="hotline"), both]).to_csv("skills.csv", index=False)
    groups = ("--skill-requirements", "skills.csv")
    found = shift_of(agent, str(MONDAY), *FILES, *groups, *config)
    assert {one["queue"] for one in found["serves"]} == {"both", "phone"}

    roster = pd.read_csv("roster.csv")
    own = (roster["agent_id"] == agent) & (roster["shift_date"] == str(MONDAY))
    assert own.any()
    roster[~own].to_csv("without.csv", index=False)
    verify = ("--agents", "agents.csv", "--requirements", "requirements.csv", *groups, *config, "--json")
    with_it = json.loads(run("verify", "roster.csv", *verify).out)
    without = json.loads(run("verify", "without.csv", *verify).out)
    assert found["objective"] == pytest.approx(with_it["objective"])
    for name, points in found["adds"]["parts"].items():
        assert points == pytest.approx(with_it["parts"][name] - without["parts"][name]), name
    of_queues = shift_of(agent, str(MONDAY), *FILES, *config)
    assert {one["queue"] for one in of_queues["serves"]} == {"hotline"}
    assert of_queues["objective"] != pytest.approx(found["objective"])

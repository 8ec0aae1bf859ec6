"""A published period: what stays, what releases a date, and the bound of a roster that keeps it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.cli.tiny import (
    FORECAST_COMMAND,
    PLANNED,
    SCHEDULE_COMMAND,
    STAFF_COMMAND,
    VERIFY_COMMAND,
    make_centre,
    run,
    short_search,
    succeeds,
)
from tests.schedule.small import MONDAY as START
from tests.schedule.small import ONE_CHOICE, bumpy_centre, config_with
from tests.schedule.verify.builder import MONDAY, Scenario, contract, day_after, legal_week, moment, standard
from wfm.conform import conform
from wfm.schedule.options import Options
from wfm.schedule.stage import schedule
from wfm.schedule.verify import verify
from wfm.tables import PINS, TIME_OFF

NIGHT = "20:00 on_queue 22:00 break 22:15 on_queue 24:00 lunch- 24:30 on_queue 28:30"


def published() -> Scenario:
    """The legal week, as it was published."""
    scenario = legal_week()
    for agent_id, number in ((agent_id, number) for agent_id in ("a1", "a2") for number in range(5)):
        scenario.worked(agent_id, day_after(number), standard())
    return scenario


def frozen_lines(scenario: Scenario, days: int) -> list[str]:
    return [line for line in scenario.lines(freeze_days=days) if " freeze: " in line]


def test_a_roster_that_keeps_the_published_shifts_is_accepted_wherever_its_breaks_are() -> None:
    scenario = published()
    scenario.work("a1", MONDAY, standard().replace("10:00 break 10:15", "10:15 break 10:30"))
    assert scenario.lines(freeze_days=7) == []


@pytest.mark.parametrize(
    ("number", "plan", "text"),
    [
        pytest.param(2, standard("09:00"), "09:00-17:30, frozen 08:00-16:30", id="later"),
        pytest.param(2, standard(hours=9), "08:00-17:00, frozen 08:00-16:30", id="longer"),
        pytest.param(2, None, "off, frozen 08:00-16:30", id="gone"),
        pytest.param(5, standard(), "08:00-16:30, frozen off", id="on a day off"),
    ],
)
def test_a_changed_shift_breaks_the_freeze_inside_the_frozen_days_only(
    number: int, plan: str | None, text: str
) -> None:
    scenario = published()
    if plan is None:
        scenario.rest("a1", day_after(number))
    else:
        scenario.work("a1", day_after(number), plan)
    assert frozen_lines(scenario, number + 1) == [f"a1 {day_after(number)} freeze: {text}"]
    assert frozen_lines(scenario, number) == []


def moved(agent_id: str = "a1") -> Scenario:
    """A week in which the first shift of an agent is another one than published."""
    scenario = published()
    scenario.work(agent_id, MONDAY, standard("09:00"))
    return scenario


def test_time_off_on_a_date_releases_it() -> None:
    scenario = moved()
    scenario.absent("a1", moment(MONDAY, "22:00"), moment(MONDAY, "23:00"))
    assert frozen_lines(scenario, 7) == []
    other = moved()
    other.absent("a1", moment(MONDAY, "24:00"), moment(MONDAY, "25:00"))
    assert len(frozen_lines(other, 7)) == 1


@pytest.mark.parametrize(("clock", "count"), [("28:00", 0), ("28:30", 1)], ids=["inside", "touching"])
def test_a_frozen_night_is_released_by_time_off_after_midnight_that_strikes_it(
    clock: str, count: int
) -> None:
    scenario = Scenario(contracts={"full": contract(starts=["20:00-21:00"])})
    scenario.agent("a1")
    scenario.worked("a1", MONDAY, NIGHT)
    scenario.absent("a1", moment(MONDAY, clock), moment(MONDAY, "32:00"))
    assert len(frozen_lines(scenario, 1)) == count


def test_a_pin_and_the_end_of_employment_release_a_date() -> None:
    scenario = moved()
    scenario.pin("a1", MONDAY, "09:00", "17:30")
    assert frozen_lines(scenario, 7) == []
    scenario = published()
    scenario.agent("a1", end_date=pd.Timestamp(day_after(2)))
    for number in (3, 4):
        scenario.rest("a1", day_after(number))
    assert frozen_lines(scenario, 7) == []
    scenario.rest("a1", day_after(2))
    assert len(frozen_lines(scenario, 7)) == 1


def test_who_is_not_in_the_plan_before_is_not_frozen() -> None:
    scenario = published()
    scenario.agent("new")
    scenario.work("new", MONDAY, standard())
    scenario.worked("new", day_after(-3), standard())  # history is no plan
    scenario.worked("new", day_after(7), standard())  # nor is what comes after the horizon
    assert frozen_lines(scenario, 7) == []


def test_the_engine_keeps_what_verify_asks_for_and_its_bound_is_found_again() -> None:
    config = config_with()
    agents, requirements = bumpy_centre(7, 4, config)
    quick = Options(time_limit_s=600, work_limit=ONE_CHOICE, sweeps=4)
    before = schedule(requirements, agents, config, options=quick).roster
    away = [("a01", START + pd.Timedelta(hours=9), START + pd.Timedelta(hours=11), "doctor", False)]
    frame = pd.DataFrame(away, columns=TIME_OFF.names)
    for column in ("start", "end"):
        frame[column] = frame[column].dt.tz_localize("Europe/Berlin")
    tables: dict[str, Any] = {
        "time_off": conform(frame, TIME_OFF),
        "pins": conform(pd.DataFrame([("a02", START, "off", "")], columns=PINS.names), PINS),
        "previous": before,
    }
    turned = requirements.assign(agents_to_schedule=requirements["agents_to_schedule"].to_numpy()[::-1])
    frozen = Options(time_limit_s=600, work_limit=ONE_CHOICE, sweeps=4, freeze_days=4)
    result = schedule(turned, agents, config, options=frozen, **tables)
    verdict = verify(
        result.roster,
        agents,
        turned,
        config,
        first_day=date.fromisoformat(result.summary["first_day"]),
        freeze_days=4,
        summary=result.summary,
        proof=result.prices,
        **tables,
    )
    assert [str(violation) for violation in verdict.violations] == []
    assert verdict.bound is not None
    assert min(verdict.bound, result.summary["objective"]) == pytest.approx(result.summary["bound"], rel=1e-6)


@short_search()
def test_the_command_confirms_the_proof_of_a_frozen_roster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_centre(tmp_path)
    monkeypatch.chdir(tmp_path)
    for command in (FORECAST_COMMAND, STAFF_COMMAND, SCHEDULE_COMMAND):
        succeeds(*command)
    header, *rows = Path("roster.csv").read_text(encoding="utf-8").splitlines()
    without_monday = [row for row in rows if str(PLANNED) not in row]
    assert len(without_monday) < len(rows)
    Path("before.csv").write_text("\n".join([header, *without_monday, ""]), encoding="utf-8")
    plan = ("--previous", "before.csv")
    files = ("--summary", "summary.json", "--proof", "proof.csv")
    succeeds(*SCHEDULE_COMMAND, *plan, "--freeze", "1d", *files)
    summary = json.loads(Path("summary.json").read_text(encoding="utf-8"))
    outcome = succeeds(*VERIFY_COMMAND, *plan, "--freeze", "1d", *files, "--json")
    found = json.loads(outcome.out)["bound_recomputed"]
    assert min(found, summary["objective"]) == pytest.approx(summary["bound"], rel=1e-6)
    refused = run(*VERIFY_COMMAND, *plan, *files)  # of all rosters: somebody could come on Monday
    assert refused.code == 5
    assert "the prices of the proof give only" in refused.out
    succeeds(*SCHEDULE_COMMAND, *plan)  # without --freeze somebody does come
    thawed = run(*VERIFY_COMMAND, *plan, "--freeze", "1d")
    assert thawed.code == 5
    assert f" {PLANNED} freeze: 09:00-17:00, frozen off" in thawed.out

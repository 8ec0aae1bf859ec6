"""Repair of a published roster: few changes, dates outside the window as published, every rule kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.schedule.small import (
    MONDAY,
    ONE_CHOICE,
    agents_table,
    bumpy_centre,
    config_with,
    requirements_table,
)
from wfm.config import Config
from wfm.conform import conform, empty
from wfm.errors import RuleError
from wfm.schedule.inputs import Inputs
from wfm.schedule.options import Options
from wfm.schedule.repair import Limits, RepairResult, Window, repair
from wfm.schedule.stage import schedule
from wfm.schedule.verify import verify
from wfm.tables import ACTIVITY_TABLE, PINS, REQUESTS, ROSTER, TIME_OFF

WEDNESDAY = date(2026, 11, 4)
ONE_DAY = Window(WEDNESDAY, WEDNESDAY)
QUICK = Options(time_limit_s=600, work_limit=ONE_CHOICE, sweeps=4)


def published(count: int = 16, seed: int = 1, **tables: Any) -> tuple[Inputs, Config]:
    """Return the inputs of a repair: a roster of a small centre that lacks a few agents."""
    config = config_with()
    agents, requirements = bumpy_centre(count, seed, config)
    agents["contract"] = np.where(np.arange(count) % 3 == 0, "short", "full")
    agents.loc[agents["contract"] == "full", "week_hours_max"] = 48.0  # a sick day's credit leaves room
    requirements["agents_to_schedule"] = (requirements["agents_to_schedule"] * 1.6).round().astype("int64")
    roster = schedule(requirements, agents, config, first_day=MONDAY.date(), options=QUICK, **tables).roster
    inputs = Inputs(
        requirements=requirements,
        agents=agents,
        time_off=tables.get("time_off", empty(TIME_OFF)),
        requests=empty(REQUESTS),
        pins=empty(PINS),
        previous=roster,
        activities=empty(ACTIVITY_TABLE),
    )
    return inputs, config


def sick(inputs: Inputs, count: int, days: int = 1) -> Inputs:
    """Let the first few who work on Wednesday fall sick for some days."""
    roster = inputs.previous
    there = roster.loc[roster["shift_date"] == pd.Timestamp(WEDNESDAY), "agent_id"].unique()[:count]
    until = WEDNESDAY + timedelta(days=days)
    site = dict(zip(inputs.agents["agent_id"], inputs.agents["site"], strict=True))
    zone = {agent: "+01:00" if site[agent] == "hamburg" else "+00:00" for agent in there}
    rows = [(a, f"{WEDNESDAY}T00:00{zone[a]}", f"{until}T00:00{zone[a]}", "sick", True) for a in there]
    return replace(inputs, time_off=conform(pd.DataFrame(rows, columns=TIME_OFF.names), TIME_OFF))


def violations(result: RepairResult, inputs: Inputs, config: Config, **limits: Any) -> list[str]:
    verdict = verify(
        result.roster,
        inputs.agents,
        inputs.requirements,
        config,
        first_day=MONDAY.date(),
        time_off=inputs.time_off,
        pins=inputs.pins,
        previous=inputs.previous,
        **limits,
    )
    assert verdict.objective == pytest.approx(result.summary["objective"])
    assert verdict.figures["understaffed_h"] == pytest.approx(result.summary["understaffed_h"])
    return [str(violation) for violation in verdict.violations]


def shifts(roster: pd.DataFrame) -> dict[tuple[str, pd.Timestamp], tuple[pd.Timestamp, pd.Timestamp]]:
    found: dict[tuple[str, pd.Timestamp], tuple[pd.Timestamp, pd.Timestamp]] = {}
    names = ("agent_id", "shift_date", "start", "end")
    for agent, day, start, end in zip(*(roster[name] for name in names), strict=True):
        first, last = found.get((agent, day), (start, end))
        found[agent, day] = min(first, start), max(last, end)
    return found


CENTRE = published()


@pytest.mark.parametrize("budget", [0, 1, 3, None])
def test_sick_calls_are_repaired_within_the_budget_and_every_rule_holds(budget: int | None) -> None:
    inputs, config = CENTRE
    inputs = sick(inputs, 3)
    result = repair(inputs, config, ONE_DAY, Limits(budget))
    assert violations(result, inputs, config, max_changed_shifts=budget) == []
    before, after = shifts(inputs.previous), shifts(result.roster)
    absent = set(inputs.time_off["agent_id"])
    differ = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    others = {key for key in differ if key[0] not in absent}
    assert all(day == pd.Timestamp(WEDNESDAY) for _, day in others)
    assert budget is None or result.summary["changed_shifts"] <= budget
    assert set(zip(result.changes["agent_id"], result.changes["date"], strict=True)) == differ
    assert {
        a
        for a, why in zip(result.changes["agent_id"], result.changes["reason"], strict=True)
        if why == "time off"
    } == absent


def test_more_budget_never_costs_more_and_no_budget_changes_nothing_else() -> None:
    inputs, config = CENTRE
    inputs = sick(inputs, 4)
    results = [repair(inputs, config, ONE_DAY, Limits(budget)) for budget in (0, 2, 6)]
    costs = [result.summary["objective"] for result in results]
    assert costs == sorted(costs, reverse=True)
    assert all(cost <= results[0].summary["before_repair"]["objective"] + 1e-6 for cost in costs)
    assert set(results[0].changes["reason"]) == {"time off"}


def test_a_repair_is_near_what_planning_the_day_anew_could_give() -> None:
    inputs, config = CENTRE
    inputs = sick(inputs, 3)
    free = config.model_copy(
        update={
            "schedule": config.schedule.model_copy(
                update={"weights": config.schedule.weights.model_copy(update={"changed_shift": 0.0})}
            )
        }
    )
    result = repair(inputs, free, ONE_DAY, Limits())
    frozen = [day for day in pd.date_range(MONDAY, periods=7) if day.date() != WEDNESDAY]
    before = shifts(inputs.previous)
    absent = set(inputs.time_off["agent_id"])
    pins = []
    for agent in inputs.agents["agent_id"]:
        for day in frozen if agent not in absent else ():
            span = before.get((agent, day))
            zone = (
                "Europe/Lisbon"
                if inputs.agents.set_index("agent_id").loc[agent, "site"] == "porto"
                else "Europe/Berlin"
            )
            clocks = ("off", "") if span is None else tuple(f"{m.tz_convert(zone):%H:%M}" for m in span)
            pins.append((agent, day, *clocks))
    anew = schedule(
        inputs.requirements,
        inputs.agents,
        free,
        first_day=MONDAY.date(),
        time_off=inputs.time_off,
        pins=conform(pd.DataFrame(pins, columns=PINS.names), PINS),
        previous=inputs.previous,
        options=Options(time_limit_s=600, work_limit=0.1, sweeps=40),
    )
    assert result.summary["objective"] >= anew.summary["bound"] - 1e-6
    assert result.summary["objective"] <= 1.03 * anew.summary["objective"]


def test_breaks_alone_move_and_coverage_never_gets_worse() -> None:
    inputs, config = CENTRE
    inputs = sick(inputs, 3)
    fixed = repair(inputs, config, ONE_DAY, Limits(breaks_only=True))
    assert violations(fixed, inputs, config) == []
    assert set(fixed.changes["reason"]) == {"time off"}
    assert fixed.summary["objective"] <= fixed.summary["before_repair"]["objective"] + 1e-9
    elsewhere = fixed.roster["shift_date"] != pd.Timestamp(WEDNESDAY)
    was = inputs.previous[inputs.previous["shift_date"] != pd.Timestamp(WEDNESDAY)]
    pd.testing.assert_frame_equal(fixed.roster[elsewhere].reset_index(drop=True), was.reset_index(drop=True))


def test_without_any_news_nothing_is_worse_and_nothing_need_change() -> None:
    inputs, config = CENTRE
    result = repair(inputs, config, ONE_DAY, Limits(0))
    assert result.changes.empty
    assert shifts(result.roster) == shifts(inputs.previous)


def test_pins_of_the_day_are_kept_and_count_against_the_budget() -> None:
    inputs, config = CENTRE
    before = shifts(inputs.previous)
    agent = next(agent for (agent, day), _ in before.items() if day == pd.Timestamp(WEDNESDAY))
    pins = conform(pd.DataFrame([(agent, WEDNESDAY, "off", "")], columns=PINS.names), PINS)
    pinned = replace(inputs, pins=pins)
    with pytest.raises(RuleError, match=r"max_changed_shifts 0: \d+ shifts? must change"):
        repair(pinned, config, ONE_DAY, Limits(0))
    result = repair(pinned, config, Window(MONDAY.date(), MONDAY.date() + timedelta(days=6)), Limits(6))
    assert violations(result, pinned, config, max_changed_shifts=6) == []
    assert (agent, pd.Timestamp(WEDNESDAY)) not in shifts(result.roster)


def test_no_agent_changes_more_often_than_allowed() -> None:
    inputs, _ = CENTRE
    config = config_with("\n[schedule]\nmax_changed_shifts_per_agent = 1\n")
    inputs = sick(inputs, 4, days=3)
    week = Window(WEDNESDAY, MONDAY.date() + timedelta(days=6))
    result = repair(inputs, config, week, Limits())
    assert violations(result, inputs, config) == []
    own = result.changes[result.changes["reason"] == "repair"].groupby("agent_id", observed=True).size()
    assert own.max() <= 1 if len(own) else True


def test_the_published_week_after_keeps_its_rest() -> None:
    """Who begins at eight on the Monday after cannot work until four on Sunday, though calls wait then."""
    config = config_with()
    long_rest = {name: each.model_copy(update={"rest_h": 17.5}) for name, each in config.contracts.items()}
    config = config.model_copy(update={"contracts": long_rest})
    agents = agents_table([{}, {}])
    published = [("a00", day, "08:00") for day in (0, 1, 2, 7, 8, 9)]
    published += [("a01", day, "08:00") for day in (0, 1, 2)] + [("a01", day, "12:00") for day in (8, 9, 10)]
    rows = []
    for agent, day, clock in published:
        date_of = MONDAY + pd.Timedelta(days=day)
        begin = pd.Timestamp(f"{date_of:%Y-%m-%d} {clock}").tz_localize("Europe/Berlin")
        end = begin + pd.Timedelta(hours=4)
        rows.append((agent, begin, date_of, "on_queue", end, True, "hamburg"))
    roster = conform(pd.DataFrame(rows, columns=ROSTER.names), ROSTER)
    need = requirements_table({"billing": [0] * 8 + [2] * 8}, config, weeks=2)
    inputs = Inputs(
        need, agents, empty(TIME_OFF), empty(REQUESTS), empty(PINS), roster, empty(ACTIVITY_TABLE)
    )
    sunday = MONDAY.date() + timedelta(days=6)
    result = repair(inputs, config, Window(sunday, sunday), Limits())
    starts = {
        agent: span[0].tz_convert("Europe/Berlin").hour
        for (agent, day), span in shifts(result.roster).items()
        if day.date() == sunday
    }
    assert starts == {"a00": 10, "a01": 12}
    verdict = verify(result.roster, agents, need, config, first_day=MONDAY.date(), weeks=2, previous=roster)
    assert [str(violation) for violation in verdict.violations] == []


def test_what_the_past_made_too_long_is_told_and_not_hidden() -> None:
    """A paid sick day credits eight hours: with nine hours worked on four days the week is over its limit."""
    config = config_with()
    inputs, _ = published(4, 3)
    long_days = []
    for day in range(4):
        begin = pd.Timestamp(f"2026-11-0{2 + day} 08:00").tz_localize("Europe/Berlin")
        for minutes, activity, paid, length in (
            (0, "on_queue", True, 120),
            (120, "break", True, 15),
            (135, "on_queue", True, 105),
            (240, "lunch", False, 30),
            (270, "on_queue", True, 270),
        ):
            start = begin + pd.Timedelta(minutes=minutes)
            end = start + pd.Timedelta(minutes=length)
            long_days.append(
                ("a01", start, pd.Timestamp(f"2026-11-0{2 + day}"), activity, end, paid, "porto")
            )
    rows = pd.DataFrame(
        long_days, columns=["agent_id", "start", "shift_date", "activity", "end", "paid", "site"]
    )
    roster = conform(pd.concat([inputs.previous[inputs.previous["agent_id"] != "a01"], rows]), ROSTER)
    friday = date(2026, 11, 6)
    off = [("a01", f"{friday}T00:00+00:00", f"{friday + timedelta(days=1)}T00:00+00:00", "sick", True)]
    time_off = conform(pd.DataFrame(off, columns=TIME_OFF.names), TIME_OFF)
    agents = inputs.agents.copy()
    agents.loc[agents["agent_id"] == "a01", ["contract", "site"]] = ["full", "porto"]
    agents["week_hours_max"] = float("nan")
    case = replace(inputs, agents=agents, previous=roster, time_off=time_off)
    result = repair(case, config, Window(friday, friday), Limits())
    told = {(one["subject"], one["rule"]) for one in result.summary["unmet"]}
    assert told == {("a01", "week_hours")}
    assert all(line.startswith("a01 2026-11-02 week_hours") for line in violations(result, case, config))

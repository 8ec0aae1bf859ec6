"""Rules that need the weeks before or the plan before, skills and worth that change, and best effort.

The judge is the verification, with the summary's objective: both must agree.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from tests.schedule.small import MONDAY, agents_table, requirements_table
from tests.schedule.test_labour_rules import LONG, QUICK, configured
from wfm.config import Config
from wfm.conform import conform
from wfm.errors import RuleError
from wfm.schedule.check import check
from wfm.schedule.stage import ScheduleResult, schedule
from wfm.schedule.verify import Verification, verify
from wfm.tables import PINS, ROSTER, TIME_OFF

WEEK = pd.Timedelta(weeks=1)


def shifts(agent: str, days: list[int], start: str = "09:00", hours: float = 8) -> list[dict[str, Any]]:
    """Return rows of a roster: on queue all the time, on days counted from the first Monday."""
    rows = []
    for day in days:
        date = MONDAY + pd.Timedelta(days=day)
        begin = pd.Timestamp(f"{date:%Y-%m-%d} {start}").tz_localize("Europe/Berlin")
        rows.append(
            {
                "agent_id": agent,
                "start": begin,
                "shift_date": date,
                "activity": "on_queue",
                "end": begin + pd.Timedelta(hours=hours),
                "paid": True,
                "site": "hamburg",
            }
        )
    return rows


def roster_of(*rows: list[dict[str, Any]]) -> pd.DataFrame:
    return conform(pd.DataFrame([row for part in rows for row in part]), ROSTER)


def plan(
    config: Config, agents: pd.DataFrame, need: int = 3, **tables: Any
) -> tuple[ScheduleResult, pd.DataFrame]:
    weeks = config.schedule.weeks
    requirements = requirements_table({"billing": [need if n else 0 for n in LONG]}, config, weeks)
    options = tables.pop("options", QUICK)
    result = schedule(requirements, agents, config, first_day=MONDAY.date(), options=options, **tables)
    return result, requirements


def judged(
    result: ScheduleResult, config: Config, agents: pd.DataFrame, requirements: pd.DataFrame, **tables: Any
) -> Verification:
    return verify(
        result.roster,
        agents,
        requirements,
        config,
        first_day=MONDAY.date(),
        weeks=config.schedule.weeks,
        **tables,
    )


def rules_of(verdict: Verification) -> set[str]:
    return {violation.rule for violation in verdict.violations}


def team(count: int = 3, **row: Any) -> pd.DataFrame:
    return agents_table([{"contract": "flex", **row}] * count)


BUSY = [
    day - 7 * week for week in (1, 2, 3) for day in range(5)
]  # five days in each of the three weeks before


def test_hours_on_average_count_the_weeks_before() -> None:
    history = roster_of(*(shifts(f"a{n:02d}", BUSY) for n in range(3)))  # 40 hours in each of three weeks
    strict = configured("average_week_hours = [0, 36]\naverage_weeks = 4", "")
    agents = team()
    free, requirements = plan(configured("", ""), agents, previous=history)
    assert rules_of(judged(free, strict, agents, requirements, previous=history)) == {"average_week_hours"}
    kept, _ = plan(strict, agents, previous=history)
    assert rules_of(judged(kept, strict, agents, requirements, previous=history)) == set()
    paid = kept.roster[kept.roster["paid"]]
    hours = (paid["end"] - paid["start"]).dt.total_seconds().groupby(
        paid["agent_id"].astype("str")
    ).sum() / 3600
    assert (hours <= 24).all()  # 4 x 36 - 3 x 40
    never = configured(
        "average_week_hours = [0, 34]\naverage_weeks = 4", ""
    )  # 16 hours are left of 20 at least
    with pytest.raises(RuleError, match=r"average_week_hours at most 34 over 4 weeks; .*would do"):
        plan(never, agents, previous=history)


def test_hours_on_average_hold_within_a_long_horizon() -> None:
    lines = "average_week_hours = [26, 28]\naverage_weeks = 2"
    sections = "[schedule]\nweeks = 3\n"
    strict, agents = configured(lines, sections), team(2)
    free, requirements = plan(configured("", sections), agents)
    assert "average_week_hours" in rules_of(judged(free, strict, agents, requirements))
    kept, _ = plan(strict, agents)
    assert rules_of(judged(kept, strict, agents, requirements)) == set()


def test_a_run_of_the_week_before_goes_on_until_it_is_long_enough() -> None:
    history = roster_of(shifts("a00", [-9, -2, -1]), shifts("a01", [-9, -1]), shifts("a02", [-9]))
    strict = configured("min_consecutive_days = 4", "")
    agents = team()
    kept, requirements = plan(strict, agents, 1, previous=history)
    assert rules_of(judged(kept, strict, agents, requirements, previous=history)) == set()
    days = kept.roster.groupby("agent_id", observed=True)["shift_date"].unique()
    assert {MONDAY, MONDAY + pd.Timedelta(days=1)} <= set(days["a00"])
    assert {MONDAY + pd.Timedelta(days=n) for n in range(3)} <= set(days["a01"])


def test_a_short_run_beside_the_weekend_off_is_a_conflict() -> None:
    history = roster_of(shifts("a00", [-9, -2, -1]))
    off = [("a00", f"2026-11-{day:02d}", "off", "") for day in range(2, 5)]
    pins = conform(pd.DataFrame(off, columns=PINS.names), PINS)
    config = configured("min_consecutive_days = 3", "")
    with pytest.raises(RuleError, match="pins off on 2026-11-02; min_consecutive_days 3"):
        plan(config, team(1), previous=history, pins=pins)


def test_no_agent_has_more_changed_shifts_than_allowed() -> None:
    agents = team(4)
    before, _ = plan(configured("", ""), agents)
    sections = "[schedule]\nmax_changed_shifts_per_agent = 1\n[schedule.weights]\nchanged_shift = 0\n"
    strict = configured("", sections)
    free, requirements = plan(
        configured("", sections.replace("per_agent = 1", "per_agent = 9")), agents, 1, previous=before.roster
    )
    assert rules_of(judged(free, strict, agents, requirements, previous=before.roster)) == {
        "max_changed_shifts_per_agent"
    }
    kept, _ = plan(strict, agents, 1, previous=before.roster)
    assert rules_of(judged(kept, strict, agents, requirements, previous=before.roster)) == set()


def test_skills_with_dates_proficiency_and_ramp_count_alike_in_engine_and_verification() -> None:
    config = configured("ramp = [0.4, 0.7]", "")
    agents = agents_table(
        [
            {"contract": "flex", "skills": "billing[..2026-11-04];tech", "proficiency": 0.8},
            {"contract": "flex", "skills": "tech;billing[2026-11-04..2026-11-05]"},
            {"contract": "flex", "skills": "billing;tech", "start_date": pd.Timestamp("2026-10-29")},
            {"contract": "flex", "skills": "billing", "proficiency": 1.25},
        ]
    )
    requirements = requirements_table(
        {"billing": [n and 2 for n in LONG], "tech": [n and 1 for n in LONG]}, config
    )
    result = schedule(requirements, agents, config, first_day=MONDAY.date(), options=QUICK)
    verdict = judged(result, config, agents, requirements, summary=result.summary, proof=result.prices)
    assert [str(violation) for violation in verdict.violations] == []
    assert verdict.objective == pytest.approx(result.summary["objective"])
    assert verdict.bound == pytest.approx(result.summary["bound"])
    ours = result.coverage.groupby("interval_start")["agents_scheduled"].sum()
    theirs = verdict.coverage.groupby("interval_start")["agents_scheduled"].sum()
    pd.testing.assert_series_equal(ours, theirs)
    assert not (result.coverage["agents_scheduled"] % 1 == 0).all()


def test_hours_of_the_agent_stand_in_place_of_the_contracts() -> None:
    config = configured("", "")
    agents = team(3, week_hours_min=30.0, week_hours_max=31.0)
    result, requirements = plan(config, agents)
    assert rules_of(judged(result, config, agents, requirements)) == set()
    wider = agents.assign(week_hours_min=float("nan"), week_hours_max=float("nan"))
    loose, _ = plan(config, wider)
    assert rules_of(judged(loose, config, agents, requirements)) == {"week_hours"}


def test_best_effort_keeps_what_can_be_kept_and_flags_the_rest() -> None:
    config = configured("week_hours = [35, 40]", "")
    agents = agents_table(
        [
            {"contract": "flex"},
            {"contract": "flex", "availability": "Mon-Wed 08:00-18:00"},
            {"contract": "flex"},
        ]
    )
    pins = conform(pd.DataFrame([("a02", "2026-11-03", "03:00", "11:00")], columns=PINS.names), PINS)
    with pytest.raises(RuleError):
        plan(config, agents, pins=pins)
    result, requirements = plan(config, agents, pins=pins, options=replace(QUICK, best_effort=True))
    verdict = judged(result, config, agents, requirements, pins=pins, summary=result.summary)
    flagged = {(one["subject"], one["rule"]) for one in result.summary["unmet"]}
    assert flagged == {("a01", "week_hours"), ("a02", "pins")}
    assert {(v.subject, v.rule) for v in verdict.violations} == flagged
    hours = result.roster[result.roster["agent_id"] == "a01"]
    assert hours["shift_date"].nunique() == 3  # all that the availability allows


def test_best_effort_lowers_presence_but_never_takes_more_seats() -> None:
    sections = "[sites.lyon]\nmin_present = 2\nseats = 2\n"
    config = configured("", sections)
    agents = team(2, site="lyon")
    result, requirements = plan(config, agents, options=replace(QUICK, best_effort=True))
    rules = rules_of(judged(result, config, agents, requirements))
    assert rules == {"min_present"}
    assert [one["rule"] for one in result.summary["unmet"]] == ["min_present"]
    with pytest.raises(RuleError, match=r"site lyon: min_present 2 .*"):
        plan(config, agents)


def test_a_check_names_all_conflicts_without_a_search() -> None:
    config = configured("", "")
    requirements = requirements_table({"billing": LONG}, config)
    assert check(requirements, team(2), config, first_day=MONDAY.date()) == []
    absent = [("a00", f"{MONDAY:%Y-%m-%d}T00:00:00+01:00", "2026-11-09T00:00:00+01:00", "leave", False)]
    time_off = conform(pd.DataFrame(absent, columns=TIME_OFF.names), TIME_OFF)
    agents = agents_table([{"contract": "flex"}, {"contract": "flex", "availability": "Mon 08:00-18:00"}])
    with pytest.raises(RuleError) as caught:
        check(requirements, agents, config, first_day=MONDAY.date(), time_off=time_off)
    assert "1 conflict" in caught.value.problem  # a whole week of leave is none
    assert "agent a01" in caught.value.problem

"""Engine and verify, written apart, agree under all labour rules: no violation, one objective, one bound."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Any

import pandas as pd
import pytest

from tests.schedule.small import ONE_CHOICE, TOML, bumpy_centre
from wfm.config import Config, build_config
from wfm.conform import conform
from wfm.schedule.options import Options
from wfm.schedule.stage import ScheduleResult, schedule
from wfm.schedule.verify import Verification, verify
from wfm.tables import AGENTS

QUICK = Options(time_limit_s=600, work_limit=ONE_CHOICE, sweeps=4)
YOUNG = """
[minors]
night = "16:00-06:00"
day_hours = 7.5
week_hours = 38
days_per_week = 5
rest_h = 14
longest_stretch_h = 4
breaks = [{ over_hours = 4.5, minutes = 30 }]
[patterns.turns]
first_week = 2026-10-26
weeks = ["E E ? ? - ? -", "? - L L ? ? ?"]
codes = { E = "07:00-09:00", L = "09:00-12:00" }
"""
TERMS = {
    "the young": ("", ""),
    "ramps and overtime": (
        "ramp = [0.5, 0.75]\novertime_hours = 3",
        "ramp = [0.4]\novertime_hours = 2\novertime_price = 1.25\nday_hours = 8.25",
    ),
    "rotations and breaks": (
        'pattern = "turns"\nweekly_rest_h = 40',
        "longest_stretch_h = 3.5\nbreak_spacing_min = 75\nmin_consecutive_days = 2\nweekly_rest_h = 36",
    ),
    "averages": (
        "min_consecutive_days = 2\novertime_hours = 2\naverage_week_hours = [12, 19]\naverage_weeks = 2",
        "overtime_hours = 4\nweekly_rest_h = 48\naverage_week_hours = [34, 39]\naverage_weeks = 2",
    ),
}
BIRTHS = ["2009-05-05", "1980-01-01", "2008-11-05", "2008-11-08"]
SKILLS = [
    "billing",
    "tech;billing[2026-11-04..]",
    "billing[..2026-11-05];tech",
    "billing;tech[2026-11-03..2026-11-06]",
]


def centre(terms: tuple[str, str], seed: int) -> tuple[Config, pd.DataFrame, pd.DataFrame]:
    """Agents of all ages, weeks of the rotation, proficiencies and dated skills."""
    text = TOML
    for name, more in zip(("short", "full"), terms, strict=True):
        text = text.replace(f"[contracts.{name}]\n", f"[contracts.{name}]\n{more}\n")
    config = build_config(tomllib.loads(text + YOUNG))
    agents, requirements = bumpy_centre(8, seed, config)
    four = pd.Series(range(8)) % 4
    changed = agents.assign(
        proficiency=four.map({0: 1.0, 1: 0.8, 2: 1.2, 3: 0.55}),
        birth_date=pd.to_datetime(four.map(dict(enumerate(BIRTHS)))),
        skills=four.map(dict(enumerate(SKILLS))),
        pattern_week=1 + four % 2,
        start_date=pd.to_datetime(pd.Series(["2026-10-29", None, None] * 3)[:8]),
        week_hours_min=pd.Series([None, 11, None, None] * 2, dtype="float64"),
    )
    return config, conform(changed, AGENTS), requirements


def checked(
    result: ScheduleResult, config: Config, agents: pd.DataFrame, requirements: pd.DataFrame, **tables: Any
) -> Verification:
    given: dict[str, Any] = {"summary": result.summary, "proof": result.prices, **tables}
    first, weeks = date.fromisoformat(result.summary["first_day"]), result.summary["weeks"]
    return verify(result.roster, agents, requirements, config, first_day=first, weeks=weeks, **given)


@pytest.mark.parametrize("name", TERMS)
def test_the_bound_of_a_schedule_under_labour_rules_is_found_again(name):
    config, agents, requirements = centre(TERMS[name], seed=len(name))
    previous: dict[str, Any] = {}
    for days in (0, 7):  # without history, then behind the first roster
        shifted = requirements.assign(interval_start=requirements["interval_start"] + pd.Timedelta(days=days))
        result = schedule(shifted, agents, config, options=QUICK, **previous)
        verdict = checked(result, config, agents, shifted, **previous)
        assert [str(violation) for violation in verdict.violations] == []
        assert verdict.bound is not None
        assert min(verdict.bound, result.summary["objective"]) == pytest.approx(result.summary["bound"])
        previous = {"previous": result.roster}

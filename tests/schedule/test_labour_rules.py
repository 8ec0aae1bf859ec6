"""Every labour rule binds: without it the roster of a tempting week breaks it, with it none does; what cannot
be kept is named in words. The judge is the verification, which shares no code with the engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pandas as pd
import pytest

from tests.schedule.small import MONDAY, ONE_CHOICE, agents_table, config_with, requirements_table
from wfm.config import Config
from wfm.errors import RuleError
from wfm.schedule.options import Options
from wfm.schedule.stage import ScheduleResult, schedule
from wfm.schedule.verify import verify

QUICK = Options(time_limit_s=600, work_limit=ONE_CHOICE, sweeps=4)
FLEX = {
    "week_hours": "[20, 40]",
    "days_per_week": "[3, 6]",
    "shift_hours": "[4, 9]",
    "shift_step_min": "60",
    "starts": '["06:00-14:00"]',
    "start_step_min": "60",
    "breaks": """[
  { activity = "break", minutes = 15, paid = true, from_min = 90, to_min = 240 },
  { activity = "lunch", minutes = 30, paid = false, from_min = 150, to_min = 360, min_shift_hours = 6 },
]""",
}
LONG = [0] * 2 + [3] * 18 + [0] * 4  # from 08:00, half-hours: needed from 09:00 to 18:00
LATE_AND_EARLY = "Mon-Sun 06:00-23:00"


@dataclass(frozen=True)
class Rule:
    """A rule as lines of the contract or sections, who is on duty, and what makes it impossible."""

    lines: str = ""  # of [contracts.flex]
    sections: str = ""
    agent: Mapping[str, Any] = field(default_factory=dict)
    impossible: str = ""  # lines with which nobody can work
    impossible_sections: str | None = None
    named: str = ""  # in the conflict, if not the rule's key
    loose: str = ""  # lines without the rule, in place of none


MINOR = {"birth_date": pd.Timestamp("2009-06-01")}
RULES = {
    "day_hours": Rule("day_hours = 6", impossible="day_hours = 3"),
    "weekly_rest_h": Rule("weekly_rest_h = 60", impossible="weekly_rest_h = 110\ndays_per_week = [5, 6]"),
    "overtime_hours": Rule(
        "overtime_hours = 4\novertime_price = 1.1",
        loose="overtime_hours = 30\novertime_price = 1.0",
        impossible="overtime_hours = 1\nday_hours = 4\ndays_per_week = [6, 6]\nweek_hours = [12, 12]",
        named="week_hours at most 12 and 1 of overtime",
    ),
    "longest_stretch_h": Rule(
        "longest_stretch_h = 3.5",
        impossible="longest_stretch_h = 2.25\nweek_hours = [38, 40]\ndays_per_week = [3, 5]",
    ),
    "break_spacing_min": Rule(
        "break_spacing_min = 150", impossible="break_spacing_min = 300\nweek_hours = [39, 40]"
    ),
    "pattern": Rule(
        'pattern = "early_late"',
        sections="""
[patterns.early_late]
first_week = 2026-11-02
weeks = ["E E L L - - ?", "L - E E E ? -"]
codes = { E = "06:00-08:00", L = "12:00-14:00" }
""",
        impossible='pattern = "early_late"\ndays_per_week = [6, 6]',
    ),
    "minors.night": Rule(
        sections='[minors]\nnight = "17:00-07:00"',
        agent=MINOR,
        impossible_sections='[minors]\nnight = "10:00-09:00"',
    ),
    "minors.day_hours": Rule(
        sections="[minors]\nday_hours = 5", agent=MINOR, impossible_sections="[minors]\nday_hours = 3"
    ),
    "minors.breaks": Rule(
        sections="[minors]\nbreaks = [{ over_hours = 7, minutes = 60 }]",
        agent=MINOR,
        impossible_sections="[minors]\nbreaks = [{ over_hours = 3, minutes = 60 }]",
    ),
    "minors.longest_stretch_h": Rule(
        sections="[minors]\nlongest_stretch_h = 3.5",
        agent=MINOR,
        impossible_sections="[minors]\nlongest_stretch_h = 1.5",
    ),
    "minors.rest_h": Rule(
        sections="[minors]\nrest_h = 17",
        agent=MINOR,
        impossible="week_hours = [39, 40]\ndays_per_week = [6, 6]",
        impossible_sections="[minors]\nrest_h = 23",
    ),
    "minors.week_hours": Rule(
        sections="[minors]\nweek_hours = 30", agent=MINOR, impossible_sections="[minors]\nweek_hours = 10"
    ),
    "minors.days_per_week": Rule(
        sections="[minors]\ndays_per_week = 4",
        agent=MINOR,
        impossible_sections="[minors]\ndays_per_week = 2",
    ),
}


def configured(lines: str, sections: str) -> Config:
    """Return the small centre with the contract `flex`, changed by these lines, and more sections."""
    keys = FLEX | dict(line.split(" = ", 1) for line in lines.splitlines() if line)
    contract = "".join(f"{key} = {value}\n" for key, value in keys.items())
    return config_with(f"\n[contracts.flex]\n{contract}{sections}", hours='"Mon-Sun 06:00-23:00"')


def team(rule: Rule) -> pd.DataFrame:
    """Return four agents whom the rule concerns."""
    return agents_table([{"contract": "flex", **rule.agent, "pattern_week": 1 + i % 2} for i in range(4)])


def plan(config: Config, agents: pd.DataFrame) -> tuple[ScheduleResult, pd.DataFrame]:
    """Return a result and the requirements behind it: a long day, every day."""
    requirements = requirements_table({"billing": LONG}, config)
    result = schedule(requirements, agents, config, first_day=MONDAY.date(), options=QUICK)
    return result, requirements


@cache
def free_roster(lines: str, young: bool) -> pd.DataFrame:
    """Return the roster without a rule, which most rules have in common."""
    agents = team(Rule(agent=MINOR if young else {}))
    return plan(configured(lines, ""), agents)[0].roster


def broken(
    roster: pd.DataFrame, config: Config, agents: pd.DataFrame, requirements: pd.DataFrame
) -> set[str]:
    """Return the rules that a roster breaks."""
    verdict = verify(roster, agents, requirements, config, first_day=MONDAY.date())
    return {violation.rule for violation in verdict.violations}


@pytest.mark.parametrize("key", RULES)
def test_a_rule_binds_where_it_stands_and_only_there(key: str) -> None:
    rule = RULES[key]
    agents, strict = team(rule), configured(rule.lines, rule.sections)
    free = free_roster(rule.loose, bool(rule.agent))
    kept, requirements = plan(strict, agents)
    assert broken(kept.roster, strict, agents, requirements) == set()
    assert key in broken(free, strict, agents, requirements)


@pytest.mark.parametrize("key", RULES)
def test_a_rule_that_cannot_be_kept_is_named_with_what_would_do(key: str) -> None:
    rule = RULES[key]
    sections = rule.sections if rule.impossible_sections is None else rule.impossible_sections
    config = configured(rule.impossible, sections)
    with pytest.raises(RuleError) as caught:
        plan(config, team(rule))
    assert (rule.named or key) in caught.value.problem
    assert "would do" in caught.value.problem

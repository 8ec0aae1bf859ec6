"""Every rule that verify can report, broken once: one legal centre under all rules, one change, one line.

The centre binds its agents by every rule at once, most of them tightly: a1 (rotation, overtime, averages,
rest), a2 (under age), b1 and b2 (seats and presence of a second site). Each change breaks one rule and leaves
all others alone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd
import pytest

from tests.schedule.verify.builder import MONDAY, Scenario, contract, day_after, legal_week, moment, standard
from wfm.conform import conform
from wfm.schedule.verify import RULE_NAMES
from wfm.schedule.verify.violation import Violation
from wfm.tables import ACTIVITY_TABLE

TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = (day_after(number) for number in range(1, 7))
TRAINING = standard().replace("08:00 on_queue 10:00", "08:00 on_queue 08:30 training 09:30 on_queue 10:00")
LATE_LUNCH = (
    "08:00 on_queue {first} break {until} on_queue 13:30 lunch- 14:00 on_queue 15:00 "
    "break 15:15 on_queue 16:30"
)
LONG_DAY = (
    "08:00 on_queue 10:30 break 10:45 on_queue 12:30 lunch- 13:00 on_queue 15:00 break 15:15 on_queue 17:30"
)
WEEKS_BEFORE = (-21, -14, -7)


def strict_week() -> Scenario:
    s = Scenario()
    s.sites = {"hamburg": {"seats": 3}, "lyon": {"seats": 1, "min_present": 1}}
    s.schedule = {"max_changed_shifts_per_agent": 2}
    s.patterns = {
        "early": {"first_week": MONDAY, "weeks": ["E E E ? ? ? ?"], "codes": {"E": "05:00-11:00"}},
    }
    s.minors = {
        "night": "20:00-06:00",
        "day_hours": 8.5,
        "week_hours": 40,
        "days_per_week": 5,
        "rest_h": 12,
        "longest_stretch_h": 3,
        "breaks": [{"over_hours": 6, "minutes": 60}, {"over_hours": 4.5, "minutes": 30}],
    }
    s.contracts = {
        "full": contract(
            week_hours=[38, 40],
            shift_hours=[8, 9.5],
            starts=["06:00-14:00"],
            day_hours=8.5,
            weekly_rest_h=45,
            overtime_hours=0.5,
            average_week_hours=[38, 46],
            average_weeks=4,
            min_consecutive_days=2,
            longest_stretch_h=3.5,
            break_spacing_min=60,
            pattern="early",
            weekends_off_per_4_weeks=1,
        ),
        "young": contract(week_hours=[30, 50], days_per_week=[3, 6], shift_hours=[7, 10]),
        "plain": contract(week_hours=[0, 50], days_per_week=[0, 6]),
    }
    s.agent("a1")
    s.agent("a2", contract="young", birth_date=pd.Timestamp("2008-03-09"))  # of age the day after the horizon
    s.agent("b1", contract="plain", site="lyon", skills="chats")
    s.agent("b2", contract="plain", site="lyon", skills="chats")
    for first in (*WEEKS_BEFORE, 0):
        for number in range(5):
            plan = TRAINING if (first, number) == (0, 1) else standard()
            for agent_id in ("a1", "a2", "b1"):
                mine = plan if agent_id == "a1" else standard()
                s.worked(agent_id, day_after(first + number), mine)
                if not first:
                    s.work(agent_id, day_after(number), mine)
    s.pin("a2", WEDNESDAY, "08:00", "16:30")
    s.need("calls", MONDAY, "08:00-16:30", 1)
    s.need("chats", TUESDAY, "09:00-10:00", 1)
    return s


def training() -> pd.DataFrame:
    row = {
        "activity_id": "t1",
        "kind": "training",
        "agents": "a1",
        "minutes": 60,
        "together": True,
        "paid": True,
    }
    window = {"earliest": moment(TUESDAY, "08:00"), "latest": moment(TUESDAY, "10:00")}
    return conform(pd.DataFrame([{**row, **window}]), ACTIVITY_TABLE)


def broken(s: Scenario, **options: Any) -> list[Violation]:
    given = {"activities": training(), "freeze_days": 1, "max_changed_shifts": 3, **options}
    return list(s.verify(**given).violations)


def works(agent_id: str, day: date, plan: str) -> Callable[[Scenario], None]:
    return lambda s: s.work(agent_id, day, plan)


def moves(agent_id: str, old: date, new: date, plan: str = "") -> Callable[[Scenario], None]:
    """A shift is worked on another date."""

    def change(s: Scenario) -> None:
        s.rest(agent_id, old)
        s.work(agent_id, new, plan or standard())

    return change


def both(*changes: Callable[[Scenario], None]) -> Callable[[Scenario], None]:
    def change(s: Scenario) -> None:
        for one in changes:
            one(s)

    return change


def person(agent_id: str, **cells: Any) -> Callable[[Scenario], None]:
    return lambda s: s.agent(agent_id, **cells)


def minors(**keys: Any) -> Callable[[Scenario], None]:
    return lambda s: s.minors.update(keys)


def terms(**keys: Any) -> Callable[[Scenario], None]:
    return lambda s: s.contracts["full"].update(keys)


def worked_before(*numbers: int) -> Callable[[Scenario], None]:
    """More shifts of a1 before the horizon."""

    def change(s: Scenario) -> None:
        for number in numbers:
            s.worked("a1", day_after(number), standard())

    return change


def rests(agent_id: str, day: date) -> Callable[[Scenario], None]:
    return lambda s: s.rest(agent_id, day)


def wrong_site(s: Scenario) -> None:
    for row in s.plans["a1", THURSDAY]:
        row["site"] = "lyon"


def wrong_date(s: Scenario) -> None:
    for row in s.plans["a1", FRIDAY]:
        row["shift_date"] = pd.Timestamp(SUNDAY)


def absent_at_the_end(s: Scenario) -> None:
    s.absent("a1", moment(THURSDAY, "15:00"), moment(THURSDAY, "20:00"), paid=False)


def pinned_otherwise(s: Scenario) -> None:
    s.pinned[0]["shift_start"], s.pinned[0]["shift_end"] = "09:00", "17:30"


def alike(s: Scenario) -> None:
    """Nothing: what is wrong is the summary."""


PLAIN = standard()
BREAK_AT_ITS_LAST_MINUTE = PLAIN.replace("10:00 break 10:15", "11:00 break 11:15")
# rule: the change that breaks it
MUTATIONS: dict[str, Callable[[Scenario], None]] = {
    "agent_id": works("c9", THURSDAY, PLAIN),
    "contract": person("c9", contract="intern"),
    "site": wrong_site,
    "weeks": works("a1", day_after(7), PLAIN),
    "segments": works("a1", THURSDAY, PLAIN.replace("10:15 on_queue", "10:15 gap 10:30 on_queue")),
    "activity": works("a1", THURSDAY, PLAIN.replace("08:00 on_queue", "08:00 on_queue-")),
    "shift_date": wrong_date,
    "start_date": person("a1", start_date=pd.Timestamp(TUESDAY)),
    "end_date": person("a1", end_date=pd.Timestamp(THURSDAY)),
    "starts": works("a1", THURSDAY, standard("05:30")),
    "start_step_min": works("a1", THURSDAY, standard("08:15")),
    "shift_hours": works("a1", THURSDAY, standard(hours=7.5)),
    "shift_step_min": works("a1", THURSDAY, standard(hours=8.25)),
    "day_hours": both(works("a1", THURSDAY, standard(hours=9.5)), works("a1", FRIDAY, standard(hours=8))),
    "availability": person("a1", availability="Mon-Wed 06:00-24:00;Thu 08:00-16:00;Fri-Sun 06:00-24:00"),
    "pattern": works("a1", WEDNESDAY, standard("11:30")),
    "breaks": works("a1", THURSDAY, PLAIN.replace("10:15", "10:30")),
    "longest_stretch_h": works("a1", THURSDAY, LATE_LUNCH.format(first="09:30", until="09:45")),
    "break_spacing_min": works("a1", THURSDAY, BREAK_AT_ITS_LAST_MINUTE),
    "rest_h": both(works("a1", THURSDAY, standard("13:30")), works("a1", FRIDAY, standard("07:30"))),
    "weekly_rest_h": moves("a1", THURSDAY, SATURDAY),
    "consecutive_days": worked_before(-2, -1),
    "min_consecutive_days": moves("a1", FRIDAY, SATURDAY, standard("14:00")),
    "weekends_off_per_4_weeks": both(worked_before(-16, -9, -2), moves("a1", FRIDAY, SUNDAY)),
    "week_hours": rests("a1", FRIDAY),
    "overtime_hours": both(*(works("a1", day, standard(hours=9)) for day in (THURSDAY, FRIDAY))),
    "average_week_hours": worked_before(-16, -15, -9, -8),
    "days_per_week": terms(days_per_week=[4, 4]),
    "minors.night": works("a2", FRIDAY, standard("12:00")),
    "minors.day_hours": both(works("a2", THURSDAY, LONG_DAY), works("a2", FRIDAY, standard(hours=7.5))),
    "minors.longest_stretch_h": works("a2", THURSDAY, LATE_LUNCH.format(first="10:00", until="10:15")),
    "minors.breaks": both(
        minors(breaks=[{"over_hours": 8.5, "minutes": 75}, {"over_hours": 6, "minutes": 60}]),
        works("a2", THURSDAY, standard(hours=9)),
        works("a2", FRIDAY, standard(hours=8)),
    ),
    "minors.rest_h": both(works("a2", THURSDAY, standard("11:30")), works("a2", FRIDAY, standard("07:30"))),
    "minors.week_hours": works("a2", THURSDAY, standard(hours=9)),
    "minors.days_per_week": minors(days_per_week=4),
    "time_off": absent_at_the_end,
    "activities": works("a1", TUESDAY, PLAIN),
    "pins": pinned_otherwise,
    "freeze": works("a1", MONDAY, standard("08:30")),
    "max_changed_shifts_per_agent": both(
        *(works("a1", day, standard("08:30")) for day in (WEDNESDAY, THURSDAY, FRIDAY))
    ),
    "max_changed_shifts": both(
        *(works(agent_id, day, standard("08:30")) for day in (THURSDAY, FRIDAY) for agent_id in ("a1", "a2"))
    ),
    "seats": works("b2", FRIDAY, PLAIN),
    "min_present": works("b1", TUESDAY, PLAIN.replace("10:00 break 10:15", "09:30 break 09:45")),
    "objective": alike,
}


def test_the_strict_week_breaks_no_rule() -> None:
    assert broken(strict_week()) == []
    assert legal_week().lines() == []


def test_every_rule_that_verify_can_report_has_a_mutation() -> None:
    assert MUTATIONS.keys() == RULE_NAMES


@pytest.mark.parametrize("rule", MUTATIONS)
def test_a_mutation_is_named_by_its_rule_and_by_no_other(rule: str) -> None:
    scenario = strict_week()
    MUTATIONS[rule](scenario)
    options = {"summary": {"objective": 1.0}} if rule == "objective" else {}
    found = broken(scenario, **options)
    assert [violation.rule for violation in found] == [rule], [str(violation) for violation in found]


def test_a_rule_without_a_name_cannot_be_reported() -> None:
    with pytest.raises(ValueError, match="luck"):
        Violation("a1", MONDAY, "luck", "bad")

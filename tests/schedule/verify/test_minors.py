"""Rules for the young: who is young on which date, and each rule kept and broken by a hair."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from tests.schedule.verify.builder import MONDAY, Scenario, contract, day_after, legal_week, standard

TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = (day_after(number) for number in range(1, 7))
YOUNG = date(2009, 1, 1)


def young(born: date = YOUNG, **rules: Any) -> Scenario:
    """The legal week, a1 under age, a2 without a date of birth."""
    scenario = legal_week()
    scenario.contracts["full"] = contract(
        days_per_week=[4, 6], week_hours=[30, 60], shift_hours=[7.5, 10], starts=["05:00-24:00"]
    )
    scenario.minors = rules
    scenario.agent("a1", birth_date=pd.Timestamp(born))
    return scenario


def told(scenario: Scenario, agent_id: str, day: date, plan: str) -> list[str]:
    scenario.work(agent_id, day, plan)
    return scenario.lines()


@pytest.mark.parametrize(
    ("born", "under_age", "dates"),
    [
        pytest.param(date(2008, 3, 9), 18, [0, 1, 2, 3, 4], id="of age after the week"),
        pytest.param(date(2008, 3, 5), 18, [0, 1, 2], id="of age on Thursday"),
        pytest.param(date(2008, 3, 2), 18, [], id="of age on Monday"),
        pytest.param(date(2008, 2, 29), 18, [], id="born on a leap day, of age on 1 March"),
        pytest.param(date(2008, 3, 5), 16, [], id="another age"),
        pytest.param(date(2008, 3, 5), 19, [0, 1, 2, 3, 4], id="a higher age"),
    ],
)
def test_an_agent_is_young_until_the_birthday(born: date, under_age: int, dates: list[int]) -> None:
    lines = young(born, under_age=under_age, day_hours=7.5).lines()
    assert lines == [f"a1 {day_after(number)} minors.day_hours: 8 h paid, at most 7.5 h" for number in dates]


@pytest.mark.parametrize(
    ("start", "hours", "words"),
    [
        pytest.param("11:30", 8.5, "", id="until its begin"),
        pytest.param("12:00", 8.5, "12:00-20:30 overlaps 20:00-06:00", id="into it"),
        pytest.param("06:00", 8.5, "", id="from its end"),
        pytest.param("05:30", 8.5, "05:30-14:00 overlaps 20:00-06:00", id="the night before"),
        pytest.param("21:00", 8.5, "21:00-05:30 overlaps 20:00-06:00", id="inside"),
    ],
)
def test_no_shift_overlaps_the_night(start: str, hours: float, words: str) -> None:
    lines = told(young(night="20:00-06:00"), "a1", FRIDAY, standard(start, hours))
    assert lines == ([f"a1 2026-03-06 minors.night: {words}"] if words else [])
    assert told(young(night="20:00-06:00"), "a2", FRIDAY, standard(start, hours)) == []


def test_a_night_may_begin_after_midnight() -> None:
    lines = told(young(night="00:00-05:00"), "a1", FRIDAY, standard("20:00"))
    assert lines == ["a1 2026-03-06 minors.night: 20:00-04:30 overlaps 00:00-05:00"]
    assert told(young(night="04:30-05:00"), "a1", FRIDAY, standard("20:00")) == []


def test_hours_of_a_day() -> None:
    assert young(day_hours=8).lines() == []
    assert told(young(day_hours=8), "a1", MONDAY, standard(hours=9)) == [
        "a1 2026-03-02 minors.day_hours: 8.5 h paid, at most 8 h"
    ]


def test_the_longest_stretch() -> None:
    assert young(longest_stretch_h=2.25).lines() == []
    assert told(young(longest_stretch_h=2.25), "a1", MONDAY, standard(hours=9)) == [
        "a1 2026-03-02 minors.longest_stretch_h: 2.75 h from 14:15 without a break, at most 2.25 h"
    ]


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        pytest.param([(6, 60)], "", id="by a hair"),
        pytest.param([(6, 61)], "at least 61 min", id="a minute more"),
        pytest.param([(8.5, 90)], "", id="not longer than that"),
        pytest.param([(8.25, 90)], "at least 90 min", id="longer"),
        pytest.param([(4.5, 75), (6, 70)], "at least 75 min", id="the largest of several"),
    ],
)
def test_breaks_of_long_shifts(entries: list[tuple[float, int]], words: str) -> None:
    scenario = young(breaks=[{"over_hours": hours, "minutes": minutes} for hours, minutes in entries])
    expected = [
        f"a1 {day_after(number)} minors.breaks: 60 min of breaks in a shift of 8.5 h, {words}"
        for number in range(5)
    ]
    assert scenario.lines() == (expected if words else [])


@pytest.mark.parametrize(
    ("born", "least_h", "words"),
    [
        pytest.param(YOUNG, 15.5, [], id="kept"),
        pytest.param(YOUNG, 15.75, [TUESDAY, WEDNESDAY, THURSDAY, FRIDAY], id="broken"),
        pytest.param(date(2008, 3, 4), 15.75, [TUESDAY, WEDNESDAY], id="after the last shift under age"),
        pytest.param(date(2008, 3, 3), 15.75, [TUESDAY], id="under age on Monday only"),
    ],
)
def test_rest_before_and_after_the_shifts_of_the_young(born: date, least_h: float, words: list[date]) -> None:
    lines = young(born, rest_h=least_h).lines()
    text = "minors.rest_h: 15.5 h between 16:30 and 08:00, at least 15.75 h"
    assert lines == [f"a1 {day} {text}" for day in words]


def test_rest_from_the_last_shift_before_the_horizon() -> None:
    scenario = young(date(2008, 3, 2), rest_h=15.75)  # of age on Monday, not on Sunday
    scenario.worked("a1", day_after(-1), standard())
    assert scenario.lines() == [
        "a1 2026-03-02 minors.rest_h: 15.5 h between 16:30 and 08:00, at least 15.75 h"
    ]


def test_hours_of_a_week_less_paid_leave_whatever_the_overtime() -> None:
    scenario = young(week_hours=40)
    scenario.contracts["full"] |= {"week_hours": [30, 40], "overtime_hours": 10}
    assert scenario.lines() == []
    assert told(scenario, "a1", MONDAY, standard(hours=9)) == [
        "a1 2026-03-02 minors.week_hours: 40.5 h paid, at most 40 h"
    ]
    on_leave = young(week_hours=39)
    on_leave.contracts["full"]["leave_day_hours"] = 7
    on_leave.rest("a1", FRIDAY)
    on_leave.leave_day("a1", FRIDAY)
    assert on_leave.lines() == []  # 32 h = 39 - 7
    on_leave.minors["week_hours"] = 38.5
    assert on_leave.lines() == [
        "a1 2026-03-02 minors.week_hours: 32 h paid, at most 31.5 h (7 h of paid leave)"
    ]


def test_shifts_of_a_week_whatever_the_leave() -> None:
    scenario = young(days_per_week=5)
    scenario.contracts["full"]["days_per_week"] = [4, 7]
    scenario.leave_day("a1", SUNDAY)
    assert scenario.lines() == []
    assert told(scenario, "a1", SATURDAY, standard()) == [
        "a1 2026-03-02 minors.days_per_week: 6 shifts, at most 5"
    ]


def test_a_week_is_judged_by_the_age_on_its_first_date() -> None:
    rules = {"week_hours": 39, "days_per_week": 4}
    assert len(young(date(2008, 3, 3), **rules).lines()) == 2
    assert young(date(2008, 3, 2), **rules).lines() == []

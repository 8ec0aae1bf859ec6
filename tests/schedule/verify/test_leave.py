"""What leave credits in a week, and what it and employment make of the week's limits."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from tests.schedule.verify.builder import BERLIN, MONDAY, contract, day_after, moment
from wfm.config import Contract
from wfm.hours import parse_hours
from wfm.schedule.verify.case import Agent, TimeOff
from wfm.schedule.verify.leave import Credit, credit, leave_day
from wfm.schedule.verify.weeks import Limits, day_limits, hour_limits
from wfm.skills import Skill

OFFICE = "Mon-Fri 08:00-18:00"
NIGHTS = "Mon-Sun 22:00-06:00"


def agent(
    *time_off: TimeOff, availability: str = "", keys: dict[str, Any] | None = None, **own: Any
) -> Agent:
    terms = Contract(**contract(week_hours=[35, 40], days_per_week=[4, 5], **(keys or {})))
    return Agent(
        "a1", "hamburg", BERLIN, terms, (Skill("calls"),), parse_hours(availability), time_off=time_off, **own
    )


def off(first: int, start: str, last: int, end: str, *, paid: bool = True) -> TimeOff:
    """From a clock time of the `first` day of the week to one of the `last`."""
    return TimeOff(moment(day_after(first), start), moment(day_after(last), end), paid)


@pytest.mark.parametrize(
    ("time_off", "availability", "expected"),
    [
        pytest.param([], "", (0, 0, 0), id="none"),
        pytest.param([off(0, "00:00", 1, "00:00")], "", (8, 0, 1), id="a paid day"),
        pytest.param([off(0, "00:00", 1, "00:00", paid=False)], "", (0, 8, 1), id="an unpaid day"),
        pytest.param([off(0, "00:00", 7, "00:00")], "", (40, 0, 5), id="a week: at most max days"),
        pytest.param(
            [off(0, "00:00", 2, "00:00", paid=False), off(2, "00:00", 7, "00:00")],
            "",
            (24, 16, 5),
            id="in date order: two unpaid, three paid",
        ),
        pytest.param([off(5, "00:00", 7, "00:00")], OFFICE, (0, 0, 0), id="weekend outside the availability"),
        pytest.param(
            [off(0, "08:00", 0, "18:00")], OFFICE, (8, 0, 1), id="the availability of a day covered"
        ),
        pytest.param(
            [off(0, "08:00", 0, "12:00"), off(0, "12:00", 0, "18:00")], OFFICE, (8, 0, 1), id="by two rows"
        ),
        pytest.param(
            [off(0, "08:00", 0, "12:00", paid=False), off(0, "12:00", 0, "18:00")],
            OFFICE,
            (8, 0, 1),
            id="one of the rows paid: the day is paid",
        ),
        pytest.param(
            [off(0, "09:00", 0, "18:00")], OFFICE, (8, 0, 0), id="part of a day, at most a leave day"
        ),
        pytest.param(
            [off(0, "15:00", 0, "22:00")], OFFICE, (3, 0, 0), id="part of a day inside the availability"
        ),
        pytest.param([off(0, "15:00", 0, "22:00")], "", (7, 0, 0), id="part of a day, always available"),
        pytest.param([off(0, "15:30", 0, "18:00", paid=False)], OFFICE, (0, 2.5, 0), id="unpaid part"),
        pytest.param(
            [off(0, "08:00", 0, "11:00", paid=False), off(0, "11:00", 0, "17:00")],
            OFFICE,
            (6, 2, 0),
            id="paid and unpaid parts together at most a leave day",
        ),
        pytest.param(
            [off(0, "10:00", 0, "14:00", paid=False), off(0, "12:00", 0, "15:00")],
            OFFICE,
            (3, 2, 0),
            id="where rows overlap the time is paid once",
        ),
        pytest.param(
            [off(0, "12:00", 1, "12:00")], OFFICE, (6 + 4, 0, 0), id="afternoon and morning of two days"
        ),
        pytest.param(
            [off(0, "22:00", 1, "06:00")], NIGHTS, (8, 0, 1), id="a night is a day, its tail not counted"
        ),
        pytest.param([off(1, "00:00", 1, "06:00")], NIGHTS, (6, 0, 0), id="part of the night before"),
        pytest.param([off(-1, "00:00", 0, "00:00")], "", (0, 0, 0), id="the week before"),
    ],
)
def test_credit_of_a_week(
    time_off: list[TimeOff], availability: str, expected: tuple[float, float, int]
) -> None:
    paid_h, unpaid_h, days = expected
    assert credit(agent(*time_off, availability=availability), MONDAY) == Credit(
        Fraction(paid_h), Fraction(unpaid_h), days
    )


@pytest.mark.parametrize(
    ("keys", "hours"),
    [
        pytest.param({"leave_day_hours": 7.6}, Fraction(38, 5), id="as the decimal says"),
        pytest.param({"leave_day_hours": 0}, Fraction(0), id="nothing"),
        pytest.param({}, Fraction(8), id="max hours / max days"),
    ],
)
def test_a_leave_day_credits_leave_day_hours(keys: dict[str, Any], hours: Fraction) -> None:
    assert credit(agent(off(0, "00:00", 1, "00:00"), keys=keys), MONDAY).paid_h == hours


@pytest.mark.parametrize(
    ("day", "hours"),
    [pytest.param(date(2026, 3, 29), 23, id="23 h"), pytest.param(date(2026, 10, 25), 25, id="25 h")],
)
def test_a_day_of_clock_change_is_covered_from_midnight_to_midnight(day: date, hours: int) -> None:
    whole = TimeOff(moment(day, "00:00"), moment(day_after(1, day), "00:00"), True)
    assert (whole.end - whole.start).total_seconds() == hours * 3600
    assert leave_day(agent(whole), day) == [whole]
    short = TimeOff(whole.start, moment(day, "23:45"), True)
    assert leave_day(agent(short), day) == []
    assert leave_day(agent(whole), day_after(1, day)) == []


@pytest.mark.parametrize(
    ("own", "hours", "days"),
    [
        pytest.param({}, (35, 40), (4, 5), id="a whole week"),
        pytest.param({"start_date": day_after(3)}, (20, 40), (Fraction(16, 7), 5), id="from Thursday"),
        pytest.param(
            {"end_date": day_after(0)}, (5, 40), (Fraction(4, 7), 5), id="until Monday, itself a day"
        ),
        pytest.param({"start_date": day_after(7)}, (0, 40), (0, 5), id="not yet"),
    ],
)
def test_minima_fall_pro_rata_of_employment(own: dict[str, Any], hours: Limits, days: Limits) -> None:
    assert hour_limits(agent(**own), MONDAY) == hours
    assert day_limits(agent(**own), MONDAY) == days


@pytest.mark.parametrize(
    ("time_off", "hours", "days"),
    [
        pytest.param([off(0, "00:00", 1, "00:00")], (27, 32), (3, 4), id="paid: both limits"),
        pytest.param([off(0, "00:00", 1, "00:00", paid=False)], (27, 40), (3, 4), id="unpaid: only the min"),
        pytest.param([off(0, "00:00", 7, "00:00")], (0, 0), (0, 0), id="never below nothing"),
        pytest.param([off(0, "10:00", 0, "12:00")], (33, 38), (4, 5), id="part of a day: no day"),
    ],
)
def test_leave_lowers_the_limits(time_off: list[TimeOff], hours: Limits, days: Limits) -> None:
    assert hour_limits(agent(*time_off), MONDAY) == hours
    assert day_limits(agent(*time_off), MONDAY) == days


def test_employment_is_taken_before_leave() -> None:
    """From Thursday 35 x 4/7 = 20 h, less a paid day: 12 h, not 4/7 of 27 h."""
    joined = agent(off(4, "00:00", 5, "00:00"), start_date=day_after(3))
    least, most = hour_limits(joined, MONDAY)
    fewest, _ = day_limits(joined, MONDAY)
    assert (int(least), int(most), fewest) == (12, 32, Fraction(9, 7))

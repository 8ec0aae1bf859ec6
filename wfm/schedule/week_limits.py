"""Limits of each week: paid hours and shifts, overtime beyond them, and hours averaged over several weeks.

The minima fall pro rata in weeks of part employment; leave credits what it stands for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from wfm.config import employed
from wfm.schedule.facts import Facts, WeekBefore
from wfm.schedule.horizon import Day
from wfm.schedule.leave import LeaveDay
from wfm.schedule.rule_names import (
    EMPLOYMENT,
    LEAST_AVERAGE,
    LEAST_DAYS,
    LEAST_HOURS,
    MINORS_DAYS,
    MINORS_HOURS,
    MOST_AVERAGE,
    MOST_DAYS,
    MOST_HOURS,
)

ALL_HOURS = Fraction(24 * 7)


@dataclass(frozen=True)
class WeekLimits:
    """Bounds of one week: paid hours (`ordinary_h` the most without overtime) and shifts."""

    least_h: Fraction
    ordinary_h: Fraction
    most_h: Fraction
    least_days: Fraction
    most_days: int


@dataclass(frozen=True)
class Window:
    """Weeks of the horizon, `first` to `last`, whose paid hours together lie within bounds."""

    first: int
    last: int
    least_h: Fraction
    most_h: Fraction


def week_limits(
    facts: Facts, days: Sequence[Day], leave: Sequence[LeaveDay], relaxed: frozenset[str]
) -> list[WeekLimits]:
    """Return the limits of every week of the horizon."""
    limits: list[WeekLimits] = []
    contract, minors = facts.contract, facts.minors
    for first in range(0, len(days), 7):
        week, off = days[first : first + 7], leave[first : first + 7]
        share = Fraction(sum(employed(facts.first_day, facts.last_day, d.when) for d in week), 7)
        share = Fraction(1) if EMPLOYMENT in relaxed else share
        paid = sum((d.paid_h for d in off), Fraction(0))
        credit = sum((d.unpaid_h for d in off), paid)
        counted = sum(d.counts for d in off)
        low, high = (exact(hours) for hours in contract.week_hours)
        low = Fraction(0) if LEAST_HOURS in relaxed else max(Fraction(0), low * share - credit)
        ordinary = max(Fraction(0), high - paid)
        most = ALL_HOURS if MOST_HOURS in relaxed else ordinary + exact(contract.overtime_hours)
        least_days, most_days = contract.days_per_week
        fewest = Fraction(0) if LEAST_DAYS in relaxed else max(Fraction(0), least_days * share - counted)
        days_at_most = 7 if MOST_DAYS in relaxed else max(0, most_days - counted)
        if facts.minor[first]:
            if minors.week_hours is not None and MINORS_HOURS not in relaxed:
                most = min(most, max(Fraction(0), exact(minors.week_hours) - paid))
            if minors.days_per_week is not None and MINORS_DAYS not in relaxed:
                days_at_most = min(days_at_most, minors.days_per_week)
        limits.append(WeekLimits(low, ordinary, most, fewest, days_at_most))
    return limits


def average_windows(
    facts: Facts, days: Sequence[Day], leave: Sequence[LeaveDay], relaxed: frozenset[str]
) -> list[Window]:
    """Return the bounds of every reference period that is known in full and reaches into the horizon."""
    contract = facts.contract
    if contract.average_week_hours is None:
        return []
    weeks = contract.average_weeks
    before = facts.weeks_before
    horizon = [_week_of_horizon(facts, days, leave, first) for first in range(0, len(days), 7)]
    low, high = (exact(hours) for hours in contract.average_week_hours)
    windows = []
    for last in range(len(horizon)):
        first = last - weeks + 1
        if -first > len(before):
            continue
        known = (
            [*before[len(before) + first :], *horizon[: last + 1]] if first < 0 else horizon[first : last + 1]
        )
        worked = sum((week.paid_h for week in known), Fraction(0))
        paid_leave = sum((week.paid_leave_h for week in known), Fraction(0))
        leave_h = sum((week.unpaid_leave_h for week in known), paid_leave)
        share = Fraction(sum(week.employed_days for week in known), 7 * weeks)
        least = weeks * low * share - leave_h - worked
        most = weeks * high - paid_leave - worked
        least = Fraction(0) if LEAST_AVERAGE in relaxed else max(Fraction(0), least)
        most = ALL_HOURS * weeks if MOST_AVERAGE in relaxed else most
        windows.append(Window(max(first, 0), last, least, most))
    return windows


def _week_of_horizon(facts: Facts, days: Sequence[Day], leave: Sequence[LeaveDay], first: int) -> WeekBefore:
    off = leave[first : first + 7]
    present = sum(employed(facts.first_day, facts.last_day, day.when) for day in days[first : first + 7])
    return WeekBefore(
        Fraction(0),
        sum((day.paid_h for day in off), Fraction(0)),
        sum((day.unpaid_h for day in off), Fraction(0)),
        present,
    )


def exact(number: float) -> Fraction:
    """Return the decimal number that a file shows: 7.6 is 38/5, not its binary neighbour."""
    return Fraction(str(number))

"""Whole weeks before the horizon, for hours averaged over a reference period: paid time and leave of each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

import pandas as pd

from wfm.config import employed
from wfm.schedule.facts import Facts, WeekBefore
from wfm.schedule.horizon import Day
from wfm.schedule.leave import leave_days


def paid_by_week(previous: pd.DataFrame, first_day: date) -> dict[tuple[str, int], Fraction]:
    """Return paid hours, leave left out, by agent and week before the horizon (-1, -2, ...)."""
    before = previous["shift_date"] < pd.Timestamp(first_day)
    rows = previous[before & previous["paid"] & (previous["activity"] != "leave")]
    week = (rows["shift_date"] - pd.Timestamp(first_day)).dt.days // 7
    microseconds = (rows["end"] - rows["start"]).dt.total_seconds() * 1_000_000
    totals: dict[tuple[str, int], int] = {}
    cells = zip(rows["agent_id"], week, microseconds.round().astype("int64"), strict=True)
    for agent, number, us in cells:
        totals[str(agent), int(number)] = totals.get((str(agent), int(number)), 0) + int(us)
    return {key: Fraction(us, 3_600_000_000) for key, us in totals.items()}


def weeks_before(
    facts: Facts, days: list[Day], paid: Mapping[tuple[str, int], Fraction]
) -> tuple[WeekBefore, ...]:
    """Return the weeks that `days` make up: whole weeks before the horizon, with the facts' spans there."""
    leave = leave_days(facts, days) if facts.absences else []
    found = []
    for first in range(0, len(days), 7):
        off = leave[first : first + 7]
        present = sum(employed(facts.first_day, facts.last_day, day.when) for day in days[first : first + 7])
        found.append(
            WeekBefore(
                paid.get((facts.agent_id, (first - len(days)) // 7), Fraction(0)),
                sum((day.paid_h for day in off), Fraction(0)),
                sum((day.unpaid_h for day in off), Fraction(0)),
                present,
            )
        )
    return tuple(found)

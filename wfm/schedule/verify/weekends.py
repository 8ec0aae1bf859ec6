"""Weekends off: `weekends_off_per_4_weeks` in every four consecutive weeks whose dates are all known.

Known is what lies between the first shift_date of `previous` (without it the horizon's start) and the end of
the horizon. A weekend is a longest run of weekend days and belongs to the week of its first day. Four weeks
whose last weekend ends after the horizon are not known in full.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from wfm.errors import count_of
from wfm.schedule.verify.case import DAY, WEEK, Agent, Case
from wfm.schedule.verify.violation import Violation

RUN_WEEKS = 4


def weekends_off(agent: Agent, case: Case) -> Iterator[Violation]:
    """One line for every four weeks with too few weekends off."""
    wanted = agent.contract.weekends_off_per_4_weeks
    if not wanted or len(case.config.centre.weekend_numbers) in (0, 7):
        return  # no weekend ever begins
    worked = {shift.date for shift in (*agent.history, *agent.shifts)}
    for first in runs_of_weeks(case):
        weekends = weekends_from(first, case)
        off = sum(worked.isdisjoint(weekend) for weekend in weekends)
        if off < wanted:
            last = first + RUN_WEEKS * WEEK - DAY
            text = f"{count_of(off, 'weekend')} off from {first} to {last}, at least {wanted}"
            yield Violation(
                agent.agent_id, max(first, case.horizon.first_day), "weekends_off_per_4_weeks", text
            )


def runs_of_weeks(case: Case) -> Iterator[date]:
    """Yield the first date of every four weeks that are known in full and reach into the horizon."""
    first = case.horizon.first_day - (RUN_WEEKS - 1) * WEEK
    while first + RUN_WEEKS * WEEK - DAY <= case.horizon.last_day:
        if first >= case.known_from and weekends_from(first, case)[-1][-1] <= case.horizon.last_day:
            yield first
        first += WEEK


def weekends_from(first: date, case: Case) -> list[list[date]]:
    """Return the dates of each weekend that begins in the four weeks from `first`."""
    days = (first + number * DAY for number in range(7 * RUN_WEEKS))
    weekends = (_weekend_from(day, case.config.centre.weekend_numbers) for day in days)
    return [weekend for weekend in weekends if weekend]


def _weekend_from(day: date, weekend: frozenset[int]) -> list[date]:
    """Return the weekend that begins on this date; none if it does not."""
    if (day - DAY).weekday() in weekend or day.weekday() not in weekend:
        return []
    days = [day]
    while (days[-1] + DAY).weekday() in weekend:
        days.append(days[-1] + DAY)
    return days

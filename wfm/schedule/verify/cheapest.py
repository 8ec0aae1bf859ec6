"""The least that any legal tour of one agent costs: an exact programme over the dates of the horizon.

A state is (shifts, paid minutes) of the week so far and the dates worked in a row, together with yesterday's
shift if there was one; overtime is paid for at the end of the week. Weekends off, the long rest of a week,
averages over weeks, least runs of dates and limits of changes are left out, which can only lower the result.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from math import ceil, floor, inf

import numpy as np
from numpy.typing import NDArray

from wfm.schedule.verify.case import DAY, Agent, Case
from wfm.schedule.verify.choices import Choices
from wfm.schedule.verify.goals import relative_cost
from wfm.schedule.verify.leave import exact
from wfm.schedule.verify.legal import rest_min
from wfm.schedule.verify.minors import is_minor, most_week_hours
from wfm.schedule.verify.weeks import day_limits, hour_limits

EVEN_MIN = 60  # starts on consecutive dates that differ by more are uneven

Floats = NDArray[np.float64]
State = tuple[int, int, int]  # shifts, paid minutes, dates in a row


@dataclass(frozen=True)
class Week:
    """Limits of one week: shifts, and paid minutes; above `ordinary_min` each costs `overtime` more."""

    least_shifts: int
    most_shifts: int
    least_min: int
    most_min: int
    ordinary_min: float
    overtime: float

    def allows(self, shifts: int, paid: int) -> bool:
        """Return whether a week may end like this."""
        enough = shifts >= self.least_shifts and paid >= self.least_min
        return enough and shifts <= self.most_shifts and paid <= self.most_min

    def overtime_cost(self, paid: int) -> float:
        """Return what the overtime of a week with so many paid minutes costs."""
        return self.overtime * max(0.0, paid - self.ordinary_min)


@dataclass
class Reached:
    """Least cost of the states after a date: `idle` without a shift on it, `worked` by the shift on it."""

    idle: dict[State, float] = field(default_factory=dict)
    worked: dict[State, Floats] = field(default_factory=dict)


def cheapest_tour(agent: Agent, case: Case, dates: Sequence[Choices]) -> float:
    """Return the least cost of a legal tour, infinite if there is none; `dates` has one item a date."""
    rules = _Rules(agent, case)
    reached = Reached(idle={(0, 0, rules.worked_before): 0.0})
    for number, today in enumerate(dates):
        yesterday = dates[number - 1] if number else None
        reached = rules.day_after(reached, yesterday, today, number)
        if number % 7 == 6:
            reached = rules.closed(reached, number // 7)
    return min((cost for _, cost in _endings(reached)), default=inf)


class _Rules:
    """The rules that join the dates of one agent."""

    def __init__(self, agent: Agent, case: Case) -> None:
        self.rest_min = [rest_min(agent, case, day) for day in case.horizon.dates]  # after each date
        self.uneven = float(case.config.schedule.weights.start_consistency)
        self.weeks = [_week(agent, case, first) for first in case.horizon.week_starts]
        self.most_in_a_row = agent.contract.consecutive_days
        self.worked_before = _worked_before(agent, case.horizon.first_day)
        longest = max(a + b for a, b in zip(self._most(), [*self._most()[1:], 0], strict=True))
        can_bind = len(self.weeks) > 2 or self.worked_before + longest > self.most_in_a_row
        self.step = 1 if can_bind else 0  # runs that cannot grow too long need no counting

    def _most(self) -> list[int]:
        return [week.most_shifts for week in self.weeks]

    def day_after(self, before: Reached, yesterday: Choices | None, today: Choices, number: int) -> Reached:
        """Return the states after one date more."""
        after = Reached()
        if today.off_cost < inf:
            for (shifts, paid, _), cost in _endings(before):
                off = (shifts, paid, 0)
                after.idle[off] = min(after.idle.get(off, inf), cost + today.off_cost)
        if len(today.begin):
            limits, days_left = self.weeks[number // 7], 6 - number % 7
            of_paid = [(int(paid), np.flatnonzero(today.paid == paid)) for paid in np.unique(today.paid)]
            for (shifts, paid, run), costs in self._before_shifts(before, yesterday, today, number):
                in_time = limits.least_shifts - days_left <= shifts + 1 <= limits.most_shifts
                if in_time and run + self.step <= self.most_in_a_row:
                    for minutes, members in of_paid:
                        if paid + minutes <= limits.most_min:
                            state = (shifts + 1, paid + minutes, run + self.step)
                            known = after.worked.setdefault(state, np.full(len(costs), inf))
                            known[members] = np.minimum(known[members], (costs + today.cost)[members])
        return after

    def _before_shifts(
        self, before: Reached, yesterday: Choices | None, today: Choices, number: int
    ) -> Iterator[tuple[State, Floats]]:
        """Yield every state with what came before each of today's shifts, infinite where rest forbids it."""
        for state, cost in before.idle.items():
            yield state, np.full(len(today.begin), cost)
        if yesterday is None or not before.worked:
            return
        starts, start_of = np.unique(today.begin, return_inverse=True)
        between = self._between(yesterday, today, starts, self.rest_min[number - 1])
        for state, costs in before.worked.items():
            least = (costs[:, None] + between).min(axis=0)
            if (least < inf).any():
                yield state, least[start_of]

    def _between(
        self, yesterday: Choices, today: Choices, starts: NDArray[np.int64], least_rest_min: int
    ) -> Floats:
        """Return what follows from yesterday's shift for each start: nothing, an uneven start, or no rest."""
        clock = today.clock[np.searchsorted(today.begin, starts)]
        uneven = np.abs(clock - yesterday.clock[:, None]) > EVEN_MIN
        rested = starts - yesterday.end[:, None] >= least_rest_min
        return np.where(rested, self.uneven * uneven, inf)

    def closed(self, reached: Reached, week: int) -> Reached:
        """Return the states in which the week may end, as the beginning of the next."""
        limits, kept = self.weeks[week], Reached()
        for (shifts, paid, run), cost in reached.idle.items():
            if limits.allows(shifts, paid):
                whole = cost + limits.overtime_cost(paid)
                kept.idle[0, 0, run] = min(kept.idle.get((0, 0, run), inf), whole)
        for (shifts, paid, run), costs in reached.worked.items():
            if limits.allows(shifts, paid):
                whole_of = costs + limits.overtime_cost(paid)
                kept.worked[0, 0, run] = np.minimum(kept.worked.get((0, 0, run), inf), whole_of)
        return kept


def _endings(reached: Reached) -> Iterator[tuple[State, float]]:
    """Yield every state with its least cost, whatever the last shift."""
    yield from reached.idle.items()
    for state, costs in reached.worked.items():
        yield state, float(costs.min())


def _week(agent: Agent, case: Case, first: date) -> Week:
    contract, minors = agent.contract, case.config.minors
    least_h, ordinary_h = hour_limits(agent, first)
    most_h = ordinary_h + exact(contract.overtime_hours)
    minors_h = most_week_hours(agent, case, first)
    least, most = day_limits(agent, first)
    if minors.days_per_week is not None and is_minor(agent, case, first):
        most = min(most, Fraction(minors.days_per_week))
    hourly = case.config.schedule.weights.paid * relative_cost(agent, case.mean_cost)
    return Week(
        least_shifts=ceil(least),
        most_shifts=floor(most),
        least_min=ceil(least_h * 60),
        most_min=floor(60 * (most_h if minors_h is None else min(most_h, minors_h))),
        ordinary_min=float(ordinary_h * 60),
        overtime=hourly * (contract.overtime_price - 1) / 60,
    )


def _worked_before(agent: Agent, first_day: date) -> int:
    """Return how many dates in a row up to the horizon had a shift."""
    worked, run = {shift.date for shift in agent.history}, 0
    while first_day - (run + 1) * DAY in worked:
        run += 1
    return run

"""What an agent may do on each date, and what it costs where time on queue is worth something.

A choice is a legal shift or a day off. Minutes count from the timeline's origin; costs are in units of the
objective. Breaks stand where the least worth is lost: a programme over the breaks in their order.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from wfm.config import Contract
from wfm.localtime import exists, instant, zone
from wfm.schedule.verify.activities import OFF_PHONE
from wfm.schedule.verify.case import Agent, Case, Segment, Shift
from wfm.schedule.verify.goals import is_missed
from wfm.schedule.verify.leave import exact, leave_day
from wfm.schedule.verify.shifts import availability, belonging
from wfm.schedule.verify.spans import overlap
from wfm.schedule.verify.violation import MINUTE

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Timeline:
    """Whole minutes from `origin`, the start of an interval, to the end of `intervals` of them."""

    origin: datetime
    interval_min: int
    intervals: int

    def minute(self, moment: datetime) -> int:
        """Return the minute that holds an instant, moved to the nearest end if it lies outside."""
        return min(max((moment - self.origin) // MINUTE, 0), self.interval_min * self.intervals)


@dataclass(frozen=True)
class Choices:
    """The K shifts of one date (begin, end and paid in minutes, `clock` after midnight), or a day off.

    `off_cost` is infinite where the date cannot be free.
    """

    begin: Ints
    end: Ints
    clock: Ints
    paid: Ints
    cost: Floats
    off_cost: float


def choices(agent: Agent, case: Case, timeline: Timeline, worth: Floats) -> list[Choices]:
    """Return the choices of every date of the horizon; `worth` is that of each minute on queue."""
    time = _Time(agent, timeline, worth)
    return [_of_date(agent, case, day, time) for day in case.horizon.dates]


def rest_min(contract: Contract) -> int:
    """Return the rest between shifts in whole minutes, rounded up."""
    return math.ceil(exact(contract.rest_h) * 60)


def off_phone(agent: Agent) -> dict[date, list[Segment]]:
    """Return trainings, meetings and coaching where the roster has them, by date of the shift."""
    placed = {s.date: [part for part in s.segments if part.activity in OFF_PHONE] for s in agent.shifts}
    return {day: parts for day, parts in placed.items() if parts}


class _Time:
    """An agent's time as sums up to each minute: worth on queue, minutes off the queue, minutes unpaid."""

    def __init__(self, agent: Agent, timeline: Timeline, worth: Floats) -> None:
        self.timeline = timeline
        work = [part for parts in off_phone(agent).values() for part in parts]
        away = [row.span for row in agent.time_off]
        off_queue, unpaid = np.zeros(len(worth), dtype=bool), np.zeros(len(worth), dtype=bool)
        for start, end in (*away, *(part.span for part in work)):
            off_queue[timeline.minute(start) : timeline.minute(end)] = True
        for start, end in (*away, *(part.span for part in work if not part.paid)):
            unpaid[timeline.minute(start) : timeline.minute(end)] = True
        self.worth = _running(np.where(off_queue, 0.0, worth))
        self.off_queue, self.unpaid = _running(off_queue), _running(unpaid)


def _running(of_minute: NDArray[np.float64] | NDArray[np.bool_]) -> Floats:
    return np.concatenate([[0.0], np.cumsum(of_minute, dtype=np.float64)])


def _of_date(agent: Agent, case: Case, day: date, time: _Time) -> Choices:
    shifts = list(_legal_shifts(agent, day))
    begin = np.array([time.timeline.minute(shift.start) for shift in shifts], dtype=np.int64)
    length = np.array([shift.length // MINUTE for shift in shifts], dtype=np.int64)
    end = begin + length
    paid, lost = np.zeros(len(shifts), dtype=np.int64), np.full(len(shifts), np.inf)
    for minutes in np.unique(length):
        same = length == minutes
        due = [
            b for b in agent.contract.breaks if timedelta(hours=b.min_shift_hours) <= int(minutes) * MINUTE
        ]
        away = time.unpaid[end[same]] - time.unpaid[begin[same]]
        paid[same] = minutes - sum(b.minutes for b in due if not b.paid) - away.astype(np.int64)
        off = time.off_queue[end[same]] - time.off_queue[begin[same]] + sum(b.minutes for b in due)
        least = least_lost(begin[same], int(minutes), agent.contract, time.worth, time.off_queue)
        lost[same] = np.where(off < minutes, least, np.inf)  # some time on queue remains
    possible = np.isfinite(lost)
    own = np.array([_missed_and_changed(agent, case, day, shift) for shift in shifts], dtype=np.float64)
    hourly = case.config.schedule.weights.paid * _relative_cost(agent, case)
    cost = own + hourly * paid / 60 + lost - (time.worth[end] - time.worth[begin])
    clock = np.array([shift.local_start.hour * 60 + shift.local_start.minute for shift in shifts], np.int64)
    return Choices(
        begin[possible],
        end[possible],
        clock[possible],
        paid[possible],
        cost[possible],
        _cost_of_day_off(agent, case, day),
    )


def least_lost(begin: Ints, length: int, contract: Contract, worth: Floats, off_queue: Floats) -> Floats:
    """Return, for shifts of one length, the least worth lost to their breaks; infinite where none fit.

    `worth` and `off_queue` are sums over the minutes before each.
    """
    ends, best = np.zeros(1, dtype=np.int64), np.zeros((len(begin), 1))
    for rest in contract.breaks:
        if timedelta(hours=rest.min_shift_hours) > length * MINUTE:
            continue
        step = contract.break_step_min
        offsets = np.arange(-(-rest.from_min // step) * step, rest.to_min + 1, step)
        offsets = offsets[offsets + rest.minutes <= length]
        earlier = np.searchsorted(ends, offsets, side="right")  # so many places before end in time
        offsets, earlier = offsets[earlier > 0], earlier[earlier > 0]
        if not len(offsets):
            return np.full(len(begin), np.inf)
        start = begin[:, None] + offsets
        lost = worth[start + rest.minutes] - worth[start] + best[:, earlier - 1]
        lost[off_queue[start + rest.minutes] > off_queue[start]] = np.inf
        ends, best = offsets + rest.minutes, np.minimum.accumulate(lost, axis=1)
    least: Floats = best[:, -1]
    return least


def _legal_shifts(agent: Agent, day: date) -> Iterator[Shift]:
    """Yield the shifts that no rule of one shift forbids, breaks aside."""
    fixed = agent.fixed
    if leave_day(agent, day) or (day in fixed and fixed[day] is None):
        return
    earliest = max((s.end for s in agent.history), default=None)
    placed = off_phone(agent)
    for shift in _shifts_of_contract(agent, day):
        alone = replace(agent, shifts=(shift,))
        rested = earliest is None or shift.start - earliest >= rest_min(agent.contract) * MINUTE
        as_fixed = fixed.get(day) in (None, (shift.local_start, shift.local_end))
        if rested and as_fixed and _holds(shift, placed) and not [*belonging(alone), *availability(alone)]:
            yield shift


def _shifts_of_contract(agent: Agent, day: date) -> Iterator[Shift]:
    contract, clock = agent.contract, zone(agent.timezone)
    windows = contract.start_windows()
    starts = {s for first, last in windows for s in range(first, last + 1, contract.start_step_min)}
    shortest, longest = (round(hours * 60) for hours in contract.shift_hours)
    for minute in sorted(starts):
        local = datetime.combine(day, datetime.min.time()) + minute * MINUTE
        if not exists(local, agent.timezone):
            continue
        start = instant(local, agent.timezone)
        for length in range(shortest, longest + 1, contract.shift_step_min):
            end = start + length * MINUTE
            yield Shift(day, agent.site, start, end, local, end.astimezone(clock).replace(tzinfo=None), ())


def _holds(shift: Shift, placed: dict[date, list[Segment]]) -> bool:
    """Return whether the off-phone work of the date lies inside the shift, and all other work outside."""
    return all(
        shift.start <= part.start and part.end <= shift.end
        if day == shift.date
        else not overlap(shift.span, part.span)
        for day, parts in placed.items()
        for part in parts
    )


def _relative_cost(agent: Agent, case: Case) -> float:
    return agent.cost_per_hour / case.mean_cost if case.mean_cost else 0.0


def _cost_of_day_off(agent: Agent, case: Case, day: date) -> float:
    if agent.fixed.get(day) is not None or day in off_phone(agent):
        return math.inf
    return _missed_and_changed(agent, case, day, None)


def _missed_and_changed(agent: Agent, case: Case, day: date, shift: Shift | None) -> float:
    """Return what requests not met, and a change of the plan before, cost on one date."""
    weights, cost = case.config.schedule.weights, 0.0
    wishes = [request for request in agent.requests if request.date == day]
    if wishes:
        alone = replace(agent, shifts=() if shift is None else (shift,))
        cost += weights.request * sum(wish.weight for wish in wishes if is_missed(wish, alone))
    if case.replanned:
        before = agent.planned.get(day)
        struck = before is not None and any(overlap(before.span, row.span) for row in agent.time_off)
        cost += weights.changed_shift * (not struck and (before and before.span) != (shift and shift.span))
    return cost

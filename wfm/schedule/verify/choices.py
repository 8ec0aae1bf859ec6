"""What an agent may do on each date, and what it costs where time on queue is worth something.

A choice is a legal shift or a day off. Minutes count from the timeline's origin; costs are in units of the
objective. Breaks stand where the least worth is lost.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from wfm.schedule.verify.break_places import due, least_lost
from wfm.schedule.verify.case import Agent, Case, Shift
from wfm.schedule.verify.goals import is_missed, relative_cost
from wfm.schedule.verify.legal import legal_shifts, longest_stretch_min, most_paid_min, off_phone
from wfm.schedule.verify.minors import least_break_min
from wfm.schedule.verify.pattern import pattern_fault
from wfm.schedule.verify.spans import overlap
from wfm.schedule.verify.timeline import Timeline
from wfm.schedule.verify.violation import MINUTE

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


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
    shifts = list(legal_shifts(agent, case, day))
    begin = np.array([time.timeline.minute(shift.start) for shift in shifts], dtype=np.int64)
    length = np.array([shift.length // MINUTE for shift in shifts], dtype=np.int64)
    end = begin + length
    paid, lost = np.zeros(len(shifts), dtype=np.int64), np.full(len(shifts), np.inf)
    longest, most_paid = longest_stretch_min(agent, case, day), most_paid_min(agent, case, day)
    for minutes in (int(number) for number in np.unique(length)):
        same, breaks = length == minutes, due(agent.contract, minutes)
        away = time.unpaid[end[same]] - time.unpaid[begin[same]]
        paid[same] = minutes - sum(b.minutes for b in breaks if not b.paid) - away.astype(np.int64)
        break_min = sum(b.minutes for b in breaks)
        if break_min < least_break_min(agent, case, day, minutes * MINUTE):
            continue
        off = time.off_queue[end[same]] - time.off_queue[begin[same]] + break_min
        least = least_lost(begin[same], minutes, agent.contract, time.worth, time.off_queue, longest)
        lost[same] = np.where(off < minutes, least, np.inf)  # some time on queue remains
    possible = np.isfinite(lost) & (paid <= most_paid)
    own = np.array([_missed_and_changed(agent, case, day, shift) for shift in shifts], dtype=np.float64)
    hourly = case.config.schedule.weights.paid * relative_cost(agent, case.mean_cost)
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


def _cost_of_day_off(agent: Agent, case: Case, day: date) -> float:
    must_work = agent.fixed.get(day) is not None or day in off_phone(agent)
    if must_work or pattern_fault(agent, case, day, None):
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

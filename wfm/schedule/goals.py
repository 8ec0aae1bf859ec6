"""What a tour costs its agent: paid time, requests, changes to a previous plan, uneven starts.

Costs of shifts are (dates x starts x lengths), of days off (dates); both in units of the objective.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from wfm.config import Weights
from wfm.schedule.agents import Agent
from wfm.schedule.facts import Facts, Request
from wfm.schedule.horizon import Day
from wfm.schedule.leave import LeaveDay, leave_days
from wfm.schedule.shifts import Shifts
from wfm.schedule.tour import OFF

START_TOLERANCE_MIN = 30
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def paid_minutes(facts: Facts, shifts: Shifts) -> Ints:
    """Return the paid minutes of each (date, start, length): neither time off nor unpaid activities."""
    begin = shifts.begin[:, :, None]
    end = begin + shifts.length
    lost = np.zeros(shifts.catalogue.local_end.shape, dtype=np.int64)
    unpaid = [(absence.begin, absence.end) for absence in facts.absences]
    unpaid += [(work.begin, work.end) for work in facts.engagements if not work.paid]
    for first, last in unpaid:
        lost += np.maximum(0, np.minimum(end, last) - np.maximum(begin, first))
    return shifts.catalogue.paid_min[None, None, :] - lost


def on_queue_minutes(facts: Facts, shifts: Shifts) -> Ints:
    """Return the minutes on queue of each (date, start, length): without breaks, time off, activities."""
    begin = shifts.begin[:, :, None]
    end = begin + shifts.length
    breaks = np.array([sum(b.minutes for b in due) for due in shifts.catalogue.breaks], dtype=np.int64)
    left: Ints = np.broadcast_to(shifts.length - breaks, shifts.catalogue.local_end.shape).copy()
    for first, last in facts.taken:
        left -= np.maximum(0, np.minimum(end, last) - np.maximum(begin, first))
    return left


def costs_of_shifts(facts: Facts, shifts: Shifts, paid: Ints, weights: Weights) -> Floats:
    """Return what every shift costs: paid time, missed requests, change of the previous plan."""
    cost = _paid_costs(facts, paid, weights)
    _add_missed(cost, facts, shifts, weights)
    _add_changed(cost, facts, shifts, weights)
    return cost


def costs_of_days_off(facts: Facts, leave: Sequence[LeaveDay], weights: Weights) -> Floats:
    """Return what every day off costs: missed requests, change of the previous plan."""
    cost = np.zeros(len(leave))
    _add_missed_off(cost, facts, leave, weights)
    _add_changed_off(cost, facts, weights)
    return cost


def own_cost(agent: Agent, types: Ints) -> float:
    """Return what a tour costs by itself: paid, overtime, requests, changes and uneven starts."""
    own = _total(agent.static, agent.off_cost, types) + agent.uneven * _uneven_pairs(agent, types)
    return own + overtime_cost(agent, types)


def overtime_cost(agent: Agent, types: Ints) -> float:
    """Return what the paid time beyond the ordinary hours of each week costs more."""
    bounds = agent.bounds
    if bounds.overtime_cost == 0:
        return 0.0
    beyond = np.maximum(0.0, units_by_week(agent, types) - bounds.ordinary)
    return bounds.overtime_cost * float(beyond.sum())


def units_by_week(agent: Agent, types: Ints) -> Ints:
    """Return the paid units of each week of a tour."""
    worked = np.flatnonzero(types != OFF)
    units = agent.class_units[agent.paid_class[worked, types[worked]]]
    weeks = np.bincount(worked // 7, weights=units, minlength=len(agent.bounds.most_units))
    return weeks.astype(np.int64)


def changed_shifts(agent: Agent, types: Ints) -> int:
    """Return on how many dates the tour differs from the previous plan, new time off aside."""
    changed = changed_types(agent.facts, agent.shifts)
    return round(
        _total(changed.astype(float), changed_days_off(agent.facts, len(types)).astype(float), types)
    )


def changed_types(facts: Facts, shifts: Shifts) -> NDArray[np.bool_]:
    """Return which shifts (dates x starts x lengths) differ from the previous plan."""
    changed = np.zeros(shifts.catalogue.local_end.shape)
    _add_changed(changed, facts, shifts, Weights().model_copy(update={"changed_shift": 1.0}))
    return changed > 0


def changed_days_off(facts: Facts, days: int) -> NDArray[np.bool_]:
    """Return on which dates a day off differs from the previous plan."""
    changed = np.zeros(days)
    _add_changed_off(changed, facts, Weights().model_copy(update={"changed_shift": 1.0}))
    return changed > 0


def missed_requests(agent: Agent, types: Ints, days: Sequence[Day]) -> int:
    """Return how many of the agent's requests the tour does not meet."""
    facts = replace(agent.facts, requests=tuple(replace(r, weight=1.0) for r in agent.facts.requests))
    one = Weights().model_copy(update={"request": 1.0})
    missed, missed_off = np.zeros(agent.shifts.catalogue.local_end.shape), np.zeros(len(days))
    _add_missed(missed, facts, agent.shifts, one)
    _add_missed_off(missed_off, facts, leave_days(facts, days), one)
    return round(_total(missed, missed_off, types))


def cost_parts(agent: Agent, types: Ints, days: Sequence[Day], weights: Weights) -> dict[str, float]:
    """Return `own_cost` split by goal, under the names of the weights."""
    facts, shifts = agent.facts, agent.shifts
    paid = _paid_costs(facts, paid_minutes(facts, shifts), weights)
    missed, changed = np.zeros_like(paid), np.zeros_like(paid)
    missed_off, changed_off = np.zeros(len(days)), np.zeros(len(days))
    _add_missed(missed, facts, shifts, weights)
    _add_missed_off(missed_off, facts, leave_days(facts, days), weights)
    _add_changed(changed, facts, shifts, weights)
    _add_changed_off(changed_off, facts, weights)
    return {
        "paid": _total(paid, np.zeros(len(days)), types),
        "overtime": overtime_cost(agent, types),
        "request": _total(missed, missed_off, types),
        "start_consistency": agent.uneven * _uneven_pairs(agent, types),
        "changed_shift": _total(changed, changed_off, types),
    }


def _total(of_shift: Floats, of_day_off: Floats, types: Ints) -> float:
    worked = np.flatnonzero(types != OFF)
    by_type = of_shift.reshape(len(types), -1)
    return float(by_type[worked, types[worked]].sum() + of_day_off[types == OFF].sum())


def _uneven_pairs(agent: Agent, types: Ints) -> float:
    """Return how many pairs of days in a row start more than 60 minutes apart."""
    worked = np.flatnonzero(types != OFF)
    starts = agent.shifts.catalogue.starts[types[worked] // len(agent.shifts.length)]
    next_day = np.diff(worked) == 1
    return float((next_day & (np.abs(np.diff(starts)) > 60)).sum())


def _paid_costs(facts: Facts, paid: Ints, weights: Weights) -> Floats:
    return weights.paid * facts.cost_ratio * paid / 60


def _add_missed(cost: Floats, facts: Facts, shifts: Shifts, weights: Weights) -> None:
    for request in facts.requests:
        cost[request.day] += weights.request * request.weight * _missed_by_shift(request, shifts)


def _add_missed_off(cost: Floats, facts: Facts, leave: Sequence[LeaveDay], weights: Weights) -> None:
    for request in facts.requests:
        if request.kind == "prefer_shift" and not leave[request.day].whole:
            cost[request.day] += weights.request * request.weight


def _missed_by_shift(request: Request, shifts: Shifts) -> NDArray[np.bool_]:
    """Return which (start, length) of the request's date do not meet it."""
    start = shifts.catalogue.starts[:, None]
    end = shifts.catalogue.local_end[request.day]
    first, last = request.span
    missed = np.ones(end.shape, dtype=bool)  # a day off
    if request.kind == "prefer_start":
        missed &= np.abs(start - first) > START_TOLERANCE_MIN
    elif request.kind == "prefer_shift":
        missed &= (start < first) | (end > last)
    elif request.kind == "avoid_shift":
        missed &= (start < last) & (end > first)
    return missed


def _add_changed(cost: Floats, facts: Facts, shifts: Shifts, weights: Weights) -> None:
    if not facts.compare_previous:
        return
    begin = shifts.begin[:, :, None]
    for day in range(len(cost)):
        if _struck(facts, day):
            continue
        changed = np.ones(cost[day].shape, dtype=bool)
        if day in facts.previous:
            was_begin, was_end = facts.previous[day]
            changed = (begin[day] != was_begin) | (begin[day] + shifts.length != was_end)
        cost[day] += weights.changed_shift * changed


def _add_changed_off(cost: Floats, facts: Facts, weights: Weights) -> None:
    if facts.compare_previous:
        for day in facts.previous:
            if not _struck(facts, day):
                cost[day] += weights.changed_shift


def _struck(facts: Facts, day: int) -> bool:
    """Return whether time off overlaps the previous shift of a day: its change does not count."""
    was = facts.previous.get(day)
    return was is not None and any(a.begin < was[1] and a.end > was[0] for a in facts.absences)

"""From an agent's facts to the arrays its tour is computed from: rules become masks and limits, goals costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from wfm.config import Weights
from wfm.schedule.agents import Agent, Facts, Request, Shifts, bounds_in_units, states_for, week_units
from wfm.schedule.horizon import Grid
from wfm.schedule.rules import (
    AVAILABILITY,
    EMPLOYMENT,
    PINS,
    REST,
    RUN,
    TIME_OFF,
    WEEKENDS,
    Day,
    LeaveDay,
    as_pinned,
    leave_days,
    outside_leave,
    rest_minutes,
    rested_before,
    week_limits,
    weekend_patterns,
    within_availability,
    within_employment,
)
from wfm.schedule.tour import INF

START_TOLERANCE_MIN = 30
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def build_agent(
    facts: Facts,
    shifts: Shifts,
    days: Sequence[Day],
    weekends: Sequence[tuple[int, ...]],
    grid: Grid,
    weights: Weights,
    group: int = 0,
    relaxed: frozenset[str] = frozenset(),
) -> Agent:
    """Return the agent under every rule that is not relaxed."""
    catalogue = shifts.catalogue
    if TIME_OFF in relaxed:
        facts = _without_leave(facts)
    leave = leave_days(facts, days)
    legal = rested_before(catalogue, facts) & outside_leave(catalogue, leave)
    off_legal = np.ones(len(days), dtype=bool)
    if AVAILABILITY not in relaxed:
        legal = legal & within_availability(catalogue, facts, days)
    if EMPLOYMENT not in relaxed:
        legal = legal & within_employment(catalogue, facts, days)
    if PINS not in relaxed:
        pinned, off_legal = as_pinned(catalogue, facts, days)
        legal = legal & pinned
    lost = _minutes_on_leave(facts, shifts)
    paid = catalogue.paid_min[None, None, :] - lost
    legal = legal & (paid > 0)
    classes, unit = _paid_classes(paid, legal)
    hours, counts = week_limits(facts, days, leave, relaxed)
    bounds = bounds_in_units(hours, counts, unit)
    units = np.unique(classes[legal]) if legal.any() else np.array([1], dtype=np.int64)
    static = _goal_costs(facts, shifts, paid, weights)
    share, blocked = _leave_on_slots(facts, grid)
    return Agent(
        facts,
        shifts,
        group,
        np.where(legal, static, INF).reshape(len(days), -1),
        np.where(off_legal, _off_costs(facts, leave, weights), INF),
        np.searchsorted(units, np.where(legal, classes, units[0])).astype(np.int64).reshape(len(days), -1),
        units,
        bounds,
        states_for(tuple(int(u) for u in units), int(bounds.most_days.max()), int(bounds.most_units.max())),
        0 if REST in relaxed else rest_minutes(facts),
        0 if RUN in relaxed else _run_limit(facts, bounds.most_days, len(days)),
        0 if RUN in relaxed else facts.run_before,
        float(weights.start_consistency),
        share,
        blocked,
        tuple(_days_of(pattern, weekends) for pattern in weekend_patterns(facts, weekends, len(days) // 7))
        if WEEKENDS not in relaxed
        else ((),),
    )


def _without_leave(facts: Facts) -> Facts:
    return replace(facts, absences=())


def _days_of(pattern: Sequence[int], weekends: Sequence[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(day for week in pattern for day in weekends[week])


def _run_limit(facts: Facts, most_days: Ints, days: int) -> int:
    """Return the limit on runs of days, 0 where no run could be longer and none need be tracked."""
    limit = facts.contract.consecutive_days
    longest = int(most_days.max()) * min(2, len(most_days)) if len(most_days) <= 2 else days
    return 0 if facts.run_before + min(longest, days) <= limit else limit


def _minutes_on_leave(facts: Facts, shifts: Shifts) -> Ints:
    """Return the minutes of each (date, start, length) that fall on time off."""
    begin = shifts.begin[:, :, None]
    end = begin + shifts.length
    lost = np.zeros(shifts.catalogue.local_end.shape, dtype=np.int64)
    for absence in facts.absences:
        lost += np.maximum(0, np.minimum(end, absence.end) - np.maximum(begin, absence.begin))
    return lost


def _paid_classes(paid: Ints, legal: NDArray[np.bool_]) -> tuple[Ints, int]:
    unit = week_units(np.unique(paid[legal]).tolist()) if legal.any() else 60
    return paid // unit, unit


def _leave_on_slots(facts: Facts, grid: Grid) -> tuple[Floats, Ints]:
    """Return the share of each slot free of leave, and how many slots before each touch leave."""
    share = np.ones(grid.slots)
    for absence in facts.absences:
        first, last = max(absence.begin, 0), min(absence.end, grid.slots * grid.slot_min)
        for slot in range(first // grid.slot_min, -(-last // grid.slot_min)):
            overlap = min(last, (slot + 1) * grid.slot_min) - max(first, slot * grid.slot_min)
            share[slot] = max(0.0, share[slot] - overlap / grid.slot_min)
    return share, np.concatenate([[0], np.cumsum(share < 1)]).astype(np.int64)


def _goal_costs(facts: Facts, shifts: Shifts, paid: Ints, weights: Weights) -> Floats:
    """Return paid, request and changed-shift cost of every (date, start, length)."""
    cost = weights.paid * facts.cost_ratio * paid / 60
    for request in facts.requests:
        missed = _missed_by_shift(request, shifts)
        cost[request.day] += weights.request * request.weight * missed
    if facts.compare_previous:
        begin = shifts.begin[:, :, None]
        for day in range(len(cost)):
            if _struck(facts, day):
                continue
            was = facts.previous.get(day)
            changed = np.ones(cost[day].shape, dtype=bool)
            if was is not None:
                changed = (begin[day] != was[0]) | (begin[day] + shifts.length != was[1])
            cost[day] += weights.changed_shift * changed
    return cost


def _missed_by_shift(request: Request, shifts: Shifts) -> NDArray[np.bool_]:
    start = shifts.catalogue.starts[:, None]
    end = shifts.catalogue.local_end[request.day]
    first, last = request.span
    if request.kind == "prefer_start":
        return np.broadcast_to(np.abs(start - first) > START_TOLERANCE_MIN, end.shape)
    if request.kind == "prefer_shift":
        return (start < first) | (end > last)
    if request.kind == "avoid_shift":
        return (start < last) & (end > first)
    return np.ones(end.shape, dtype=bool)


def _off_costs(facts: Facts, leave: Sequence[LeaveDay], weights: Weights) -> Floats:
    cost = np.zeros(len(leave))
    for request in facts.requests:
        if request.kind == "prefer_shift" and not leave[request.day].whole:
            cost[request.day] += weights.request * request.weight
    if facts.compare_previous:
        for day in facts.previous:
            if not _struck(facts, day):
                cost[day] += weights.changed_shift
    return cost


def _struck(facts: Facts, day: int) -> bool:
    """Return whether time off overlaps the previous shift of a day: its change does not count."""
    was = facts.previous.get(day)
    return was is not None and any(a.begin < was[1] and a.end > was[0] for a in facts.absences)

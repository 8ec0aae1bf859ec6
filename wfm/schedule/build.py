"""From an agent's facts to the arrays of its tour: rules become masks and limits, goals become costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from wfm.config import Weights
from wfm.schedule.agents import Agent, bounds_in_units, states_for, week_units
from wfm.schedule.catalogue import Catalogue
from wfm.schedule.facts import Facts
from wfm.schedule.goals import costs_of_days_off, costs_of_shifts, on_queue_minutes, paid_minutes
from wfm.schedule.horizon import Grid
from wfm.schedule.problem import Problem
from wfm.schedule.rules import (
    ACTIVITIES,
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
    within_availability,
    within_employment,
    within_engagements,
)
from wfm.schedule.tour import INF
from wfm.schedule.weekends import weekend_patterns

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


def build_agent(
    problem: Problem, index: int, relaxed: frozenset[str] = frozenset(), weights: Weights | None = None
) -> Agent:
    """Return an agent under every rule that is not relaxed; `weights` replace the problem's."""
    shifts, weights = problem.shifts[index], weights or problem.weights
    facts = problem.facts[index]
    if TIME_OFF in relaxed:
        facts = replace(facts, absences=())
    if ACTIVITIES in relaxed:
        facts = replace(facts, engagements=())
    days = problem.days[facts.site]
    leave = leave_days(facts, days)
    legal, off_legal = _allowed(shifts.catalogue, facts, days, leave, relaxed)
    paid = paid_minutes(facts, shifts)
    legal = legal & (paid > 0) & (on_queue_minutes(facts, shifts) > 0)
    unit = week_units(np.unique(paid[legal]).tolist()) if legal.any() else 60
    units = np.unique(paid[legal] // unit) if legal.any() else np.array([1], dtype=np.int64)
    classes = np.searchsorted(units, np.where(legal, paid // unit, units[0])).astype(np.int64)
    hours, counts = week_limits(facts, days, leave, relaxed)
    bounds = bounds_in_units(hours, counts, unit)
    share, blocked = _taken_slots(facts, problem.grid)
    static = np.where(legal, costs_of_shifts(facts, shifts, paid, weights), INF)
    return Agent(
        facts=facts,
        shifts=shifts,
        group=int(problem.group_of[index]),
        static=static.reshape(len(days), -1),
        off_cost=np.where(off_legal, costs_of_days_off(facts, leave, weights), INF),
        paid_class=classes.reshape(len(days), -1),
        class_units=units,
        bounds=bounds,
        states=states_for(
            tuple(int(u) for u in units), int(bounds.most_days.max()), int(bounds.most_units.max())
        ),
        rest=0 if REST in relaxed else rest_minutes(facts),
        run_limit=0 if RUN in relaxed else _run_limit(facts, bounds.most_days, len(days)),
        run_before=0 if RUN in relaxed else facts.run_before,
        uneven=float(weights.start_consistency),
        share=share,
        blocked=blocked,
        off_patterns=((),) if WEEKENDS in relaxed else _off_patterns(facts, problem.weekends),
    )


def _allowed(
    catalogue: Catalogue,
    facts: Facts,
    days: Sequence[Day],
    leave: Sequence[LeaveDay],
    relaxed: frozenset[str],
) -> tuple[Mask, Mask]:
    """Return the shifts (dates x starts x lengths) and the days off that no rule forbids."""
    legal = rested_before(catalogue, facts) & outside_leave(catalogue, leave)
    off_legal = np.ones(len(days), dtype=bool)
    if AVAILABILITY not in relaxed:
        legal = legal & within_availability(catalogue, facts, days)
    if EMPLOYMENT not in relaxed:
        legal = legal & within_employment(catalogue, facts, days)
    if PINS not in relaxed:
        pinned, off_legal = as_pinned(catalogue, facts, days)
        legal = legal & pinned
    if facts.engagements:
        held, free = within_engagements(catalogue, facts)
        legal, off_legal = legal & held, off_legal & free
    return legal, off_legal


def _off_patterns(facts: Facts, weekends: Sequence[tuple[int, ...]]) -> tuple[tuple[int, ...], ...]:
    """Return the choices of days to keep free, each enough for every window of 4 weeks."""
    return tuple(
        tuple(day for week in pattern for day in weekends[week])
        for pattern in weekend_patterns(facts, weekends)
    )


def _run_limit(facts: Facts, most_days: Ints, days: int) -> int:
    """Return the limit on runs of days, 0 where no run could be longer and none need be tracked."""
    limit = facts.contract.consecutive_days
    longest = int(most_days.max()) * min(2, len(most_days)) if len(most_days) <= 2 else days
    return 0 if facts.run_before + min(longest, days) <= limit else limit


def _taken_slots(facts: Facts, grid: Grid) -> tuple[Floats, Ints]:
    """Return the share of each slot free of leave and activities, and how many before each touch them."""
    share = np.ones(grid.slots)
    for begin, end in facts.taken:
        first, last = max(begin, 0), min(end, grid.slots * grid.slot_min)
        for slot in range(first // grid.slot_min, -(-last // grid.slot_min)):
            overlap = min(last, (slot + 1) * grid.slot_min) - max(first, slot * grid.slot_min)
            share[slot] = max(0.0, share[slot] - overlap / grid.slot_min)
    return share, np.concatenate([[0], np.cumsum(share < 1)]).astype(np.int64)

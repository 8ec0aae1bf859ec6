"""From an agent's facts to the arrays of its tour: rules become masks and limits, goals become costs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from wfm.config import Weights, employed
from wfm.schedule.agents import (
    Agent,
    Further,
    Grading,
    Runs,
    bounds_in_units,
    states_for,
    week_units,
    windows_in_units,
)
from wfm.schedule.catalogue import gaps_of
from wfm.schedule.facts import Facts
from wfm.schedule.goals import (
    changed_days_off,
    changed_types,
    costs_of_days_off,
    costs_of_shifts,
    on_queue_minutes,
    paid_minutes,
)
from wfm.schedule.horizon import Day, Grid
from wfm.schedule.leave import LeaveDay, leave_days
from wfm.schedule.minors import rests_between, within_minority
from wfm.schedule.problem import Problem
from wfm.schedule.rotation import as_rotated
from wfm.schedule.rule_names import (
    ACTIVITIES,
    AVAILABILITY,
    CHANGES,
    DAY_HOURS,
    EMPLOYMENT,
    LEAST_RUN,
    MINORS_REST,
    PATTERN,
    PINS,
    REST,
    RUN,
    SPACING,
    STRETCH,
    TIME_OFF,
    WEEKENDS,
    WEEKLY_REST,
)
from wfm.schedule.rules import (
    as_pinned,
    outside_leave,
    rest_minutes,
    rested_before,
    within_availability,
    within_day_hours,
    within_employment,
    within_engagements,
)
from wfm.schedule.shifts import Shifts, Use, shifts_of
from wfm.schedule.tour import INF
from wfm.schedule.week_limits import average_windows, week_limits
from wfm.schedule.weekends import weekend_patterns

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

NO_FLAGS = np.zeros((0, 0), dtype=bool)
LONG_AGO = -(2**40)  # minutes: nothing is known of an earlier shift


def build_agent(
    problem: Problem, index: int, relaxed: frozenset[str] = frozenset(), weights: Weights | None = None
) -> Agent:
    """Return an agent under every rule that is not relaxed; `weights` replace the problem's."""
    facts, weights = problem.facts[index], weights or problem.weights
    shifts = _shifts(problem, index, relaxed)
    if TIME_OFF in relaxed:
        facts = replace(facts, absences=())
    if ACTIVITIES in relaxed:
        facts = replace(facts, engagements=())
    days = problem.days[facts.site]
    leave = leave_days(facts, days)
    rests = _rests(facts, len(days), relaxed)
    paid = paid_minutes(facts, shifts)
    legal, off_legal = _allowed(_Given(facts, shifts, days, leave, paid, rests[0]), relaxed)
    legal = legal & (paid > 0) & (on_queue_minutes(facts, shifts) > 0)
    unit = week_units(np.unique(paid[legal]).tolist()) if legal.any() else 60
    units = np.unique(paid[legal] // unit) if legal.any() else np.array([1], dtype=np.int64)
    classes = np.searchsorted(units, np.where(legal, paid // unit, units[0])).astype(np.int64)
    hour_of_overtime = weights.paid * facts.cost_ratio * (facts.contract.overtime_price - 1)
    bounds = bounds_in_units(week_limits(facts, days, leave, relaxed), unit, hour_of_overtime)
    share, blocked = _taken_slots(facts, problem.grid)
    static = np.where(legal, costs_of_shifts(facts, shifts, paid, weights), INF)
    least_run = 1 if LEAST_RUN in relaxed else facts.contract.min_consecutive_days
    return Agent(
        facts=facts,
        shifts=shifts,
        group=int(problem.group_of[index]),
        static=static.reshape(len(days), -1),
        off_cost=np.where(off_legal, costs_of_days_off(facts, leave, weights), INF),
        paid_class=classes.reshape(len(days), -1),
        class_units=units,
        unit_min=unit,
        bounds=bounds,
        states=states_for(
            tuple(int(u) for u in units), int(bounds.most_days.max()), int(bounds.most_units.max())
        ),
        rest=rests,
        run_limit=_run_limit(facts, bounds.most_days, len(days), least_run, free=RUN in relaxed),
        run_before=0 if RUN in relaxed and least_run <= 1 else facts.run_before,
        uneven=float(weights.start_consistency),
        share=share,
        blocked=blocked,
        off_patterns=((),) if WEEKENDS in relaxed else _off_patterns(facts, problem.weekends),
        runs=_runs(facts, days, leave, least_run),
        further=_further(
            problem,
            facts,
            shifts,
            windows_in_units(average_windows(facts, days, leave, relaxed), unit),
            relaxed,
        ),
        grading=_grading(problem, facts),
    )


def _shifts(problem: Problem, index: int, relaxed: frozenset[str]) -> Shifts:
    """Return the shifts of an agent; others than the problem's where a rule of breaks is relaxed."""
    facts, config = problem.facts[index], problem.config
    contract = facts.contract
    if STRETCH in relaxed:
        contract = contract.model_copy(update={"longest_stretch_h": None})
    if SPACING in relaxed:
        contract = contract.model_copy(update={"break_spacing_min": 0})
    listed = config.contracts[facts.contract_name]
    if gaps_of(contract) == gaps_of(listed) and facts.minors == config.minors:
        return problem.shifts[index]
    use = Use(facts.contract_name, facts.site, any(facts.minor))
    settings = config.model_copy(update={"minors": facts.minors})
    return shifts_of(contract, use, problem.dates, problem.grid, settings)


def _rests(facts: Facts, days: int, relaxed: frozenset[str]) -> Ints:
    """Return the rest before a shift of each date, minutes."""
    rest = 0 if REST in relaxed else rest_minutes(facts.contract.rest_h)
    of_minors = 0 if MINORS_REST in relaxed else rest_minutes(facts.minors.rest_h)
    return np.array(rests_between(facts, days, rest, of_minors), dtype=np.int64)


@dataclass(frozen=True)
class _Given:
    """What the masks of single shifts are made from."""

    facts: Facts
    shifts: Shifts
    days: Sequence[Day]
    leave: Sequence[LeaveDay]
    paid: Ints
    first_rest: int


def _allowed(given: _Given, relaxed: frozenset[str]) -> tuple[Mask, Mask]:
    """Return the shifts (dates x starts x lengths) and the days off that no rule forbids."""
    facts, catalogue, days = given.facts, given.shifts.catalogue, given.days
    legal = rested_before(catalogue, facts, given.first_rest) & outside_leave(catalogue, given.leave)
    legal = legal & within_minority(catalogue, facts, given.paid, relaxed)
    off_legal = np.ones(len(days), dtype=bool)
    if AVAILABILITY not in relaxed:
        legal = legal & within_availability(catalogue, facts, days)
    if EMPLOYMENT not in relaxed:
        legal = legal & within_employment(catalogue, facts, days)
    if DAY_HOURS not in relaxed:
        legal = legal & within_day_hours(facts, given.paid)
    if PATTERN not in relaxed:
        rotated, off_rotated = as_rotated(catalogue, facts, days, given.leave)
        legal, off_legal = legal & rotated, off_legal & off_rotated
    if PINS not in relaxed:
        pinned, off_pinned = as_pinned(catalogue, facts, days)
        legal, off_legal = legal & pinned, off_legal & off_pinned
    if facts.engagements:
        held, free = within_engagements(catalogue, facts)
        legal, off_legal = legal & held, off_legal & free
    return legal, off_legal


def _runs(facts: Facts, days: Sequence[Day], leave: Sequence[LeaveDay], least: int) -> Runs:
    """Return the rule of the fewest days in a row; leave and the ends of employment may cut runs short."""
    excused = [
        off.whole or not employed(facts.first_day, facts.last_day, day.when)
        for off, day in zip(leave, days, strict=True)
    ]
    return Runs(least, np.array([not facts.run_known, *excused[:-1]]), np.array(excused))


def _further(
    problem: Problem,
    facts: Facts,
    shifts: Shifts,
    windows: tuple[tuple[int, int, int, int], ...],
    relaxed: frozenset[str],
) -> Further:
    days = problem.days[facts.site]
    begins = [day.begin for day in days[::7]]
    compared = facts.compare_previous
    limited = facts.most_changes is not None and compared and CHANGES not in relaxed
    changed = changed_types(facts, shifts).reshape(len(days), -1) if compared else NO_FLAGS
    return Further(
        weekly_rest=0 if WEEKLY_REST in relaxed else rest_minutes(facts.contract.weekly_rest_h),
        week_begin=np.array([*begins, days[-1].end], dtype=np.int64),
        last_end=LONG_AGO if facts.last_end is None else facts.last_end,
        windows=windows,
        most_changes=facts.most_changes if limited and facts.most_changes is not None else -1,
        changed=changed,
        changed_off=changed_days_off(facts, len(days)) if compared else np.zeros(len(days), dtype=bool),
    )


def _grading(problem: Problem, facts: Facts) -> Grading | None:
    """Return where an agent's group and worth change; None for one who always counts as one of one group."""
    if len(facts.grades) == 1 and facts.grades[0].worth == 1.0:
        return None
    intervals = problem.grid.intervals
    group, worth = np.zeros(intervals, dtype=np.int64), np.zeros(intervals)
    for grade in facts.grades:
        group[grade.first_interval :] = problem.groups.index(frozenset(grade.skills))
        worth[grade.first_interval :] = grade.worth
    return Grading(group, worth)


def _off_patterns(facts: Facts, weekends: Sequence[tuple[int, ...]]) -> tuple[tuple[int, ...], ...]:
    """Return the choices of days to keep free, each enough for every window of 4 weeks."""
    return tuple(
        tuple(day for week in pattern for day in weekends[week])
        for pattern in weekend_patterns(facts, weekends)
    )


def _run_limit(facts: Facts, most_days: Ints, days: int, least_run: int, *, free: bool) -> int:
    """Return the limit on runs of days, 0 where no run could be longer and none need be tracked."""
    limit = facts.run_before + days + 1 if free else facts.contract.consecutive_days
    if least_run > 1:
        return limit
    longest = int(most_days.max()) * min(2, len(most_days)) if len(most_days) <= 2 else days
    return 0 if free or facts.run_before + min(longest, days) <= limit else limit


def _taken_slots(facts: Facts, grid: Grid) -> tuple[Floats, Ints]:
    """Return the share of each slot free of leave and activities, and how many before each touch them."""
    share = np.ones(grid.slots)
    for begin, end in facts.taken:
        first, last = max(begin, 0), min(end, grid.slots * grid.slot_min)
        for slot in range(first // grid.slot_min, -(-last // grid.slot_min)):
            overlap = min(last, (slot + 1) * grid.slot_min) - max(first, slot * grid.slot_min)
            share[slot] = max(0.0, share[slot] - overlap / grid.slot_min)
    return share, np.concatenate([[0], np.cumsum(share < 1)]).astype(np.int64)

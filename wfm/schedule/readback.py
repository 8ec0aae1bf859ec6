"""From tours to tables: the roster's segments and the coverage they give, queue by queue."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linprog

from wfm.conform import conform, empty
from wfm.schedule.agents import Agent
from wfm.schedule.problem import Problem
from wfm.schedule.solver import Tour
from wfm.schedule.state import State
from wfm.tables import COVERAGE, ROSTER

Segment = tuple[int, int, str, bool]
Floats = NDArray[np.float64]


def roster_table(problem: Problem, state: State) -> pd.DataFrame:
    """Return the ROSTER of a state."""
    rows = [
        (
            agent.facts.agent_id,
            problem.grid.moment(begin),
            pd.Timestamp(problem.dates[day]),
            activity,
            problem.grid.moment(end),
            paid,
            agent.facts.site,
        )
        for agent, tour in zip(state.agents, state.tours, strict=True)
        if tour is not None
        for day, begin, end, activity, paid in segments(agent, tour, problem.grid.slot_min)
    ]
    return conform(pd.DataFrame(rows, columns=ROSTER.names), ROSTER) if rows else empty(ROSTER)


def segments(agent: Agent, tour: Tour, slot_min: int) -> Iterator[tuple[int, int, int, str, bool]]:
    """Yield (day, begin, end, activity, paid) in minutes of the grid; they tile each shift."""
    shifts = agent.shifts
    lengths = len(shifts.length)
    for day in np.flatnonzero(tour.types >= 0):
        kind = int(tour.types[day])
        begin = int(shifts.begin[day, kind // lengths])
        end = begin + int(shifts.length[kind % lengths])
        at = begin
        for b, rest in enumerate(shifts.catalogue.breaks[kind % lengths]):
            start = begin + int(tour.offsets[day, b]) * slot_min
            yield from ((int(day), *piece) for piece in _around_leave(agent, at, start))
            at = start + rest.minutes
            yield int(day), start, at, rest.activity, rest.paid
        yield from ((int(day), *piece) for piece in _around_leave(agent, at, end))


def _around_leave(agent: Agent, begin: int, end: int) -> Iterator[Segment]:
    """Yield on-queue time from begin to end, cut by the agent's leave."""
    at = begin
    for absence in sorted(agent.facts.absences, key=lambda a: (a.begin, a.end)):
        first, last = max(at, absence.begin), min(end, absence.end)
        if first >= last:
            continue
        if first > at:
            yield at, first, "on_queue", True
        yield first, last, "leave", absence.paid
        at = last
    if end > at:
        yield at, end, "on_queue", True


def coverage_table(problem: Problem, state: State) -> pd.DataFrame:
    """Return COVERAGE: each group's agents split so that least is missing, surplus to the first skill."""
    supply = group_supply(problem, state)
    rows = problem.requirements
    given = np.zeros(len(rows))
    starts = problem.grid.interval_starts().get_indexer(pd.DatetimeIndex(rows["interval_start"]))
    queues = sorted(rows["queue"].unique())
    number = rows["queue"].map({name: index for index, name in enumerate(queues)}).to_numpy().astype(int)
    need = rows["agents_to_schedule"].to_numpy(dtype=float)
    order = _skill_order(problem, state)
    for interval in np.unique(starts):
        at = np.flatnonzero(starts == interval)
        given[at] = _split(number[at], need[at], supply[:, interval], problem.groups, order)
    coverage = rows[["queue", "interval_start", "agents_required", "agents_to_schedule"]].assign(
        agents_scheduled=given, net_staffing=given - need
    )
    return conform(coverage, COVERAGE)


def group_supply(problem: Problem, state: State) -> Floats:
    """Return agents on queue (groups x intervals), by share of the interval."""
    grid = problem.grid
    supply = np.zeros((len(problem.groups), grid.slots))
    for group, _, begin, end in problem.history:
        supply[group, begin:end] += 1
    for agent, tour in zip(state.agents, state.tours, strict=True):
        if tour is None:
            continue
        for _, begin, end, activity, _ in segments(agent, tour, grid.slot_min):
            if activity == "on_queue":
                _add_share(supply[agent.group], begin / grid.slot_min, end / grid.slot_min)
    shares: Floats = supply.reshape(len(problem.groups), grid.intervals, -1).mean(axis=2)
    return shares


def _add_share(slots: Floats, begin: float, end: float) -> None:
    first, last = int(np.ceil(begin)), int(np.floor(end))
    slots[first:last] += 1
    if first > last:
        slots[last] += end - begin
        return
    if begin < first:
        slots[first - 1] += first - begin
    if end > last:
        slots[last] += end - last


def _skill_order(problem: Problem, state: State) -> list[list[int]]:
    """Return, per group, its queues in the order of most agents' first skills."""
    votes: list[dict[tuple[int, ...], int]] = [{} for _ in problem.groups]
    for agent in state.agents:
        order = agent.facts.skills
        votes[agent.group][order] = votes[agent.group].get(order, 0) + 1
    return [list(max(v.items(), key=lambda vote: (vote[1], vote[0]))[0]) if v else [] for v in votes]


def _split(
    queues: NDArray[np.int64],
    need: Floats,
    supply: Floats,
    groups: list[frozenset[int]],
    order: list[list[int]],
) -> Floats:
    """Return agents per open queue: least missing (a transport problem), then surplus to the first skill."""
    pairs = [
        (g, q)
        for g, skills in enumerate(groups)
        if supply[g] > 0
        for q in range(len(queues))
        if queues[q] in skills
    ]
    given = np.zeros(len(queues))
    left = supply.copy()
    if pairs:
        used = _most_met(pairs, need, supply)
        for (g, q), amount in zip(pairs, used, strict=True):
            given[q] += amount
            left[g] -= amount
    for g, skills in enumerate(order):
        open_skills = [int(np.flatnonzero(queues == skill)[0]) for skill in skills if skill in queues]
        if open_skills and left[g] > 0:
            given[open_skills[0]] += left[g]
    return given


def _most_met(pairs: list[tuple[int, int]], need: Floats, supply: Floats) -> Floats:
    rows = np.zeros((len(supply) + len(need), len(pairs)))
    for column, (g, q) in enumerate(pairs):
        rows[g, column] = 1
        rows[len(supply) + q, column] = 1
    solution = linprog(
        -np.ones(len(pairs)), A_ub=rows, b_ub=np.concatenate([supply, need]), method="highs-ds"
    )
    if solution.status != 0:
        raise RuntimeError(f"the split of agents over queues failed: {solution.message}")
    used: Floats = np.round(solution.x, 9)
    return used

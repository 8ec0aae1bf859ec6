"""From tours to tables: the roster's segments and the coverage they give, queue by queue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.conform import conform, empty
from wfm.schedule.agents import Agent
from wfm.schedule.problem import Problem
from wfm.schedule.solver import Tour
from wfm.schedule.state import State
from wfm.tables import COVERAGE, ROSTER

UNIT = 1e9  # parts of an agent that the split tells apart
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
            yield from ((int(day), *piece) for piece in _around_taken(agent, at, start))
            at = start + rest.minutes
            yield int(day), start, at, rest.activity, rest.paid
        yield from ((int(day), *piece) for piece in _around_taken(agent, at, end))


def _around_taken(agent: Agent, begin: int, end: int) -> Iterator[Segment]:
    """Yield on-queue time from begin to end, cut by the agent's leave and activities."""
    taken = [(a.begin, a.end, "leave", a.paid) for a in agent.facts.absences]
    taken += [(e.begin, e.end, e.kind, e.paid) for e in agent.facts.engagements]
    at = begin
    for taken_from, taken_until, activity, paid in sorted(taken):
        first, last = max(at, taken_from), min(end, taken_until)
        if first >= last:
            continue
        if first > at:
            yield at, first, "on_queue", True
        yield first, last, activity, paid
        at = last
    if end > at:
        yield at, end, "on_queue", True


def coverage_table(problem: Problem, state: State) -> pd.DataFrame:
    """Return COVERAGE: agents split so that least is missing, surplus to the agent's first open skill."""
    orders = sorted({grade.skills for fact in problem.facts for grade in fact.grades})
    supply = supply_by_skills(problem, state, orders)
    rows = problem.requirements
    given = np.zeros(len(rows))
    starts = problem.grid.interval_starts().get_indexer(pd.DatetimeIndex(rows["interval_start"]))
    queues = sorted(rows["queue"].unique())
    number = rows["queue"].map({name: index for index, name in enumerate(queues)}).to_numpy().astype(int)
    need = rows["agents_to_schedule"].to_numpy(dtype=float)
    for interval in np.unique(starts):
        at = np.flatnonzero(starts == interval)
        given[at] = _split(number[at], need[at], supply[:, interval], orders)
    coverage = rows[["queue", "interval_start", "agents_required", "agents_to_schedule"]].assign(
        agents_scheduled=given, net_staffing=given - need
    )
    return conform(coverage, COVERAGE)


def supply_by_skills(problem: Problem, state: State, orders: Sequence[tuple[int, ...]]) -> Floats:
    """Return agents on queue (orders of skills x intervals), by share of the interval and worth."""
    grid = problem.grid
    row = {order: index for index, order in enumerate(orders)}
    supply = np.zeros((len(orders), grid.slots))
    on_queue: dict[int, list[tuple[float, float]]] = {}
    for carried in problem.history:
        if carried.on_queue:
            on_queue.setdefault(carried.agent, []).append((carried.begin, carried.end))
    for index, (agent, tour) in enumerate(zip(state.agents, state.tours, strict=True)):
        for _, begin, end, activity, _ in () if tour is None else segments(agent, tour, grid.slot_min):
            if activity == "on_queue":
                on_queue.setdefault(index, []).append((begin / grid.slot_min, end / grid.slot_min))
    for index, spans in on_queue.items():
        mine = np.zeros(grid.slots)
        for first, last in spans:
            _add_share(mine, first, last)
        grades = problem.facts[index].grades
        ends = [grade.first_interval for grade in grades[1:]] + [grid.intervals]
        for grade, until in zip(grades, ends, strict=True):
            part = slice(grade.first_interval * grid.slots_per_interval, until * grid.slots_per_interval)
            supply[row[grade.skills], part] += grade.worth * mine[part]
    shares: Floats = supply.reshape(len(orders), grid.intervals, -1).mean(axis=2)
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


def _split(
    queues: NDArray[np.int64], need: Floats, supply: Floats, orders: Sequence[tuple[int, ...]]
) -> Floats:
    """Return agents per open queue: least missing, then surplus to the first skill."""
    pairs = [
        (row, q)
        for row, skills in enumerate(orders)
        if supply[row] > 0
        for q in range(len(queues))
        if queues[q] in skills
    ]
    given = np.zeros(len(queues))
    left = supply.copy()
    if pairs:
        used = _most_met(pairs, need, supply)
        for (row, q), amount in zip(pairs, used, strict=True):
            given[q] += amount
            left[row] -= amount
    for row, skills in enumerate(orders):
        open_skills = [int(np.flatnonzero(queues == skill)[0]) for skill in skills if skill in queues]
        if open_skills and left[row] > 0:
            given[open_skills[0]] += left[row]
    return given


def _most_met(pairs: list[tuple[int, int]], need: Floats, supply: Floats) -> Floats:
    """Return what each pair (group, queue) gets when most of the need is met: a maximum flow."""
    from ortools.graph.python.max_flow import SimpleMaxFlow  # only at the end of a run

    source, sink = len(supply) + len(need), len(supply) + len(need) + 1
    groups, queues = (np.array(side, dtype=np.int64) for side in zip(*pairs, strict=True))
    able, room = (np.round(each * UNIT).astype(np.int64) for each in (supply, need))
    flow = SimpleMaxFlow()
    used = flow.add_arcs_with_capacity(groups, len(supply) + queues, np.minimum(able[groups], room[queues]))
    flow.add_arcs_with_capacity(np.full(len(supply), source), np.arange(len(supply)), able)
    flow.add_arcs_with_capacity(len(supply) + np.arange(len(need)), np.full(len(need), sink), room)
    status = flow.solve(source, sink)
    if status != flow.OPTIMAL:
        raise RuntimeError(f"the split of agents over queues failed: {status}")
    found: Floats = np.asarray(flow.flows(used), dtype=np.float64) / UNIT
    return found

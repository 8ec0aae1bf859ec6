"""All agents in one set of flat arrays, for compiled code that moves the shifts of many.

A agents, D days, W weeks, K catalogues of shifts, T types, S starts, L lengths, Z break structures, B breaks,
R distinct rows of leave, H grades, P reference periods, N intervals, G sites; shorter rows are padded, types
with INF. Minutes count from the grid's origin.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wfm.schedule.agents import Agent
from wfm.schedule.problem import Problem
from wfm.schedule.shifts import Shifts
from wfm.schedule.tour import INF

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Crew(NamedTuple):
    """Rules and costs of all agents."""

    catalogue: Ints  # (A)
    group: Ints  # (A)
    site: Ints  # (A)
    static: Floats  # (A, D, T)
    off_cost: Floats  # (A, D)
    paid: NDArray[np.int32]  # (A, D, T), in the agent's own units
    least_days: Ints  # (A, W)
    most_days: Ints
    least_units: Ints
    most_units: Ints
    ordinary: Floats  # (A, W), units that cost no overtime
    overtime_cost: Floats  # (A), of a unit
    rest: Ints  # (A, D), before each date
    run_limit: Ints  # (A), 0: none
    run_before: Ints
    leave: Ints  # (A), row of `share` and `blocked`
    share: Floats  # (R, slots)
    blocked: Ints  # (R, slots + 1)
    graded: Flags  # (A): whose group or worth changes, see the rows `grade` of the next two
    grade: Ints  # (A)
    group_at: Ints  # (H, N)
    worth_at: Floats  # (H, N)
    further: Flags  # (A): whether any of the next rules can bind
    least_run: Ints  # (A)
    start_free: Flags  # (A, D)
    end_free: Flags  # (A, D)
    weekly_rest: Ints  # (A), minutes
    week_begin: Ints  # (A, W + 1), minutes
    last_end: Ints  # (A)
    windows: Ints  # (A): how many rows of the next count (first week, last week, least, most units)
    window: Ints  # (A, P, 4)
    most_changes: Ints  # (A), below 0: any number
    changed: Flags  # (A, D, T)
    changed_off: Flags  # (A, D)
    kind: Ints  # (A): agents of one kind share catalogue, group, site, grade and row of leave
    mates_first: Ints  # (kinds + 1)
    mates: Ints  # (A): agents of kind k are mates[mates_first[k]:mates_first[k + 1]]


class Choices(NamedTuple):
    """The shifts of every catalogue."""

    starts: Ints  # (K), how many
    lengths: Ints
    begin: Ints  # (K, D, S)
    begin_slot: Ints
    length: Ints  # (K, L)
    length_slots: Ints
    near_first: Ints  # (K, S)
    near_last: Ints
    unpopular: Flags  # (K, D, T)
    structure: Ints  # (K, L)
    first: Ints  # (K, Z, B)
    last: Ints
    width: Ints
    breaks: Ints  # (K, Z), how many
    least_gap: Ints  # (K, Z), slots between two breaks
    most_gap: Ints
    step: Ints  # (K)


def build_crew(problem: Problem, agents: Sequence[Agent]) -> tuple[Crew, Choices]:
    """Return the agents and their catalogues in flat arrays."""
    catalogues = list({id(agent.shifts): agent.shifts for agent in agents}.values())
    number = {id(shifts): k for k, shifts in enumerate(catalogues)}
    catalogue = np.array([number[id(agent.shifts)] for agent in agents], dtype=np.int64)
    rows: dict[bytes, int] = {}
    leave = np.array([rows.setdefault(agent.share.tobytes(), len(rows)) for agent in agents], dtype=np.int64)
    distinct = [int(np.flatnonzero(leave == row)[0]) for row in range(len(rows))]
    site = problem.site_of.astype(np.int64)
    group = np.array([agent.group for agent in agents], dtype=np.int64)
    grade, group_at, worth_at = _grades(agents, problem.grid.intervals)
    alike = np.stack([catalogue, group, site, leave, grade])
    kind = np.unique(alike, axis=1, return_inverse=True)[1].reshape(-1)
    further = [agent.further for agent in agents]
    crew = Crew(
        catalogue=catalogue,
        group=group,
        site=site,
        static=_padded([agent.static for agent in agents], INF),
        off_cost=np.array([agent.off_cost for agent in agents]),
        paid=_padded([agent.class_units[agent.paid_class] for agent in agents], 0).astype(np.int32),
        least_days=np.array([agent.bounds.least_days for agent in agents]),
        most_days=np.array([agent.bounds.most_days for agent in agents]),
        least_units=np.array([agent.bounds.least_units for agent in agents]),
        most_units=np.array([agent.bounds.most_units for agent in agents]),
        ordinary=np.array([agent.bounds.ordinary for agent in agents]),
        overtime_cost=np.array([agent.bounds.overtime_cost for agent in agents]),
        rest=np.array([agent.rest for agent in agents], dtype=np.int64),
        run_limit=np.array([agent.run_limit for agent in agents], dtype=np.int64),
        run_before=np.array([agent.run_before for agent in agents], dtype=np.int64),
        leave=leave,
        share=np.array([agents[index].share for index in distinct]),
        blocked=np.array([agents[index].blocked for index in distinct]),
        graded=np.array([agent.grading is not None for agent in agents]),
        grade=grade,
        group_at=group_at,
        worth_at=worth_at,
        further=np.array([agent.further.binding or agent.runs.least > 1 for agent in agents]),
        least_run=np.array([agent.runs.least for agent in agents], dtype=np.int64),
        start_free=np.array([agent.runs.start_free for agent in agents]),
        end_free=np.array([agent.runs.end_free for agent in agents]),
        weekly_rest=np.array([rules.weekly_rest for rules in further], dtype=np.int64),
        week_begin=np.array([rules.week_begin for rules in further]),
        last_end=np.array([rules.last_end for rules in further], dtype=np.int64),
        windows=np.array([len(rules.windows) for rules in further], dtype=np.int64),
        window=_padded([np.array(r.windows, dtype=np.int64).reshape(-1, 4) for r in further], 0),
        most_changes=np.array([rules.most_changes for rules in further], dtype=np.int64),
        changed=_padded([r.changed if r.most_changes >= 0 else r.changed[:0] for r in further], False),
        changed_off=np.array([rules.changed_off for rules in further]),
        kind=kind.astype(np.int64),
        mates_first=np.concatenate([[0], np.cumsum(np.bincount(kind))]).astype(np.int64),
        mates=np.argsort(kind, kind="stable").astype(np.int64),
    )
    return crew, _choices(catalogues)


def _grades(agents: Sequence[Agent], intervals: int) -> tuple[Ints, Ints, Floats]:
    """Return each agent's row of grades, and the groups and worths of the rows; row 0 is nobody's."""
    rows: dict[bytes, int] = {}
    groups, worths = [np.zeros(intervals, dtype=np.int64)], [np.ones(intervals)]
    grade = np.zeros(len(agents), dtype=np.int64)
    for index, agent in enumerate(agents):
        if agent.grading is not None:
            key = agent.grading.group.tobytes() + agent.grading.worth.tobytes()
            if key not in rows:
                rows[key] = len(groups)
                groups.append(agent.grading.group)
                worths.append(agent.grading.worth)
            grade[index] = rows[key]
    return grade, np.array(groups), np.array(worths)


def _choices(catalogues: Sequence[Shifts]) -> Choices:
    return Choices(
        starts=np.array([shifts.begin.shape[1] for shifts in catalogues], dtype=np.int64),
        lengths=np.array([len(shifts.length) for shifts in catalogues], dtype=np.int64),
        begin=_padded([shifts.begin for shifts in catalogues], -1),
        begin_slot=_padded([shifts.begin_slot for shifts in catalogues], -1),
        length=_padded([shifts.length for shifts in catalogues], 0),
        length_slots=_padded([shifts.length_slots for shifts in catalogues], 0),
        near_first=_padded([shifts.near_first for shifts in catalogues], 0),
        near_last=_padded([shifts.near_last for shifts in catalogues], 0),
        unpopular=_padded([shifts.unpopular for shifts in catalogues], False),
        structure=_padded([shifts.structure.of_length for shifts in catalogues], 0),
        first=_padded([shifts.structure.first for shifts in catalogues], 0),
        last=_padded([shifts.structure.last for shifts in catalogues], 0),
        width=_padded([shifts.structure.width for shifts in catalogues], 0),
        breaks=_padded([shifts.structure.count for shifts in catalogues], 0),
        least_gap=_padded([shifts.structure.least_gap for shifts in catalogues], 0),
        most_gap=_padded([shifts.structure.most_gap for shifts in catalogues], 0),
        step=np.array([shifts.structure.step for shifts in catalogues], dtype=np.int64),
    )


def _padded(arrays: Sequence[NDArray[Any]], filler: float) -> NDArray[Any]:
    """Return arrays of the same rank stacked, each filled up to the largest shape."""
    shape = np.max([array.shape for array in arrays], axis=0)
    stacked = np.full((len(arrays), *shape), filler, dtype=arrays[0].dtype)
    for index, array in enumerate(arrays):
        inside = tuple(slice(0, size) for size in array.shape)
        stacked[index][inside] = array
    return stacked

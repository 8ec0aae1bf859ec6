"""Why a site's limits cannot be kept, whatever the roster: presence that nobody can give, seats too few.

Each conflict is proven by counting: who may be on queue or must be inside a shift at a time, and how many
hours all agents together can be on queue at most, or must be inside a shift at least.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from wfm.errors import Fault, count_of
from wfm.localtime import zone
from wfm.schedule.agents import Agent
from wfm.schedule.problem import Problem
from wfm.schedule.sites import SiteLimits
from wfm.schedule.solver import RELAXED, Solver
from wfm.schedule.tour import INF, LEGAL

MOST_NAMED = 5
LIKELY = 0.4  # of all paid time due on queue, below which the hours surely suffice
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


def site_conflicts(problem: Problem, agents: Sequence[Agent], *, presence: bool = True) -> list[Fault]:
    """Return what no roster of these agents can keep, one conflict a site, rule and stretch of time.

    Without `presence` only seats are looked at.
    """
    faults: list[Fault] = []
    for number, site in enumerate(problem.sites):
        mine = [agent for agent, at in zip(agents, problem.site_of, strict=True) if at == number]
        carried = [one for one in problem.history if one.site == number]
        before = np.zeros((2, problem.grid.slots), dtype=np.int64)
        for one in carried:
            before[0, one.begin : one.end] += 1
            before[1, one.begin : one.end] += one.on_queue
        if presence and site.least.any():
            faults += _too_few(problem, site, mine, before[1])
        if site.seats is not None:
            faults += _too_many(problem, site, mine, before[0])
    return faults


def _too_few(problem: Problem, site: SiteLimits, mine: list[Agent], before: Ints) -> Iterator[Fault]:
    able = [_possible(agent, problem.grid.slots) for agent in mine]
    most = before + np.sum(able, axis=0, dtype=np.int64) if mine else before
    first = next(_stretches(most < site.least), None)
    if first is not None:
        lowest = int(most[first[0] : first[1]].min())
        at = first[0] + int(most[first[0] : first[1]].argmin())
        names = [agent.facts.agent_id for agent, can in zip(mine, able, strict=True) if can[at]]
        problem_text = (
            f"site {site.name}: min_present {site.min_present} cannot be kept {_when(problem, site, first)}:"
            f" {_those(names)} may be on queue then"
        )
        yield Fault(problem_text, f"min_present {lowest} would do there, or agents who are available then")
        return
    needed = int(np.maximum(0, site.least - before).sum())
    if needed < LIKELY * _most_paid(problem, mine):
        return  # no proof is to be expected: the search will find a roster
    given = sum(_most_on_queue(problem, agent, site.least > before) for agent in mine)
    if needed > given:
        hours = problem.grid.slot_min / 60
        level = int(site.min_present * given // needed)
        words = (
            f"site {site.name}: min_present {site.min_present} needs {needed * hours:.0f} hours on queue,"
            f" its {count_of(len(mine), 'agent')} can give {given * hours:.0f} at most"
        )
        yield Fault(words, f"min_present {level} is the most that their hours allow")


def _too_many(problem: Problem, site: SiteLimits, mine: list[Agent], before: Ints) -> Iterator[Fault]:
    forced = [_forced(agent, problem.grid.slots) for agent in mine]
    least = before + np.sum(forced, axis=0, dtype=np.int64) if mine else before
    seats = site.seats or 0
    first = next(_stretches(least > seats), None)
    if first is not None:
        highest = int(least[first[0] : first[1]].max())
        at = first[0] + int(least[first[0] : first[1]].argmax())
        names = [agent.facts.agent_id for agent, must in zip(mine, forced, strict=True) if must[at]]
        words = (
            f"site {site.name}: seats {seats} cannot be kept {_when(problem, site, first)}:"
            f" {_those(names)} must work then (pins, rotation, activities or frozen days)"
        )
        yield Fault(words, f"seats {highest} would do there, or fewer pins")
        return
    open_slots = (
        np.any([_possible(agent, problem.grid.slots) for agent in mine], axis=0) if mine else before > 0
    )
    room = int(np.maximum(0, seats - before)[open_slots].sum())
    if _most_paid(problem, mine) <= room:
        return  # there are seats for all that they may work
    needed = sum(_least_inside(problem, agent) for agent in mine)
    if needed > room:
        hours = problem.grid.slot_min / 60
        words = (
            f"site {site.name}: seats {seats} give {room * hours:.0f} hours,"
            f" its {count_of(len(mine), 'agent')} must be inside a shift for {needed * hours:.0f} at least"
        )
        yield Fault(words, f"seats {-(-seats * needed // max(room, 1))} is the fewest that their hours allow")


def _possible(agent: Agent, slots: int) -> Flags:
    """Return the slots in which some legal shift of the agent lies, free of leave and activities."""
    steps = np.zeros(slots + 1, dtype=np.int64)
    day, kind = np.nonzero(agent.static < LEGAL)
    lengths = len(agent.shifts.length)
    begin = agent.shifts.begin_slot[day, kind // lengths]
    np.add.at(steps, begin, 1)
    np.add.at(steps, begin + agent.shifts.length_slots[kind % lengths], -1)
    return (np.cumsum(steps[:-1]) > 0) & (agent.share > 0)


def _forced(agent: Agent, slots: int) -> Flags:
    """Return the slots that lie in every legal shift of a date on which the agent must work."""
    inside = np.zeros(slots, dtype=bool)
    lengths = len(agent.shifts.length)
    for day in np.flatnonzero(agent.off_cost >= LEGAL):
        kinds = np.flatnonzero(agent.static[day] < LEGAL)
        if len(kinds):
            begin = agent.shifts.begin_slot[day, kinds // lengths]
            end = begin + agent.shifts.length_slots[kinds % lengths]
            inside[begin.max() : max(begin.max(), end.min())] = True
    return inside


def _most_paid(problem: Problem, mine: Sequence[Agent]) -> int:
    """Return the slots that agents may be paid for at most."""
    minutes = sum(agent.unit_min * int(agent.bounds.most_units.sum()) for agent in mine)
    return minutes // problem.grid.slot_min


def _bare(agent: Agent) -> Agent:
    """Return the agent with its rules and without any cost."""
    return replace(
        agent,
        static=np.where(agent.static < LEGAL, 0.0, INF),
        off_cost=np.where(agent.off_cost < LEGAL, 0.0, INF),
        bounds=replace(agent.bounds, overtime_cost=0.0),
        uneven=0.0,
    )


def _most_on_queue(problem: Problem, agent: Agent, due: Flags) -> int:
    value, tour = Solver(problem).tour(_bare(agent), due.astype(np.float64), frame=RELAXED)
    return 0 if tour is None else round(-value)


def _least_inside(problem: Problem, agent: Agent) -> int:
    slots = problem.grid.slots
    value, tour = Solver(problem).tour(_bare(agent), np.zeros(slots), np.ones(slots), frame=RELAXED)
    return 0 if tour is None else round(value)


def _stretches(flags: Flags) -> Iterator[tuple[int, int]]:
    """Yield the runs of slots that are flagged, as (first, end)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _when(problem: Problem, site: SiteLimits, stretch: tuple[int, int]) -> str:
    clock = zone(problem.config.sites[site.name].timezone)
    moments = [problem.grid.moment(slot * problem.grid.slot_min).tz_convert(clock) for slot in stretch]
    return f"from {moments[0]:%Y-%m-%d %H:%M} to {moments[1]:%Y-%m-%d %H:%M}"


def _those(names: list[str]) -> str:
    if not names:
        return "no agent"
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"{count_of(len(names), 'agent')} ({', '.join(names[:MOST_NAMED])}{more})"

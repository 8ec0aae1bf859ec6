"""Tours that keep every rule of an agent, also those that the programme of a tour does not know.

Best first: the programme's cheapest tour is taken if it keeps the further rules (`further_rules`); if it
breaks one, narrower frames are tried in its place, each of which rules the breach out in another way: a
stretch of the week kept free, fewer hours in one of the weeks, a higher price of a change. The cheapest frame
comes next.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
from numpy.typing import NDArray

from wfm.schedule.agents import Agent
from wfm.schedule.further_rules import (
    Span,
    changes,
    gaps_of_week,
    most_changes,
    shift_spans,
    weeks_without_rest,
    windows_broken,
)
from wfm.schedule.goals import own_cost, units_by_week
from wfm.schedule.solver import ALL_RULES, Frame, Solver, Tour
from wfm.schedule.tour import LEGAL

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_FRAMES, MOST_FRAMES_OF_PROOF = 30, 1000
GAPS_TRIED = 3  # the longest of a week
FIRST_PRICE, DEAREST = 16.0, 1e6  # of a change
DEARER = 16.0


@dataclass(frozen=True)
class Wanted:
    """What one programme run is asked for; `inside_cost` is the cost per slot inside a shift."""

    price: Floats
    inside_cost: Floats | None = None
    unpopular_price: float = 0.0
    free_days: tuple[int, ...] = ()


def lawful_tour(
    solver: Solver, agent: Agent, wanted: Wanted, *, thorough: bool = False, near: bool = False
) -> tuple[float, Tour | None]:
    """Return (cost under the prices, tour), or (INF, None) if no tour that keeps every rule was found.

    `thorough` tries every way in which a rule can be kept, so that none found means that there is none in a
    horizon of one week (`MOST_FRAMES_OF_PROOF` at most are tried). `near`: above all, as few shifts as can
    be differ from the previous roster.
    """
    whole = replace(ALL_RULES, per_change=DEAREST if near and agent.further.changed.size else 0.0)
    value, tour = _run(solver, agent, wanted, whole)
    if tour is None or not agent.further.binding:
        return value, tour
    number = count()
    heap: list[tuple[float, int, Frame, Tour]] = [(value, next(number), whole, tour)]
    tried: set[Frame] = {whole}
    while heap:
        value, _, frame, tour = heapq.heappop(heap)
        narrower = next(_ways(agent, tour, frame, thorough=thorough), None)
        if narrower is None:
            return value, tour
        for child in narrower:
            if child in tried or len(tried) >= (MOST_FRAMES_OF_PROOF if thorough else MOST_FRAMES):
                continue
            tried.add(child)
            value, found = _run(solver, agent, wanted, child)
            if found is not None:
                heapq.heappush(heap, (value, next(number), child, found))
    return float("inf"), None


def any_lawful_tour(solver: Solver, agent: Agent) -> tuple[int, Tour] | None:
    """Return a choice of weekends and a legal tour, whatever it costs; None if there is none."""
    price = np.zeros(solver.problem.grid.slots)
    for thorough in (False, True) if agent.further.binding else (False,):
        for pattern, free in enumerate(agent.off_patterns):
            _, tour = lawful_tour(solver, agent, Wanted(price, free_days=free), thorough=thorough)
            if tour is not None:
                return pattern, tour
    return None


def _run(solver: Solver, agent: Agent, wanted: Wanted, frame: Frame) -> tuple[float, Tour | None]:
    """Return the programme's tour in a frame, its value and cost without the frame's price of changes."""
    value, tour = solver.tour(
        agent, wanted.price, wanted.inside_cost, wanted.unpopular_price, wanted.free_days, frame
    )
    if tour is None or not frame.per_change:
        return value, tour
    extra = frame.per_change * changes(agent, tour.types)
    return value - extra, replace(tour, cost=own_cost(agent, tour.types))


def _ways(agent: Agent, tour: Tour, frame: Frame, *, thorough: bool) -> Iterator[list[Frame]]:
    """Yield, for each rule that the tour breaks, the narrower frames that rule the breach out."""
    if changes(agent, tour.types) > most_changes(agent):
        dearer = frame.per_change * DEARER or FIRST_PRICE
        yield (
            [replace(frame, per_change=DEAREST if thorough else dearer)] if frame.per_change < DEAREST else []
        )
    for week in weeks_without_rest(agent, tour.types):
        yield [
            replace(frame, rests=(*frame.rests, rest))
            for rest in _rests(agent, tour, week, thorough=thorough)
        ]
    for first, last, excess in windows_broken(agent, tour.types):
        yield list(_other_hours(agent, tour, frame, (first, last), excess, thorough=thorough))


def _rests(agent: Agent, tour: Tour, week: int, *, thorough: bool) -> list[Span]:
    """Return stretches of a week that could become its rest."""
    begin, end = (int(agent.further.week_begin[w]) for w in (week, week + 1))
    least = agent.further.weekly_rest
    starts: list[int] = []
    if thorough:
        shifts = agent.shifts
        allowed = (agent.static < LEGAL).reshape(*shifts.begin.shape, len(shifts.length))
        ends = (shifts.begin[:, :, None] + shifts.length)[allowed]
        starts = [begin, *np.unique(ends[(ends > begin) & (ends < end)]).tolist()]
        starts.append(max(begin, agent.further.last_end))
    else:
        gaps = gaps_of_week(agent, shift_spans(agent, tour.types), week)
        for first, last in sorted(gaps, key=lambda gap: gap[0] - gap[1])[:GAPS_TRIED]:
            starts += [first, last - least]
    free_from = max(begin, agent.further.last_end)
    return [(s, s + least) for s in dict.fromkeys(starts) if free_from <= s and s + least <= end]


def _other_hours(
    agent: Agent, tour: Tour, frame: Frame, weeks: tuple[int, int], excess: int, *, thorough: bool
) -> Iterator[Frame]:
    """Yield frames whose hours fit the period: in the proportions of the tour, evenly, week by week.

    `excess` is by how many units the weeks have too many, or (negative) too few.
    """
    units = units_by_week(agent, tour.types)
    inside = np.arange(weeks[0], weeks[1] + 1)
    total = int(units[inside].sum())
    target = total - excess
    splits = [units[inside] * target / total] if total else []
    splits.append(np.full(len(inside), target / len(inside)))
    for split in splits:
        if excess > 0:
            yield from _between(agent, frame, inside, most=np.floor(split).astype(np.int64))
        else:
            yield from _between(agent, frame, inside, least=np.ceil(split).astype(np.int64))
    for week in inside if thorough else ():
        here, by = np.array([week]), np.array([units[week]])
        for step in dict.fromkeys((abs(excess), 1)):
            if excess > 0:
                yield from _between(agent, frame, here, most=np.maximum(0, by - step))
            else:
                yield from _between(agent, frame, here, least=by + step)


def _between(
    agent: Agent, frame: Frame, weeks: Ints, most: Ints | None = None, least: Ints | None = None
) -> Iterator[Frame]:
    """Yield the frame with tighter limits of some weeks, if they leave any room."""
    now_most = np.array(frame.most_units or agent.bounds.most_units.tolist())
    now_least = np.array(frame.least_units or agent.bounds.least_units.tolist())
    if most is not None:
        now_most[weeks] = np.minimum(now_most[weeks], most)
    if least is not None:
        now_least[weeks] = np.maximum(now_least[weeks], least)
    if (now_least <= now_most).all():
        yield replace(frame, most_units=tuple(now_most.tolist()), least_units=tuple(now_least.tolist()))

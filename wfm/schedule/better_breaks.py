"""Breaks alone, placed anew: shifts stay as they are, and coverage gains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from wfm.schedule.search import Search
from wfm.schedule.tour import INF, OFF

BREAK_PASSES = 2
LEAST_GAIN = 1e-6


def move_breaks(search: Search, days: Sequence[int]) -> None:
    """Move breaks on some dates to where they lose least, shifts staying as they are."""
    for _ in range(BREAK_PASSES):
        gained = sum(_better_breaks(search, index, days) for index in range(len(search.agents)))
        if gained <= LEAST_GAIN:
            return


def _better_breaks(search: Search, index: int, days: Sequence[int]) -> float:
    """Move one agent's breaks if that gains; return by how much the objective falls."""
    agent, state = search.agents[index], search.state
    old = state.tours[index]
    if old is None or not any(old.types[day] != OFF for day in days):
        return 0.0
    before = state.shared_cost() + search.breach_cost()
    state.take(index)
    price, inside_cost = search.prices(index, 0.0)
    static = np.full_like(agent.static, INF)
    off_cost = np.full_like(agent.off_cost, INF)
    for day, kind in enumerate(old.types.tolist()):
        if kind == OFF:
            off_cost[day] = agent.off_cost[day]
        else:
            static[day, kind] = agent.static[day, kind]
    as_is = replace(agent, static=static, off_cost=off_cost)
    _, tour = search.solver.tour(as_is, price, inside_cost)
    if tour is None:
        state.put(index, old)
        return 0.0
    offsets = old.offsets.copy()
    offsets[list(days)] = tour.offsets[list(days)]
    state.put(index, replace(old, offsets=offsets))
    gain = before - state.shared_cost() - search.breach_cost()
    if gain <= LEAST_GAIN:
        state.take(index)
        state.put(index, old)
        return 0.0
    return gain

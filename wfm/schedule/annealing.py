"""Simulated annealing of a whole roster: many small moves of all agents, cooled (`wfm.schedule.moves`).

The tours of the search fit coverage one agent at a time; small moves trade shifts between agents and shift
breaks and starts of many agents at once, which no single tour can. The roster never ends worse than it began.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from wfm.schedule.crew import build_crew
from wfm.schedule.goals import own_cost
from wfm.schedule.moves import anneal
from wfm.schedule.options import Listener, Progress
from wfm.schedule.search import Search
from wfm.schedule.shift_changes import UNKNOWN, Costs, Plan, Space, Work
from wfm.schedule.solver import Tour
from wfm.schedule.tour import OFF

HEAT_OF_GAP = 0.2  # of the first round, share of the gap that is left per agent and week
LEAST_FIRST, MOST_FIRST = 0.8, 8.0
HURRY_SHARE, ANNEAL_SHARE = 0.74, 0.87  # of the time limit at which the cooling is hurried, and ends
HURRIED_ROUNDS = 0.15  # of those done, left once it is late
LAST_OF_FIRST, LEAST_HEAT = 0.025, 0.08  # of the last round
MOVES_PER_TURN = 100  # of one agent in a round
ROUNDS_PER_TOUR = 40  # after so many rounds every agent is offered a new tour
NO_SEATS = 2**40


def annealed(
    search: Search, rounds: int, heat: float, late: Callable[[float], bool], progress: Listener
) -> bool:
    """Leave the search at the better of its roster and the annealed one; False if time struck first.

    `heat` is that of the first round, `late` says whether a share of the time limit is used. Once it is late,
    what is left of the cooling is done in a few rounds: a roster still warm would be worth little.
    """
    state = search.state
    if None in state.tours:
        raise ValueError("annealing begins with a whole roster")
    before, tours, pattern = state.objective(), list(state.tours), list(search.pattern)
    heats = _Cooling(heat, rounds)
    run = _Run(search)
    best, value, kept = before, before, run.snapshot()
    for number, heat_now in enumerate(heats):
        if late(ANNEAL_SHARE):
            heats.hurried = True
            break
        if late(HURRY_SHARE):
            heats.hurry(number)
        value += run.small_moves(heat_now)
        if number % ROUNDS_PER_TOUR == 0:
            value += run.new_tours(heat_now)
        if value < best:
            best, kept = value, run.snapshot()
        progress(Progress("anneal", (number + 1) / heats.rounds, best))
    run.restore(kept)
    if state.breaches() or state.objective() >= before:
        search.pattern = pattern
        state.restore(tours)
    return not heats.hurried


def compile_moves(search: Search) -> None:
    """Run the compiled moves once, on the agents that have a tour."""
    _Run(search).small_moves(0.0)


class _Cooling:
    """The temperature of each round, falling by the same factor; it can be hurried once."""

    def __init__(self, first: float, rounds: int) -> None:
        self.first, self.last, self.rounds = first, max(LEAST_HEAT, LAST_OF_FIRST * first), rounds
        self.hurried = False

    def __iter__(self) -> Iterator[float]:
        heat, number = self.first, 0
        while number < self.rounds:
            yield heat
            number += 1
            heat *= (self.last / heat) ** (1.0 / max(1, self.rounds - number))

    def hurry(self, number: int) -> None:
        """Plan only a few more rounds after this one."""
        if not self.hurried:
            self.hurried = True
            self.rounds = min(self.rounds, number + 2 + int(HURRIED_ROUNDS * number))


def first_heat(search: Search, bound: float) -> float:
    """Return the temperature to begin with: the more lies between a roster and a bound, the hotter.

    Where the guided search ends near the bound, its tours stand where they should, and heat would only move
    them away. Where much is left, as in small teams whose shifts do not add up to the requirement, days and
    hours have to be dealt anew.
    """
    problem = search.problem
    left = max(0.0, search.state.objective() - bound)
    weeks = len(problem.dates) // 7
    return min(max(LEAST_FIRST, HEAT_OF_GAP * left / (len(search.agents) * weeks)), MOST_FIRST)


class _Run:
    """The search's roster in flat arrays: coverage is shared with its state, tours are kept beside them."""

    def __init__(self, search: Search) -> None:
        self.search, self.state = search, search.state
        self.crew, self.choices = build_crew(search.problem, search.agents)
        state, agents = self.state, len(search.agents)
        breaks = max(agent.shifts.structure.width.shape[1] for agent in search.agents)
        days = len(search.problem.dates)
        self.plan = Plan(
            types=np.full((agents, days), OFF, dtype=np.int64),
            offsets=np.zeros((agents, days, breaks), dtype=np.int64),
            units=np.zeros_like(self.crew.least_units),
            unpopular=state.unpopular,
            kept_free=np.zeros((agents, days), dtype=np.bool_),
            deficit=state.deficit,
            on_queue=state.on_queue,
            inside=state.inside,
            present=state.present,
            one_more=np.full((len(search.problem.groups), search.problem.grid.intervals), UNKNOWN),
            one_less=np.full((len(search.problem.groups), search.problem.grid.intervals), UNKNOWN),
        )
        self.costs = costs_of(search)
        slots, structures = search.problem.grid.slots, self.choices.first.shape[1]
        self.space = Space(
            change=np.zeros(slots),
            running=np.zeros(slots + 1),
            lost=np.zeros(structures),
            new_offsets=np.zeros(breaks, dtype=np.int64),
            old_offsets=np.zeros(breaks, dtype=np.int64),
            first_offsets=np.zeros(breaks, dtype=np.int64),
            others_offsets=np.zeros(breaks, dtype=np.int64),
        )
        for index in range(agents):
            self._write(index)

    def small_moves(self, heat: float) -> float:
        """Let every agent in turn make small moves; return the change of the objective."""
        search, state = self.search, self.state
        order = search.random.permutation(len(search.agents))
        costs = self.costs._replace(fair_share=state.fair_shares())
        work = Work(self.crew, self.choices, self.plan, costs)
        change = anneal(search.random, work, order, MOVES_PER_TURN, heat, self.space)
        sites = search.problem.site_of
        state.unpopular_at[:] = np.bincount(sites, state.unpopular, len(state.unpopular_at)).astype(np.int64)
        return float(change)

    def new_tours(self, heat: float) -> float:
        """Offer every agent a whole new tour, best under prices with noise; return the change."""
        search = self.search
        before = search.state.shared_cost() + search.breach_cost()
        total = 0.0
        for index in search.random.permutation(len(search.agents)):
            self._read(int(index))
            change, before = search.retry(int(index), heat, before)
            total += change
            self._write(int(index))
        self._forget()
        return total

    def _forget(self) -> None:
        """Forget what was known of intervals whose coverage the state has changed."""
        self.plan.one_more[:] = UNKNOWN
        self.plan.one_less[:] = UNKNOWN

    def snapshot(self) -> tuple[NDArray[np.int64], NDArray[np.int64], list[int]]:
        """Return types, offsets and choices of weekends as they stand."""
        return self.plan.types.copy(), self.plan.offsets.copy(), list(self.search.pattern)

    def restore(self, kept: tuple[NDArray[np.int64], NDArray[np.int64], list[int]]) -> None:
        """Return to a snapshot, tours of the state included."""
        agents = range(len(self.search.agents))
        for index in agents:
            self._read(index)
            self.state.take(index)
        self.plan.types[:], self.plan.offsets[:] = kept[:2]
        self.search.pattern = list(kept[2])
        for index in agents:
            self.state.put(index, self._tour(index))
        self._forget()

    def _tour(self, index: int) -> Tour:
        agent = self.search.agents[index]
        shifts, types = agent.shifts, self.plan.types[index].copy()
        worked = np.flatnonzero(types != OFF)
        offsets = self.plan.offsets[index, :, : shifts.structure.width.shape[1]].copy()
        return Tour(
            types, offsets, own_cost(agent, types), int(shifts.unpopular[worked, types[worked]].sum())
        )

    def _read(self, index: int) -> None:
        """Bring the state's tour of an agent up to date; coverage already is."""
        self.state.tours[index] = self._tour(index)

    def _write(self, index: int) -> None:
        """Bring the flat arrays of an agent up to date with its tour."""
        agent, tour = self.search.agents[index], self.state.tours[index]
        if tour is None:  # stays off
            return
        plan = self.plan
        plan.types[index] = tour.types
        plan.offsets[index, :, : tour.offsets.shape[1]] = tour.offsets
        plan.kept_free[index] = False
        plan.kept_free[index, list(agent.off_patterns[self.search.pattern[index]])] = True
        plan.units[index] = 0
        for day in np.flatnonzero(tour.types != OFF):
            plan.units[index, day // 7] += self.crew.paid[index, day, tour.types[day]]


def costs_of(search: Search) -> Costs:
    """Return what the moves need to judge a change; the fair shares are those of the roster as it stands."""
    problem, state = search.problem, search.state
    weights, scale, total = problem.weights, problem.price_scale, problem.total
    open_now = total > 0
    return Costs(
        component_first=problem.cuts.component_first,
        component=problem.cuts.component,
        covers=np.ascontiguousarray(problem.cuts.covers.T),
        understaffed=np.where(open_now, weights.understaffed * scale, 0.0),
        per_required=np.divide(1.0, total, out=np.zeros_like(total), where=open_now),
        overstaffed=float(weights.overstaffed * scale),
        uneven=float(weights.start_consistency),
        fairness=float(weights.fairness),
        fair_share=state.fair_shares(),
        slots_per_interval=problem.grid.slots_per_interval,
        seats=np.array([NO_SEATS if s.seats is None else s.seats for s in problem.sites], dtype=np.int64),
        least_present=np.array([s.least for s in problem.sites], dtype=np.int64).reshape(state.present.shape),
        limited=search.limited,
        breach=search.site_weight * scale / problem.grid.slots_per_interval,
    )

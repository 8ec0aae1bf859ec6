"""A roster in the making: the tour of each agent and the coverage they give together.

`deficit` (cuts x intervals) is requirement less agents on queue, `on_queue` all agents on queue per interval,
`inside` and `present` (sites x slots) count agents inside a shift and on queue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from wfm.errors import count_of
from wfm.schedule.agents import Agent
from wfm.schedule.coverage import add_on_queue, add_presence, add_tour, shortfall
from wfm.schedule.grading import Piece, pieces
from wfm.schedule.history import Carried
from wfm.schedule.horizon import Grid
from wfm.schedule.problem import Problem
from wfm.schedule.solver import Tour

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class State:
    """Tours and coverage of all agents; only `put` and `take` change it."""

    def __init__(self, problem: Problem, agents: list[Agent]) -> None:
        self.problem, self.agents = problem, agents
        grid, cuts = problem.grid, problem.cuts
        self.deficit = cuts.required.copy()
        self.on_queue = np.zeros(grid.intervals)
        self.inside = np.zeros((len(problem.sites), grid.slots), dtype=np.int64)
        self.present = np.zeros((len(problem.sites), grid.slots), dtype=np.int64)
        self.tours: list[Tour | None] = [None] * len(agents)
        self.unpopular = np.zeros(len(agents), dtype=np.int64)
        self.unpopular_at = np.zeros(len(problem.sites), dtype=np.int64)
        self.agents_at = np.bincount(problem.site_of, minlength=len(problem.sites))
        self.columns = [np.ascontiguousarray(cuts.covers[:, g]) for g in range(len(problem.groups))]
        self.pieces = [pieces(agent, grid.slots_per_interval) for agent in agents]
        for carried in problem.history:
            self._carry(carried)
        self.base_on_queue = self.on_queue.copy()
        self.base_deficit = self.deficit.copy()

    def _carry(self, carried: Carried) -> None:
        self.inside[carried.site, carried.begin : carried.end] += 1
        if carried.on_queue:
            for group, worth in _full_pieces(self.agents[carried.agent], self.problem.grid):
                self._add(group, carried.begin, carried.end, worth, 1.0)
            self.present[carried.site, carried.begin : carried.end] += 1

    def put(self, index: int, tour: Tour) -> None:
        """Give an agent without tour this one."""
        self._change(index, tour, 1)
        self.tours[index] = tour
        self.unpopular[index] = tour.unpopular
        self.unpopular_at[self.problem.site_of[index]] += tour.unpopular

    def take(self, index: int) -> Tour | None:
        """Take the tour of an agent away and return it."""
        tour = self.tours[index]
        if tour is not None:
            self._change(index, tour, -1)
            self.tours[index] = None
            self.unpopular[index] = 0
            self.unpopular_at[self.problem.site_of[index]] -= tour.unpopular
        return tour

    def restore(self, tours: Sequence[Tour | None]) -> None:
        """Give every agent its tour of these."""
        for index, tour in enumerate(tours):
            self.take(index)
            if tour is not None:
                self.put(index, tour)

    def _change(self, index: int, tour: Tour, sign: int) -> None:
        agent = self.agents[index]
        site = int(self.problem.site_of[index])
        spi = self.problem.grid.slots_per_interval
        shifts, structure = agent.shifts, agent.shifts.structure
        placed = (
            tour.types, tour.offsets, shifts.begin_slot, shifts.length_slots,
            structure.of_length, structure.width, structure.count, sign,
        )  # fmt: skip
        add_presence(self.inside[site], self.present[site], agent.share, *placed)
        for group, counts in self.pieces[index]:
            add_tour(self.deficit, self.on_queue, self.columns[group], counts, spi, *placed)

    def _add(self, group: int, begin: int, end: int, share: Floats, sign: float) -> None:
        spi = self.problem.grid.slots_per_interval
        add_on_queue(self.deficit, self.on_queue, self.columns[group], share, spi, begin, end, sign)

    def coverage_cost(self) -> tuple[float, float]:
        """Return the understaffed and overstaffed parts of the objective."""
        problem = self.problem
        missing = shortfall(self.deficit, problem.cuts.component_first)
        return coverage_cost(problem, missing, self.on_queue)

    def fairness_cost(self) -> float:
        """Return the fairness part: unpopular shifts above the site's mean, rounded up."""
        above = np.maximum(0, self.unpopular - self.fair_shares()[self.problem.site_of])
        return self.problem.weights.fairness * float(above.sum())

    def fair_shares(self) -> Ints:
        """Return each site's mean of unpopular shifts, rounded up; 0 where nobody belongs."""
        pairs = zip(self.unpopular_at.tolist(), self.agents_at.tolist(), strict=True)
        shares = [fair_share(total, agents) if agents else 0 for total, agents in pairs]
        return np.array(shares, dtype=np.int64)

    def above_fair_share(self, index: int, unpopular: int) -> int:
        """Return by how much so many unpopular shifts of an agent lie above its site's mean, rounded up.

        The agent is taken out.
        """
        site = self.problem.site_of[index]
        total = int(self.unpopular_at[site]) + unpopular
        return max(0, unpopular - fair_share(total, int(self.agents_at[site])))

    def own_cost(self) -> float:
        """Return what the agents' tours cost by themselves: paid, requests, starts, changes."""
        return sum(tour.cost for tour in self.tours if tour is not None)

    def shared_cost(self) -> float:
        """Return the parts of the objective that no agent bears alone: coverage and fairness."""
        return sum(self.coverage_cost()) + self.fairness_cost()

    def objective(self) -> float:
        """Return the whole objective."""
        return self.shared_cost() + self.own_cost()

    def breaches(self) -> dict[str, str]:
        """Return, per site, the site rule that is broken in words; empty if all hold."""
        found: dict[str, str] = {}
        for index, site in enumerate(self.problem.sites):
            most = int(self.inside[index].max(initial=0))
            if site.seats is not None and most > site.seats:
                found[site.name] = f"seats: {count_of(most, 'agent')} inside a shift, {site.seats} allowed"
            lacking = np.flatnonzero(self.present[index] < site.least)
            if len(lacking):
                at = lacking[self.present[index][lacking].argmin()]
                here, least = int(self.present[index][at]), int(site.least[at])
                found[site.name] = f"min_present: {count_of(here, 'agent')} on queue, at least {least}"
        return found


def _full_pieces(agent: Agent, grid: Grid) -> list[Piece]:
    """Return what an agent counts for whose own absences are in the roster already."""
    return pieces(replace(agent, share=np.ones(grid.slots)), grid.slots_per_interval)


def fair_share(total: int, agents: int) -> int:
    """Return the mean number of unpopular shifts, rounded up."""
    return -(-total // agents)


def coverage_cost(problem: Problem, missing: Floats, on_queue: Floats) -> tuple[float, float]:
    """Return the understaffed and overstaffed parts for U and A per interval."""
    weights, scale, required, total = problem.weights, problem.price_scale, problem.required, problem.total
    relative = np.divide(missing, total, out=np.zeros_like(missing), where=total > 0)
    understaffed = weights.understaffed * scale * float((missing * (1 + relative)).sum())
    overstaffed = weights.overstaffed * scale * float((on_queue - required + missing).sum())
    return understaffed, overstaffed

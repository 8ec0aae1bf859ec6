"""A roster in the making: the tour of each agent and the coverage they give together.

`deficit` (cuts x intervals) is requirement less agents on queue, `on_queue` all agents on queue per interval,
`inside` and `present` (sites x slots) count agents inside a shift and on queue.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from wfm.schedule.agents import Agent
from wfm.schedule.coverage import add_on_queue, shortfall
from wfm.schedule.problem import Problem
from wfm.schedule.tour import OFF, best_tour, shift_costs

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Tour:
    """Shift type per day (OFF: none) and the offsets of its breaks in slots; `cost` is the agent's own cost."""

    types: Ints
    offsets: Ints
    cost: float
    unpopular: int


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
        self.columns = [np.ascontiguousarray(cuts.covers[:, g]) for g in range(len(problem.groups))]
        self.whole = np.ones(grid.slots)
        for group, site, begin, end in problem.history:
            self._add(group, begin, end, self.whole, 1.0)
            self.present[site, begin:end] += 1
        self.base_on_queue = self.on_queue.copy()
        self.base_deficit = self.deficit.copy()

    def put(self, index: int, tour: Tour) -> None:
        """Give an agent without tour this one."""
        self._change(index, tour, 1)
        self.tours[index] = tour
        self.unpopular[index] = tour.unpopular

    def take(self, index: int) -> Tour | None:
        """Take the tour of an agent away and return it."""
        tour = self.tours[index]
        if tour is not None:
            self._change(index, tour, -1)
            self.tours[index] = None
            self.unpopular[index] = 0
        return tour

    def _change(self, index: int, tour: Tour, sign: int) -> None:
        agent = self.agents[index]
        site = int(self.problem.site_of[index])
        spi = self.problem.grid.slots_per_interval
        _apply(
            self.deficit, self.on_queue, self.inside[site], self.present[site], self.columns[agent.group],
            agent.share, spi, tour.types, tour.offsets, agent.shifts.begin_slot, agent.shifts.length_slots,
            agent.shifts.structure.of_length, agent.shifts.structure.width, agent.shifts.structure.count, sign,
        )  # fmt: skip

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
        problem = self.problem
        total = 0.0
        for site in range(len(problem.sites)):
            counts = self.unpopular[problem.site_of == site]
            if len(counts):
                total += float(np.maximum(0, counts - fair_share(int(counts.sum()), len(counts))).sum())
        return problem.weights.fairness * total

    def own_cost(self) -> float:
        """Return what the agents' tours cost by themselves: paid, requests, starts, changes."""
        return sum(tour.cost for tour in self.tours if tour is not None)

    def objective(self) -> float:
        """Return the whole objective."""
        return sum(self.coverage_cost()) + self.fairness_cost() + self.own_cost()

    def breaches(self) -> dict[str, str]:
        """Return, per site, the site rule that is broken in words; empty if all hold."""
        found: dict[str, str] = {}
        for index, site in enumerate(self.problem.sites):
            most = int(self.inside[index].max(initial=0))
            if site.seats is not None and most > site.seats:
                found[site.name] = f"seats: {most} agents inside a shift, {site.seats} seats"
            here = self.present[index][site.watched]
            least = int(here.min(initial=site.min_present))
            if least < site.min_present:
                found[site.name] = f"min_present: {least} agents on queue, at least {site.min_present}"
        return found


def fair_share(total: int, agents: int) -> int:
    """Return the mean number of unpopular shifts, rounded up."""
    return -(-total // agents)


def coverage_cost(problem: Problem, missing: Floats, on_queue: Floats) -> tuple[float, float]:
    """Return the understaffed and overstaffed parts for U and A per interval."""
    weights, scale, required = problem.weights, problem.price_scale, problem.required
    relative = np.divide(missing, required, out=np.zeros_like(missing), where=required > 0)
    understaffed = weights.understaffed * scale * float((missing * (1 + relative)).sum())
    overstaffed = weights.overstaffed * scale * float((on_queue - required + missing).sum())
    return understaffed, overstaffed


@njit(cache=True)
def _apply(
    deficit: Floats,
    on_queue: Floats,
    inside: Ints,
    present: Ints,
    covered: NDArray[np.bool_],
    share: Floats,
    slots_per_interval: int,
    types: Ints,
    offsets: Ints,
    begin_slot: Ints,
    length_slots: Ints,
    of_length: Ints,
    width: Ints,
    count: Ints,
    sign: int,
) -> None:
    lengths = length_slots.shape[0]
    for d in range(types.shape[0]):
        t = types[d]
        if t < 0:
            continue
        begin = begin_slot[d, t // lengths]
        end = begin + length_slots[t % lengths]
        z = of_length[t % lengths]
        inside[begin:end] += sign
        at = begin
        for b in range(count[z] + 1):
            stop = end if b == count[z] else begin + offsets[d, b]
            add_on_queue(deficit, on_queue, covered, share, slots_per_interval, at, stop, float(sign))
            for s in range(at, stop):
                if share[s] >= 1.0:
                    present[s] += sign
            at = stop if b == count[z] else stop + width[z, b]


class Solver:
    """Finds the best tour of one agent under prices; reuses its work arrays."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.no_cost = np.zeros(problem.grid.slots)

    def tour(
        self,
        agent: Agent,
        price: Floats,
        inside_cost: Floats | None = None,
        unpopular_price: float = 0.0,
        free_days: tuple[int, ...] = (),
    ) -> tuple[float, Tour | None]:
        """Return (cost under the prices, tour), or (INF, None) if the agent's rules cannot be met.

        `price` is the value per slot on queue, `inside_cost` the cost per slot inside a shift.
        """
        shifts, structure = agent.shifts, agent.shifts.structure
        static = agent.static
        if unpopular_price:
            static = static + unpopular_price * shifts.unpopular
        if free_days:
            static = static.copy()
            static[list(free_days)] = np.inf
        days = len(static)
        cost = np.empty_like(static)
        breaks = np.zeros((days, shifts.begin.shape[1], *structure.first.shape), dtype=np.int64)
        shift_costs(
            price * agent.share, self.no_cost if inside_cost is None else inside_cost, agent.blocked, static,
            shifts.begin_slot, shifts.length_slots, structure.of_length, structure.first, structure.last,
            structure.width, structure.count, structure.step, cost, breaks,
        )  # fmt: skip
        types = np.empty(days, dtype=np.int64)
        bounds, states = agent.bounds, agent.states
        value = best_tour(
            cost, agent.off_cost, shifts.begin, shifts.length, shifts.by_end, shifts.near_first, shifts.near_last,
            agent.paid_class, states.days, states.units, states.after, states.before, int(agent.class_units[-1]),
            bounds.least_days, bounds.most_days, bounds.least_units, bounds.most_units, agent.rest, agent.run_limit,
            agent.run_before, agent.uneven, types,
        )  # fmt: skip
        if value >= 1e14:
            return value, None
        return value, self.finished(agent, types, breaks)

    def finished(self, agent: Agent, types: Ints, breaks: Ints) -> Tour:
        """Return the tour of these types with the breaks chosen for them."""
        shifts = agent.shifts
        lengths = len(shifts.length)
        worked = np.flatnonzero(types != OFF)
        offsets = np.zeros((len(types), breaks.shape[3]), dtype=np.int64)
        chosen = types[worked]
        offsets[worked] = breaks[worked, chosen // lengths, shifts.structure.of_length[chosen % lengths]]
        return Tour(types, offsets, own_cost(agent, types), int(shifts.unpopular[worked, chosen].sum()))


def own_cost(agent: Agent, types: Ints) -> float:
    """Return what a tour costs by itself: paid, requests, changes and uneven starts."""
    worked = np.flatnonzero(types != OFF)
    cost = float(agent.static[worked, types[worked]].sum() + agent.off_cost[types == OFF].sum())
    starts = agent.shifts.catalogue.starts[types[worked] // len(agent.shifts.length)]
    next_day = np.diff(worked) == 1
    return cost + agent.uneven * float((next_day & (np.abs(np.diff(starts)) > 60)).sum())

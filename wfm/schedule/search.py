"""The search: every agent in turn takes its best tour against smoothed prices, the smoothing cooled to zero.

Each agent's rules are met exactly by its own dynamic programme; coverage couples agents only through prices.
Under a wide smoothing agents take what suits them best at the guiding prices (`wfm.schedule.guide`), under
none they fill single gaps. Site limits are priced and the price of a broken one grows. All choices come from
one seeded generator.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from wfm.schedule.agents import Agent
from wfm.schedule.coverage import exact_prices, smooth_prices
from wfm.schedule.grading import priced
from wfm.schedule.lawful import Wanted, any_lawful_tour, lawful_tour
from wfm.schedule.problem import Problem
from wfm.schedule.solver import Solver, Tour
from wfm.schedule.state import State

Floats = NDArray[np.float64]

JITTER = 0.02
WIDEST = 2.0  # smoothing at the start, share of the mean requirement, at most ...
WIDEST_OF_MANY = 100.0  # ... so many agents
NEAR = 0.5  # smoothing at the start beside a previous plan, agents
NARROWEST = 0.25  # smoothing at the end, agents
NOISE = 0.3  # on the prices of a new tour, per slot and degree of heat
OTHER_WEEKENDS = 0.25  # how often another choice of free weekends is tried


class Search:
    """A state and the moves that improve it."""

    def __init__(self, problem: Problem, agents: list[Agent], seed: int, prior: Floats | None = None) -> None:
        self.problem, self.agents, self.seed = problem, agents, seed
        self.state = State(problem, agents)
        self.solver = Solver(problem)
        self.random = np.random.default_rng(seed)
        self.pattern = [index % len(agent.off_patterns) for index, agent in enumerate(agents)]
        self.unpopular_price = np.zeros(len(agents))
        self.interval_price = np.empty(problem.grid.intervals)
        self.site_weight = 4 * (problem.weights.understaffed + problem.weights.overstaffed + 1)
        self.prior = np.ones_like(problem.cuts.required) if prior is None else prior
        self.limited = any(site.seats is not None or site.least.any() for site in problem.sites)

    def twin(self, number: int) -> Search:
        """Return a search of its own with the same roster, whose random choices are others."""
        twin = Search(self.problem, self.agents, self.seed, self.prior)
        twin.random = np.random.default_rng([self.seed, number])
        twin.take_over(self)
        return twin

    def take_over(self, other: Search) -> None:
        """Take the roster of another search for the same agents."""
        self.pattern = list(other.pattern)
        self.unpopular_price = other.unpopular_price.copy()
        self.state.restore(other.state.tours)

    def sweep(self, smoothing: float) -> None:
        """Let every agent, in random order, take its best tour; smoothing 0 is exact."""
        for index in self.random.permutation(len(self.agents)):
            self.improve(int(index), smoothing)

    def improve(self, index: int, smoothing: float) -> None:
        """Take one agent out and put it back with its best tour; at smoothing 0 never for the worse."""
        agent, state = self.agents[index], self.state
        old = state.take(index)
        price, inside_cost = self.prices(index, smoothing)
        tours = self._candidates(index, agent, price, inside_cost)
        if smoothing == 0 and old is not None:
            tours.append((self.pattern[index], old))
        if not tours:
            tours = [self._any_legal(agent)] if old is None else [(self.pattern[index], old)]
        values = [0.0]
        if len(tours) > 1:
            values = [self._value(index, tour, smoothing, price, inside_cost) for _, tour in tours]
        self.pattern[index], best = tours[int(np.argmin(np.round(values, 9)))]
        self.unpopular_price[index] = (
            self.problem.weights.fairness if self.state.above_fair_share(index, best.unpopular) else 0.0
        )
        state.put(index, best)

    def retry(self, index: int, heat: float, shared: float) -> tuple[float, float]:
        """Offer one agent its best tour under exact prices with noise; take it as annealing does.

        `shared` is what coverage, fairness and site limits cost now. Return the change of the objective and
        the shared cost afterwards.
        """
        agent, state = self.agents[index], self.state
        old = state.take(index)
        if old is None:
            raise ValueError("the agent has no tour")
        price, inside_cost = self.prices(index, 0.0)
        price = price + heat * NOISE * self.random.random(len(price))
        free = agent.off_patterns[self.pattern[index]]
        wanted = Wanted(price, inside_cost, float(self.unpopular_price[index]), free)
        _, tour = lawful_tour(self.solver, agent, wanted)
        new = old if tour is None else tour
        state.put(index, new)
        after = state.shared_cost() + self.breach_cost()
        change = after + new.cost - shared - old.cost
        if change <= 0 or (heat > 0 and self.random.random() < math.exp(-change / heat)):
            return change, after
        state.take(index)
        state.put(index, old)
        return 0.0, shared

    def _value(
        self, index: int, tour: Tour, smoothing: float, price: Floats, inside_cost: Floats | None
    ) -> float:
        """Return the cost of giving an agent this tour: exact at smoothing 0, else under the prices."""
        own = tour.cost + self.problem.weights.fairness * self.state.above_fair_share(index, tour.unpopular)
        if smoothing == 0:
            return own + self._coverage_with(index, tour)
        return own - self.worth(self.agents[index], tour, price, inside_cost)

    def prices(self, index: int, smoothing: float) -> tuple[Floats, Floats | None]:
        """Return value per slot on queue and cost per slot inside a shift, for an agent that is taken out."""
        problem = self.problem
        scale = problem.price_scale / problem.grid.slots_per_interval
        of_interval = priced(self.agents[index], lambda group: self._price_of(group, smoothing))
        price = np.repeat(of_interval * scale, problem.grid.slots_per_interval)
        if smoothing:
            price = price + JITTER * scale * self.random.random(len(price))
        return (price, None) if not self.limited else self._with_site_limits(index, price)

    def _price_of(self, group: int, smoothing: float) -> Floats:
        """Return what a full agent more of a group is worth in each interval; the array is used again."""
        problem, state, cuts = self.problem, self.state, self.problem.cuts
        component = int(cuts.component[group])
        args = (state.deficit, cuts.component_first, state.columns[group], component, problem.total)
        costs = (problem.weights.understaffed, problem.weights.overstaffed)
        if smoothing:
            smooth_prices(*args, self.prior, smoothing, *costs, self.interval_price)
        else:
            exact_prices(*args, *costs, self.interval_price)
        return self.interval_price

    def _with_site_limits(self, index: int, price: Floats) -> tuple[Floats, Floats | None]:
        at = int(self.problem.site_of[index])
        site = self.problem.sites[at]
        weight = self.site_weight * self.problem.price_scale / self.problem.grid.slots_per_interval
        if site.min_present:
            price = price + weight * (self.state.present[at] < site.least)
        if site.seats is None:
            return price, None
        return price, 2 * weight * (self.state.inside[at] >= site.seats)

    def _candidates(
        self, index: int, agent: Agent, price: Floats, inside_cost: Floats | None
    ) -> list[tuple[int, Tour]]:
        patterns = [self.pattern[index]]
        if len(agent.off_patterns) > 1 and self.random.random() < OTHER_WEEKENDS:
            patterns.append(int(self.random.integers(len(agent.off_patterns))))
        found: list[tuple[int, Tour]] = []
        for pattern in patterns:
            free = agent.off_patterns[pattern]
            for extra in sorted({0.0, float(self.unpopular_price[index])}, reverse=True):
                _, tour = lawful_tour(self.solver, agent, Wanted(price, inside_cost, extra, free))
                if tour is not None:
                    found.append((pattern, tour))
        if not found:  # this choice of weekends cannot be kept, another can
            for pattern, free in enumerate(agent.off_patterns):
                _, tour = lawful_tour(self.solver, agent, Wanted(price, inside_cost, 0.0, free))
                if tour is not None:
                    return [(pattern, tour)]
        if (
            found
            and not self.unpopular_price[index]
            and self.state.above_fair_share(index, found[-1][1].unpopular)
        ):
            free = agent.off_patterns[found[-1][0]]
            wanted = Wanted(price, inside_cost, self.problem.weights.fairness, free)
            _, tour = lawful_tour(self.solver, agent, wanted)
            if tour is not None:
                found.append((found[-1][0], tour))
        return found

    def _any_legal(self, agent: Agent) -> tuple[int, Tour]:
        """Return a choice of weekends and a legal tour, whatever it costs: the search began with one."""
        found = any_lawful_tour(self.solver, agent)
        if found is not None:
            return found
        raise RuntimeError(f"agent {agent.facts.agent_id} lost its tour: the rules were feasible before")

    def worth(self, agent: Agent, tour: Tour, price: Floats, inside_cost: Floats | None) -> float:
        """Return the value of a tour's time on queue under linear prices."""
        total = 0.0
        running = np.concatenate([[0.0], np.cumsum(price * agent.share)])
        for begin, end in on_queue_slots(agent, tour):
            total += running[end] - running[begin]
        if inside_cost is not None:
            total -= sum(inside_cost[begin:end].sum() for begin, end in shift_slots(agent, tour))
        return float(total)

    def _coverage_with(self, index: int, tour: Tour) -> float:
        self.state.put(index, tour)
        cost = sum(self.state.coverage_cost()) + self.breach_cost()
        self.state.take(index)
        return cost

    def breach_cost(self) -> float:
        """Return a cost for broken site limits, in agent-slots, that no goal outweighs."""
        if not self.limited:
            return 0.0
        total = 0
        for at, site in enumerate(self.problem.sites):
            if site.seats is not None:
                total += 2 * int(np.maximum(0, self.state.inside[at] - site.seats).sum())
            if site.min_present:
                total += int(np.maximum(0, site.least - self.state.present[at]).sum())
        return total * self.site_weight * self.problem.price_scale / self.problem.grid.slots_per_interval


def cooling(problem: Problem, sweeps: int, *, near: bool) -> Iterator[float]:
    """Yield the smoothing of each sweep: from more than the mean requirement down to a fraction of an agent.

    It falls by the same factor each time. With `near` it starts narrow, so that a plan to stay near is not
    torn up first.
    """
    open_intervals = problem.required[problem.required > 0]
    mean = float(open_intervals.mean()) if len(open_intervals) else 1.0
    widest = NEAR if near else min(max(1.0, WIDEST * mean), WIDEST_OF_MANY)
    for step in range(sweeps):
        yield widest * (NARROWEST / widest) ** (step / max(1, sweeps - 1))


def shift_slots(agent: Agent, tour: Tour) -> Iterator[tuple[int, int]]:
    """Yield begin and end slot of each shift."""
    lengths = len(agent.shifts.length)
    for day in np.flatnonzero(tour.types >= 0):
        kind = int(tour.types[day])
        begin = int(agent.shifts.begin_slot[day, kind // lengths])
        yield begin, begin + int(agent.shifts.length_slots[kind % lengths])


def on_queue_slots(agent: Agent, tour: Tour) -> Iterator[tuple[int, int]]:
    """Yield begin and end slot of each stretch between breaks (leave not taken out)."""
    lengths = len(agent.shifts.length)
    structure = agent.shifts.structure
    for day, (begin, end) in zip(np.flatnonzero(tour.types >= 0), shift_slots(agent, tour), strict=True):
        row = int(structure.of_length[int(tour.types[day]) % lengths])
        at = begin
        for b in range(int(structure.count[row])):
            yield at, begin + int(tour.offsets[day, b])
            at = begin + int(tour.offsets[day, b] + structure.width[row, b])
        yield at, end

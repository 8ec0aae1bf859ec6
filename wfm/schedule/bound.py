"""A lower bound on the objective, valid for any prices: Lagrangian relaxation of coverage.

For prices a(c, n) >= 0 on the cuts c of interval n, with deficits D(c, n) = R(c, n) - S(c, n):

    sum a R - w_o s R
      + sum over agents of min tour (own cost - (sum of a over the agent's cuts - w_o s) on queue)
      - sum over n of max(0, A(n) - s (w_u + w_o))^2 R(n) / (4 s w_u)

bounds the objective from below; A(n) is the largest price sum of a component. Fairness, seats, presence and
weekend windows only add cost, so leaving them out keeps the bound valid. The prices climb by Adam on the
subgradient. Source: Fisher (1981), The Lagrangian Relaxation Method; Kingma & Ba (2015), Adam.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from wfm.schedule.agents import Agent
from wfm.schedule.coverage import add_tour
from wfm.schedule.problem import Problem
from wfm.schedule.solver import Solver, Tour
from wfm.schedule.state import State

Floats = NDArray[np.float64]
Shown = Callable[[int, float], bool]

FIRST_STEP = 0.1
LAST_STEP = 0.0007
MOMENTUM = 0.8
SPREAD_MEMORY = 0.95
START_TRIALS = 12


@dataclass(frozen=True)
class Bound:
    """A proven lower bound with the prices (cuts x intervals) that prove it."""

    value: float
    prices: Floats


class Relaxation:
    """The relaxed problem: value and subgradient at given prices. Agents that are alike are solved once."""

    def __init__(self, problem: Problem, agents: list[Agent], state: State) -> None:
        self.problem = problem
        self.solver = Solver(problem)
        self.columns = state.columns
        self.fixed_deficit = state.base_deficit
        self.fixed_on_queue = state.base_on_queue
        self.inside = np.zeros(problem.grid.slots, dtype=np.int64)  # written, never read
        self.classes = [(agents[members[0]], len(members)) for members in _alike(agents)]

    def value(self, prices: Floats) -> tuple[float, Floats]:
        """Return the bound at these prices, and its subgradient."""
        problem, weights, scale = self.problem, self.problem.weights, self.problem.price_scale
        gradient = self.fixed_deficit.copy()
        total = float((prices * self.fixed_deficit).sum())
        total += weights.overstaffed * scale * float((self.fixed_on_queue - problem.required).sum())
        for agent, count in self.classes:
            worth = prices[self.columns[agent.group]].sum(axis=0) - weights.overstaffed * scale
            cost, tour = self._cheapest(agent, worth)
            total += count * cost
            self._take_supply(gradient, agent, tour, count)
        return total - self._curvature(prices, gradient), gradient

    def _cheapest(self, agent: Agent, worth: Floats) -> tuple[float, Tour]:
        spi = self.problem.grid.slots_per_interval
        cost, tour = self.solver.tour(agent, np.repeat(worth / spi, spi))
        if tour is None:
            raise RuntimeError(f"agent {agent.facts.agent_id} has no tour in the bound: it had one before")
        return cost, tour

    def _take_supply(self, gradient: Floats, agent: Agent, tour: Tour, count: int) -> None:
        shifts, structure = agent.shifts, agent.shifts.structure
        on_queue = np.zeros(self.problem.grid.intervals)
        add_tour(
            gradient, on_queue, self.inside, self.inside, self.columns[agent.group],
            agent.share, self.problem.grid.slots_per_interval, tour.types, tour.offsets, shifts.begin_slot,
            shifts.length_slots, structure.of_length, structure.width, structure.count, count,
        )  # fmt: skip

    def _curvature(self, prices: Floats, gradient: Floats) -> float:
        """Return the loss where prices exceed the first unit's cost, and put the best U into the gradient."""
        weights, scale, required = self.problem.weights, self.problem.price_scale, self.problem.required
        first = self.problem.cuts.component_first
        sums = np.array([prices[a:b].sum(axis=0) for a, b in pairwise(first)])
        if not len(sums):
            return 0.0
        above = np.maximum(0.0, sums.max(axis=0) - scale * (weights.understaffed + weights.overstaffed))
        if not above.any():
            return 0.0
        if not weights.understaffed:
            return float(np.inf)  # no finite price above the first unit's cost bounds anything
        missing = above * required / (2 * scale * weights.understaffed)
        top = sums.argmax(axis=0)
        for k, (a, b) in enumerate(pairwise(first)):
            gradient[a:b] -= np.where(top == k, missing, 0.0)
        return float((above * missing / 2).sum())


def uniform_start(relaxation: Relaxation) -> Floats:
    """Return the best of those prices that value every required agent alike, whatever its skills.

    The bound is concave in that one number: golden sections between nothing and the price of a missing agent.
    """
    problem = relaxation.problem
    dearest = (problem.weights.understaffed + problem.weights.overstaffed) * problem.price_scale
    section = (math.sqrt(5.0) - 1.0) / 2.0
    low, high = 0.0, dearest
    left, right = high - section * (high - low), low + section * (high - low)
    below, above = (relaxation.value(_uniform(problem, price))[0] for price in (left, right))
    for _ in range(START_TRIALS):
        if below < above:
            low, left, below = left, right, above
            right = low + section * (high - low)
            above = relaxation.value(_uniform(problem, right))[0]
        else:
            high, right, above = right, left, below
            left = high - section * (high - low)
            below = relaxation.value(_uniform(problem, left))[0]
    return _uniform(problem, left if below > above else right)


def _uniform(problem: Problem, price: float) -> Floats:
    """Return `price` on the largest cut of each component; queues nobody serves bear what they cost."""
    weights, cuts = problem.weights, problem.cuts
    prices = np.zeros_like(cuts.required)
    for largest in cuts.component_first[1:] - 1:
        if cuts.covers[largest].any():
            prices[largest] = price
        elif weights.understaffed:
            share = cuts.required[largest] / np.maximum(problem.required, 1.0)
            slope = weights.understaffed * (1 + 2 * share) + weights.overstaffed
            prices[largest] = slope * problem.price_scale
    return _projected(prices, problem)


def climb(relaxation: Relaxation, prices: Floats, steps: int, shown: Shown | None = None) -> Bound:
    """Return the best bound of `steps` steps from `prices`; `shown` (step, best value so far) may end it."""
    problem = relaxation.problem
    size = (problem.weights.understaffed + problem.weights.overstaffed) * problem.price_scale
    best = Bound(-np.inf, prices)
    mean, spread = np.zeros_like(prices), 0.0
    for step, rate in enumerate(_rates(steps)):
        value, gradient = relaxation.value(prices)
        if value > best.value:
            best = Bound(value, prices.copy())
        if shown is not None and shown(step, best.value):
            break
        mean = MOMENTUM * mean + (1 - MOMENTUM) * gradient
        square = float((gradient**2).mean())
        spread = square if step == 0 else SPREAD_MEMORY * spread + (1 - SPREAD_MEMORY) * square
        prices = _projected(prices + rate * size * mean / np.sqrt(spread + 1e-12), problem)
    return best


def _rates(steps: int) -> Iterator[float]:
    for step in range(steps):
        yield FIRST_STEP * (LAST_STEP / FIRST_STEP) ** (step / max(1, steps - 1))


def _projected(prices: Floats, problem: Problem) -> Floats:
    """Return prices >= 0, without any where nothing can be missing or missing costs nothing more."""
    weights, scale = problem.weights, problem.price_scale
    prices = np.where(problem.required > 0, np.maximum(prices, 0.0), 0.0)
    if weights.understaffed:
        return prices
    first = problem.cuts.component_first
    for a, b in pairwise(first):
        total = prices[a:b].sum(axis=0)
        prices[a:b] *= np.minimum(1.0, weights.overstaffed * scale / np.maximum(total, 1e-300))
    return prices


def _alike(agents: list[Agent]) -> list[list[int]]:
    """Return classes of agents with the same shifts, costs and limits."""
    classes: dict[tuple[object, ...], list[int]] = {}
    for index, agent in enumerate(agents):
        bounds = agent.bounds
        arrays = (
            *(agent.static, agent.off_cost, agent.paid_class, agent.class_units, agent.share),
            *(bounds.least_days, bounds.most_days, bounds.least_units, bounds.most_units),
        )
        numbers = (id(agent.shifts), agent.group, agent.rest, agent.run_limit, agent.run_before)
        key = (*numbers, *(array.tobytes() for array in arrays))
        classes.setdefault(key, []).append(index)
    return list(classes.values())

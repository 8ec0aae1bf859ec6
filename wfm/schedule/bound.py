"""A lower bound on the objective, valid for any prices: Lagrangian relaxation of coverage.

For prices a(c, n) >= 0 on the cuts c of interval n, with deficits D(c, n) = R(c, n) - S(c, n):

    sum a R - w_o s R
      + sum over agents of min tour (own cost - (sum of a over the agent's cuts - w_o s) on queue)
      - sum over n of max(0, A(n) - s (w_u + w_o))^2 R(n) / (4 s w_u)

bounds the objective from below; A(n) is the largest price sum of a component. Fairness, seats, presence and
weekend windows only add cost, so leaving them out keeps the bound valid. The prices climb by Adam on the
subgradient. Left out as well are the fewest days in a row, weekly rest, averages and limits of changes.
Source: Fisher (1981), The Lagrangian Relaxation Method; Kingma & Ba (2015), Adam.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from wfm.schedule.agents import Agent
from wfm.schedule.coverage import add_tour
from wfm.schedule.grading import pieces, priced
from wfm.schedule.problem import Problem
from wfm.schedule.solver import RELAXED, Solver, Tour
from wfm.schedule.state import State

Floats = NDArray[np.float64]
Shown = Callable[[int, float], bool]
Class = tuple[Agent, float]  # one of the agents that are alike, and how many they are

FIRST_STEP = 0.004  # of a climb from the prices of `wfm.schedule.guide`
LAST_STEP = 0.0004
MOMENTUM = 0.8
SPREAD_MEMORY = 0.95
ROUNDING = 1e-12


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
        self.classes: list[Class] = [(agents[m[0]], float(len(m))) for m in _alike(agents)]

    def value(self, prices: Floats, classes: Sequence[Class] | None = None) -> tuple[float, Floats]:
        """Return the bound at these prices, and its subgradient.

        `classes` are all unless a sample stands for them, with counts as heavy as all together: then both are
        estimates, and nothing is proven.
        """
        problem, weights, scale = self.problem, self.problem.weights, self.problem.price_scale
        gradient = self.fixed_deficit.copy()
        total = float((prices * self.fixed_deficit).sum())
        total += weights.overstaffed * scale * float((self.fixed_on_queue - problem.required).sum())
        for agent, count in self.classes if classes is None else classes:
            cost, tour = self._cheapest(agent, priced(agent, partial(self._worth, prices)))
            total += count * cost
            self._take_supply(gradient, agent, tour, count)
        return total - self._curvature(prices, gradient), gradient

    def _worth(self, prices: Floats, group: int) -> Floats:
        """Return what a full agent of a group on queue is worth per interval."""
        weights, scale = self.problem.weights, self.problem.price_scale
        worth: Floats = prices[self.columns[group]].sum(axis=0) - weights.overstaffed * scale
        return worth

    def _cheapest(self, agent: Agent, worth: Floats) -> tuple[float, Tour]:
        spi = self.problem.grid.slots_per_interval
        cost, tour = self.solver.tour(agent, np.repeat(worth / spi, spi), frame=RELAXED)
        if tour is None:
            raise RuntimeError(f"agent {agent.facts.agent_id} has no tour in the bound: it had one before")
        return cost, tour

    def _take_supply(self, gradient: Floats, agent: Agent, tour: Tour, count: float) -> None:
        shifts, structure = agent.shifts, agent.shifts.structure
        taken, on_queue = np.zeros_like(gradient), np.zeros(self.problem.grid.intervals)
        spi = self.problem.grid.slots_per_interval
        for group, counts in pieces(agent, spi):
            add_tour(
                taken, on_queue, self.columns[group], counts, spi, tour.types, tour.offsets,
                shifts.begin_slot, shifts.length_slots, structure.of_length, structure.width,
                structure.count, 1,
            )  # fmt: skip
        gradient += count * taken

    def _curvature(self, prices: Floats, gradient: Floats) -> float:
        """Return the loss where prices exceed the first unit's cost, and put the best U into the gradient."""
        weights, scale, total = self.problem.weights, self.problem.price_scale, self.problem.total
        first = self.problem.cuts.component_first
        sums = np.array([prices[a:b].sum(axis=0) for a, b in pairwise(first)])
        if not len(sums):
            return 0.0
        above = np.maximum(0.0, sums.max(axis=0) - scale * (weights.understaffed + weights.overstaffed))
        if not above.any():
            return 0.0
        if not weights.understaffed:
            return float(np.inf)  # no finite price above the first unit's cost bounds anything
        missing = above * total / (2 * scale * weights.understaffed)
        top = sums.argmax(axis=0)
        for k, (a, b) in enumerate(pairwise(first)):
            gradient[a:b] -= np.where(top == k, missing, 0.0)
        return float((above * missing / 2).sum())


def climb(relaxation: Relaxation, prices: Floats, steps: int, shown: Shown | None = None) -> Bound:
    """Return the best bound of `steps` steps from `prices`; `shown` (step, best value so far) may end it."""
    best, ascent = Bound(-np.inf, prices), Ascent(relaxation.problem, MOMENTUM)
    for step, rate in enumerate(falling(FIRST_STEP, LAST_STEP, steps)):
        value, gradient = relaxation.value(prices)
        if value > best.value:
            best = Bound(value, prices.copy())
        if shown is not None and shown(step, best.value):
            break
        prices = ascent.step(prices, gradient, rate)
    return best


class Ascent:
    """Adam with one scale for all prices."""

    def __init__(self, problem: Problem, momentum: float) -> None:
        self.problem, self.momentum = problem, momentum
        self.size = (problem.weights.understaffed + problem.weights.overstaffed) * problem.price_scale
        self.mean, self.spread = np.zeros_like(problem.cuts.required), -1.0

    def step(self, prices: Floats, gradient: Floats, rate: float) -> Floats:
        """Return prices further up; `rate` is a share of the cost of a missing agent."""
        self.mean = self.momentum * self.mean + (1 - self.momentum) * gradient
        square = float((gradient**2).mean())
        memory = SPREAD_MEMORY if self.spread >= 0 else 0.0
        self.spread = memory * self.spread + (1 - memory) * square
        return projected(prices + rate * self.size * self.mean / np.sqrt(self.spread + 1e-12), self.problem)


def falling(first: float, last: float, steps: int) -> Iterator[float]:
    """Yield so many numbers from `first` to `last`, each the same factor below the one before."""
    for step in range(steps):
        yield first * (last / first) ** (step / max(1, steps - 1))


def projected(prices: Floats, problem: Problem) -> Floats:
    """Return prices >= 0, without any where nothing can be missing or missing costs nothing more."""
    weights, scale = problem.weights, problem.price_scale
    prices = np.where(problem.required > 0, np.maximum(prices, 0.0), 0.0)
    if weights.understaffed:
        return prices
    first = problem.cuts.component_first
    for a, b in pairwise(first):
        total = prices[a:b].sum(axis=0)
        highest = weights.overstaffed * scale * (1 - ROUNDING)  # whatever rounding does to the sum
        prices[a:b] *= np.minimum(1.0, highest / np.maximum(total, 1e-300))
    return prices


def _alike(agents: list[Agent]) -> list[list[int]]:
    """Return classes of agents with the same shifts, costs and limits."""
    classes: dict[tuple[object, ...], list[int]] = {}
    for index, agent in enumerate(agents):
        bounds = agent.bounds
        arrays = (
            *(agent.static, agent.off_cost, agent.paid_class, agent.class_units, agent.share),
            *(bounds.least_days, bounds.most_days, bounds.least_units, bounds.most_units, bounds.ordinary),
            *(() if agent.grading is None else (agent.grading.group, agent.grading.worth)),
            agent.rest,
        )
        numbers = (id(agent.shifts), agent.group, agent.run_limit, agent.run_before, bounds.overtime_cost)
        key = (*numbers, *(array.tobytes() for array in arrays))
        classes.setdefault(key, []).append(index)
    return list(classes.values())

"""Prices that guide the search: what an agent on queue is worth in each interval, were agents divisible.

They maximise the lower bound (`wfm.schedule.bound`), estimated in each step on a fresh stratified sample of
the agents, so that a step costs little where agents are many; nothing is proven here. Under these prices no
agent's best tour is far from its place in the best roster, and the search starts where they leave it.
Source: Robbins & Monro (1951), A Stochastic Approximation Method.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from wfm.schedule.agents import Agent
from wfm.schedule.bound import Ascent, Class, Relaxation, falling, projected
from wfm.schedule.problem import Problem

FIRST_STEP, LAST_STEP = 0.05, 0.0003
MOMENTUM = 0.9
START_TRIALS = 7
LEAST_SHARE = 0.05  # of a cut, or of none missing, in the prior: no price is beyond doubt

Floats = NDArray[np.float64]


def guide(relaxation: Relaxation, steps: int, sample: int, seed: int, shown: Callable[[int], bool]) -> Floats:
    """Return prices (cuts x intervals) after so many steps on samples; `shown` (step) may end them early."""
    strata = _Strata(relaxation.classes, min(sample, len(relaxation.classes)))
    random = np.random.default_rng(seed)
    prices, ascent = _uniform_start(relaxation), Ascent(relaxation.problem, MOMENTUM)
    for step, rate in enumerate(falling(FIRST_STEP, LAST_STEP, steps)):
        if shown(step):
            break
        _, gradient = relaxation.value(prices, strata.draw(random))
        prices = ascent.step(prices, gradient, rate)
    return prices


def prior(problem: Problem, prices: Floats) -> Floats:
    """Return the weights of the cuts (cuts x intervals), beside 1 for none missing, that the prices mean.

    A price is the cost of the next missing agent times the chance that the cut is the one that binds.
    """
    dearest = (problem.weights.understaffed + problem.weights.overstaffed) * problem.price_scale
    if dearest == 0:
        return np.ones_like(prices)
    weights = np.maximum(prices / dearest, LEAST_SHARE)
    for a, b in pairwise(problem.cuts.component_first):
        weights[a:b] /= np.maximum(1 - prices[a:b].sum(axis=0) / dearest, LEAST_SHARE)
    return weights


class _Strata:
    """Classes of agents in the order of contract and skills, cut into parts of which each draw takes one."""

    def __init__(self, classes: Sequence[Class], parts: int) -> None:
        number: dict[int, int] = {}
        for agent, _ in classes:
            number.setdefault(id(agent.shifts), len(number))
        alike = sorted(classes, key=lambda one: (number[id(one[0].shifts)], one[0].group))
        cuts = np.linspace(0, len(alike), parts + 1).round().astype(int).tolist()
        self.strata = [alike[first:end] for first, end in pairwise(cuts)]
        self.counts = [sum(count for _, count in stratum) for stratum in self.strata]

    def draw(self, random: np.random.Generator) -> list[Class]:
        """Return a class of each part, with the chance of its count; it counts for all agents of its part."""
        places = random.random(len(self.strata)) * self.counts
        drawn = zip(self.strata, places, self.counts, strict=True)
        return [(_at(stratum, float(place)), count) for stratum, place, count in drawn]


def _at(stratum: Sequence[Class], place: float) -> Agent:
    """Return the agent at a place among all agents of a part."""
    ends = np.cumsum([count for _, count in stratum])
    return stratum[int(np.searchsorted(ends[:-1], place, side="right"))][0]


def _uniform_start(relaxation: Relaxation) -> Floats:
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
            share = cuts.required[largest] / np.maximum(problem.total, 1.0)
            slope = weights.understaffed * (1 + 2 * share) + weights.overstaffed
            prices[largest] = slope * problem.price_scale
    return projected(prices, problem)

"""When contacts arrive, and what each brings along; compiled.

A Poisson stream whose rate is constant within an interval. A day's volume is the forecast times a gamma
distributed factor with mean 1, one per queue and day, where the forecast is uncertain.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from wfm.compiled import entry, inlined
from wfm.simulate.scenario import EXPONENTIAL, LOGNORMAL, Demand, Rules

Floats = NDArray[np.float64]


@entry
def draw_factors(random: np.random.Generator, demand: Demand, factor: Floats) -> None:
    """Write the factor of every queue and day (Q, D) on the forecast volume."""
    for q in range(factor.shape[0]):
        cv = demand.day_cv[q]
        for day in range(factor.shape[1]):
            factor[q, day] = random.standard_gamma(1.0 / cv**2) * cv**2 if cv > 0.0 else 1.0


@inlined
def next_arrival(random: np.random.Generator, demand: Demand, factor: Floats, q: int, t: float) -> float:
    """Return when the next fresh contact of a queue arrives after t; inf if none does."""
    return next_of_stream(random, demand, factor, q, t, int(t / demand.interval_s))[0]


@inlined
def next_of_stream(
    random: np.random.Generator, demand: Demand, factor: Floats, q: int, t: float, n: int
) -> tuple[float, int]:
    """Return when the next fresh contact after t, a moment of interval n, arrives, and in which interval."""
    left = random.standard_exponential()
    while n < demand.rate.shape[1]:
        rate = demand.rate[q, n] * factor[q, demand.day[q, n]]
        until = (n + 1) * demand.interval_s
        if rate > 0.0:
            arrives = t + left / rate
            if arrives < until:
                return arrives, n
            left -= (until - t) * rate
        t = until
        n += 1
    return math.inf, n


@inlined
def handle_time(random: np.random.Generator, demand: Demand, rules: Rules, q: int, n: int) -> float:
    """Return the handle time of a contact that arrives in interval n and is handled alone."""
    mean = demand.aht_s[q, n]
    if rules.handle[q] == EXPONENTIAL:
        return float(mean * random.standard_exponential())
    if rules.handle[q] == LOGNORMAL:
        sigma = rules.spread[q]
        return float(mean * math.exp(sigma * random.standard_normal() - sigma * sigma / 2.0))
    steps = rules.table.shape[1] - 1
    place = random.random() * steps
    k = int(place)
    low, high = rules.table[q, k], rules.table[q, k + 1]
    return float(mean * (low + (place - k) * (high - low)))


@inlined
def patience(random: np.random.Generator, rules: Rules, q: int) -> float:
    """Return how long a contact waits before it leaves."""
    return float(rules.patience_s[q] * random.standard_exponential())

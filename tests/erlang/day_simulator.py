"""A day of calls, event by event: M(t)/M/n(t) with patience, exact in law, no code shared with `wfm`.

Arrivals are Poisson with a rate per interval, handle times and patience exponential, first come first served.
Agents beyond a new, smaller number finish their contact first; the last number stays after the day's end
until nobody waits. Times in seconds.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray


class Day(NamedTuple):
    """What a day is made of; arrivals (expected contacts) and agents by interval, patience inf: for ever."""

    arrivals: NDArray[np.float64]
    agents: NDArray[np.int64]
    interval_s: float
    aht_s: float
    patience_s: float
    within_s: float


@njit(cache=True)
def simulate_days(day, days, random):
    """Return contacts offered, and answered within `within_s`, by repetition and interval of arrival."""
    arrivals, agents, interval_s, aht_s, patience_s, within_s = day
    intervals = arrivals.size
    offered, in_time = np.zeros((days, intervals)), np.zeros((days, intervals))
    places = 1 << 20  # of the line, used round and round
    came_s, leaves_s, of_interval = np.empty(places), np.empty(places), np.empty(places, np.int64)
    for run in range(days):
        busy, head, tail, now_s, interval = 0, 0, 0, 0.0, 0
        while interval < intervals or busy > 0:
            rate = arrivals[interval] / interval_s if interval < intervals else 0.0
            end_s = (interval + 1) * interval_s if interval < intervals else math.inf
            total = rate + busy / aht_s
            gap_s = random.exponential(1.0 / total) if total > 0.0 else math.inf
            if now_s + gap_s >= end_s:
                now_s, interval = end_s, interval + 1
            elif random.random() * total >= rate:
                now_s, busy = now_s + gap_s, busy - 1
            else:
                now_s += gap_s
                offered[run, interval] += 1.0
                patience = random.exponential(patience_s) if patience_s < math.inf else math.inf
                place = tail % places
                came_s[place], leaves_s[place], of_interval[place] = now_s, now_s + patience, interval
                tail += 1
            on_duty = agents[min(interval, intervals - 1)]
            while busy < on_duty and head < tail:
                place = head % places
                head += 1
                if leaves_s[place] > now_s:
                    busy += 1
                    in_time[run, of_interval[place]] += 1.0 if now_s - came_s[place] <= within_s else 0.0
    return offered, in_time


def service_levels(day, days, seed=1):
    """Return the service level of each interval (of those offered) and its standard error."""
    offered, in_time = simulate_days(day, days, np.random.default_rng(seed))
    level = in_time.sum(axis=0) / offered.sum(axis=0)
    spread = (in_time - level * offered).std(axis=0, ddof=1)
    return level, spread / math.sqrt(days) / offered.mean(axis=0)


def without_noise(errors, standard_errors):
    """Return the root mean square of errors less what the simulation itself adds."""
    return math.sqrt(max(0.0, float(np.mean(errors**2 - standard_errors**2))))

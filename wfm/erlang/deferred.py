"""Deferred work (email): spread over working time, done by its deadline, as evenly as the deadlines allow.

Work is in seconds of handle time. What is done must stay below what has arrived and above what is due; the
most even plan, with the lowest peak, is the shortest path between the two curves (a taut string). The oldest
work is done first, which is earliest deadline first, since all work of a queue may wait equally long.
Source: Yao, Demers & Shenker (1995), FOCS, 374-382 (the same problem for processor speeds).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

DUST = 1e-9  # relative distance above an integer that is rounding, not work


@dataclass(frozen=True)
class Pieces:
    """Pieces of work: size, the working interval from which it can be done, and the last one by its deadline.

    Intervals count working intervals of the plan from 0; what waits at its start is released at 0.
    """

    work_s: NDArray[np.float64]
    released: NDArray[np.int64]
    due: NDArray[np.int64]


@dataclass(frozen=True)
class Plan:
    """Work done in each working interval, and what arrives too late for the plan's last one (seconds)."""

    work_s: NDArray[np.float64]
    left_s: float


def level(pieces: Pieces, intervals: int) -> Plan:
    """Return the most even plan that does every piece between its release and its deadline.

    Whatever is released within the plan is done within it, also where its deadline lies behind the end.
    Work released after the last interval is left. Deadlines must not decrease with the release.
    """
    within = pieces.released < intervals
    arrived = _cumulative(pieces.work_s[within], pieces.released[within], intervals)
    last = np.minimum(pieces.due[within], intervals - 1)
    wanted = _cumulative(pieces.work_s[within], np.maximum(last, pieces.released[within]), intervals)
    if intervals:
        wanted[-1] = arrived[-1]
    done = np.zeros(intervals + 1)
    _taut_string(np.minimum(wanted, arrived), arrived, done)
    return Plan(np.maximum(0.0, np.diff(done)), float(pieces.work_s[~within].sum()))


def agents_for_work(
    work_s: NDArray[np.float64], interval_s: float, max_occupancy: float | None
) -> NDArray[np.int64]:
    """Return the fewest agents who do the work of each interval, busy for at most `max_occupancy` of it."""
    agents = work_s / (interval_s * (max_occupancy or 1.0))
    nearest = np.rint(agents)
    is_whole = np.abs(agents - nearest) <= DUST * np.maximum(1.0, nearest)
    return np.where(is_whole, nearest, np.ceil(agents)).astype(np.int64)


def due_interval(released: NDArray[np.int64], deadline_h: float, interval_min: float) -> NDArray[np.int64]:
    """Return the last working interval that ends by the deadline of work released at the start of one.

    A deadline shorter than one interval still leaves the interval of the release itself.
    """
    allowed = max(1, math.floor(deadline_h * 60.0 / interval_min + DUST))
    return released + (allowed - 1)


def _cumulative(
    work_s: NDArray[np.float64], interval: NDArray[np.int64], intervals: int
) -> NDArray[np.float64]:
    return np.cumsum(np.bincount(interval, weights=work_s, minlength=intervals))


@njit(cache=True)
def _taut_string(least: NDArray[np.float64], most: NDArray[np.float64], done: NDArray[np.float64]) -> None:
    """Fill done[1:] with the shortest path from done[0] between the curves, which meet at the end."""
    anchor, end = 0, least.size
    while anchor < end:
        steepest, flattest = math.inf, -math.inf
        upper_end, lower_end = anchor, anchor
        bend, slope = end, 0.0
        for point in range(anchor + 1, end + 1):
            run = float(point - anchor)
            low = (least[point - 1] - done[anchor]) / run
            high = (most[point - 1] - done[anchor]) / run
            if low > steepest:
                bend, slope = upper_end, steepest
                break
            if high < flattest:
                bend, slope = lower_end, flattest
                break
            if high <= steepest:
                steepest, upper_end = high, point
            if low >= flattest:
                flattest, lower_end = low, point
            slope = low
        for point in range(anchor + 1, bend + 1):
            done[point] = done[anchor] + slope * (point - anchor)
        anchor = bend

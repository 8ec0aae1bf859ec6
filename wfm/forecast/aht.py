"""Expected handle time (seconds) by weekday and slot, weighted by contacts and shrunk where the history is
thin.

Slot of the day and weekday are two small pulls on the queue's mean: a cell of `n` weighted contacts counts n
/ (n + `STRENGTH`), the rest is what its slot (then the queue) says. Handle times have heavy tails, so that an
interval counts at most `LARGEST_RATIO` times the queue's weighted median.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wfm.forecast.arrays import FloatArray, IntArray
from wfm.forecast.daygrid import DayGrid

WEEKS = 13
HALF_LIFE_DAYS = 28.0
STRENGTH = 300.0  # contacts
LARGEST_RATIO = 5.0


@dataclass(frozen=True)
class HandleTimes:
    """Weighted handle seconds and weights of known cells (days, slots), zero elsewhere."""

    seconds: FloatArray
    weight: FloatArray
    weekdays: IntArray


def expected_aht_s(grid: DayGrid, weekdays: IntArray) -> FloatArray | None:
    """Return the AHT (days, slots) of days with these weekdays; None if the history has no handle time."""
    times = _handle_times(grid)
    if times is None:
        return None
    return _by_weekday(times)[weekdays]


def _handle_times(grid: DayGrid) -> HandleTimes | None:
    """Return the recent handle times; contacts handled, or offered where that is unknown, are the weights."""
    known = ~np.isnan(grid.aht_s)
    contacts = np.where(np.isnan(grid.handled), grid.offered, grid.handled)
    known &= (contacts > 0) & (grid.aht_s > 0)
    if not known.any():
        return None
    last = int(np.flatnonzero(known.any(axis=1))[-1])
    age = (last - np.arange(len(grid.dates))).astype(np.float64)
    known &= (age < 7 * WEEKS)[:, None]
    weight = np.where(known, contacts, 0.0) * 0.5 ** (np.maximum(age, 0.0) / HALF_LIFE_DAYS)[:, None]
    aht_s = np.where(known, grid.aht_s, 0.0)
    bounded = np.minimum(aht_s, LARGEST_RATIO * _weighted_median(aht_s[known], weight[known]))
    return HandleTimes(bounded * weight, weight, np.asarray(grid.dates.day_of_week, dtype=np.int64))


def _weighted_median(values: FloatArray, weight: FloatArray) -> float:
    order = np.argsort(values, kind="stable")
    share = np.cumsum(weight[order])
    return float(values[order][np.searchsorted(share, share[-1] / 2)])


def _by_weekday(times: HandleTimes) -> FloatArray:
    """Return (7, slots): the queue's mean, moved to the slot's, the weekday's level, the own cell's.

    Pulling busy and quiet cells by different shares moves their mean, which is set back to the weighted one.
    """
    mean = times.seconds.sum() / times.weight.sum()
    by_weekday = np.arange(7)[:, None] == times.weekdays
    seconds, weight = by_weekday @ times.seconds, by_weekday @ times.weight
    slot = _pulled(mean, seconds.sum(axis=0), weight.sum(axis=0))
    level = _pulled(1.0, seconds.sum(axis=1), (slot * weight).sum(axis=1), STRENGTH * mean)
    cells = _pulled(slot * level[:, None], seconds, weight)
    return np.asarray(cells * (mean * weight.sum() / (cells * weight).sum()), dtype=np.float64)


def _pulled(
    prior: FloatArray | float,
    total: FloatArray | float,
    weight: FloatArray | float,
    strength: float = STRENGTH,
) -> FloatArray:
    """Return total / weight pulled to `prior`, which counts as much as `strength` units of weight."""
    return np.asarray((total + strength * prior) / (weight + strength), dtype=np.float64)

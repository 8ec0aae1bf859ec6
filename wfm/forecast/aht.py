"""Expected handle time (seconds) by weekday and slot, weighted by contacts and shrunk where the history is
thin.

Slot of the day and weekday are two small pulls on the queue's mean: a cell of `n` weighted contacts counts n
/ (n + `STRENGTH`), the rest is what its slot (then the queue) says. Handle times have heavy tails, so that an
interval counts at most `LARGEST_RATIO` times the queue's usual (the median of its days, of its intervals if
there are few days).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from wfm.forecast.arrays import WEEK, FloatArray, by_week, nan_median, ratio
from wfm.forecast.daygrid import DayGrid

WEEKS = 13
HALF_LIFE_DAYS = 28.0
STRENGTH = 300.0  # contacts
LARGEST_RATIO = 10.0
FEWEST_DAYS = 10


def expected_aht_s(windows: Sequence[tuple[DayGrid, pd.Timestamp]]) -> FloatArray:
    """Return the AHT (cases, 7, slots) by place of a grid before a first day; NaN if it has no handle time.

    Contacts handled, or offered where that is unknown, are the weights.
    """
    cut = [_window(grid, first) for grid, first in windows]
    aht_s, contacts = (np.array(matrices) for matrices in zip(*cut, strict=True))
    known = (aht_s > 0) & (contacts > 0)
    age = np.arange(aht_s.shape[1] - 1, -1, -1, dtype=np.float64)
    weight = np.where(known, contacts, 0.0) * (0.5 ** (age / HALF_LIFE_DAYS))[:, None]
    times = np.where(known, aht_s, 0.0)
    largest = LARGEST_RATIO * _usual(times, weight)[:, None, None]
    seconds = np.minimum(times, largest) * weight
    return _by_place(by_week(seconds).sum(axis=1), by_week(weight).sum(axis=1))


def _window(grid: DayGrid, first: pd.Timestamp) -> tuple[FloatArray, FloatArray]:
    """Return handle times and contacts (days, slots) of the last weeks that have any, whole weeks back."""
    before = int(np.clip((first - grid.dates[0]).days, 0, len(grid.dates))) or len(grid.dates)
    timed = np.flatnonzero(grid.timed[:before])
    last = int(timed[-1]) + 1 if len(timed) else before
    end = last + (int((first - grid.dates[0]).days) - last) % WEEK  # first row after the window
    rows = np.arange(end - WEEK * WEEKS, end)
    inside = (rows >= 0) & (rows < before)
    shape = (len(rows), grid.slots)
    aht_s, contacts = np.zeros(shape), np.zeros(shape)
    aht_s[inside] = grid.aht_s[rows[inside]]
    handled, offered = grid.handled[rows[inside]], grid.offered[rows[inside]]
    contacts[inside] = np.where(np.isnan(handled), offered, handled)
    return aht_s, contacts


def _usual(times: FloatArray, weight: FloatArray) -> FloatArray:
    """Return the usual handle time (cases,), which no single interval can move."""
    days = ratio((times * weight).sum(axis=2), weight.sum(axis=2))
    usual = nan_median(days, axis=1)
    for case in np.flatnonzero((~np.isnan(days)).sum(axis=1) < FEWEST_DAYS):
        usual[case] = nan_median(np.where(weight[case] > 0, times[case], np.nan).ravel())
    return usual


def _by_place(seconds: FloatArray, weight: FloatArray) -> FloatArray:
    """Return (cases, 7, slots): the queue's mean, moved to the slot's, the weekday's level, the own cell's.

    Pulling busy and quiet cells by different shares moves their mean, which is set back to the weighted one.
    """
    total = weight.sum(axis=(1, 2))
    mean = ratio(seconds.sum(axis=(1, 2)), total)[:, None]
    slot = _pulled(mean, seconds.sum(axis=1), weight.sum(axis=1))
    level_weight = (slot[:, None] * weight).sum(axis=2)
    level = (seconds.sum(axis=2) + STRENGTH * mean) / (level_weight + STRENGTH * mean)
    cells = _pulled(slot[:, None] * level[..., None], seconds, weight)
    back = ratio(mean[:, 0] * total, (cells * weight).sum(axis=(1, 2)))
    return np.asarray(cells * back[:, None, None], dtype=np.float64)


def _pulled(prior: FloatArray, total: FloatArray, weight: FloatArray) -> FloatArray:
    """Return total / weight pulled to `prior`, which counts as much as `STRENGTH` contacts."""
    return np.asarray((total + STRENGTH * prior) / (weight + STRENGTH), dtype=np.float64)

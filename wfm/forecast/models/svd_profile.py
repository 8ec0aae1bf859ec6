"""Day profiles in a few dimensions: singular vectors of root-transformed days, their scores carried forward.

After Shen & Huang, Interday forecasting and intraday updating of call center arrivals, M&SOM 10 (2008): days
x slots of sqrt(y + 1/4) (variance nearly 1/4 whatever the rate), the first `RANK` singular triples, and a
forecast of each score. Here: the weekday's exponentially weighted mean, plus the level by which recent days
depart from it; the course of the month is divided out first.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.linalg import eigh

from wfm.forecast.arrays import FloatArray, IntArray, nan_mean
from wfm.forecast.learning import Learning
from wfm.forecast.month_effect import without_month
from wfm.forecast.weekly import completed, weekday_stack

WEEKS = 26
RANK = 4
HALF_LIFE_DAYS = 35.0
LEVEL_HALF_LIFE_DAYS = 7.0
LEVEL_WEIGHT = 0.7


def predict(learning: Learning, dates: pd.DatetimeIndex) -> FloatArray:
    """Return the squares of the forecast root profiles; zeros if no day is known."""
    flat, curve = without_month(learning)
    return _forecast(flat, np.asarray(dates.day_of_week)) * curve.factor(dates)[:, None]


def _forecast(flat: Learning, coming: IntArray) -> FloatArray:
    recent = flat.offered[-7 * WEEKS :]
    weekdays = flat.weekdays[-7 * WEEKS :]
    pattern = completed(nan_mean(weekday_stack(flat, WEEKS)))
    usable = ~np.isnan(recent).all(axis=1)
    if not usable.any():
        return np.zeros((len(coming), recent.shape[1]))
    age = (len(recent) - 1 - np.flatnonzero(usable)).astype(np.float64)
    recent, weekdays = recent[usable], weekdays[usable]
    roots = np.sqrt(np.where(np.isnan(recent), pattern[weekdays], recent) + 0.25)
    slots = roots.shape[1]
    _, vectors = eigh(roots.T @ roots, subset_by_index=[slots - RANK, slots - 1])  # cheaper than an SVD
    right = np.asarray(vectors, dtype=np.float64).T
    scores = roots @ right.T
    means = _weekday_means(scores, weekdays, 0.5 ** (age / HALF_LIFE_DAYS))
    weight = 0.5 ** (age / LEVEL_HALF_LIFE_DAYS)
    level = LEVEL_WEIGHT * (weight[:, None] * (scores - means[weekdays])).sum(axis=0) / weight.sum()
    root = (means[coming] + level) @ right
    squared = np.maximum(root, 0.0) ** 2 - 0.25 + _noise(roots, scores, right)
    return np.asarray(np.maximum(squared, 0.0), dtype=np.float64)


def _noise(roots: FloatArray, scores: FloatArray, right: FloatArray) -> float:
    """Return the mean of the squared residual: what squaring a mean of roots loses of the mean."""
    return float(np.mean((roots - scores @ right) ** 2))


def _weekday_means(scores: FloatArray, weekdays: IntArray, weight: FloatArray) -> FloatArray:
    """Return (7, rank) weighted means; a weekday never seen has the mean of all."""
    everyone = (weight[:, None] * scores).sum(axis=0) / weight.sum()
    means = np.tile(everyone, (7, 1))
    for weekday in np.unique(weekdays):
        own = weekdays == weekday
        means[weekday] = (weight[own, None] * scores[own]).sum(axis=0) / weight[own].sum()
    return means

"""Day profiles in a few dimensions: singular vectors of root-transformed days, their scores carried forward.

After Shen & Huang, Interday forecasting and intraday updating of call center arrivals, M&SOM 10 (2008): days
x slots of sqrt(y + 1/4) (variance nearly 1/4 whatever the rate), the first `RANK` singular triples, and a
forecast of each score. Here: the weekday's exponentially weighted mean, plus the level by which recent days
depart from it; the course of the month is divided out first. The vectors come from subspace iteration, which
begins with the weekdays' mean days and needs two rounds. Source: Golub & Van Loan, Matrix Computations, 8.2.
"""

from __future__ import annotations

import numpy as np

from wfm.forecast.arrays import WEEK, BoolArray, FloatArray, ahead, anything, by_week, completed, nan_mean
from wfm.forecast.learning import Learning

WEEKS = 26
RANK = 4
ROUNDS = 2
HALF_LIFE_DAYS = 35.0
LEVEL_HALF_LIFE_DAYS = 10.0
LEVEL_WEIGHT = 0.7
LEAST_FREE = 0.25


def predict(learning: Learning) -> FloatArray:
    """Return the squares of the forecast root profiles; zeros if no day is known."""
    flat = learning.offered / learning.effects.month[:, : learning.known_days, None]
    trust = learning.effects.trust[:, -WEEK * WEEKS :]
    made = ahead(_week(flat[:, -WEEK * WEEKS :], trust), learning.horizon_days)
    return made * learning.coming_month[:, :, None]


def _week(flat: FloatArray, trust: FloatArray) -> FloatArray:
    """Return the week (cases, 7, slots) by place; `trust` (cases, days) weighs days."""
    weeks = by_week(flat)
    unknown = np.isnan(weeks)
    pattern = completed(nan_mean(weeks, axis=1))
    usable = anything(~unknown)
    roots = np.sqrt(np.where(unknown, pattern[:, None], weeks) + 0.25) * usable[..., None]
    roots = roots.reshape(flat.shape)
    right = _vectors(roots, np.sqrt(pattern + 0.25))
    scores = np.matmul(roots, right)
    age = np.arange(flat.shape[1] - 1, -1, -1, dtype=np.float64)
    known = usable.reshape(flat.shape[:2])
    means = _weighted_means(scores, known * trust * 0.5 ** (age / HALF_LIFE_DAYS))
    weight = known * trust * 0.5 ** (age / LEVEL_HALF_LIFE_DAYS)
    departed = scores - ahead(means, flat.shape[1])
    total = np.maximum(weight.sum(axis=1), 1e-12)[:, None]
    level = LEVEL_WEIGHT * np.matmul(weight[:, None, :], departed)[:, 0] / total
    root = np.matmul(means + level[:, None], np.swapaxes(right, 1, 2))
    noise = _noise(roots, scores, right, known)
    squared = np.maximum(root, 0.0) ** 2 - 0.25 + noise[:, None, :]
    return np.where(anything(known)[:, None, None], np.maximum(squared, 0.0), 0.0)


def _vectors(roots: FloatArray, pattern: FloatArray) -> FloatArray:
    """Return orthonormal columns (cases, slots, rank): nearly the first right singular vectors."""
    gram = np.matmul(np.swapaxes(roots, 1, 2), roots)
    rank = min(RANK, gram.shape[1])
    _, _, start = np.linalg.svd(pattern, full_matrices=False)
    block = np.swapaxes(start[:, :rank], 1, 2)
    for _ in range(ROUNDS):
        block, _ = np.linalg.qr(np.matmul(gram, block))
    return np.asarray(block, dtype=np.float64)


def _noise(roots: FloatArray, scores: FloatArray, right: FloatArray, known: BoolArray) -> FloatArray:
    """Return the noise of each slot (cases, slots): what squaring a mean of roots loses.

    The mean squared residual, over the share of a slot's noise that the vectors do not follow.
    """
    lost = (roots - np.matmul(scores, np.swapaxes(right, 1, 2))) ** 2
    mean = lost.sum(axis=1) / np.maximum(known.sum(axis=1), 1)[:, None]
    return np.asarray(mean / np.maximum(1.0 - (right**2).sum(axis=2), LEAST_FREE), dtype=np.float64)


def _weighted_means(scores: FloatArray, weight: FloatArray) -> FloatArray:
    """Return (cases, 7, rank) weighted means; a place never seen has the mean of all."""
    weeks, by_place = by_week(scores * weight[..., None]).sum(axis=1), by_week(weight).sum(axis=1)
    everyone = weeks.sum(axis=1) / np.maximum(by_place.sum(axis=1), 1e-12)[:, None]
    own = weeks / np.maximum(by_place, 1e-12)[..., None]
    return np.asarray(np.where((by_place > 0)[..., None], own, everyone[:, None]), dtype=np.float64)

"""Prediction bands of counts: Poisson noise plus a relative error of the forecast.

A count with expectation f is negative binomial with variance f + (s f)^2, s the relative error of the
forecast. The error has a value for the 80 % and one for the 95 % band, and for every week ahead; how it is
learnt is in `wfm.forecast.calibration`. Nothing is assumed about where the error comes from (level, weekday
or profile). Quantiles are whole numbers; they are ordered and never negative. Source: negative binomial as a
gamma mixture, Johnson, Kemp & Kotz, Univariate Discrete Distributions, ch. 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import betaincinv

from wfm.forecast.arrays import WEEK, FloatArray, IntArray

QUANTILES = (0.025, 0.10, 0.50, 0.90, 0.975)
INNER, OUTER = 0.80, 0.95  # what the bands promise
SMALL_MEAN = 5.0  # contacts; below, Poisson noise hides the error of a forecast
SMALLEST_ERROR, ERROR_STEP = 1e-3, 1.02  # errors are rounded up in steps of 2 %, so that tables can be shared
EXACT_COUNTS = 256  # quantiles below are exact, above within a ten-thousandth
LARGEST_COUNT, COUNT_STEP = 1e8, 1.02
TINY, REACH = 1e-12, 1000.0  # contacts; logs of means are nearer to each other than this


@dataclass(frozen=True)
class RelativeError:
    """Relative error of a forecast, as a fraction, behind the 80 % and the 95 % band, by week ahead."""

    inner: tuple[float, ...]
    outer: tuple[float, ...]

    def of_day(self, day: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return the errors of days counted from the first of the horizon; the last week's hold beyond."""
        week = np.minimum(day // WEEK, len(self.inner) - 1)
        return np.array(self.inner)[week], np.array(self.outer)[week]


def quantiles(mean: FloatArray, inner: FloatArray, outer: FloatArray) -> FloatArray:
    """Return the quantiles (rows, 5) at `QUANTILES` of counts with these expectations and relative errors."""
    if not len(mean):
        return np.empty((0, len(QUANTILES)))
    log_mean = np.log(np.maximum(mean, TINY))
    found = np.empty((len(mean), len(QUANTILES)))
    for error, columns in ((inner, (1, 2, 3)), (outer, (0, 4))):
        steps, which = np.unique(_steps(error), return_inverse=True)
        for column in columns:
            found[:, column] = _counts(log_mean, QUANTILES[column], steps, which)
    found[mean <= 0] = 0.0
    return np.maximum.accumulate(found, axis=1)


def scaled_quantiles(bands: FloatArray, before: FloatArray, after: FloatArray) -> FloatArray:
    """Return bands (rows, 5) moved in proportion with their value; Poisson's where the value was zero."""
    positive = before > 0
    scale = np.where(positive, after / np.where(positive, before, 1.0), 1.0)
    moved = bands * scale[:, None]
    new = ~positive & (after > 0)
    none = np.zeros(int(new.sum()))
    moved[new] = quantiles(after[new], none, none)
    return moved


def _steps(error: FloatArray) -> FloatArray:
    """Return errors as whole steps, rounded up."""
    steps = np.log(np.maximum(error, SMALLEST_ERROR) / SMALLEST_ERROR) / np.log(ERROR_STEP)
    return np.asarray(np.ceil(steps - 1e-9), dtype=np.float64)


def _counts(log_mean: FloatArray, level: float, steps: FloatArray, which: IntArray) -> FloatArray:
    """Return the least counts whose distribution function reaches `level`; row i has error `steps[which[i]]`.

    One search for all errors: the sorted tables follow each other, each beyond the reach of the one before.
    """
    tables = [_largest_log_means(level, int(step), far=False) for step in steps]
    ladder = np.concatenate([table + REACH * at for at, table in enumerate(tables)])
    place = np.searchsorted(ladder, log_mean + REACH * which, side="left")
    counts = (place - EXACT_COUNTS * which).astype(np.float64)
    for at in np.unique(which[counts >= EXACT_COUNTS]):
        own = (which == at) & (counts >= EXACT_COUNTS)
        table = _largest_log_means(level, int(steps[at]), far=True)
        counts[own] = np.floor(np.interp(log_mean[own], table, _far_counts()))
    return counts


@lru_cache(maxsize=4096)
def _largest_log_means(level: float, step: int, *, far: bool) -> FloatArray:
    """Return for each count k the log of the largest mean m of which k - 1 is still the quantile.

    There F(k - 1; m) = level. F(k - 1) is the incomplete beta function I(r, k) at r / (r + m), with
    r = 1 / error^2; it falls with m.
    """
    size = (SMALLEST_ERROR * ERROR_STEP**step) ** -2.0
    count = _far_counts() if far else np.arange(1.0, EXACT_COUNTS + 1)
    other = betaincinv(count, size, 1.0 - level)  # m / (r + m)
    return np.asarray(np.log(size * other / (1.0 - other)), dtype=np.float64)


def _far_counts() -> FloatArray:
    steps = int(np.log(LARGEST_COUNT / EXACT_COUNTS) / np.log(COUNT_STEP)) + 2
    return np.asarray(EXACT_COUNTS * COUNT_STEP ** np.arange(steps), dtype=np.float64)


def inside(actual: FloatArray, mean: FloatArray, low: FloatArray, high: FloatArray) -> FloatArray:
    """Return how far a band covers each actual: 1 inside, 0 outside, 0.5 on an edge.

    An edge is a whole number with a probability of its own. Where the mean is below `SMALL_MEAN` it counts in
    full, for there a band promises at least its level.
    """
    within = (actual >= low) & (actual <= high)
    edge = within & ((actual == low) | (actual == high)) & (mean >= SMALL_MEAN)
    return np.asarray(within - 0.5 * edge, dtype=np.float64)

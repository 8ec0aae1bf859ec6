"""Prediction bands of counts: Poisson noise plus a relative error of the forecast, learnt from rolling
origins.

A count with expectation f is negative binomial with variance f + (s f)^2, s the relative error of the
forecast. Two errors are calibrated, one for the 80 % and one for the 95 % band, so that the bands covered
what they promise at the rolling origins; intervals and day totals each have their own. Nothing is assumed
about where the error comes from (level, weekday or profile). Quantiles are whole numbers; they are ordered
and never negative. Source: negative binomial as a gamma mixture, Johnson, Kemp & Kotz, Univariate Discrete
Distributions, ch. 5.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc
from scipy.stats import nbinom

from wfm.forecast.arrays import BoolArray, FloatArray
from wfm.forecast.rolling import ORIGIN_STEP_DAYS

QUANTILES = (0.025, 0.10, 0.50, 0.90, 0.975)
INNER, OUTER = 0.80, 0.95  # what the bands promise
ERRORS = np.array([0.0, 0.03, 0.06, 0.09, 0.12, 0.16, 0.2, 0.26, 0.34, 0.45, 0.6, 0.8, 1.0])
SMALLEST_ERROR = 1e-3
SMALL_MEAN = 5.0  # contacts; below, Poisson noise hides the error of a forecast
MOST_CALIBRATING = 2500  # rows: more say nothing new, for those of a day err together
TINY = 1e-12
PRIOR_DAYS = 3.0  # days of evidence that the prior error counts for


@dataclass(frozen=True)
class RelativeError:
    """Relative error of a forecast, as a fraction, behind the 80 % and the 95 % band."""

    inner: float
    outer: float


USUAL_INTERVAL = RelativeError(0.15, 0.18)  # where there is nothing to learn from
USUAL_DAY = RelativeError(0.10, 0.12)


def quantiles(mean: FloatArray, error: RelativeError) -> FloatArray:
    """Return the quantiles (rows, 5) at `QUANTILES` of counts with these expectations."""
    errors = (error.outer, error.inner, error.inner, error.inner, error.outer)
    columns = [_quantile(level, mean, s) for level, s in zip(QUANTILES, errors, strict=True)]
    return np.maximum.accumulate(np.column_stack(columns), axis=1)


def scaled_quantiles(bands: FloatArray, before: FloatArray, after: FloatArray) -> FloatArray:
    """Return bands (rows, 5) moved in proportion with their value; Poisson's where the value was zero."""
    positive = before > 0
    scale = np.where(positive, after / np.where(positive, before, 1.0), 1.0)
    moved = bands * scale[:, None]
    new = ~positive & (after > 0)
    moved[new] = quantiles(after[new], RelativeError(SMALLEST_ERROR, SMALLEST_ERROR))
    return moved


def _quantile(level: float, mean: FloatArray, error: float) -> FloatArray:
    size = 1.0 / max(error, SMALLEST_ERROR) ** 2
    found = nbinom.ppf(level, size, size / (size + np.maximum(mean, TINY)))
    return np.where(mean > 0, found, 0.0)


def covered(actual: FloatArray, mean: FloatArray, error: float, level: float) -> FloatArray:
    """Return how far the central band of this level covers each actual: 1 inside, 0 outside, 0.5 on an edge.

    An edge is a whole number with a probability of its own. Where the mean is below `SMALL_MEAN` it counts in
    full, for there a band promises at least its level.
    """
    return _covered(*_distribution(actual, mean, error), mean, level)


def _distribution(actual: FloatArray, mean: FloatArray, error: float) -> tuple[FloatArray, FloatArray]:
    """Return F(y) and F(y - 1) of each actual y: the negative binomial's, by the incomplete beta function."""
    size = 1.0 / max(error, SMALLEST_ERROR) ** 2
    chance = size / (size + np.maximum(mean, TINY))
    count = np.floor(actual)
    at = betainc(size, count + 1, chance)
    below = np.where(count > 0, betainc(size, np.maximum(count, 1.0), chance), 0.0)
    return at, below


def _covered(at: FloatArray, below: FloatArray, mean: FloatArray, level: float) -> FloatArray:
    """Return the coverage without quantiles: y is above that of p if F(y - 1) >= p, below it if F(y) < p."""
    low, high = (1 - level) / 2, (1 + level) / 2
    edge = ((below < low) & (at >= low)) | ((below < high) & (at >= high))
    return np.where(edge, np.where(mean < SMALL_MEAN, 1.0, 0.5), ((below >= low) & (at < high)) * 1.0)


@dataclass(frozen=True)
class Calibration:
    """Shares of actuals inside the bands by origin and tried error, and the number of rows behind them."""

    inner: FloatArray
    outer: FloatArray
    rows: FloatArray
    days: int
    prior: RelativeError

    def error(self, left_out: int | None = None) -> RelativeError:
        """Return the errors of nominal coverage over all origins, or all but one, shrunk to the prior."""
        used = np.arange(len(self.rows)) != (-1 if left_out is None else left_out)
        if self.rows[used].sum() == 0:
            return self.prior
        evidence = self.days * used.mean()
        weight = evidence / (evidence + PRIOR_DAYS)
        inner = self._nominal(self.inner, used, INNER)
        outer = self._nominal(self.outer, used, OUTER)
        return RelativeError(_mixed(inner, self.prior.inner, weight), _mixed(outer, self.prior.outer, weight))

    def _nominal(self, shares: FloatArray, used: BoolArray, level: float) -> float:
        covered = np.average(shares[used], axis=0, weights=self.rows[used])
        return float(np.interp(level, np.maximum.accumulate(covered), ERRORS))


def _mixed(found: float, prior: float, weight: float) -> float:
    return float(np.sqrt(weight * found**2 + (1 - weight) * prior**2))


def calibrate(forecast: FloatArray, actual: FloatArray, prior: RelativeError) -> Calibration:
    """Return the coverage of every tried error; arrays are (origins, days, ...), NaN where not scored."""
    origins, days = actual.shape[:2]
    telling = ~np.isnan(actual) & (forecast >= SMALL_MEAN)
    if not telling.any():
        telling = ~np.isnan(actual) & (forecast > 0)
    origin = np.nonzero(telling)[0]
    step = len(origin) // MOST_CALIBRATING + 1 | 1  # odd, so that no slot of the day is always left out
    origin, came, mean = origin[::step], actual[telling][::step], forecast[telling][::step]
    rows = np.bincount(origin, minlength=origins).astype(np.float64)
    inner, outer = np.zeros((origins, len(ERRORS))), np.zeros((origins, len(ERRORS)))
    for column, error in enumerate(ERRORS):
        at, below = _distribution(came, mean, error)
        for shares, level in ((inner, INNER), (outer, OUTER)):
            inside = np.bincount(origin, _covered(at, below, mean, level), minlength=origins)
            shares[:, column] = inside / np.maximum(rows, 1.0)
    return Calibration(inner, outer, rows, days + ORIGIN_STEP_DAYS * (origins - 1), prior)

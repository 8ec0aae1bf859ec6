"""Prediction bands of counts: Poisson noise plus a relative error of the forecast, learnt from rolling origins.

A count with expectation f is negative binomial with variance f + (s f)^2, s the relative error of the forecast.
Two errors are calibrated, one for the 80 % and one for the 95 % band, so that the bands covered what they promise
at the rolling origins; intervals and day totals each have their own. Nothing is assumed about where the error
comes from (level, weekday or profile). Quantiles are whole numbers; they are ordered and never negative.
Source: negative binomial as a gamma mixture, Johnson, Kemp & Kotz, Univariate Discrete Distributions, ch. 5.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import nbinom

from wfm.forecast.arrays import FloatArray

QUANTILES = (0.025, 0.10, 0.50, 0.90, 0.975)
ERRORS = np.array([0.0, 0.03, 0.06, 0.09, 0.12, 0.16, 0.2, 0.25, 0.32, 0.4, 0.5, 0.65, 0.8, 1.0])
SMALLEST_ERROR = 1e-3
CALIBRATION_MEAN = 5.0  # contacts; below, Poisson noise hides the error of the forecast
FEWEST_CALIBRATING = 50
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
    found = nbinom.ppf(level, size, size / (size + np.maximum(mean, 1e-12)))
    return np.where(mean > 0, found, 0.0)


def rank(actual: FloatArray, mean: FloatArray, error: float) -> FloatArray:
    """Return where each actual lies in its distribution, 0 to 1, half of its own probability below it."""
    size = 1.0 / max(error, SMALLEST_ERROR) ** 2
    chance = size / (size + mean)
    return (nbinom.cdf(actual, size, chance) + nbinom.cdf(actual - 1, size, chance)) / 2


@dataclass(frozen=True)
class Calibration:
    """Shares of actuals inside the bands, by origin and tried error (origins, errors), and their numbers."""

    inner: FloatArray
    outer: FloatArray
    count: FloatArray
    days: int
    prior: RelativeError

    def error(self, left_out: int | None = None) -> RelativeError:
        """Return the errors that give nominal coverage over all origins, or all but one; shrunk to the prior."""
        used = np.ones(len(self.count), dtype=bool)
        if left_out is not None:
            used[left_out] = False
        if self.count[used].sum() < (1 if self.days == self.count.sum() else FEWEST_CALIBRATING):
            return self.prior
        evidence = self.days * used.mean()
        weight = evidence / (evidence + PRIOR_DAYS)
        found = (self._nominal(self.inner, used, 0.80), self._nominal(self.outer, used, 0.95))
        priors = (self.prior.inner, self.prior.outer)
        mixed = [
            float(np.sqrt(weight * s**2 + (1 - weight) * p**2)) for s, p in zip(found, priors, strict=True)
        ]
        return RelativeError(mixed[0], max(mixed))

    def _nominal(self, shares: FloatArray, used: np.ndarray, level: float) -> float:
        covered = np.average(shares[used], axis=0, weights=self.count[used])
        return float(np.interp(level, np.maximum.accumulate(covered), ERRORS))

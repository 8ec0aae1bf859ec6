"""Accuracy of forecasts f against actuals y over one set of intervals; every ratio is sum / sum.

Source: WAPE, bias and noise floor as defined in Hyndman & Athanasopoulos, Forecasting: Principles and
Practice (3rd ed., 5.8), and E|y - m| of a Poisson variable: Johnson, Kemp & Kotz, Univariate Discrete
Distributions, 4.3.
"""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln

from wfm.forecast.arrays import FloatArray


def wape(forecast: FloatArray, actual: FloatArray) -> float:
    """Return sum |f - y| / sum y; NaN without any contact."""
    total = float(actual.sum())
    return float(np.abs(forecast - actual).sum()) / total if total > 0 else float("nan")


def rmse(forecast: FloatArray, actual: FloatArray) -> float:
    """Return the root of the mean squared error, contacts; NaN without rows."""
    return float(np.sqrt(np.mean((forecast - actual) ** 2))) if len(actual) else float("nan")


def bias(forecast: FloatArray, actual: FloatArray) -> float:
    """Return sum (f - y) / sum y, positive when the forecast is too high; NaN without any contact."""
    total = float(actual.sum())
    return float((forecast - actual).sum()) / total if total > 0 else float("nan")


def poisson_deviation(mean: FloatArray) -> FloatArray:
    """Return E|y - m| of a Poisson variable of mean m: 2 exp(-m) m^(floor(m) + 1) / floor(m)!."""
    floor = np.floor(mean)
    positive = np.where(mean > 0, mean, 1.0)
    log = np.log(2.0) - positive + (floor + 1) * np.log(positive) - gammaln(floor + 1)
    return np.where(mean > 0, np.exp(log), 0.0)


def noise_floor(mean: FloatArray) -> float:
    """Return the WAPE of a perfect forecast of Poisson counts with these means; NaN if all are zero."""
    total = float(mean.sum())
    return float(poisson_deviation(mean).sum()) / total if total > 0 else float("nan")


def weighted_error(forecast: FloatArray, actual: FloatArray, weight: FloatArray) -> float:
    """Return the weighted mean of |f - y| / y over y > 0; NaN without such rows. For handle times."""
    valid = (actual > 0) & (weight > 0)
    if not valid.any():
        return float("nan")
    errors = np.abs(forecast[valid] - actual[valid]) / actual[valid]
    return float(np.average(errors, weights=weight[valid]))


def pinball(quantiles: FloatArray, actual: FloatArray, levels: FloatArray) -> FloatArray:
    """Return the mean pinball loss (rows,) of quantiles (rows, levels): (y - q) p, or (q - y)(1 - p).

    Source: Koenker & Bassett, Regression quantiles, Econometrica 46 (1978).
    """
    above = actual[:, None] - quantiles
    return np.asarray(np.maximum(levels * above, (levels - 1) * above).mean(axis=1), dtype=np.float64)

"""How large the relative error behind the bands must be, so that they covered what they promise.

For every actual y of the rolling origins there is a least error whose band reaches it. The error of nominal
coverage is the 80 % (95 %) quantile of those: no grid, no fit. The reach of a band is that of a negative
binomial by the Cornish-Fisher expansion of its middle distribution (an actual on an edge counts half), which
can be solved for the error. Weeks ahead have errors of their own, shrunk to the error of all of them.
Source: Abramowitz & Stegun, Handbook of Mathematical Functions, 26.2.49 (first two terms).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from wfm.forecast.arrays import WEEK, BoolArray, FloatArray, IntArray
from wfm.forecast.bands import INNER, OUTER, SMALL_MEAN, RelativeError

MOST_ROWS = 1500  # more say nothing new, for those of a day err together
LARGEST_ERROR = 1.5
PRIOR_DAYS = 3.0  # days of evidence that the usual error counts for
PRIOR_ORIGINS = 4.0  # origins of evidence that the error of all weeks counts for beside a week's own
USUAL_INTERVAL = RelativeError((0.15,), (0.18,))  # where there is nothing to learn from
USUAL_DAY = RelativeError((0.10,), (0.12,))


@dataclass(frozen=True)
class Calibration:
    """Least errors that reach each row, with its origin and week ahead; `days` of evidence behind them."""

    inner: FloatArray
    outer: FloatArray
    origin: IntArray
    week: IntArray
    origins: int
    weeks: int
    days: int
    usual: RelativeError

    def error(self, left_out: int | None = None) -> RelativeError:
        """Return the errors of nominal coverage over all origins, or all but one, shrunk to the usual."""
        used = self.origin != (-1 if left_out is None else left_out)
        if not used.any():
            return self.usual
        evidence = self.days * used.mean()
        weight = evidence / (evidence + PRIOR_DAYS)
        return RelativeError(
            self._by_week(self.inner, used, INNER, self.usual.inner[0], weight),
            self._by_week(self.outer, used, OUTER, self.usual.outer[0], weight),
        )

    def _by_week(
        self, needed: FloatArray, used: BoolArray, level: float, usual: float, weight: float
    ) -> tuple[float, ...]:
        pooled = _quantile(needed[used], level)
        found = []
        for week in range(self.weeks):
            own = needed[used & (self.week == week)]
            share = self.origins / (self.origins + PRIOR_ORIGINS) if len(own) else 0.0
            error = share * _quantile(own, level) + (1 - share) * pooled if share else pooled
            found.append(weight * error + (1 - weight) * usual)
        return tuple(found)


def _quantile(values: FloatArray, level: float) -> float:
    """Return the linearly interpolated quantile; `numpy.quantile` takes ten times as long on few values."""
    place = level * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    ordered = np.partition(values, (low, high))
    return float(ordered[low] + (place - low) * (ordered[high] - ordered[low]))


def calibrate(forecast: FloatArray, actual: FloatArray, usual: RelativeError) -> Calibration:
    """Return what the actuals at rolling origins need; arrays are (origins, days, ...), NaN if not scored."""
    origins, days = actual.shape[:2]
    known = ~np.isnan(actual)
    telling = known & (forecast >= SMALL_MEAN)
    if not telling.any():
        telling = known & (forecast > 0)
    place = np.flatnonzero(telling)
    place = place[:: len(place) // MOST_ROWS + 1 | 1]  # odd, so that no slot of the day is always left out
    per_day = actual.size // max(origins * days, 1)
    mean, came = forecast.ravel()[place], actual.ravel()[place]
    return Calibration(
        needed_error(came, mean, INNER),
        needed_error(came, mean, OUTER),
        place // max(per_day * days, 1),
        place // max(per_day, 1) % max(days, 1) // WEEK,
        origins,
        -(-days // WEEK),
        days + WEEK * (origins - 1),
        usual,
    )


def needed_error(actual: FloatArray, mean: FloatArray, level: float) -> FloatArray:
    """Return the least relative error whose central band of this level reaches each actual.

    The edge is m + z sqrt(m + v m^2) + (1 + 2 v m) k with k = (z^2 - 1) / 6, v the square of the error.
    """
    z = float(ndtri((1 + level) / 2))
    k = (z * z - 1) / 6
    beyond = actual - mean - k
    square = z * z * mean
    a, b = 4 * (k * mean) ** 2, 4 * k * beyond * mean + square * mean
    c = beyond**2 - square
    root = np.sqrt(np.maximum(b * b - 4 * a * c, 0.0))
    variance = 2 * c / np.maximum(b + root, 1e-12)  # the smaller root, without cancellation
    reached = np.where(c <= 0, 0.0, np.sqrt(np.maximum(variance, 0.0)))
    return np.minimum(np.where(b + root <= 0, LARGEST_ERROR, reached), LARGEST_ERROR)

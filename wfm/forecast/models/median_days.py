"""The median day total of each weekday over the last six weeks, times the weekday profile.

Unlike `median_of_weeks` it does not round small intervals down to the typical zero. The course of the month
is divided out first.
"""

from __future__ import annotations

import numpy as np

from wfm.forecast.arrays import FloatArray, ahead, by_week, nan_mean, nan_median
from wfm.forecast.learning import Learning
from wfm.forecast.profile import spread

WEEKS = 6
SMALL_TOTAL = 10.0  # contacts a day; the median of smaller counts lies below their mean


def predict(learning: Learning) -> FloatArray:
    """Return median day totals spread over the day."""
    weeks = by_week(learning.flat_totals)[:, -WEEKS:]
    medians = nan_median(weeks, axis=1)
    medians = np.where(medians < SMALL_TOTAL, nan_mean(weeks, axis=1), medians)
    medians = np.nan_to_num(np.where(np.isnan(medians), nan_mean(medians, axis=1)[:, None], medians))
    totals = ahead(medians, learning.horizon_days) * learning.coming_month
    return spread(totals, learning.share)

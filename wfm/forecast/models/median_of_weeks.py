"""The median of the same weekday and slot over the last six weeks: robust against odd days."""

from __future__ import annotations

from wfm.forecast.arrays import FloatArray, ahead, by_week, completed, nan_median
from wfm.forecast.learning import Learning

WEEKS = 6


def predict(learning: Learning) -> FloatArray:
    """Return the six-week median of each weekday and slot."""
    week = completed(nan_median(by_week(learning.offered)[:, -WEEKS:], axis=1))
    return ahead(week, learning.horizon_days)

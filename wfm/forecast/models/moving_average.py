"""The planner's rule: the mean of the same weekday and slot over the last eight weeks."""

from __future__ import annotations

from wfm.forecast.arrays import FloatArray, ahead, by_week, completed, nan_mean
from wfm.forecast.learning import Learning

WEEKS = 8


def predict(learning: Learning) -> FloatArray:
    """Return the eight-week mean of each weekday and slot."""
    week = completed(nan_mean(by_week(learning.offered)[:, -WEEKS:], axis=1))
    return ahead(week, learning.horizon_days)

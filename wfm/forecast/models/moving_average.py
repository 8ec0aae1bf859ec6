"""The planner's rule: the mean of the same weekday and slot over the last eight weeks."""

from __future__ import annotations

import pandas as pd

from wfm.forecast.arrays import FloatArray, nan_mean
from wfm.forecast.learning import Learning
from wfm.forecast.weekly import completed, weekday_stack

WEEKS = 8


def predict(learning: Learning, dates: pd.DatetimeIndex) -> FloatArray:
    """Return the eight-week mean of each weekday and slot."""
    return completed(nan_mean(weekday_stack(learning, WEEKS)))[dates.day_of_week]

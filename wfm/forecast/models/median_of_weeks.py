"""The median of the same weekday and slot over the last six weeks: robust against odd days."""

from __future__ import annotations

import pandas as pd

from wfm.forecast.arrays import FloatArray, nan_median
from wfm.forecast.learning import Learning
from wfm.forecast.weekly import completed, weekday_stack

WEEKS = 6


def predict(learning: Learning, dates: pd.DatetimeIndex) -> FloatArray:
    """Return the six-week median of each weekday and slot."""
    return completed(nan_median(weekday_stack(learning, WEEKS)))[dates.day_of_week]

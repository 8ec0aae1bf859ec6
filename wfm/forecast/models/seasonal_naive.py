"""The latest value seen of the same weekday and slot: what every other model has to beat."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wfm.forecast.arrays import FloatArray
from wfm.forecast.learning import Learning
from wfm.forecast.weekly import completed, weekday_stack

WEEKS_BACK = 8


def predict(learning: Learning, dates: pd.DatetimeIndex) -> FloatArray:
    """Return last week's values, from up to eight weeks back where the latest are unknown."""
    pattern = np.full((7, learning.offered.shape[1]), np.nan)
    for week in weekday_stack(learning, WEEKS_BACK):  # the oldest first
        pattern = np.where(np.isnan(week), pattern, week)
    return completed(pattern)[dates.day_of_week]

"""The median day total of each weekday over the last six weeks, times the weekday profile.

Unlike `median_of_weeks` it does not round small intervals down to the typical zero. The course of the month
is divided out first.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from wfm.forecast.arrays import FloatArray, nan_mean, nan_median
from wfm.forecast.learning import Learning
from wfm.forecast.month_effect import without_month
from wfm.forecast.weekly import day_totals, profiles, spread

WEEKS = 6


def predict(learning: Learning, dates: pd.DatetimeIndex) -> FloatArray:
    """Return median day totals spread over the day."""
    flat, curve = without_month(learning)
    profile = profiles(flat)
    totals = day_totals(flat, profile)[-7 * WEEKS :]
    weekdays = flat.weekdays[-7 * WEEKS :]
    by_weekday = [totals[weekdays == weekday] for weekday in range(7)]
    medians = np.array([nan_median(own) if len(own) else np.nan for own in by_weekday])
    medians = np.nan_to_num(np.where(np.isnan(medians), nan_mean(medians), medians))
    coming = np.asarray(dates.day_of_week)
    return spread(medians[coming] * curve.factor(dates), profile, coming)

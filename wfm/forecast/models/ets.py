"""Exponential smoothing of log day totals with an additive weekly season (Holt-Winters without trend).

Totals are contacts per day, one series per case (`day_series`), times the weekday profile. The parameters
are statsmodels' least squares; where its optimiser does not converge they are fixed at usual ones. Source:
Hyndman & Athanasopoulos, Forecasting: Principles and Practice (3rd ed.), 8.3.
"""

from __future__ import annotations

import warnings

import numpy as np
from statsmodels.tools.sm_exceptions import ConvergenceWarning
from statsmodels.tsa.holtwinters import ExponentialSmoothing

from wfm.forecast.arrays import FloatArray
from wfm.forecast.learning import Learning
from wfm.forecast.models.day_series import Followed, day_by_day

USUAL_LEVEL, USUAL_SEASON = 0.2, 0.1  # smoothing parameters where the optimiser finds none


def predict(learning: Learning) -> FloatArray:
    """Return contacts (cases, horizon, slots): smoothed day totals spread over the day.

    Below ten known weeks the weekday medians at the level of the last days, not smoothed.
    """
    return day_by_day(learning, _smoothed)


def _smoothed(logs: FloatArray, season: int, steps: int) -> Followed:
    """Return the next `steps` log totals of a series with a season of so many days."""
    seasonal = season > 1
    model = ExponentialSmoothing(
        logs,
        seasonal="add" if seasonal else None,
        seasonal_periods=season if seasonal else None,
        initialization_method="heuristic",
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # asked for on the next lines
        fit = model.fit()
    if not fit.mle_retvals.success:
        usual = USUAL_SEASON if seasonal else None
        fit = model.fit(smoothing_level=USUAL_LEVEL, smoothing_seasonal=usual, optimized=False)
    coming = np.asarray(fit.forecast(steps), dtype=np.float64)
    return Followed(coming, np.asarray(fit.resid, dtype=np.float64))

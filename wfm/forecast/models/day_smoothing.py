"""Holt-Winters smoothing (statsmodels) of the log day total with a weekly season, times the weekday profile.

Only weekdays on which the queue opens are part of the series, so that a five-day queue has a season of five.
The course of the month is divided out first. Totals are contacts per day. Source: Hyndman & Athanasopoulos,
Forecasting: Principles and Practice (3rd ed.), ch. 8.
"""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
from statsmodels.tools.sm_exceptions import ConvergenceWarning
from statsmodels.tsa.holtwinters import ExponentialSmoothing

from wfm.forecast.arrays import BoolArray, FloatArray, IntArray, nan_median
from wfm.forecast.learning import Learning
from wfm.forecast.month_effect import without_month
from wfm.forecast.weekly import day_totals, profiles, spread

FIT_DAYS = 182
FEWEST_SEASONS = 10
GAP_HALF_LIFE_DAYS = 5.0
USUAL_LEVEL, USUAL_SEASON = 0.2, 0.1  # smoothing parameters where the optimiser finds none


def predict(learning: Learning, dates: pd.DatetimeIndex) -> FloatArray:
    """Return smoothed day totals spread over the day; below ten weeks the weekday medians, not smoothed."""
    flat, curve = without_month(learning)
    profile = profiles(flat)
    totals = day_totals(flat, profile)[-FIT_DAYS:]
    weekdays = flat.weekdays[-FIT_DAYS:]
    opens: BoolArray = np.asarray(flat.open_week.any(axis=1), dtype=bool)
    if np.isnan(totals).all() or not opens.any():
        return np.zeros((len(dates), profile.shape[1]))
    first_step = int((dates[0] - flat.dates[-1]).days)
    expected = np.exp(_forecast_logs(np.log(totals + 0.5), weekdays, opens, dates, first_step)) - 0.5
    return spread(np.maximum(expected, 0.0) * curve.factor(dates), profile, np.asarray(dates.day_of_week))


def _forecast_logs(
    logs: FloatArray, weekdays: IntArray, opens: BoolArray, dates: pd.DatetimeIndex, first_step: int
) -> FloatArray:
    """Return log totals of `dates`, which begin `first_step` days after the last of `logs`."""
    usual = _weekday_medians(logs, weekdays)
    coming = np.asarray(dates.day_of_week)
    period = int(opens.sum())
    series = _without_gaps(logs, usual, weekdays)[opens[weekdays]]
    expected: FloatArray = usual[coming]
    if len(series) < FEWEST_SEASONS * period:
        return expected
    skipped = (int(weekdays[-1]) + 1 + np.arange(first_step - 1)) % 7
    steps = int(opens[skipped].sum()) if len(skipped) else 0
    wanted = opens[coming]
    ahead = _smoothed(series, period, steps + int(wanted.sum()))
    expected[wanted] = ahead[steps:]
    return expected


def _smoothed(series: FloatArray, period: int, steps: int) -> FloatArray:
    """Return the next `steps` values; with fixed parameters if the optimiser does not converge."""
    season = "add" if period > 1 else None
    model = ExponentialSmoothing(
        series,
        seasonal=season,
        seasonal_periods=period if season else None,
        initialization_method="heuristic",
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # asked for on the next line
        fit = model.fit()
    if not fit.mle_retvals.success:
        seasonal = USUAL_SEASON if season else None
        fit = model.fit(smoothing_level=USUAL_LEVEL, smoothing_seasonal=seasonal, optimized=False)
    return np.asarray(fit.forecast(steps), dtype=np.float64)


def _weekday_medians(logs: FloatArray, weekdays: IntArray) -> FloatArray:
    """Return (7,) medians; a weekday never seen has the median of all."""
    medians = np.full(7, float(nan_median(logs)))
    for weekday in range(7):
        own = logs[weekdays == weekday]
        if not np.isnan(own).all():
            medians[weekday] = float(nan_median(own))
    return medians


def _without_gaps(logs: FloatArray, usual: FloatArray, weekdays: IntArray) -> FloatArray:
    """Return the series with unknown days at their weekday's median plus the level of the days before."""
    level, filled = 0.0, logs.copy()
    memory = 0.5 ** (1.0 / GAP_HALF_LIFE_DAYS)
    for day, value in enumerate(logs):
        if np.isnan(value):
            filled[day] = usual[weekdays[day]] + level
        else:
            level = memory * level + (1.0 - memory) * (value - usual[weekdays[day]])
    return filled

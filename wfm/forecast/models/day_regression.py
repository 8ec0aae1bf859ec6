"""Robust regression of the log day total on calendar terms, with level tracking, times the weekday profile.

Terms: constant, weekday, and after two months the course of the month and its first and last days (with a
ridge, as rows of evidence for no effect). Huber's M-estimator (statsmodels RLM) on the last half year; the
level is the exponentially weighted mean of what the calendar leaves unexplained. Totals are contacts per day.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from statsmodels.api import OLS, RLM
from statsmodels.robust.norms import HuberT

from wfm.forecast.arrays import FloatArray, nan_median
from wfm.forecast.learning import Learning
from wfm.forecast.month_effect import month_bumps
from wfm.forecast.weekly import day_totals, profiles, spread

FIT_DAYS = 182
FEWEST_DAYS_FOR_MONTH = 60
LEVEL_HALF_LIFE_DAYS = 14.0
RIDGE = 1.0
MOST_ITERATIONS = 200
EXACT = 1e-9  # log residuals below this are rounding: there is nothing to be robust against


def predict(learning: Learning, dates: pd.DatetimeIndex) -> FloatArray:
    """Return the regression's day totals spread over the day; zeros if no day total is known."""
    profile = profiles(learning)
    totals = day_totals(learning, profile)[-FIT_DAYS:]
    known = ~np.isnan(totals)
    if not known.any():
        return np.zeros((len(dates), profile.shape[1]))
    expected = expected_totals(totals[known], learning.dates[-FIT_DAYS:][known], dates)
    return spread(expected, profile, np.asarray(dates.day_of_week))


def expected_totals(totals: FloatArray, past: pd.DatetimeIndex, dates: pd.DatetimeIndex) -> FloatArray:
    """Return the expected totals of `dates`, learnt from the known totals of the dates `past`."""
    with_month = len(past) >= FEWEST_DAYS_FOR_MONTH
    terms, coming = calendar_terms(past, with_month=with_month), calendar_terms(dates, with_month=with_month)
    log_total = np.log(totals + 0.5)
    coefficients, weights = _fit(log_total, terms)
    residual = log_total - terms @ coefficients
    age = np.asarray((past[-1] - past).days, dtype=np.float64)
    weights = weights * 0.5 ** (age / LEVEL_HALF_LIFE_DAYS)
    level = float((weights * residual).sum() / weights.sum())
    expected = np.exp(coming @ coefficients + level) - 0.5
    return np.asarray(np.maximum(expected, 0.0), dtype=np.float64)


def calendar_terms(dates: pd.DatetimeIndex, *, with_month: bool) -> FloatArray:
    """Return the design (days, terms): weekdays, then the month where asked for."""
    weekday = np.asarray(dates.day_of_week)[:, None] == np.arange(7)
    if not with_month:
        return np.asarray(weekday, dtype=np.float64)
    day = np.asarray(dates.day)
    left = np.asarray(dates.days_in_month) - day
    edges = np.column_stack([day <= 2, left < 2])
    return np.asarray(np.hstack([weekday, month_bumps(dates), edges]), dtype=np.float64)


def _fit(log_total: FloatArray, terms: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return coefficients and robustness weights; a weekday never seen gets the mean of those seen."""
    seen = (terms != 0).any(axis=0)
    month = np.arange(terms.shape[1])[seen] >= 7
    evidence = np.sqrt(RIDGE) * np.eye(len(month))[month]
    design = np.vstack([terms[:, seen], evidence])
    response = np.append(log_total, np.zeros(len(evidence)))
    least_squares = OLS(response, design).fit()
    coefficients, weights = np.asarray(least_squares.params), np.ones(len(log_total))
    if float(nan_median(np.abs(np.asarray(least_squares.resid)[: len(log_total)]))) > EXACT:
        robust = RLM(response, design, M=HuberT()).fit(maxiter=MOST_ITERATIONS)
        coefficients, weights = np.asarray(robust.params), np.asarray(robust.weights)[: len(log_total)]
    complete = np.zeros(terms.shape[1])
    complete[seen] = coefficients
    complete[:7][~seen[:7]] = coefficients[~month].mean()
    return complete, weights

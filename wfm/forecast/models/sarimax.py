"""Seasonal ARMA (1,0,1)x(1,0,1) of log day totals round the weekday's median; the season is an opening week.

Totals are contacts per day, one series per case (`day_series`), times the weekday profile. The medians are
taken out first: without that the seasonal root is almost 1, and the optimiser seldom finds the maximum of
the likelihood (statsmodels' state space form). Where it does not converge within `MOST_ITERATIONS` all the
same, the model declines, and the medians at the level of the last days are the forecast. Source: Box,
Jenkins, Reinsel & Ljung, Time Series Analysis (5th ed.), ch. 9.
"""

from __future__ import annotations

import warnings

import numpy as np
from statsmodels.tsa.statespace.sarimax import SARIMAX

from wfm.forecast.arrays import FloatArray
from wfm.forecast.learning import Learning
from wfm.forecast.models.day_series import Followed, day_by_day

MOST_ITERATIONS = 100


def predict(learning: Learning) -> FloatArray:
    """Return contacts (cases, horizon, slots): forecast day totals spread over the day.

    Below ten known weeks the weekday medians at the level of the last days.
    """
    return day_by_day(learning, _followed)


def _followed(logs: FloatArray, season: int, steps: int) -> Followed | None:
    """Return the next `steps` log totals of a series, None if the likelihood's maximum is not found."""
    place = (np.arange(len(logs)) - len(logs)) % season  # counted from the first day to come
    usual = np.array([np.median(logs[place == each]) for each in range(season)])
    seasonal = (1, 0, 1, season) if season > 1 else (0, 0, 0, 0)
    departed = logs - usual[place]
    model = SARIMAX(departed, order=(1, 0, 1), seasonal_order=seasonal, trend="c", concentrate_scale=True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of starting values; whether it converged is asked for below
            fit = model.fit(disp=False, maxiter=MOST_ITERATIONS)
    except np.linalg.LinAlgError:
        return None
    coming = np.asarray(fit.forecast(steps), dtype=np.float64) + usual[np.arange(steps) % season]
    if not fit.mle_retvals["converged"]:
        return None
    return Followed(coming, np.asarray(fit.resid[season:], dtype=np.float64))

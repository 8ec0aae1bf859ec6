"""The course of the month: pay days, bills and statements that come back at the same part of every month.

The effect is a multiplier of the day, a smooth periodic curve over the month (triangular bumps, log scale),
ridge regressed on what weekday and a slow level leave unexplained, so that thin evidence gives hardly any
effect.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from wfm.forecast.arrays import FloatArray, nan_mean, nan_median
from wfm.forecast.learning import Learning
from wfm.forecast.weekly import day_totals, profiles

BUMPS = 6
RIDGE = 4.0
FIT_DAYS = 364
FEWEST_DAYS = 60  # two courses of a month
LEVEL_DAYS = 31
LARGEST_LOG_RESIDUAL = 0.3


@dataclass(frozen=True)
class MonthCurve:
    """Log effect at evenly spaced parts of the month."""

    log_effect: FloatArray

    def factor(self, dates: pd.DatetimeIndex) -> FloatArray:
        """Return the multiplier of each date (days,)."""
        return np.asarray(np.exp(month_bumps(dates) @ self.log_effect), dtype=np.float64)


def month_bumps(dates: pd.DatetimeIndex) -> FloatArray:
    """Return the weights (days, BUMPS) of the periodic linear interpolation over the month; rows sum to 1."""
    position = (np.asarray(dates.day) - 0.5) / np.asarray(dates.days_in_month)
    distance = np.abs(position[:, None] - np.arange(BUMPS) / BUMPS)
    distance = np.minimum(distance, 1 - distance)
    return np.asarray(np.maximum(0.0, 1.0 - distance * BUMPS), dtype=np.float64)


def without_month(learning: Learning) -> tuple[Learning, MonthCurve]:
    """Return the learning part with the month's course divided out, and the curve to multiply back."""
    curve = month_curve(learning)
    flat = learning.offered / curve.factor(learning.dates)[:, None]
    return replace(learning, offered=flat), curve


def month_curve(learning: Learning) -> MonthCurve:
    """Return the curve learnt from day totals of the last year; flat with less than two months of days."""
    totals = day_totals(learning, profiles(learning))[-FIT_DAYS:]
    if (~np.isnan(totals)).sum() < FEWEST_DAYS:
        return MonthCurve(np.zeros(BUMPS))
    residual = _unexplained(np.log(totals + 0.5), learning.weekdays[-FIT_DAYS:])
    known = ~np.isnan(residual)
    bumps = month_bumps(learning.dates[-FIT_DAYS:][known])
    bounded = np.clip(residual[known], -LARGEST_LOG_RESIDUAL, LARGEST_LOG_RESIDUAL)
    weight = bumps.T @ bumps + RIDGE * np.eye(BUMPS)
    effect = np.linalg.solve(weight, bumps.T @ bounded)
    return MonthCurve(np.asarray(effect, dtype=np.float64))


def _unexplained(log_total: FloatArray, weekdays: np.ndarray) -> FloatArray:
    """Return the log totals less the median of their weekday and the mean of the month around them."""
    medians = np.full(7, np.nan)
    for weekday in range(7):
        if (weekdays == weekday).any():
            medians[weekday] = nan_median(log_total[weekdays == weekday])
    residual = log_total - medians[weekdays]
    half = LEVEL_DAYS // 2
    padded = np.concatenate([np.full(half, np.nan), residual, np.full(half, np.nan)])
    around = np.lib.stride_tricks.sliding_window_view(padded, LEVEL_DAYS)
    return np.asarray(residual - nan_mean(around, axis=1), dtype=np.float64)

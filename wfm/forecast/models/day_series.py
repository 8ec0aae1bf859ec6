"""Day totals as one series per case, for models that follow one series at a time; no model by itself.

Only places on which the queue opens are part of a series, so that a five-day queue has a season of five. Its
values are logs of contacts per day plus a half, the course of the month divided out, gaps filled by the
weekday's median plus the level of the days before. The mean of a log is not the log of the mean: what comes
back is multiplied by the mean of the exponentials of the model's past errors. Source: Duan, Smearing
estimate, Journal of the American Statistical Association 78 (1983).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from wfm.forecast.arrays import WEEK, BoolArray, FloatArray, anything, nan_median
from wfm.forecast.learning import Learning
from wfm.forecast.profile import spread

FIT_DAYS = 26 * WEEK
FEWEST_SEASONS = 10
LEVEL_HALF_LIFE_DAYS = 5.0
LEAST_ERROR = 1e-6  # of logs: a history that repeats itself is its own forecast, and no optimiser's food


@dataclass(frozen=True)
class Followed:
    """Log totals to come (steps,), and the model's errors (days,) one step ahead in the past."""

    coming: FloatArray
    errors: FloatArray


Follow = Callable[[FloatArray, int, int], Followed | None]


def day_by_day(learning: Learning, follow: Follow) -> FloatArray:
    """Return contacts (cases, horizon, slots): the day totals that `follow` expects, spread over the day.

    `follow(logs, season, steps)` gets a series (days,) of log totals with `season` days a week, and may
    decline (None). Then, and below ten known weeks, a day is expected as a gap is filled.
    """
    logs = np.log(learning.flat_totals[:, -FIT_DAYS:] + 0.5)
    opens = anything(learning.open_week)
    totals = np.zeros((len(logs), learning.horizon_days))
    for case in np.flatnonzero(~np.isnan(logs).all(axis=1) & anything(opens)):
        totals[case] = _totals(logs[case], opens[case], learning.horizon_days, follow)
    return spread(totals * learning.coming_month, learning.share)


def _totals(logs: FloatArray, opens: BoolArray, days: int, follow: Follow) -> FloatArray:
    """Return the totals (days,) expected after a series (known days,) of log totals."""
    past, coming = np.arange(len(logs)) % WEEK, np.arange(days) % WEEK
    known = ~np.isnan(logs)
    usual = _weekday_medians(logs)
    level = _levels(logs - usual[past])
    filled = np.where(known, logs, usual[past] + level[:-1])
    errors = (logs - usual[past] - level[:-1])[known]
    expected = usual[coming] + level[-1]
    inside = opens[past] & np.logical_or.accumulate(known)  # from the first day that is known
    season, wanted = int(opens.sum()), opens[coming]
    enough = int((known & inside).sum()) >= FEWEST_SEASONS * season
    if enough and np.ptp(errors) > LEAST_ERROR and wanted.any():
        found = follow(filled[inside], season, int(wanted.sum()))
        if found is not None and np.isfinite(found.coming).all():
            expected[wanted], errors = found.coming, found.errors
    contacts = np.exp(expected) * np.exp(errors).mean() - 0.5
    return np.asarray(np.maximum(contacts, 0.0), dtype=np.float64)


def _weekday_medians(logs: FloatArray) -> FloatArray:
    """Return the medians (7,) by place; a weekday never seen has the median of all."""
    medians = nan_median(logs.reshape(-1, WEEK))
    return np.where(np.isnan(medians), nan_median(logs), medians)


def _levels(departed: FloatArray) -> FloatArray:
    """Return the level (days + 1,) before each day and after the last; an unknown day leaves it as it is."""
    memory = 0.5 ** (1.0 / LEVEL_HALF_LIFE_DAYS)
    level = np.zeros(len(departed) + 1)
    for day, value in enumerate(departed):
        news = 0.0 if np.isnan(value) else value - level[day]
        level[day + 1] = level[day] + (1.0 - memory) * news
    return level

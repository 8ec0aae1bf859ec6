"""Cases made for the tests of models: one queue, twelve open hours, Monday to Saturday, closed on Sundays."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wfm.forecast.cases import NO_HOLIDAY, Case, stacked
from wfm.forecast.learning import Learned, learn

SLOTS = 24
OPEN = slice(8, 20)
WEEKDAY_LEVEL = np.array([1.4, 1.2, 1, 1, 1, 0.5, 0])


def rates(dates, level=30.0):
    """Return expected contacts (days, slots), also where closed."""
    weekday = np.asarray(dates.day_of_week)
    return level * WEEKDAY_LEVEL[weekday][:, None] * (1 + np.sin(np.arange(SLOTS) / 6))


def open_on(dates):
    """Return the open slots (days, slots)."""
    is_open = np.zeros((len(dates), SLOTS), dtype=bool)
    is_open[:, OPEN] = (np.asarray(dates.day_of_week) < 6)[:, None]
    return is_open


def case_of(offered, first="2026-03-02", horizon=14, is_open=None):
    """Return the case of contacts (days, slots) before a first day (a Monday); closed slots are hidden."""
    begin = pd.Timestamp(first) - pd.Timedelta(days=len(offered))
    dates = pd.date_range(begin, periods=len(offered) + horizon, freq="D")
    opening = open_on(dates) if is_open is None else is_open(dates)
    known = np.where(opening[: len(offered)], offered, np.nan)
    day = dates.to_numpy().astype("datetime64[D]").astype(np.int64)
    holiday = np.full(len(dates), NO_HOLIDAY, dtype=np.int64)
    return Case("a", day, known, opening, opening[-horizon:][:7], holiday)


def past_dates(weeks, first="2026-03-02"):
    """Return the dates of whole weeks before a first day."""
    return pd.date_range(end=pd.Timestamp(first) - pd.Timedelta(days=1), periods=7 * weeks, freq="D")


def counts(weeks=16, level=30.0, seed=1, first="2026-03-02"):
    """Return Poisson counts (days, slots) with a weekday level and a hump."""
    mean = rates(past_dates(weeks, first), level)
    return np.random.default_rng(seed).poisson(mean).astype(float)


def learnt(*histories, first="2026-03-02", horizon=14, **opening) -> Learned:
    """Return what is learnt from histories (days, slots) of one queue each."""
    return learn(stacked([case_of(offered, first, horizon, **opening) for offered in histories]))

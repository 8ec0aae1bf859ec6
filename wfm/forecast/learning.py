"""From a raw day grid to what models learn from, and what is true of the days to come.

One step for the real forecast and for every origin of a backtest, so that neither sees more than the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfm.forecast.arrays import BoolArray, FloatArray, IntArray
from wfm.forecast.calendar import QueueCalendar, opening, with_learnt_holidays
from wfm.forecast.cleaning import local_baseline, odd_days, outages
from wfm.forecast.daygrid import DayGrid
from wfm.forecast.events import Event, event_grid, touched
from wfm.forecast.holiday_effects import holiday_factors

SMALLEST_FACTOR = 0.05  # days that an effect nearly empties say nothing about ordinary demand


@dataclass(frozen=True)
class Learning:
    """What a model may see: ordinary demand per day and slot, NaN where unknown, masked or closed.

    The dates follow each other, but for whole weeks of which nothing is known: they are left out.
    """

    dates: pd.DatetimeIndex
    offered: FloatArray
    open_week: BoolArray

    @property
    def weekdays(self) -> IntArray:
        """Weekday of each row, 0 is Monday."""
        return np.asarray(self.dates.day_of_week, dtype=np.int64)


@dataclass(frozen=True)
class Prepared:
    """The learning part, and opening and calendar factor (days, slots) of the dates to forecast."""

    learning: Learning
    future: pd.DatetimeIndex
    future_open: BoolArray
    future_factor: FloatArray
    unscored: BoolArray  # past cells hidden by outages and events: neither learnt from nor scored
    notes: tuple[str, ...]


def prepare(
    grid: DayGrid, calendar: QueueCalendar, events: tuple[Event, ...], future: pd.DatetimeIndex
) -> Prepared:
    """Return what can be learnt from `grid` for the consecutive dates `future`, all after the grid's."""
    calendar = with_learnt_holidays(calendar, grid)
    dates = pd.date_range(grid.dates[0], future[-1], freq="D", unit="us")
    raw = np.full((len(dates), grid.slots), np.nan)
    raw[: len(grid.dates)] = grid.offered
    is_open = opening(dates, calendar)
    raw[~is_open] = np.nan
    names = calendar.names(dates)
    holiday = np.array([name != "" for name in names], dtype=bool)

    special = touched(events, dates, raw.shape) | holiday[:, None]
    ordinary = np.where(special, np.nan, raw)
    baseline = local_baseline(ordinary)
    down = outages(ordinary, baseline)
    odd = odd_days(np.where(down, np.nan, ordinary), baseline)
    happening = event_grid(events, dates, np.where(down, np.nan, raw), baseline)

    unscored = happening.hidden | happening.closed | down
    evidence = np.where(unscored | odd[:, None], np.nan, raw)
    by_day = holiday_factors(names, evidence, baseline * happening.factor)
    factor = happening.factor * by_day[:, None]
    telling = factor > SMALLEST_FACTOR
    known = np.where(telling & ~holiday[:, None], evidence / np.where(telling, factor, 1.0), np.nan)

    past = len(grid.dates)
    coming = slice(len(dates) - len(future), None)
    kept = _weeks_with_rows(known[:past])
    learning = Learning(grid.dates[kept], known[:past][kept], calendar.ordinary_week())
    future_open = (is_open & ~happening.closed)[coming]
    notes = (*calendar.notes, *happening.notes, *_masking_notes(dates, down, odd))
    return Prepared(learning, future, future_open, factor[coming], unscored[:past], notes)


def _weeks_with_rows(known: FloatArray) -> IntArray:
    """Return the days of the weeks that say anything; after a long gap the weeks before it count.

    Weeks are whole and counted from the end, so that weekdays still follow each other; all days if none does.
    """
    days = np.arange(len(known))
    week = (len(known) - 1 - days) // 7
    telling = np.unique(week[(~np.isnan(known)).any(axis=1)])
    return days[np.isin(week, telling)] if len(telling) else days


def _masking_notes(dates: pd.DatetimeIndex, down: BoolArray, odd: BoolArray) -> tuple[str, ...]:
    notes = []
    if down.any():
        days = ", ".join(str(day.date()) for day in dates[np.flatnonzero(down.any(axis=1))])
        notes.append(f"{int(down.sum())} intervals of zero read as outage and not learnt from: {days}")
    if odd.any():
        days = ", ".join(str(day.date()) for day in dates[np.flatnonzero(odd)])
        notes.append(f"{int(odd.sum())} days far from their neighbours not learnt from: {days}")
    return tuple(notes)

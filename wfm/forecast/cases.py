"""What is known of many queues before their first days to forecast, as arrays of one shape.

Rows are `known_days` (whole weeks, the last one ends before the first day to forecast) and then the horizon.
Weeks of which nothing is known are left out, so that weekdays follow each other across a long gap; a history
shorter than the others begins with unknown days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wfm.forecast.arrays import WEEK, BoolArray, FloatArray, IntArray
from wfm.forecast.events import Event

LONGEST_WEEKS = 156
NO_HOLIDAY = -1


@dataclass(frozen=True)
class Case:
    """One queue before one first day: `offered` (days, slots) and, over the horizon too, opening and dates.

    `day` counts days since 1970-01-01, `holiday` numbers names, -1 on other days. `open_week` (7, slots) is
    the ordinary week by place, `never` (7, slots) what of it the history has no row of, although it may be
    open.
    """

    queue: str
    day: IntArray
    offered: FloatArray
    is_open: BoolArray
    open_week: BoolArray
    holiday: IntArray
    events: tuple[Event, ...] = ()
    notes: tuple[str, ...] = ()
    never: BoolArray | None = None

    @property
    def known_days(self) -> int:
        """Number of rows before the first day to forecast."""
        return len(self.offered)


@dataclass(frozen=True)
class Cases:
    """Cases of one shape, stacked: see `Case`; NaN is unknown, closed or hidden."""

    day: IntArray
    offered: FloatArray
    is_open: BoolArray
    open_week: BoolArray
    holiday: IntArray
    events: tuple[tuple[Event, ...], ...]
    never: BoolArray

    @property
    def known_days(self) -> int:
        """Number of rows before the first day to forecast, whole weeks."""
        return int(self.offered.shape[1])

    @property
    def horizon_days(self) -> int:
        """Number of days to forecast."""
        return int(self.day.shape[1]) - self.known_days


def stacked(cases: Sequence[Case]) -> Cases:
    """Return cases of the same horizon and slots as one; the shorter ones begin with unknown days."""
    days = max(case.known_days for case in cases)
    horizon, slots = len(cases[0].day) - cases[0].known_days, cases[0].offered.shape[1]
    shape = (len(cases), days + horizon)
    day = np.empty(shape, dtype=np.int64)
    holiday = np.full(shape, NO_HOLIDAY, dtype=np.int64)
    offered = np.full((len(cases), days, slots), np.nan)
    is_open = np.zeros((*shape, slots), dtype=bool)
    for row, case in enumerate(cases):
        before = days - case.known_days
        day[row, :before] = case.day[0] - np.arange(before, 0, -1)
        day[row, before:] = case.day
        holiday[row, before:] = case.holiday
        offered[row, before:] = case.offered
        is_open[row, before:] = case.is_open
    open_week = np.array([case.open_week for case in cases])
    never = np.array([np.zeros_like(case.open_week) if case.never is None else case.never for case in cases])
    return Cases(day, offered, is_open, open_week, holiday, tuple(case.events for case in cases), never)


def weeks_with_rows(known: BoolArray) -> IntArray:
    """Return the rows of the weeks of which any day is known, the latest ones; all if none is."""
    weeks = np.flatnonzero(known.reshape(-1, WEEK).any(axis=1))
    kept = weeks[-LONGEST_WEEKS:] if len(weeks) else np.arange(len(known) // WEEK)[-LONGEST_WEEKS:]
    return np.asarray((WEEK * kept[:, None] + np.arange(WEEK)).ravel(), dtype=np.int64)

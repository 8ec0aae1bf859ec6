"""The calendar as terms of a regression of day totals: what a day is, besides its weekday.

The month is a smooth periodic curve (triangular bumps) with its first and last two days; pay days, bills and
statements come back there. Around holidays: the holiday, the day before, and the first and second working
days after. The first day after a *closed* holiday takes the place of the day that opens the ordinary week
(Monday, if weekends are closed): what waited comes then, whatever the weekday.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wfm.forecast.arrays import WEEK, BoolArray, FloatArray, IntArray, anything
from wfm.forecast.cases import NO_HOLIDAY, Cases

BUMPS = 6


@dataclass(frozen=True)
class DayKinds:
    """Days (cases, days) by kind; `place` is the place in the week whose habits a day follows."""

    place: IntArray
    holiday: BoolArray
    before: BoolArray
    after_closed: BoolArray
    second_after_closed: BoolArray
    after_open: BoolArray

    @property
    def special(self) -> BoolArray:
        """Days (cases, days) of any kind but the ordinary."""
        near = self.before | self.after_closed | self.second_after_closed | self.after_open
        return np.asarray(self.holiday | near, dtype=bool)

    def flags(self) -> FloatArray:
        """Return the kinds around holidays as columns (cases, days, 5)."""
        kinds = (self.holiday, self.before, self.after_closed, self.second_after_closed, self.after_open)
        return np.stack(kinds, axis=2).astype(np.float64)


def day_kinds(cases: Cases) -> DayKinds:
    """Return what kind of day each is, past and to come."""
    holiday = cases.holiday != NO_HOLIDAY
    silent = holiday & _silent(cases, holiday)
    working = anything(cases.is_open) & ~holiday
    days = holiday.shape[1]
    last = _last_before(working)
    after_closed = working & (_since(np.cumsum(silent, axis=1), last) > 0) & (last >= 0)
    second = working & np.take_along_axis(after_closed, np.maximum(last, 0), axis=1) & (last >= 0)
    after_open = working & _shifted(holiday & ~silent, 1) & ~after_closed
    before = working & _shifted(holiday, -1)
    usual = np.broadcast_to(np.arange(days) - cases.known_days, holiday.shape) % WEEK
    opener = opening_place(cases.open_week)
    place = np.where(after_closed & (opener >= 0)[:, None], opener[:, None], usual)
    return DayKinds(place, holiday, before, after_closed, second & ~after_closed, after_open)


def _silent(cases: Cases, holiday: BoolArray) -> BoolArray:
    """Return the days (cases, days) that have, or as holidays will have, no contact.

    Holidays to come are as those seen; if none was, a queue that closes in the week closes on holidays too.
    """
    past = holiday[:, : cases.known_days]
    busy = (np.nan_to_num(cases.offered) > 0).any(axis=2)
    closes = ~np.all(anything(cases.open_week), axis=1)
    quiet = np.where(past.any(axis=1), ~(past & busy).any(axis=1), closes)
    coming = np.broadcast_to(quiet[:, None], (len(quiet), cases.horizon_days))
    opens = anything(cases.is_open)
    return np.asarray(np.concatenate([~busy, coming], axis=1) | ~opens, dtype=bool)


def _last_before(working: BoolArray) -> IntArray:
    """Return for each day the last working day before it, -1 without any."""
    index = np.where(working, np.arange(working.shape[1]), -1)
    running = np.maximum.accumulate(index, axis=1)
    return np.concatenate([np.full((len(working), 1), -1), running[:, :-1]], axis=1)


def _since(counted: IntArray, last: IntArray) -> IntArray:
    """Return how many lie after the day `last` and up to each day."""
    return counted - np.take_along_axis(counted, np.maximum(last, 0), axis=1)


def _shifted(days: BoolArray, by: int) -> BoolArray:
    moved = np.zeros_like(days)
    if by > 0:
        moved[:, by:] = days[:, :-by]
    else:
        moved[:, :by] = days[:, -by:]
    return moved


def opening_place(open_week: BoolArray) -> IntArray:
    """Return the place (cases,) of the first day after the longest weekly closure, -1 if it never closes."""
    opens = anything(open_week)
    twice = np.concatenate([opens, opens], axis=1)
    index = np.where(twice, np.arange(2 * WEEK), -1)
    gap = np.arange(2 * WEEK) - 1 - _last_before(twice)
    gap = np.where(twice & (index >= WEEK), gap, 0)
    best = gap.argmax(axis=1)
    return np.where((gap.max(axis=1) > 0) & opens.any(axis=1), best % WEEK, -1)


def month_terms(day: IntArray) -> FloatArray:
    """Return the month of days since 1970 (cases, days, BUMPS + 2): bumps that sum to 1, and the edges."""
    if len(day) > 1 and (day == day[0]).all():  # queues of one evening
        return np.broadcast_to(month_terms(day[:1]), (*day.shape, BUMPS + 2))
    dates = day.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    of_month = (dates - months).astype(np.int64)
    length = ((months + 1).astype("datetime64[D]") - months.astype("datetime64[D]")).astype(np.int64)
    position = ((of_month + 0.5) / length)[..., None]
    distance = np.abs(position - np.arange(BUMPS) / BUMPS)
    bumps = np.maximum(0.0, 1.0 - np.minimum(distance, 1 - distance) * BUMPS)
    edges = np.stack([of_month < 2, length - of_month <= 2], axis=-1)
    return np.concatenate([bumps, edges], axis=-1)

"""A queue's history as matrices: one row per local date, one column per wall-clock slot of the day.

`offered` and `handled` are contacts per interval, `aht_s` seconds; NaN is unknown. The wall clock carries the
profile of a day: on clock-change days the repeated hour has the mean of its two passes, the skipped one is
unknown, and 92 or 100 intervals come back only when a forecast is laid on instants again
(`wfm.forecast.horizon`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd

from wfm.forecast.arrays import BoolArray, FloatArray, IntArray
from wfm.hours import DAY_MIN
from wfm.localtime import interval_grid, to_local


@dataclass(frozen=True)
class DayGrid:
    """Matrices (days, slots) over consecutive local dates; NaN where the history has no row."""

    dates: pd.DatetimeIndex
    offered: FloatArray
    handled: FloatArray
    aht_s: FloatArray
    exists: BoolArray  # not the hour that a clock change skips

    @property
    def slots(self) -> int:
        """Slots of a day: 96 quarter-hours."""
        return int(self.offered.shape[1])

    @cached_property
    def observed(self) -> BoolArray:
        """Return which days (days,) have any row."""
        return np.asarray(~np.isnan(self.offered).all(axis=1), dtype=bool)

    @cached_property
    def day_contacts(self) -> FloatArray:
        """Return the contacts of each day (days,), unknown intervals as none."""
        return np.asarray(np.nan_to_num(self.offered).sum(axis=1), dtype=np.float64)

    @cached_property
    def timed(self) -> BoolArray:
        """Return which days (days,) have any handle time of a contact."""
        contacts = np.where(np.isnan(self.handled), self.offered, self.handled)
        return np.asarray(((self.aht_s > 0) & (contacts > 0)).any(axis=1), dtype=bool)

    def before(self, day: pd.Timestamp) -> DayGrid:
        """Return the dates before `day`."""
        count = int((self.dates < day).sum())
        return DayGrid(
            self.dates[:count],
            self.offered[:count],
            self.handled[:count],
            self.aht_s[:count],
            self.exists[:count],
        )

    def with_zeros(self, gaps: BoolArray) -> DayGrid:
        """Return the grid with unknown `gaps` between the first and the last known interval read as zero."""
        known = np.flatnonzero(~np.isnan(self.offered).ravel())
        if len(known) == 0:
            return self
        inside = np.zeros(self.offered.size, dtype=bool)
        inside[known[0] : known[-1] + 1] = True
        absent = np.isnan(self.offered) & inside.reshape(self.offered.shape) & self.exists & gaps
        return replace(self, offered=np.where(absent, 0.0, self.offered))


@dataclass(frozen=True)
class Clock:
    """Local day numbers and wall-clock slots of sorted instants: queues of a centre share most of them."""

    starts: IntArray
    day: IntArray
    slot: IntArray

    @staticmethod
    def of(starts: pd.Series, timezone: str, interval_min: int) -> Clock:
        """Return the clock of some instants, each once."""
        unique = pd.Series(starts.unique()).sort_values(ignore_index=True)
        days, slots = cells(unique, timezone, interval_min)
        number = days.to_numpy().astype("datetime64[D]").astype(np.int64)
        return Clock(instants(unique), number, slots)

    def cells(self, starts: pd.Series) -> tuple[IntArray, IntArray]:
        """Return day numbers and slots of instants that the clock knows."""
        at = np.searchsorted(self.starts, instants(starts))
        return self.day[at], self.slot[at]


def instants(starts: pd.Series) -> IntArray:
    """Return instants as microseconds since 1970."""
    return np.asarray(starts.dt.as_unit("us").astype("int64"), dtype=np.int64)


def day_grid(rows: pd.DataFrame, timezone: str, interval_min: int, clock: Clock | None = None) -> DayGrid:
    """Return the matrices of one queue's HISTORY rows; at least one row is needed."""
    known = Clock.of(rows["interval_start"], timezone, interval_min) if clock is None else clock
    day, slots = known.cells(rows["interval_start"])
    first, last = int(day.min()), int(day.max())
    days = pd.date_range(np.datetime64(first, "D"), np.datetime64(last, "D"), freq="D", unit="us")
    shape = (len(days), DAY_MIN // interval_min)
    flat = (day - first) * shape[1] + slots
    offered, handled, aht_s = (
        _mean_per_cell(flat, rows[name].to_numpy(dtype=np.float64), shape)
        for name in ("offered", "handled", "aht_s")
    )
    return DayGrid(
        days, offered, handled, aht_s, _existing(days[0].date(), days[-1].date(), timezone, interval_min)
    )


@lru_cache(maxsize=256)
def _existing(first: date, last: date, timezone: str, interval_min: int) -> BoolArray:
    grid = interval_grid(first, last, timezone, interval_min)
    dates, slots = cells(grid.to_series(), timezone, interval_min)
    exists = np.zeros(((last - first).days + 1, DAY_MIN // interval_min), dtype=bool)
    exists[np.asarray((dates - pd.Timestamp(first)).dt.days), slots] = True
    exists.flags.writeable = False
    return exists


def borrowed(own: DayGrid, other: DayGrid) -> DayGrid:
    """Return `other` at the level of `own`, with the own days on top: a history for a queue that is new.

    The level is the ratio of contacts where both are known, 1 without any such cell.
    """
    first, last = min(own.dates[0], other.dates[0]), max(own.dates[-1], other.dates[-1])
    days = pd.date_range(first, last, freq="D", unit="us")
    mine, theirs = _extended(own, days), _extended(other, days)
    both = ~np.isnan(mine.offered) & ~np.isnan(theirs.offered)
    base = float(theirs.offered[both].sum())
    level = float(mine.offered[both].sum()) / base if base > 0 else 1.0
    return DayGrid(
        days,
        np.where(np.isnan(mine.offered), theirs.offered * level, mine.offered),
        np.where(np.isnan(mine.handled), theirs.handled * level, mine.handled),
        np.where(np.isnan(mine.aht_s), theirs.aht_s, mine.aht_s),
        mine.exists | theirs.exists,
    )


def _extended(grid: DayGrid, days: pd.DatetimeIndex) -> DayGrid:
    """Return the grid on more days, unknown where it had none."""
    before = int((grid.dates[0] - days[0]).days)
    after = len(days) - before - len(grid.dates)
    padding = ((before, after), (0, 0))
    offered, handled, aht_s = (
        np.pad(matrix, padding, constant_values=np.nan) for matrix in (grid.offered, grid.handled, grid.aht_s)
    )
    return DayGrid(days, offered, handled, aht_s, np.pad(grid.exists, padding))


def cells(starts: pd.Series, timezone: str, interval_min: int) -> tuple[pd.Series, IntArray]:
    """Return the local date and the wall-clock slot of each interval start."""
    local = to_local(starts, timezone)
    minute = local.dt.hour * 60 + local.dt.minute
    return local.dt.normalize(), np.asarray(minute // interval_min, dtype=np.int64)


def _mean_per_cell(flat: IntArray, values: FloatArray, shape: tuple[int, int]) -> FloatArray:
    known = ~np.isnan(values)
    if not known.any():
        return np.full(shape, np.nan)
    size = shape[0] * shape[1]
    total = np.bincount(flat[known], weights=values[known], minlength=size)
    count = np.bincount(flat[known], minlength=size)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan).reshape(shape)

"""Days of a clock change: have they the intervals that their wall clock makes, 92 or 100 quarter-hours?

Only queues that are open in the hour that is skipped or repeated, or would be, are asked. A day is wrong if
the repeated hour is there once only, or if open intervals are missing on it and on none of its neighbours:
that is what stamps without offset, read in the wrong zone, leave behind.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfm.errors import count_of
from wfm.forecast.arrays import BoolArray, IntArray
from wfm.forecast.calendar import QueueCalendar, opening
from wfm.forecast.daygrid import DayGrid, cells
from wfm.localtime import interval_grid, to_local, zone

SURELY_SOME = 10.0  # contacts in one pass of the hour: an equal pass has none with a probability of exp(-10)
NEIGHBOURS = (-7, -1, 1, 7)


@dataclass(frozen=True)
class ClockDay:
    """A day of a clock change: open intervals that there are and that have a row."""

    date: str
    expected: int
    present: int
    once: bool  # the repeated hour has one pass only
    interval_min: int
    alone: bool  # no neighbouring day lacks an interval

    @property
    def wrong(self) -> bool:
        """Whether the day is not as long as the wall clock makes it."""
        return self.once or (self.present < self.expected and self.alone)

    def __str__(self) -> str:
        expected = count_of(self.expected, "open interval")
        text = f"{self.date} has {self.present} of {expected} of {self.interval_min} min"
        return f"{text}, and of the repeated hour only one pass has contacts" if self.once else text


def clock_days(
    rows: pd.DataFrame, grid: DayGrid, calendar: QueueCalendar, timezone: str, missing: BoolArray
) -> list[ClockDay]:
    """Return the days of a clock change on which a queue has rows and is open over the change.

    `rows` are HISTORY rows of one queue, `grid` theirs; `missing` (days, slots) says which open intervals
    between the first and the last row have none.
    """
    is_open, changes = opening(grid.dates, calendar), _changes(grid.dates, timezone)
    found: list[ClockDay] = []
    for index, date in enumerate(grid.dates):
        if not changes[index]:
            continue
        day = _Day(date, timezone, calendar.interval_min)
        if is_open[index][day.touched].any():
            found += _judged(day, rows, is_open[index], _complete_around(missing, index))
    return found


def _changes(dates: pd.DatetimeIndex, timezone: str) -> BoolArray:
    """Return which local dates (consecutive, naive) last neither 24 hours nor, skipped altogether, none."""
    ends = pd.date_range(dates[0], dates[-1] + pd.Timedelta(days=1), freq="D", unit="us")
    first = np.ones(len(ends), dtype=bool)
    midnights = ends.tz_localize(zone(timezone), ambiguous=first, nonexistent="shift_forward")
    instants = midnights.tz_convert("UTC")
    hours = np.diff(instants.to_numpy()) / np.timedelta64(1, "h")
    return np.asarray((hours != 24) & (hours > 0), dtype=bool)


class _Day:
    """The intervals of one local date: instants, wall-clock slots, and the slots that the change touches."""

    def __init__(self, date: pd.Timestamp, timezone: str, interval_min: int) -> None:
        self.date, self.interval_min = date, interval_min
        self.starts = interval_grid(date.date(), date.date(), timezone, interval_min)
        self.slots: IntArray = cells(self.starts.to_series(), timezone, interval_min)[1]
        step = pd.Timedelta(minutes=interval_min)
        instants = self.starts.insert(0, self.starts[0] - step).to_series()
        local = to_local(instants, timezone).to_numpy()
        due = local[:-1] + step.to_timedelta64()  # what the clock would show without a change
        at = int(np.flatnonzero(due != local[1:])[0])
        ends = sorted(
            int((moment - date.to_datetime64()) / np.timedelta64(1, "m"))
            for moment in (due[at], local[1:][at])
        )
        self.touched = slice(max(ends[0], 0) // interval_min, -(-ends[1] // interval_min))


def _judged(day: _Day, rows: pd.DataFrame, is_open: BoolArray, alone: bool) -> Iterator[ClockDay]:
    """Yield the day if it has rows; intervals before the first and after the last row are not expected."""
    offered = rows.set_index("interval_start")["offered"]
    inside = (day.starts >= offered.index.min()) & (day.starts <= offered.index.max())
    chosen = is_open[day.slots] & np.asarray(inside)
    due, slots = day.starts[chosen], day.slots[chosen]
    have = due.isin(offered.index)
    if not have.any():
        return
    contacts = pd.Series(offered.reindex(due).to_numpy(dtype=np.float64))
    again = pd.Series(slots).duplicated(keep="first").to_numpy()
    before = pd.Series(slots).duplicated(keep="last").to_numpy()
    once = before.any() and _one_pass_only(contacts[before], contacts[again])
    date = f"{day.date:%Y-%m-%d}"
    yield ClockDay(date, len(due), int(have.sum()), bool(once), day.interval_min, alone)


def _one_pass_only(first: pd.Series, second: pd.Series) -> bool:
    """Return whether one pass of the repeated hour has no row, or no contact where the other has many."""
    if first.notna().any() != second.notna().any():
        return True
    sums = sorted((float(first.sum()), float(second.sum())))
    return sums[0] == 0 and sums[1] >= SURELY_SOME


def _complete_around(missing: BoolArray, index: int) -> bool:
    """Return whether no neighbouring day lacks an open interval."""
    near = [index + shift for shift in NEIGHBOURS if 0 <= index + shift < len(missing)]
    return not missing[near].any()

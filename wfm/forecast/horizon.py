"""Which local dates a forecast covers, and its rows as instants.

The horizon counts calendar days of the queue's local time. The first is the local date of `as_of`, of which
only what lies at or after `as_of` is forecast; if the opening hours of that date are over, it is the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
import pandas as pd

from wfm.forecast.arrays import BoolArray, IntArray
from wfm.forecast.daygrid import cells
from wfm.localtime import interval_grid, zone


@dataclass(frozen=True)
class Rows:
    """Interval starts of a queue's forecast with the day (of the horizon) and wall-clock slot of each."""

    starts: pd.DatetimeIndex
    day: IntArray
    slot: IntArray


def first_day(as_of: pd.Timestamp, timezone: str, day_open: BoolArray, interval_min: int) -> pd.Timestamp:
    """Return the first local date (naive midnight) to count: that of `as_of`, or the next if it is over.

    `day_open` holds the open slots of the local date of `as_of`: it is over if some lie before, none after.
    """
    local = as_of.tz_convert(zone(timezone)).tz_localize(None)
    today = local.normalize()
    past = np.arange(len(day_open)) * interval_min < (local - today).total_seconds() / 60
    over = day_open[past].any() and not day_open[~past].any()
    return today + pd.Timedelta(days=1) if over else today


def local_date(as_of: pd.Timestamp, timezone: str) -> pd.Timestamp:
    """Return the local date (naive midnight) of an instant."""
    return as_of.tz_convert(zone(timezone)).tz_localize(None).normalize()


def horizon_rows(
    dates: pd.DatetimeIndex, as_of: pd.Timestamp, timezone: str, interval_min: int, is_open: BoolArray
) -> Rows:
    """Return the open intervals of consecutive `dates` at or after `as_of`, clock changes and all."""
    starts, day, slot = _grid(dates[0].date(), dates[-1].date(), timezone, interval_min)
    kept = is_open[day, slot] & np.asarray(starts >= as_of)
    return Rows(starts[kept], day[kept], slot[kept])


@lru_cache(maxsize=256)
def _grid(
    first: date, last: date, timezone: str, interval_min: int
) -> tuple[pd.DatetimeIndex, IntArray, IntArray]:
    """Return every interval start of the local dates with its day and slot: the same for many queues."""
    starts = interval_grid(first, last, timezone, interval_min)
    days, slot = cells(starts.to_series(), timezone, interval_min)
    day = np.asarray((days - pd.Timestamp(first)).dt.days, dtype=np.int64)
    return starts, day, slot

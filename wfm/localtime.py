"""Wall clocks and instants: local days, weeks and interval grids of a time zone, right on clock-change days.

Instants are `datetime64[us, UTC]`; local stamps and dates are naive `datetime64[us]`.
A local day runs from one local midnight to the next: 92, 96 or 100 quarter-hours.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.hours import DAY_MIN, WeeklyHours


@cache
def zone(name: str) -> ZoneInfo:
    """Return the time zone of an IANA name; raise ValueError when there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError(f"'{name}' is not an IANA time zone such as Europe/Berlin") from error


def to_local(instants: pd.Series, timezone: str) -> pd.Series:
    """Return the wall clock (naive) that stands in `timezone` at each instant."""
    local: pd.Series = instants.dt.tz_convert(zone(timezone)).dt.tz_localize(None)
    return local


def local_dates(instants: pd.Series, timezone: str) -> pd.Series:
    """Return the local date (naive midnight) of each instant."""
    dates: pd.Series = to_local(instants, timezone).dt.normalize()
    return dates


def instant(local: datetime, timezone: str) -> datetime:
    """Return the instant (UTC) of a wall-clock time; the first of two, and past a gap by the gap's length."""
    return local.replace(tzinfo=zone(timezone), fold=0).astimezone(ZoneInfo("UTC"))


def exists(local: datetime, timezone: str) -> bool:
    """Return whether the wall clock of `timezone` ever shows this time on this date."""
    back = instant(local, timezone).astimezone(zone(timezone)).replace(tzinfo=None)
    return back == local.replace(tzinfo=None)


def instant_of_minute(day: date, minute: int, timezone: str) -> datetime:
    """Return the instant of a clock time in minutes after midnight of `day` (1440 and more: next day)."""
    shift, rest = divmod(minute, DAY_MIN)
    midnight = datetime.combine(day + timedelta(days=shift), datetime.min.time())
    return instant(midnight + timedelta(minutes=rest), timezone)


def day_bounds(day: date, timezone: str) -> tuple[datetime, datetime]:
    """Return the instants of the local midnights that begin and end `day`."""
    return instant_of_minute(day, 0, timezone), instant_of_minute(day, DAY_MIN, timezone)


def interval_grid(first: date, last: date, timezone: str, interval_min: int) -> pd.DatetimeIndex:
    """Return every interval start (UTC) of the local dates `first` to `last`, both included.

    Each date begins at its own midnight: a day that no whole number of intervals fills (clock changes of half
    an hour, hourly intervals) ends with a shorter one.
    """
    begin, _ = day_bounds(first, timezone)
    _, end = day_bounds(last, timezone)
    step = timedelta(minutes=interval_min)
    if (end - begin) % step:
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        parts = [_steps(*day_bounds(day, timezone), step) for day in days]
        return pd.DatetimeIndex([start for part in parts for start in part])
    return _steps(begin, end, step)


def _steps(begin: datetime, end: datetime, step: timedelta) -> pd.DatetimeIndex:
    return pd.date_range(begin, end, freq=step, inclusive="left", unit="us")


def open_mask(starts: pd.DatetimeIndex, hours: WeeklyHours, timezone: str) -> NDArray[np.bool_]:
    """Return which interval starts lie inside the weekly hours, by the wall clock of `timezone`."""
    if hours.always:
        return np.ones(len(starts), dtype=bool)
    local = starts.tz_convert(zone(timezone))
    minute = np.asarray(local.day_of_week * DAY_MIN + local.hour * 60 + local.minute)
    inside = np.zeros(len(starts), dtype=bool)
    for start, end in hours.open_minutes():
        inside |= (minute >= start) & (minute < end)
    return inside


def week_start_of(day: date, week_start: int) -> date:
    """Return the first day of the week (0 is Monday) that holds `day`."""
    return day - timedelta(days=(day.weekday() - week_start) % 7)

"""When a queue works: its weekly hours, on holidays the hours configured for them, by its own wall clock.

A span that crosses midnight belongs to the day that began it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.calendars import public_holidays
from wfm.config import Queue
from wfm.hours import DAY_MIN, WeeklyHours, parse_hours
from wfm.localtime import zone

CLOSED = WeeklyHours(())


def working_mask(starts: pd.DatetimeIndex, queue: Queue) -> NDArray[np.bool_]:
    """Return which intervals (UTC starts) lie in the working hours of the queue.

    Holiday hours that the forecast learnt (no `holiday_hours`) show in the rows of a live queue's forecast
    and need no rule here. Raises ConfigError for a calendar that the holidays package does not have.
    """
    ordinary = parse_hours(queue.hours)
    if ordinary.always and not _has_holiday_hours(queue):
        return np.ones(len(starts), dtype=np.bool_)
    local = starts.tz_convert(zone(queue.timezone)).tz_localize(None)
    minute = np.asarray(local.hour * 60 + local.minute)
    weekday = np.asarray(local.day_of_week)
    dates = local.normalize()
    festive = CLOSED if not queue.holiday_hours else parse_hours(queue.holiday_hours)
    inside = np.stack([_two_days(ordinary), _two_days(festive)])
    today = _on_holiday(dates, queue).astype(np.int64)
    yesterday = _on_holiday(dates - pd.Timedelta(days=1), queue).astype(np.int64)
    begun_today = inside[today, weekday, minute]
    return np.asarray(begun_today | inside[yesterday, (weekday - 1) % 7, minute + DAY_MIN])


def _has_holiday_hours(queue: Queue) -> bool:
    return bool(queue.holidays) and queue.holiday_hours is not None


def _two_days(hours: WeeklyHours) -> NDArray[np.bool_]:
    """Return for each weekday the minutes open by its own spans, on that day and the next (7, 2880)."""
    inside = np.zeros((7, 2 * DAY_MIN), dtype=np.bool_)
    for weekday in range(7):
        for start, end in hours.spans_of(weekday):
            inside[weekday, start:end] = True
    return inside


def _on_holiday(dates: pd.DatetimeIndex, queue: Queue) -> NDArray[np.bool_]:
    if not _has_holiday_hours(queue) or not len(dates):
        return np.zeros(len(dates), dtype=np.bool_)
    found = public_holidays(queue.holidays, range(dates.min().year, dates.max().year + 1))
    return np.asarray(dates.isin(pd.DatetimeIndex(sorted(found))))

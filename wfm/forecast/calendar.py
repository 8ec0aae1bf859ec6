"""When contacts of a queue arrive: weekly hours, public holidays, and events that close.

Holidays come from the `holidays` package by codes such as DE or DE-HH. The hours of a holiday are configured,
or learnt: closed only if at least two holidays of the history had no contact and none had any.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache

import numpy as np
import pandas as pd

from wfm.calendars import public_holidays
from wfm.config import Queue
from wfm.forecast.arrays import BoolArray, anything
from wfm.forecast.daygrid import DayGrid
from wfm.hours import DAY_MIN, WeeklyHours, parse_hours

FEWEST_EMPTY_HOLIDAYS = 2
NEAR_DAYS = 4  # a holiday further than this from any row lies in a gap of the history and says nothing
CLOSED = WeeklyHours(())


@dataclass(frozen=True)
class QueueCalendar:
    """Opening of one queue over `dates`: weekly hours, holidays by date, and the hours that hold on them."""

    dates: pd.DatetimeIndex
    weekly: WeeklyHours
    holidays: Mapping[date, str]
    interval_min: int
    on_holidays: WeeklyHours | None = None
    notes: tuple[str, ...] = field(default=())

    def names(self, dates: pd.DatetimeIndex) -> list[str]:
        """Return the holiday's name for each date, empty on ordinary days."""
        return [self.holidays.get(day, "") for day in dates.date]

    def holiday_rows(self, first: date) -> list[int]:
        """Return the holidays on weekdays that ordinarily open, as days counted from `first`."""
        opens = anything(self.ordinary_week())
        return sorted((day - first).days for day in self.holidays if opens[day.weekday()])

    def ordinary_week(self) -> BoolArray:
        """Return the open slots of each weekday (7, slots), holidays aside; 0 is Monday."""
        return _ordinary_week(self.weekly, self.interval_min)


def queue_calendar(
    name: str, queue: Queue, interval_min: int, dates: pd.DatetimeIndex, extra: Mapping[date, str]
) -> QueueCalendar:
    """Return the calendar of a queue over `dates`, `extra` holidays (from events) included.

    Raises ConfigError for a calendar that the holidays package does not have.
    """
    weekly = WeeklyHours((), always=True) if queue.arrives_always else parse_hours(queue.hours)
    years = range(dates[0].year - 1, dates[-1].year + 2)
    official = public_holidays(queue.holidays, years, key=f"queues.{name}.holidays")
    return QueueCalendar(dates, weekly, {**official, **extra}, interval_min, _configured_hours(queue))


def _configured_hours(queue: Queue) -> WeeklyHours | None:
    if queue.holiday_hours is None or queue.arrives_always:
        return None
    return parse_hours(queue.holiday_hours) if queue.holiday_hours.strip() else CLOSED


def opening(dates: pd.DatetimeIndex, calendar: QueueCalendar) -> BoolArray:
    """Return which slots (days, slots) are open; a span past midnight belongs to the day that began it."""
    slots = DAY_MIN // calendar.interval_min
    around = dates.insert(0, dates[0] - pd.Timedelta(days=1)) if len(dates) else dates
    ordinary = _two_days(calendar.weekly, calendar.interval_min)
    spans = ordinary[np.asarray(around.day_of_week)]
    if calendar.on_holidays is not None:
        special = _two_days(calendar.on_holidays, calendar.interval_min)
        holiday = np.array([name != "" for name in calendar.names(around)], dtype=bool)
        spans[holiday] = special[np.asarray(around.day_of_week)[holiday]]
    is_open: BoolArray = spans[1:, :slots] | spans[:-1, slots:]
    return is_open


@lru_cache(maxsize=1024)
def _ordinary_week(weekly: WeeklyHours, interval_min: int) -> BoolArray:
    slots = DAY_MIN // interval_min
    spans = _two_days(weekly, interval_min)
    return np.asarray(spans[:, :slots] | np.roll(spans[:, slots:], 1, axis=0), dtype=bool)


def _two_days(hours: WeeklyHours, interval_min: int) -> BoolArray:
    """Return for each weekday the slots open by its own spans, on that day and on the next (7, 2 x slots)."""
    starts = np.arange(0, 2 * DAY_MIN, interval_min)
    inside = np.zeros((7, len(starts)), dtype=bool)
    for weekday in range(7):
        for start, end in hours.spans_of(weekday):
            inside[weekday] |= (starts >= start) & (starts < end)
    return inside


def with_learnt_holidays(calendar: QueueCalendar, grid: DayGrid) -> QueueCalendar:
    """Return the calendar with the hours of holidays learnt from the history, unless configured."""
    return learnt_hours(calendar, holiday_contacts(calendar, grid, len(grid.dates)))


def learnt_hours(calendar: QueueCalendar, contacts: list[float]) -> QueueCalendar:
    """Return the calendar with the hours of holidays as the contacts of earlier ones show, and a note.

    A holiday counts if the queue would have been open and the history goes on around it: without any row, or
    with zeros only, it had no contact.
    """
    if calendar.on_holidays is not None or not calendar.holidays:
        return calendar
    busy = sum(offered > 0 for offered in contacts)
    if busy:
        note = f"open on holidays: {busy} of the {len(contacts)} holidays of the history had contacts"
        return replace(calendar, notes=(note,))
    if len(contacts) < FEWEST_EMPTY_HOLIDAYS:
        note = f"open on holidays: the history has too few to tell ({len(contacts)}); set holiday_hours"
        return replace(calendar, notes=(note,))
    note = f"closed on holidays: none of the {len(contacts)} holidays of the history had a contact"
    return replace(calendar, on_holidays=CLOSED, notes=(note,))


def holiday_contacts(calendar: QueueCalendar, grid: DayGrid, rows: int) -> list[float]:
    """Return the contacts of each holiday that was an opening day inside the first `rows` of the grid."""
    if calendar.on_holidays is not None or not calendar.holidays:
        return []
    observed = grid.observed[:rows]
    known = observed.nonzero()[0]
    if len(known) == 0:
        return []
    found = []
    for index in calendar.holiday_rows(grid.dates[0].date()):
        if known[0] <= index <= known[-1]:
            near = observed[max(index - NEAR_DAYS, 0) : index + NEAR_DAYS + 1]
            if np.count_nonzero(near) > observed[index]:
                found.append(float(grid.day_contacts[index]))
    return found

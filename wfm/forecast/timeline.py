"""One queue over all its dates, from the first known to the last to forecast, and cases cut from it.

What does not depend on the first day to forecast is worked out once: opening by weekly hours and on holidays,
holidays by date. What must not be known earlier is judged per case: whether holidays are closed, and the last
rows that may be seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from wfm.errors import count_of
from wfm.forecast.arrays import WEEK, BoolArray, FloatArray, IntArray
from wfm.forecast.calendar import CLOSED, QueueCalendar, holiday_contacts, learnt_hours, opening
from wfm.forecast.cases import NO_HOLIDAY, Case, weeks_with_rows
from wfm.forecast.daygrid import DayGrid
from wfm.forecast.events import Event
from wfm.hours import WEEKDAYS

FEWEST_WEEKS = 4
LONGEST_SILENT_START_DAYS = 14


@dataclass(frozen=True)
class Source:
    """All that is known of one queue before the forecast: raw grid, calendar, events."""

    name: str
    grid: DayGrid
    calendar: QueueCalendar
    events: tuple[Event, ...]
    names: Sequence[str] = ()  # of holidays, numbered for all queues

    def case(self, first: pd.Timestamp, horizon_days: int) -> Case:
        """Return what may be seen before the local date `first`, and opening and calendar of the horizon."""
        at = day_number(first)
        rows, begin = self._rows_before(at)
        before = (begin - at) % WEEK  # whole weeks
        length = before + at - begin
        observed = np.zeros(length, dtype=bool)
        observed[before : before + rows] = self.grid.observed[:rows]
        observed[: before + self._not_yet_open(rows)] = False
        kept = weeks_with_rows(observed)
        source = kept - before
        inside = (source >= self._not_yet_open(rows)) & (source < rows)
        past = at - length + kept
        day = np.concatenate([past, np.arange(at, at + horizon_days)])
        calendar = learnt_hours(self.calendar, holiday_contacts(self.calendar, self.grid, rows))
        is_open = self._opening(calendar)[day - self._first_day]
        known = np.full((len(kept), self.grid.slots), np.nan)
        known[inside] = self.grid.offered[source[inside]]
        known[~is_open[: len(kept)]] = np.nan
        holiday = self._holiday[day - self._first_day]
        weekday = (at + 3) % WEEK  # 1970-01-01 was a Thursday
        week = self._ordinary_week[(np.arange(WEEK) + weekday) % WEEK]
        never = self._never_open(known)
        notes = (*calendar.notes, *_never_in_words(never, weekday))
        return Case(self.name, day, known, is_open, week & ~never, holiday, self.events, notes, never)

    def _not_yet_open(self, rows: int) -> int:
        """Return how many first rows have nothing but zeros, if that is weeks and contacts follow."""
        busy = np.flatnonzero(self.grid.day_contacts[:rows] > 0)
        return int(busy[0]) if len(busy) and busy[0] >= LONGEST_SILENT_START_DAYS else 0

    def _never_open(self, known: FloatArray) -> BoolArray:
        """Return the slots of the week (7, slots), by place, of which the history never has a row.

        They are closed, if no hours are configured and four weeks are known.
        """
        never = np.zeros((WEEK, self.grid.slots), dtype=bool)
        if not self.calendar.weekly.always or self.grid.observed.sum() == 0:
            return never
        weeks = ~np.isnan(known.reshape(-1, WEEK, self.grid.slots))
        if weeks.any(axis=(1, 2)).sum() < FEWEST_WEEKS:
            return never
        return np.asarray(~weeks.any(axis=0), dtype=bool)

    def _rows_before(self, day: int) -> tuple[int, int]:
        """Return how many rows of the grid lie before a day, and the day that its first row stands for.

        A day that has begun, if it is all there is, stands for the same day of the week before.
        """
        begin = self.first_known_day
        rows = int(np.clip(day - begin, 0, len(self.grid.dates)))
        return (
            (rows, begin) if rows else (len(self.grid.dates), day - WEEK * (len(self.grid.dates) // WEEK + 1))
        )

    @cached_property
    def first_known_day(self) -> int:
        """Return the day number of the first row of the grid."""
        return day_number(self.grid.dates[0])

    @cached_property
    def usual_step(self) -> float:
        """Return the mean difference of an interval from the week before, contacts; NaN without any."""
        step = np.abs(self.grid.offered[WEEK:] - self.grid.offered[:-WEEK])
        return float(np.nanmean(step)) if (~np.isnan(step)).any() else float("nan")

    @cached_property
    def _dates(self) -> pd.DatetimeIndex:
        """Every date that a case may need: two weeks before the history to half a year after it."""
        return self.calendar.dates

    @cached_property
    def _first_day(self) -> int:
        return day_number(self._dates[0])

    @cached_property
    def _ordinary_week(self) -> BoolArray:
        return self.calendar.ordinary_week()

    @cached_property
    def _openings(self) -> dict[bool, BoolArray]:
        return {}

    def _opening(self, calendar: QueueCalendar) -> BoolArray:
        """Return the open slots of all dates; closed holidays learnt or not, each is worked out once."""
        learnt = calendar.on_holidays is CLOSED and self.calendar.on_holidays is None
        if learnt not in self._openings:
            self._openings[learnt] = opening(self._dates, calendar)
        return self._openings[learnt]

    @cached_property
    def _holiday(self) -> IntArray:
        """Return the number of each date's holiday, -1 on other days."""
        number = {name: at for at, name in enumerate(self.names)}
        found = np.full(len(self._dates), NO_HOLIDAY, dtype=np.int64)
        for day, name in self.calendar.holidays.items():
            at = (np.datetime64(day, "D").astype(np.int64)) - self._first_day
            if 0 <= at < len(found):
                found[at] = number[name]
        return found


def _never_in_words(never: BoolArray, first_weekday: int) -> tuple[str, ...]:
    if not never.any():
        return ()
    days = [WEEKDAYS[(place + first_weekday) % WEEK] for place in np.flatnonzero(never.all(axis=1))]
    where = f"{', '.join(sorted(days, key=WEEKDAYS.index))} and other hours" if days else "some hours"
    slots = count_of(int(never.sum()), "slot")
    return (f"no row ever on {where}: {slots} of the week forecast as nothing; set hours",)


def numbered(sources: Sequence[Source]) -> list[Source]:
    """Return the sources with one numbering of holiday names for all."""
    names = sorted({name for source in sources for name in source.calendar.holidays.values()})
    return [replace(source, names=names) for source in sources]


def day_number(day: pd.Timestamp) -> int:
    """Return the days from 1970-01-01 to a local date."""
    return int(day.to_datetime64().astype("datetime64[D]").astype(np.int64))

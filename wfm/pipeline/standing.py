"""What stands in for results that failed tonight, since when, and how far it reaches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import pandas as pd

from wfm.calendars import public_holidays
from wfm.config import Config, Queue, days_in_horizon
from wfm.forecast.horizon import first_day, local_date
from wfm.hours import parse_hours
from wfm.localtime import interval_grid, local_dates, open_mask


@dataclass(frozen=True)
class LastGood:
    """The plan that stands, for what fails tonight.

    `night` is the run that it is of; `older` names, by stage and queue or site, the run that a part of it was
    made in, where that was an earlier one.
    """

    forecast: pd.DataFrame | None = None
    requirements: pd.DataFrame | None = None
    roster: pd.DataFrame | None = None
    coverage: pd.DataFrame | None = None
    days: pd.DataFrame | None = None
    night: str = ""
    older: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def since(self, stage: str, names: Iterable[str]) -> str:
        """Return the runs in which what is kept was made."""
        return ", ".join(sorted({self.older.get((stage, name), self.night) for name in names} - {""}))


@dataclass(frozen=True)
class Stale:
    """What failed tonight: stage, queues or sites, why; and whether its last good result stands in.

    That was made in the run `since`; `until` is the last date that it has rows for.
    """

    stage: str
    names: tuple[str, ...]
    reason: str
    kept: bool
    error: BaseException
    since: str = ""
    until: date | None = None

    def __str__(self) -> str:
        return f"{self.stage} of {', '.join(self.names)} failed, {self._instead()}: {self.reason}"

    def _instead(self) -> str:
        if not self.kept:
            return "there is none from before"
        made = f" from {self.since}" if self.since else ""
        reach = "" if self.until is None else f", reaches to {self.until.isoformat()}"
        return f"its last good result is kept{made}{reach}"


@dataclass(frozen=True)
class Uncovered:
    """Open days of the horizon of which nobody knows a queue's contacts: a gap, not a demand of zero."""

    queue: str
    days: tuple[date, ...]

    def __str__(self) -> str:
        first, last = self.days[0].isoformat(), self.days[-1].isoformat()
        when = (
            f"on {first}" if len(self.days) == 1 else f"from {first} to {last} ({len(self.days)} open days)"
        )
        return f"queue {self.queue} has no forecast {when}: no plan knows of its contacts then"


def last_date(rows: pd.DataFrame, config: Config) -> date | None:
    """Return the date up to which rows (of one queue or more) reach for all queues in them; None of none."""
    ends = [
        local_dates(of_queue["interval_start"], config.queues[str(name)].timezone).max().date()
        for name, of_queue in rows.groupby("queue")
    ]
    return min(ends, default=None)


def uncovered(
    names: Iterable[str], requirements: pd.DataFrame, config: Config, as_of: pd.Timestamp
) -> Iterator[Uncovered]:
    """Yield the open days of the horizon after the last requirement of each of the queues, if there are any.

    Days that the calendar of a queue closes are left out.
    """
    for name in sorted(set(names)):
        rows = requirements[requirements["queue"] == name]
        last = last_date(rows, config)
        every = _open_days(config.queues[name], config, as_of)
        days = tuple(day for day in every if last is None or day > last)
        if days:
            yield Uncovered(name, days)


def _open_days(queue: Queue, config: Config, as_of: pd.Timestamp) -> list[date]:
    """Return the dates of the horizon on which a queue is open, as the forecast counts them."""
    interval, hours = config.centre.interval_min, parse_hours(queue.hours)
    today = local_date(as_of, queue.timezone).date()
    grid = interval_grid(today, today, queue.timezone, interval)
    is_open = np.asarray(open_mask(grid, hours, queue.timezone))
    begin = first_day(as_of, queue.timezone, is_open, interval).date()
    length = days_in_horizon(config.forecast.horizon)
    dates = [begin + timedelta(days=number) for number in range(length)]
    closed = queue.holidays and queue.holiday_hours == ""
    festive = public_holidays(queue.holidays, {day.year for day in dates}) if closed else {}
    return [day for day in dates if hours.spans_of(day.weekday()) and day not in festive]

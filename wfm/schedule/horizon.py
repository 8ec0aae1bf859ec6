"""The horizon of a roster: its dates, its grid of slots, and the requirement rows that fall into it.

Minutes count from `origin`, an instant on the interval grid before the first local midnight of any site.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import gcd

import numpy as np
import pandas as pd

from wfm.config import Config
from wfm.errors import ConfigError, DataError, Fault
from wfm.hours import parse_hours
from wfm.localtime import day_bounds, local_dates, open_mask, week_start_of

MARGIN_H = 48  # a shift that starts on the last date ends within this


@dataclass(frozen=True)
class Grid:
    """Equal slots of time; an interval of the requirements holds `slots_per_interval` of them."""

    origin: datetime
    slot_min: int
    interval_min: int
    intervals: int

    @property
    def slots_per_interval(self) -> int:
        """Slots in one interval."""
        return self.interval_min // self.slot_min

    @property
    def slots(self) -> int:
        """Slots of the whole grid."""
        return self.intervals * self.slots_per_interval

    def minute(self, moment: datetime) -> int:
        """Return whole minutes from the origin to an instant, rounded down."""
        return int((moment - self.origin).total_seconds() // 60)

    def moment(self, minute: int) -> pd.Timestamp:
        """Return the instant of a minute."""
        return pd.Timestamp(self.origin + timedelta(minutes=int(minute)))

    def interval_starts(self) -> pd.DatetimeIndex:
        """Return the start of every interval."""
        return pd.date_range(self.origin, periods=self.intervals, freq=f"{self.interval_min}min", unit="us")


@dataclass(frozen=True)
class Day:
    """One local date of a site: its bounds on the grid, minutes."""

    when: date
    begin: int
    end: int


def horizon_dates(first_day: date, weeks: int) -> list[date]:
    """Return every date of the horizon."""
    return [first_day + timedelta(days=step) for step in range(7 * weeks)]


def first_whole_week(requirements: pd.DataFrame, config: Config) -> date:
    """Return the first week start from which every queue's open hours have rows; DataError without one."""
    candidates = [_first_whole_week(rows, str(name), config) for name, rows in requirements.groupby("queue")]
    weeks = [week for week in candidates if week is not None]
    if len(weeks) < len(candidates) or not weeks:
        fault = Fault("no week, from its start to its end, has requirements for all open hours")
        hint = "forecast a longer horizon, or name the first day with --from"
        raise DataError([fault], source="requirements", hint=hint)
    return max(weeks)


def _first_whole_week(rows: pd.DataFrame, name: str, config: Config) -> date | None:
    queue = config.queues[name]
    first, last = rows["interval_start"].min(), rows["interval_start"].max()
    week = week_start_of(
        local_dates(rows["interval_start"], queue.timezone).min().date(), config.centre.week_start_number
    )
    while True:
        begin, _ = day_bounds(week, queue.timezone)
        _, end = day_bounds(week + timedelta(days=6), queue.timezone)
        span = pd.date_range(begin, end, freq=f"{config.centre.interval_min}min", inclusive="left", unit="us")
        opens = span[open_mask(span, parse_hours(queue.hours), queue.timezone)]
        if len(opens) == 0 or opens[-1] > last + timedelta(days=7):
            return None
        if first <= opens[0] and _reaches(last, opens, queue.timezone):
            return week
        week += timedelta(days=7)


def _reaches(last: pd.Timestamp, opens: pd.DatetimeIndex, timezone: str) -> bool:
    """Return whether rows reach the week's last open date (its evening may be closed by a holiday)."""
    stamps = pd.Series([last, opens[-1]])
    dates = local_dates(stamps, timezone)
    return bool(dates.iloc[0] >= dates.iloc[1])


def check_first_day(first_day: date, config: Config) -> None:
    """Refuse a first day that does not begin a week."""
    if first_day.weekday() != config.centre.week_start_number:
        fault = Fault(
            f"the roster must begin on {config.centre.week_start}", column="--from", value=str(first_day)
        )
        raise ConfigError([fault], hint="name a week start, or change [centre] week_start")


def rows_in_horizon(requirements: pd.DataFrame, dates: list[date], config: Config) -> pd.DataFrame:
    """Return the requirement rows whose local date of the queue lies in the horizon."""
    first, last = pd.Timestamp(dates[0]), pd.Timestamp(dates[-1])
    keep = pd.Series(False, index=requirements.index)
    for name, rows in requirements.groupby("queue"):
        local = local_dates(rows["interval_start"], config.queues[str(name)].timezone)
        keep[rows.index] = (local >= first) & (local <= last)
    return requirements[keep].reset_index(drop=True)


def build_grid(rows: pd.DataFrame, dates: list[date], config: Config, minutes: Iterable[int]) -> Grid:
    """Return a grid fine enough for all `minutes` (starts, lengths, breaks) of the contracts in use."""
    interval = config.centre.interval_min
    zones = {site.timezone for site in config.sites.values()}
    begin = min(day_bounds(dates[0], zone)[0] for zone in zones)
    end = max(day_bounds(dates[-1], zone)[1] for zone in zones)
    if len(rows):
        begin = min(begin, rows["interval_start"].min().to_pydatetime())
        end = max(end, rows["interval_start"].max().to_pydatetime())
    phase = _phase(rows, interval)
    epoch = int(begin.timestamp()) // 60
    origin_minute = epoch - (epoch - phase) % interval
    origin = datetime.fromtimestamp(origin_minute * 60, tz=begin.tzinfo)
    intervals = (int(end.timestamp()) // 60 - origin_minute + MARGIN_H * 60) // interval + 1
    midnights = [
        int(day_bounds(day, zone)[0].timestamp()) // 60 - origin_minute for zone in zones for day in dates
    ]
    return Grid(origin, gcd(interval, *minutes, *midnights), interval, intervals)


def _phase(rows: pd.DataFrame, interval: int) -> int:
    minutes = rows["interval_start"].astype("int64").to_numpy() // 60_000_000 % interval
    phases = np.unique(minutes)
    if len(phases) > 1:
        fault = Fault("the interval starts of the queues do not line up", column="centre.interval_min")
        raise ConfigError([fault], hint="zones that differ by half an hour need interval_min of 30 or less")
    return int(phases[0]) if len(phases) else 0

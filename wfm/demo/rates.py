"""Expected contacts of a queue per interval: level, trend, season, weekday, time of day, holidays, episodes.

Rows are the intervals in which the queue can be reached: none in closed hours, all of them for a queue to
which contacts come day and night. Counts are contacts per interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.calendars import public_holidays
from wfm.config import Queue
from wfm.demo.cast import Cast, Episode, Traffic
from wfm.hours import DAY_MIN, WeeklyHours, parse_hours
from wfm.localtime import interval_grid, open_mask, zone

DAYS_PER_YEAR = 365.25
ALWAYS = WeeklyHours((), always=True)


def expected_contacts(cast: Cast, name: str, queue: Queue, interval_min: int) -> pd.DataFrame:
    """Return `interval_start`, its local `date`, and the expected `contacts` of each reachable interval."""
    first = cast.last_day - timedelta(days=cast.history_days - 1)
    rows = _intervals(interval_grid(first, cast.last_day, queue.timezone, interval_min), queue.timezone)
    holiday = rows["date"].isin(_holidays(queue, first, cast.last_day)).to_numpy()
    episodes = [episode for episode in cast.episodes if name in episode.queues]
    contacts = _usual(rows, cast.traffic[name], queue, cast.last_day)
    contacts *= np.where(holiday, cast.traffic[name].holiday, 1.0)
    contacts *= _episode_factors(rows["interval_start"], episodes, queue.timezone)
    reachable = _reachable(rows, queue, holiday)
    for episode in episodes:
        if episode.kind == "closed":
            reachable &= ~_inside(rows["interval_start"], episode, queue.timezone)
    return rows.assign(contacts=contacts)[reachable].reset_index(drop=True)


def _intervals(starts: pd.DatetimeIndex, timezone: str) -> pd.DataFrame:
    local = starts.tz_convert(zone(timezone)).tz_localize(None)
    return pd.DataFrame(
        {
            "interval_start": starts,
            "date": local.normalize(),
            "weekday": local.day_of_week.to_numpy(),
            "minute": (local.hour * 60 + local.minute).to_numpy(),
        }
    )


def _usual(rows: pd.DataFrame, traffic: Traffic, queue: Queue, last_day: date) -> NDArray[np.float64]:
    """Return the expected contacts of days on which nothing special happens."""
    interval_min = int(rows["interval_start"].diff().iloc[1].total_seconds() // 60)
    shares = _day_shapes(traffic, _arrival_hours(queue), interval_min)
    weekday = rows["weekday"].to_numpy()
    share = shares[weekday, rows["minute"].to_numpy() // interval_min]
    dates = rows["date"]
    days_before = (pd.Timestamp(last_day) - dates).dt.days.to_numpy()
    trend = np.exp(-traffic.growth * days_before / DAYS_PER_YEAR)
    season = _season(traffic, dates.dt.day_of_year.to_numpy()) / _season(
        traffic, last_day.timetuple().tm_yday
    )
    level = traffic.weekday_contacts * np.asarray(traffic.weekday)[weekday]
    usual: NDArray[np.float64] = level * trend * season * share
    return usual


def _season(traffic: Traffic, day_of_year: NDArray[np.int64] | int) -> NDArray[np.float64]:
    angle = 2 * np.pi * (np.asarray(day_of_year) - traffic.season_peak) / DAYS_PER_YEAR
    season: NDArray[np.float64] = 1 + traffic.season * np.cos(angle)
    return season


def _day_shapes(traffic: Traffic, hours: WeeklyHours, interval_min: int) -> NDArray[np.float64]:
    """Return the share of the day's contacts in each interval, one row a weekday; zeros for a closed one."""
    minutes = np.arange(0, DAY_MIN, interval_min)
    shape = np.full(len(minutes), traffic.night)
    for peak in traffic.peaks:
        shape += peak.height * np.exp(-0.5 * ((minutes / 60 - peak.at_h) / peak.width_h) ** 2)
    shares = np.zeros((7, len(minutes)))
    for weekday in range(7):
        for start, end in hours.spans_of(weekday):
            inside = (minutes >= start) & (minutes < end)
            shares[weekday, inside] = shape[inside]
    totals = shares.sum(axis=1, keepdims=True)
    return shares / np.where(totals > 0, totals, 1.0)


def _arrival_hours(queue: Queue) -> WeeklyHours:
    return ALWAYS if queue.arrives_always else parse_hours(queue.hours)


def _reachable(rows: pd.DataFrame, queue: Queue, holiday: NDArray[np.bool_]) -> NDArray[np.bool_]:
    starts = pd.DatetimeIndex(rows["interval_start"])
    usual = open_mask(starts, _arrival_hours(queue), queue.timezone)
    if queue.arrives_always or queue.holiday_hours is None:
        return usual
    if not queue.holiday_hours:
        return usual & ~holiday
    shorter = open_mask(starts, parse_hours(queue.holiday_hours), queue.timezone)
    return np.where(holiday, shorter, usual)


def _holidays(queue: Queue, first: date, last: date) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(sorted(public_holidays(queue.holidays, range(first.year, last.year + 1))))


def _episode_factors(starts: pd.Series, episodes: Sequence[Episode], timezone: str) -> NDArray[np.float64]:
    factors = np.ones(len(starts))
    for episode in episodes:
        factors[_inside(starts, episode, timezone)] *= episode.factor
    return factors


def _inside(starts: pd.Series, episode: Episode, timezone: str) -> NDArray[np.bool_]:
    first, end = (pd.Timestamp(moment) for moment in episode.span(timezone))
    return ((starts >= first) & (starts < end)).to_numpy()

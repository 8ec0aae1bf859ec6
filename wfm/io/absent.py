"""Intervals without a row: zero contacts, or unknown?

A log of single contacts has no row for a quiet interval, so inside opening hours, from the first to the last
record, an absent interval is zero. In an interval export it is missing, and stays so, unless `[import]
absent` says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.calendars import public_holidays
from wfm.config import Config, Queue
from wfm.hours import parse_hours
from wfm.io.intervals import COUNTS, SUMS
from wfm.localtime import interval_grid, open_mask, to_local

Span = tuple[pd.Timestamp, pd.Timestamp]
JOINED_WITHIN = pd.Timedelta(days=1)  # files of successive days are one log, a day without a file is a gap


def joined(spans: Iterable[Span]) -> list[Span]:
    """Return spans of time in order, those less than a day apart as one."""
    merged: list[Span] = []
    for first, last in sorted(spans):
        if merged and first - merged[-1][1] < JOINED_WITHIN:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged


def with_zeros(history: pd.DataFrame, spans: list[Span], config: Config) -> pd.DataFrame:
    """Return HISTORY with zeros for each open interval inside a span that one of its queues lacks."""
    parts = []
    for queue, rows in history.groupby("queue", sort=True):
        starts = _open_starts(config.queues[str(queue)], spans, config.centre.interval_min)
        absent = starts[~starts.isin(pd.DatetimeIndex(rows["interval_start"]))]
        if len(absent):
            parts.append(_zeros(str(queue), absent, rows))
    if not parts:
        return history
    filled = pd.concat([history, *parts])
    return filled.sort_values(["queue", "interval_start"], ignore_index=True)


def _zeros(queue: str, starts: pd.DatetimeIndex, rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows of zeros; a column that the queue's own rows never have stays empty."""
    columns: dict[str, object] = {"queue": queue, "interval_start": starts}
    for name in rows.columns.drop(["queue", "interval_start"]):
        columns[name] = 0.0 if name in (*COUNTS, *SUMS) and rows[name].notna().any() else np.nan
    return pd.DataFrame(columns, index=range(len(starts))).astype({"queue": "str"})


def _open_starts(queue: Queue, spans: list[Span], interval_min: int) -> pd.DatetimeIndex:
    """Return the interval starts of the spans at which contacts may arrive."""
    margin = pd.Timedelta(days=1)
    length = pd.Timedelta(minutes=interval_min)
    found: list[pd.DatetimeIndex] = []
    for first, last in spans:
        grid = interval_grid((first - margin).date(), (last + margin).date(), queue.timezone, interval_min)
        grid = grid[(grid > first - length) & (grid <= last)]
        found.append(grid[_arriving(grid, queue)])
    return pd.DatetimeIndex(found[0].append(found[1:]) if found else [], tz="UTC")


def _arriving(starts: pd.DatetimeIndex, queue: Queue) -> NDArray[np.bool_]:
    if queue.arrives_always:
        return np.ones(len(starts), dtype=bool)
    inside = open_mask(starts, parse_hours(queue.hours), queue.timezone)
    if not queue.holidays or queue.holiday_hours is None or not len(starts):
        return (
            inside  # without hours of its own a holiday is learnt from its contacts, so none is worth knowing
        )
    special = np.zeros(len(starts), dtype=bool)
    if queue.holiday_hours.strip():
        special = open_mask(starts, parse_hours(queue.holiday_hours), queue.timezone)
    dates = pd.DatetimeIndex(to_local(pd.Series(starts), queue.timezone).dt.normalize())
    holidays = public_holidays(queue.holidays, dates.year.unique())
    return np.where(dates.isin(pd.DatetimeIndex(sorted(holidays))), special, inside)

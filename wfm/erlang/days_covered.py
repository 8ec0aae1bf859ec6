"""How many days the rows of one queue stand for: what full-time equivalents are counted over.

Rows exist for working intervals only, so that days on which the queue is closed do not show. Between the
first row and the last they count. Behind the last row they count up to whole weeks (rows of Monday to Friday
stand for seven days), and those of a month count with it once all its working time has rows. A first or
last day that is covered in part counts by the share of its working time.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.config import Queue
from wfm.erlang.working import working_mask
from wfm.localtime import interval_grid, zone

WEEK = 7
Dates = NDArray[np.datetime64]


@dataclass(frozen=True)
class Span:
    """The dates that the rows of one queue stand for, each with the share of it that they cover.

    `whole` are the months all of whose working time has rows.
    """

    dates: Dates
    shares: NDArray[np.float64]
    whole: Dates

    def of_days(self, dates: Dates) -> NDArray[np.float64]:
        """Return the shares of dates of the span."""
        return self.shares[np.searchsorted(self.dates, dates)]

    def of_months(self, months: Dates) -> NDArray[np.float64]:
        """Return the days of each month (`datetime64[M]`)."""
        counted = [self.shares[_months(self.dates) == month].sum() for month in months]
        return np.where(np.isin(months, self.whole), lengths(months), counted)

    @property
    def days(self) -> float:
        """Days of the whole span."""
        months = np.unique(_months(self.dates))
        if np.isin(months, self.whole).all():
            return float(lengths(months).sum())
        return float(self.shares.sum())


def span_of(starts: pd.DatetimeIndex, queue: Queue, interval_min: int) -> Span:
    """Return the span of a queue's rows, at least one, that begin at `starts` (UTC)."""
    begin, end = starts.min(), starts.max()
    first, last = (moment.tz_convert(zone(queue.timezone)).date() for moment in (begin, end))
    opening = first.replace(day=1)
    month_end = last.replace(day=monthrange(last.year, last.month)[1])
    reach = max(month_end, last + timedelta(days=WEEK))
    grid = interval_grid(opening, reach, queue.timezone, interval_min)
    working = working_mask(grid, queue)
    dates = np.arange(np.datetime64(opening), np.datetime64(reach) + 1)
    place = (local_days(grid, queue.timezone) - dates[0]).astype(np.int64)
    in_all = np.bincount(place, weights=working)
    with_rows = np.bincount(place, weights=working & (grid >= begin) & (grid <= end))
    shares = np.divide(with_rows, in_all, out=np.ones(len(in_all)), where=in_all > 0.0)
    head, tail = (first - opening).days, (last - opening).days
    months = np.unique(_months(dates[head : tail + 1]))
    whole = np.setdiff1d(months, _months(dates[shares < 1.0]))
    while (tail - head + 1) % WEEK and in_all[tail + 1] == 0.0:
        tail += 1
    return Span(dates[head : tail + 1], shares[head : tail + 1], whole)


def local_days(instants: pd.DatetimeIndex, timezone: str) -> Dates:
    """Return the local dates (`datetime64[D]`) of instants."""
    local = instants.tz_convert(zone(timezone)).tz_localize(None)
    return local.to_numpy().astype("datetime64[D]")


def lengths(months: Dates) -> NDArray[np.int64]:
    """Return the number of days of each month (`datetime64[M]`)."""
    begins, ends = months.astype("datetime64[D]"), (months + 1).astype("datetime64[D]")
    return np.asarray((ends - begins).astype(np.int64))


def _months(days: Dates) -> Dates:
    return days.astype("datetime64[M]")

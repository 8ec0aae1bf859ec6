"""The simulated time: intervals of equal length from the first requirement to the end of the last one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.localtime import local_dates

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Span:
    """Start, length in intervals, and the queues in their order."""

    start: pd.Timestamp
    intervals: int
    interval_min: int
    queues: tuple[str, ...]

    @property
    def interval_s(self) -> float:
        """Seconds of an interval."""
        return self.interval_min * 60.0

    def starts(self) -> pd.DatetimeIndex:
        """Return the start of every interval."""
        return pd.date_range(self.start, periods=self.intervals, freq=pd.Timedelta(minutes=self.interval_min))

    def seconds(self, moments: pd.Series) -> Floats:
        """Return moments as seconds after the start."""
        return np.asarray((moments - self.start).dt.total_seconds(), dtype=np.float64)

    def places(self, rows: pd.DataFrame) -> tuple[Ints, Ints]:
        """Return queue and interval number of rows of one of the tables keyed by both."""
        number = {queue: at for at, queue in enumerate(self.queues)}
        queue = np.asarray(rows["queue"].map(number), dtype=np.int64)
        return queue, (self.seconds(rows["interval_start"]) // self.interval_s).astype(np.int64)

    def filled(self, rows: pd.DataFrame, column: str) -> Floats:
        """Return a column as (Q, N), 0 where there is no row."""
        values = np.zeros((len(self.queues), self.intervals))
        values[self.places(rows)] = rows[column].to_numpy(dtype=np.float64)
        return values

    def open(self, requirements: pd.DataFrame) -> Flags:
        """Return (Q, N) in which intervals each queue has a requirement, which are its working hours."""
        is_open = np.zeros((len(self.queues), self.intervals), dtype=np.bool_)
        is_open[self.places(requirements)] = True
        return is_open

    def dates(self, timezone: str) -> pd.DatetimeIndex:
        """Return the local date of every interval."""
        return pd.DatetimeIndex(local_dates(pd.Series(self.starts()), timezone))


def span_of(requirements: pd.DataFrame, interval_min: int) -> Span:
    """Return the span of all rows; there is at least one."""
    first, last = requirements["interval_start"].min(), requirements["interval_start"].max()
    intervals = int((last - first) / pd.Timedelta(minutes=interval_min)) + 1
    return Span(first, intervals, interval_min, tuple(sorted(requirements["queue"].unique())))

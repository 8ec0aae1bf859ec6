"""What cannot be staffed: intervals off the grid or of another length, no handle time, absurd loads.

Rows are named by their queue and local start: a table in memory has no lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.config import Config
from wfm.errors import DataError, Fault
from wfm.localtime import to_local, zone

LENGTHS_MIN = (5, 10, 15, 30, 60)
MINUTE_US = 60 * 1_000_000
DAY_US = 24 * 60 * MINUTE_US
MOST_ERLANGS = 1_000_000.0  # in one interval of one queue; beyond it is a slip


def check_rows(queues: Sequence[tuple[str, pd.DataFrame]], config: Config) -> None:
    """Raise DataError with every row that cannot be staffed; a queue's rows are in order of time."""
    faults: list[Fault] = []
    for name, rows in queues:
        minutes = config.centre.interval_min
        faults += _spacing(name, rows["interval_start"], minutes)
        faults += _rows(name, rows, config.queues[name].timezone, minutes)
    if faults:
        raise DataError(faults, source="forecast")


def _spacing(name: str, starts: pd.Series, minutes: int) -> Iterator[Fault]:
    steps = np.diff(_microseconds(starts))
    closest = float(steps.min()) / MINUTE_US if len(steps) else float(minutes)
    if closest != minutes and closest in LENGTHS_MIN:
        remedy = f"set [centre] interval_min = {closest:g}, or forecast at {minutes} minutes"
        problem = f"rows of {name} are {closest:g} minutes apart, interval_min is {minutes}"
        yield Fault(problem, remedy, column="interval_start")


def _off_grid(starts: pd.Series, timezone: str, minutes: int) -> NDArray[np.bool_]:
    """Return which intervals do not begin on the grid of the local clock."""
    instants, step = _microseconds(starts), minutes * MINUTE_US
    days = pd.Series(pd.to_datetime(np.unique(instants // DAY_US) * DAY_US, unit="us", utc=True))
    offsets = _microseconds(to_local(days, timezone)) - _microseconds(days)
    if (offsets % step == 0).all():  # the grids of the local clock and of UTC are the same
        return np.asarray(instants % step != 0)
    return np.asarray(_microseconds(to_local(starts, timezone)) % step != 0)


def _microseconds(stamps: pd.Series) -> NDArray[np.int64]:
    return stamps.to_numpy(dtype="datetime64[us]").astype(np.int64)


def _rows(name: str, rows: pd.DataFrame, timezone: str, minutes: int) -> Iterator[Fault]:
    load = rows["offered"] * rows["aht_s"] / (minutes * 60)
    wrong: list[tuple[NDArray[np.bool_], str, str, str]] = [
        (
            _off_grid(rows["interval_start"], timezone, minutes),
            "interval_start",
            f"no interval of {minutes} minutes begins then",
            "move it to the grid of the local clock",
        ),
        (
            np.asarray((rows["offered"] > 0) & (rows["aht_s"] <= 0)),
            "aht_s",
            "contacts without handle time",
            "give their mean handle time in seconds",
        ),
        (
            np.asarray(load > MOST_ERLANGS),
            "offered",
            f"a load above {MOST_ERLANGS:,.0f} erlangs",
            "check contacts and handle time",
        ),
    ]
    for bad, column, problem, remedy in wrong:
        for at in np.flatnonzero(bad):
            when = f"{rows['interval_start'].iloc[at].tz_convert(zone(timezone)):%Y-%m-%dT%H:%M}"
            value = when if column == "interval_start" else f"{rows[column].iloc[at]:g}"
            yield Fault(f"{name} {when}: {problem}", remedy, column=column, value=value)

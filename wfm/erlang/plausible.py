"""What cannot be staffed: intervals off the grid or of another length, no handle time, absurd loads.

Rows are named by their queue and local start: a table in memory has no lines.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.config import Config
from wfm.errors import DataError, Fault
from wfm.localtime import to_local

LENGTHS_MIN = (5, 10, 15, 30, 60)
MOST_ERLANGS = 1_000_000.0  # in one interval of one queue; beyond it is a slip


def check_rows(forecast: pd.DataFrame, config: Config) -> None:
    """Raise DataError with every row of the forecast that cannot be staffed."""
    faults: list[Fault] = []
    for name, rows in forecast.groupby("queue", sort=True):
        queue, minutes = config.queues[str(name)], config.centre.interval_min
        local = to_local(rows["interval_start"], queue.timezone)
        faults += _spacing(str(name), rows["interval_start"], minutes)
        faults += _rows(str(name), rows, local, minutes)
    if faults:
        raise DataError(faults, source="forecast")


def _spacing(name: str, starts: pd.Series, minutes: int) -> Iterator[Fault]:
    steps = starts.sort_values().diff().dropna()
    closest = steps.min() / pd.Timedelta(minutes=1) if len(steps) else float(minutes)
    if closest != minutes and closest in LENGTHS_MIN:
        remedy = f"set [centre] interval_min = {closest:g}, or forecast at {minutes} minutes"
        problem = f"rows of {name} are {closest:g} minutes apart, interval_min is {minutes}"
        yield Fault(problem, remedy, column="interval_start")


def _rows(name: str, rows: pd.DataFrame, local: pd.Series, minutes: int) -> Iterator[Fault]:
    since_midnight = (local - local.dt.normalize()) / pd.Timedelta(minutes=1)
    load = rows["offered"] * rows["aht_s"] / (minutes * 60)
    wrong: list[tuple[NDArray[np.bool_], str, str, str]] = [
        (
            np.asarray(since_midnight % minutes != 0),
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
            when = f"{local.iloc[at]:%Y-%m-%dT%H:%M}"
            value = when if column == "interval_start" else f"{rows[column].iloc[at]:g}"
            yield Fault(f"{name} {when}: {problem}", remedy, column=column, value=value)

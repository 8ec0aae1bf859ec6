"""Rows of FORECAST and DAYS from the forecasts of queues, with their bands; all queues at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from wfm.forecast.arrays import FloatArray, IntArray
from wfm.forecast.bands import RelativeError, quantiles
from wfm.forecast.queue_forecast import QueueForecast
from wfm.tables import BANDS

TINY = 1e-9  # contacts: the weight of an interval without any, so that a silent day has a handle time too


def forecast_rows(made: Sequence[QueueForecast]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of FORECAST and of DAYS; the queues come in the order of their names."""
    count = [len(one.cells.day) for one in made]
    rows = pd.DataFrame(
        {
            "queue": np.repeat([one.item.name for one in made], count),
            "interval_start": _starts(made),
            "offered": np.concatenate([one.offered for one in made]),
            "aht_s": np.concatenate([one.aht_s for one in made]),
            "model": np.repeat([one.model for one in made], count),
        }
    )
    dates = np.concatenate([one.item.future.to_numpy()[one.cells.day] for one in made])
    days = day_rows(rows, pd.Series(dates, index=rows.index))
    by_interval = [(one.of_interval, one.cells.day) for one in made]
    by_day = [(one.of_day, np.unique(one.cells.day)) for one in made]
    return _with_bands(rows, by_interval), _with_bands(days, by_day)


def _starts(made: Sequence[QueueForecast]) -> pd.DatetimeIndex:
    """Return the instants of all rows; joined as numbers, for an index of instants is walked one by one."""
    stamps = np.concatenate([one.cells.starts.as_unit("us").asi8 for one in made])
    return pd.DatetimeIndex(pd.to_datetime(stamps, unit="us", utc=True)).as_unit("us")


def day_rows(rows: pd.DataFrame, dates: pd.Series) -> pd.DataFrame:
    """Return offered and call-weighted aht_s per queue and local date; `dates` belong to the rows."""
    weight = rows["offered"].where(rows["offered"] > 0, TINY)
    columns = {"queue": rows["queue"], "date": dates, "offered": rows["offered"]}
    weighted = pd.DataFrame({**columns, "weight": weight, "seconds": rows["aht_s"] * weight})
    days = weighted.groupby(["queue", "date"], sort=True, as_index=False).sum()
    return days.assign(aht_s=days["seconds"] / days["weight"]).drop(columns=["seconds", "weight"])


def _with_bands(rows: pd.DataFrame, errors: Sequence[tuple[RelativeError, IntArray]]) -> pd.DataFrame:
    """Return rows with bands; `errors` holds each queue's relative errors and the days of its rows."""
    sides = [error.of_day(day) for error, day in errors]
    inner, outer = (np.concatenate(side) for side in zip(*sides, strict=True))
    mean: FloatArray = rows["offered"].to_numpy(dtype=np.float64)
    return rows.assign(**dict(zip(BANDS, quantiles(mean, inner, outer).T, strict=True)))

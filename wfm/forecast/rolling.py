"""Rolling origins of one queue: every model, at weekly origins, against what then came.

At each origin only the days before it are cleaned, learnt from and forecast with; nothing later is seen.
Arrays are (models, origins, days, slots) and (origins, days, slots); an actual that is unknown, closed or
hidden by an outage is NaN and not scored. Odd days are scored: they were demand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfm.forecast.aht import expected_aht_s
from wfm.forecast.arrays import BoolArray, FloatArray
from wfm.forecast.calendar import QueueCalendar
from wfm.forecast.daygrid import DayGrid
from wfm.forecast.events import Event
from wfm.forecast.learning import Prepared, prepare
from wfm.forecast.registry import model

ORIGIN_STEP_DAYS = 7
FEWEST_LEARNING_DAYS = 7


@dataclass(frozen=True)
class Source:
    """All that is known of one queue before the forecast: raw grid, calendar, events."""

    grid: DayGrid
    calendar: QueueCalendar
    events: tuple[Event, ...]

    def prepared(self, future: pd.DatetimeIndex) -> Prepared:
        """Return what can be learnt before the first of the consecutive dates `future`."""
        past = self.grid.before(future[0])
        return prepare(past if len(past.dates) else self.grid, self.calendar, self.events, future)


@dataclass(frozen=True)
class Rolled:
    """Forecasts of each model at each origin, and what came."""

    models: tuple[str, ...]
    forecast: FloatArray
    actual: FloatArray
    aht_forecast: FloatArray
    aht_actual: FloatArray
    handled: FloatArray

    @property
    def origins(self) -> int:
        """Number of origins."""
        return len(self.actual)

    @property
    def scored(self) -> BoolArray:
        """Which cells (origins, days, slots) count."""
        return ~np.isnan(self.actual)


def origin_dates(source: Source, end: pd.Timestamp, horizon_days: int, origins: int) -> list[pd.Timestamp]:
    """Return up to `origins` weekly origins, latest first, whose horizon ends before the date `end`.

    The first week of the history is only learnt from.
    """
    earliest = source.grid.dates[0] + pd.Timedelta(days=FEWEST_LEARNING_DAYS)
    steps = (pd.Timedelta(days=horizon_days + ORIGIN_STEP_DAYS * step) for step in range(origins))
    return [end - step for step in steps if end - step >= earliest]


def roll(
    source: Source,
    origins: Sequence[pd.Timestamp],
    horizon_days: int,
    models: Sequence[str],
    unscored: BoolArray,
) -> Rolled:
    """Return the forecasts of `models` at the `origins`; `unscored` marks hidden cells of the grid."""
    actual = np.where(unscored, np.nan, source.grid.offered)
    parts = [_one_origin(source, origin, horizon_days, models) for origin in origins]
    shape = (len(origins), horizon_days, source.grid.slots)
    forecast = np.array([part[0] for part in parts]).reshape(len(origins), len(models), *shape[1:])
    is_open = np.array([part[1] for part in parts]).reshape(shape)
    aht = np.array([part[2] for part in parts]).reshape(shape)
    came = np.where(is_open, _windows(source, actual, origins, horizon_days), np.nan)
    return Rolled(
        tuple(models),
        np.moveaxis(forecast, 1, 0),
        came,
        aht,
        _windows(source, source.grid.aht_s, origins, horizon_days),
        _windows(source, source.grid.handled, origins, horizon_days),
    )


def predictions(prepared: Prepared, models: Sequence[str]) -> FloatArray:
    """Return the forecasts (models, days, slots) with calendar and events, never negative, never NaN."""
    made = np.array([model(name)(prepared.learning, prepared.future) for name in models])
    return np.asarray(np.maximum(made, 0.0) * prepared.future_factor, dtype=np.float64)


def _one_origin(
    source: Source, origin: pd.Timestamp, horizon_days: int, models: Sequence[str]
) -> tuple[FloatArray, BoolArray, FloatArray]:
    future = pd.date_range(origin, periods=horizon_days, freq="D", unit="us")
    prepared = source.prepared(future)
    weekdays = np.asarray(future.day_of_week, dtype=np.int64)
    aht = expected_aht_s(source.grid.before(origin), weekdays)
    unknown = np.full(prepared.future_open.shape, np.nan)
    return predictions(prepared, models), prepared.future_open, unknown if aht is None else aht


def _windows(
    source: Source, matrix: FloatArray, origins: Sequence[pd.Timestamp], horizon_days: int
) -> FloatArray:
    """Return the rows of the grid from each origin on (origins, days, slots), NaN past its end."""
    padded = np.concatenate([matrix, np.full((horizon_days, matrix.shape[1]), np.nan)])
    first = [int((origin - source.grid.dates[0]).days) for origin in origins]
    cut = [padded[start : start + horizon_days] for start in first]
    return np.array(cut).reshape(len(origins), horizon_days, matrix.shape[1])

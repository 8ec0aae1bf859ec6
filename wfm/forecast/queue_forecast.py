"""The forecast of one queue: backtest, choice, expectation, bands, as rows of FORECAST, DAYS and SCORES."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfm.config import Config
from wfm.errors import ConfigError, Fault
from wfm.forecast.aht import expected_aht_s
from wfm.forecast.arrays import FloatArray
from wfm.forecast.bands import USUAL_DAY, USUAL_INTERVAL, RelativeError, calibrate, quantiles
from wfm.forecast.candidates import candidates, rolled_candidates
from wfm.forecast.combination import chosen
from wfm.forecast.horizon import Rows, horizon_rows
from wfm.forecast.learning import Prepared
from wfm.forecast.queue_scores import day_sums, score_rows
from wfm.forecast.rolling import Rolled
from wfm.forecast.sources import QueueSource
from wfm.localtime import local_dates
from wfm.tables import BANDS

LONGEST_BACKTEST_DAYS = 28
SHORT_HISTORY_DAYS = 28
OLD_HISTORY_DAYS = 7
TINY = 1e-9  # contacts: the weight of an interval without any, so that a silent day has a handle time too


@dataclass(frozen=True)
class QueueForecast:
    """Rows of the three tables, and notes, of one queue."""

    rows: pd.DataFrame
    days: pd.DataFrame
    scores: list[dict[str, object]]
    notes: tuple[str, ...]


def forecast_queue(
    item: QueueSource, config: Config, as_of: pd.Timestamp, asked: Sequence[str]
) -> QueueForecast:
    """Return the forecast of one queue over its future dates."""
    field = candidates(asked)
    prepared = item.source.prepared(item.future)
    tested_days = min(len(item.future), LONGEST_BACKTEST_DAYS, max(7, len(item.source.grid.dates) // 3))
    rolled = rolled_candidates(item, prepared, field, tested_days, config.forecast.backtest_origins)
    choice = chosen(rolled)
    cells = horizon_rows(
        item.future, as_of, item.queue.timezone, config.centre.interval_min, prepared.future_open
    )
    expected = Expected(cells, field.forecast(prepared, choice), expected_handle_times(item))
    rows, days = expected.tables(item, field.label(choice), *calibrated(rolled, choice))
    notes = (*item.notes, *prepared.notes, *_thin(item, prepared, rolled))
    return QueueForecast(
        rows,
        days,
        score_rows(item.name, rolled, field.labels(), choice),
        tuple(f"{item.name}: {note}" for note in notes),
    )


@dataclass(frozen=True)
class Expected:
    """Expected contacts and handle times (days, slots) of the open intervals `cells`."""

    cells: Rows
    offered: FloatArray
    aht_s: FloatArray

    def tables(
        self, item: QueueSource, model: str, interval_error: RelativeError, day_error: RelativeError
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the rows of FORECAST and of DAYS."""
        day, slot = self.cells.day, self.cells.slot
        rows = pd.DataFrame(
            {
                "queue": item.name,
                "interval_start": self.cells.starts,
                "offered": self.offered[day, slot],
                "aht_s": self.aht_s[day, slot],
                "model": model,
            }
        )
        days = day_rows(rows, local_dates(rows["interval_start"], item.queue.timezone))
        return _with_bands(rows, interval_error), _with_bands(days, day_error)


def day_rows(rows: pd.DataFrame, dates: pd.Series) -> pd.DataFrame:
    """Return offered and call-weighted aht_s per queue and local date; `dates` belong to the rows."""
    weight = rows["offered"].where(rows["offered"] > 0, TINY)
    columns = {"queue": rows["queue"], "date": dates, "offered": rows["offered"]}
    weighted = pd.DataFrame({**columns, "weight": weight, "seconds": rows["aht_s"] * weight})
    days = weighted.groupby(["queue", "date"], sort=True, as_index=False).sum()
    return days.assign(aht_s=days["seconds"] / days["weight"]).drop(columns=["seconds", "weight"])


def expected_handle_times(item: QueueSource) -> FloatArray:
    """Return aht_s (days, slots) of the future; raise ConfigError if neither history nor queue has any."""
    weekdays = np.asarray(item.future.day_of_week, dtype=np.int64)
    learnt = expected_aht_s(item.source.grid, weekdays)
    if learnt is not None:
        return learnt
    if item.queue.aht_s is None:
        remedy = "set aht_s (seconds), or import a history that has it"
        fault = Fault(
            "no handle time in history or configuration", remedy, column=f"queues.{item.name}.aht_s"
        )
        raise ConfigError([fault])
    return np.full((len(weekdays), item.source.grid.slots), item.queue.aht_s)


def calibrated(rolled: Rolled, choice: str) -> tuple[RelativeError, RelativeError]:
    """Return the relative errors of intervals and of day totals that the backtest of a model shows."""
    forecast, actual = rolled.forecast[rolled.models.index(choice)], rolled.actual
    by_interval = calibrate(forecast, actual, USUAL_INTERVAL)
    by_day = calibrate(day_sums(forecast, actual), day_sums(actual, actual), USUAL_DAY)
    return by_interval.error(), by_day.error()


def _with_bands(rows: pd.DataFrame, error: RelativeError) -> pd.DataFrame:
    bands = quantiles(rows["offered"].to_numpy(dtype=np.float64), error)
    return rows.assign(**dict(zip(BANDS, bands.T, strict=True)))


def _thin(item: QueueSource, prepared: Prepared, rolled: Rolled) -> list[str]:
    """Return notes on a history that is short, old or silent."""
    days = int((~np.isnan(item.source.grid.offered)).any(axis=1).sum())
    notes = []
    late = int((item.future[0] - item.source.grid.dates[-1]).days) - 1
    if late >= OLD_HISTORY_DAYS:
        notes.append(f"the history ends {late} days before the forecast begins")
    if days < SHORT_HISTORY_DAYS:
        notes.append(f"short history of {days} days, scored at {rolled.origins} origins")
    if not np.nansum(prepared.learning.offered) > 0:
        notes.append("no contact to learn from on an ordinary day: the forecast is zero")
    return notes

"""The forecasts of queues, some at a time: learning, backtest, choice, expectation, scores."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfm.config import Config
from wfm.errors import ConfigError, Fault
from wfm.forecast.aht import expected_aht_s
from wfm.forecast.arrays import BoolArray, FloatArray, ahead
from wfm.forecast.bands import RelativeError
from wfm.forecast.calibration import USUAL_DAY, USUAL_INTERVAL, calibrate
from wfm.forecast.candidates import Candidates, candidates
from wfm.forecast.combination import chosen
from wfm.forecast.horizon import Rows, horizon_rows
from wfm.forecast.queue_notes import queue_notes
from wfm.forecast.queue_scores import Row, all_sums, day_sums, part_rows, score_rows
from wfm.forecast.rolling import Made, Rolled, made, origin_dates, rolled
from wfm.forecast.sources import QueueSource

LONGEST_BACKTEST_DAYS = 28
QUEUES_TOGETHER = 32


@dataclass(frozen=True)
class Tested:
    """A queue with what is learnt for its forecast, its backtest, and the model to use."""

    item: QueueSource
    made: Made
    rolled: Rolled
    choice: str


@dataclass(frozen=True)
class QueueForecast:
    """What the tables need of one queue: its open intervals, what is expected in each, and notes.

    `aht_s` and `offered` belong to `cells`; the relative errors are of intervals and of day totals.
    """

    item: QueueSource
    cells: Rows
    offered: FloatArray
    aht_s: FloatArray
    of_interval: RelativeError
    of_day: RelativeError
    model: str
    scores: list[Row]
    parts: list[Row]
    notes: tuple[str, ...]


def forecast_queues(
    items: Sequence[QueueSource], config: Config, as_of: pd.Timestamp, asked: Sequence[str]
) -> Iterator[QueueForecast]:
    """Yield the forecast of each queue over its future dates."""
    field, origins = candidates(asked), config.forecast.backtest_origins
    for some in _together(items):
        for tested in tested_queues(some, field, origins, None):
            yield forecast_queue(tested, field, config, as_of)


def tested_queues(
    items: Sequence[QueueSource], field: Candidates, origins: int, tested_days: int | None
) -> Iterator[Tested]:
    """Yield queues with a backtest of `tested_days` ahead and the choice that it suggests.

    None is as many days as are forecast, up to four weeks, and fewer of a short history, so that it has
    origins.
    """
    horizon_days = len(items[0].future)
    cases = [item.source.case(item.future[0], horizon_days) for item in items]
    final = list(made(cases, field.models))
    backtests: dict[int, Rolled] = {}
    tested = [_tested_days(item) if tested_days is None else tested_days for item in items]
    for days in sorted(set(tested)):
        numbers = [number for number, own in enumerate(tested) if own == days]
        some = [items[number] for number in numbers]
        dates = [_origins(item, days, origins) for item in some]
        hidden = [_hidden(item, final[number]) for item, number in zip(some, numbers, strict=True)]
        found = rolled([item.source for item in some], dates, days, field, hidden)
        backtests.update(zip(numbers, found, strict=True))
    for number, item in enumerate(items):
        backtest = backtests[number]
        yield Tested(item, final[number], backtest, chosen(backtest, field.competing))


def _together(items: Sequence[QueueSource]) -> Iterator[Sequence[QueueSource]]:
    for begin in range(0, len(items), QUEUES_TOGETHER):
        yield items[begin : begin + QUEUES_TOGETHER]


def _tested_days(item: QueueSource) -> int:
    return min(len(item.future), LONGEST_BACKTEST_DAYS, max(7, len(item.source.grid.dates) // 3))


def _origins(item: QueueSource, days: int, origins: int) -> list[pd.Timestamp]:
    """Return the origins of a queue; a history that is borrowed from another queue has none."""
    end = min(item.future[0], item.source.grid.dates[-1] + pd.Timedelta(days=1))
    return [] if item.borrowed else origin_dates(item.source, end, days, origins)


def _hidden(item: QueueSource, final: Made) -> BoolArray:
    """Return the cells (days, slots) of the grid that outages and events hide."""
    grid = item.source.grid
    hidden = np.zeros(grid.offered.shape, dtype=bool)
    learning = final.learned.learning
    rows = learning.day[final.row, : learning.known_days] - item.source.first_known_day
    inside = (rows >= 0) & (rows < len(hidden))
    hidden[rows[inside]] = final.learned.unscored[final.row][inside]
    return hidden


def forecast_queue(tested: Tested, field: Candidates, config: Config, as_of: pd.Timestamp) -> QueueForecast:
    """Return what the tables need of one queue."""
    item, backtest, labels = tested.item, tested.rolled, field.labels()
    cells = horizon_rows(
        item.future, as_of, item.queue.timezone, config.centre.interval_min, tested.made.is_open
    )
    scores, parts = scored(tested, labels, {tested.choice})
    notes = (*item.notes, *queue_notes(item, tested.made, backtest))
    return QueueForecast(
        item,
        cells,
        expected_contacts(tested, field)[cells.day, cells.slot],
        _handle_times(item)[cells.day, cells.slot],
        *calibrated(backtest, tested.choice),
        labels[tested.choice],
        scores,
        parts,
        tuple(f"{item.name}: {note}" for note in notes),
    )


def scored(tested: Tested, labels: dict[str, str], banded: Collection[str]) -> tuple[list[Row], list[Row]]:
    """Return the rows of SCORES and of SCORE_PARTS of a queue; models in `banded` with coverage and loss."""
    backtest, name = tested.rolled, tested.item.name
    sums, step = all_sums(backtest, banded), tested.item.source.usual_step
    return (
        score_rows(name, backtest, sums, labels, tested.choice, step),
        part_rows(name, backtest, sums, labels, step),
    )


def expected_contacts(tested: Tested, field: Candidates) -> FloatArray:
    """Return the expected contacts (horizon, slots) by the chosen model."""
    forecasts = field.with_mean(tested.made.forecast)
    return np.asarray(forecasts[field.names.index(tested.choice)], dtype=np.float64)


def _handle_times(item: QueueSource) -> FloatArray:
    """Return aht_s (days, slots) of the future; raise ConfigError if neither history nor queue has any."""
    shape = (len(item.future), item.source.grid.slots)
    if item.source.grid.timed.any():
        week = expected_aht_s([(item.source.grid, item.future[0])])
        return np.asarray(ahead(week, shape[0])[0], dtype=np.float64)
    if item.queue.aht_s is None:
        remedy = "set aht_s (seconds), or import a history that has it"
        fault = Fault(
            "no handle time in history or configuration", remedy, column=f"queues.{item.name}.aht_s"
        )
        raise ConfigError([fault])
    return np.full(shape, item.queue.aht_s)


def calibrated(backtest: Rolled, choice: str) -> tuple[RelativeError, RelativeError]:
    """Return the relative errors of intervals and of day totals that the backtest of a model shows."""
    if not backtest.origins:
        return USUAL_INTERVAL, USUAL_DAY
    forecast, scored = backtest.of(choice), backtest.scored
    days = scored.any(axis=-1)
    by_day = [np.where(days, day_sums(values, scored), np.nan) for values in (forecast, backtest.actual)]
    return (
        calibrate(forecast, backtest.actual, USUAL_INTERVAL).error(),
        calibrate(by_day[0], by_day[1], USUAL_DAY).error(),
    )

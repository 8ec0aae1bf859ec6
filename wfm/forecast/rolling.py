"""Rolling origins: every model forecasts from weekly local midnights, seeing only what came before.

An origin goes through the same preparation as a real forecast (calendar, cleaning, events), on the part of
the history before it. All origins of all queues are worked on together, some at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfm.forecast.aht import expected_aht_s
from wfm.forecast.arrays import BoolArray, FloatArray, IntArray, ahead
from wfm.forecast.candidates import Candidates
from wfm.forecast.cases import Case, stacked
from wfm.forecast.learning import Learned, learn
from wfm.forecast.registry import model
from wfm.forecast.timeline import Source, day_number

ORIGIN_STEP_DAYS = 7
FEWEST_LEARNING_DAYS = 7
ROUNDING = 1e-12  # contacts that are none
MOST_CELLS = 300_000  # of the cases worked on together: what the caches hold, and no more memory


@dataclass(frozen=True)
class Rolled:
    """Forecasts of one queue (models, origins, days, slots) at its origins, latest first, and what came.

    `actual`, `aht_actual_s` and `handled` (origins, days, slots) are NaN where not scored; `first` are the
    first days to forecast, counted from 1970-01-01, `special` (origins, days) marks holidays and days near.
    """

    models: tuple[str, ...]
    forecast: FloatArray
    actual: FloatArray
    aht_forecast_s: FloatArray
    aht_actual_s: FloatArray
    handled: FloatArray
    first: IntArray
    special: BoolArray

    @property
    def origins(self) -> int:
        """Number of origins."""
        return len(self.actual)

    @property
    def scored(self) -> BoolArray:
        """Which cells (origins, days, slots) count."""
        return ~np.isnan(self.actual)

    def of(self, name: str) -> FloatArray:
        """Return the forecasts (origins, days, slots) of one model."""
        return np.asarray(self.forecast[self.models.index(name)], dtype=np.float64)


@dataclass(frozen=True)
class Made:
    """What one case gives: forecasts (models, horizon, slots), its opening, and what was learnt from."""

    forecast: FloatArray
    is_open: BoolArray
    learned: Learned
    row: int

    @property
    def special(self) -> BoolArray:
        """Which days (horizon,) are holidays or near one."""
        kinds, days = self.learned.learning.effects.kinds, self.learned.learning.known_days
        return np.asarray(kinds.special[self.row, days:], dtype=bool)


def origin_dates(source: Source, end: pd.Timestamp, horizon_days: int, origins: int) -> list[pd.Timestamp]:
    """Return up to `origins` weekly origins, latest first, whose horizon ends before the date `end`.

    The first week of the history is only learnt from.
    """
    earliest = source.grid.dates[0] + pd.Timedelta(days=FEWEST_LEARNING_DAYS)
    steps = (pd.Timedelta(days=horizon_days + ORIGIN_STEP_DAYS * step) for step in range(origins))
    return [end - step for step in steps if end - step >= earliest]


def rolled(
    sources: Sequence[Source],
    origins: Sequence[Sequence[pd.Timestamp]],
    horizon_days: int,
    field: Candidates,
    unscored: Sequence[BoolArray],
) -> list[Rolled]:
    """Return every candidate at the origins of each queue; `unscored` marks hidden cells of its grid."""
    cases = [source.case(o, horizon_days) for source, own in zip(sources, origins, strict=True) for o in own]
    forecasts = made(cases, field.models)
    return [
        _rolled_queue(source, own, horizon_days, field, hidden, [next(forecasts) for _ in own])
        for source, own, hidden in zip(sources, origins, unscored, strict=True)
    ]


def _rolled_queue(
    source: Source,
    origins: Sequence[pd.Timestamp],
    horizon_days: int,
    field: Candidates,
    hidden: BoolArray,
    found: Sequence[Made],
) -> Rolled:
    shape = (len(origins), horizon_days, source.grid.slots)
    forecast = np.zeros((len(field.models), *shape))
    is_open, special = np.zeros(shape, dtype=bool), np.zeros(shape[:2], dtype=bool)
    for at, one in enumerate(found):
        forecast[:, at], is_open[at], special[at] = one.forecast, one.is_open, one.special
    grid = source.grid
    actual = np.where(
        is_open, _windows(source, np.where(hidden, np.nan, grid.offered), origins, horizon_days), np.nan
    )
    return Rolled(
        field.names,
        field.with_mean(forecast),
        actual,
        _handle_times(source, origins, horizon_days),
        _windows(source, grid.aht_s, origins, horizon_days),
        _windows(source, grid.handled, origins, horizon_days),
        np.array([day_number(origin) for origin in origins], dtype=np.int64),
        special,
    )


def _handle_times(source: Source, origins: Sequence[pd.Timestamp], horizon_days: int) -> FloatArray:
    """Return expected handle times (origins, days, slots), NaN if the history has none."""
    if not len(origins) or not source.grid.timed.any():
        return np.full((len(origins), horizon_days, source.grid.slots), np.nan)
    return ahead(expected_aht_s([(source.grid, origin) for origin in origins]), horizon_days)


def _windows(
    source: Source, matrix: FloatArray, origins: Sequence[pd.Timestamp], horizon_days: int
) -> FloatArray:
    """Return the rows of the grid from each origin on (origins, days, slots), NaN past its end."""
    cut = np.full((len(origins), horizon_days, matrix.shape[1]), np.nan)
    for at, origin in enumerate(origins):
        rows = matrix[int((origin - source.grid.dates[0]).days) :][:horizon_days]
        cut[at, : len(rows)] = rows
    return cut


def made(cases: Sequence[Case], models: Sequence[str]) -> Iterator[Made]:
    """Yield the forecasts of cases of the same horizon, in their order."""
    for part in _parts(cases):
        learned = learn(stacked(part))
        forecast = predictions(learned, models)
        for row in range(len(part)):
            yield Made(forecast[:, row], learned.future_open[row], learned, row)


def predictions(learned: Learned, models: Sequence[str]) -> FloatArray:
    """Return forecasts (models, cases, horizon, slots) with calendar and events, never negative or NaN."""
    forecast = np.array([model(name)(learned.learning) for name in models])
    forecast[forecast < ROUNDING] = 0.0
    return np.asarray(forecast * learned.future_factor, dtype=np.float64)


def _parts(cases: Sequence[Case]) -> Iterator[Sequence[Case]]:
    """Yield runs of cases that have about the same number of days and fit in `MOST_CELLS`."""
    begin, longest = 0, 0
    for at, case in enumerate(cases):
        longest = max(longest, case.offered.size)
        if at > begin and (at + 1 - begin) * longest > MOST_CELLS:
            yield cases[begin:at]
            begin, longest = at, case.offered.size
    if len(cases) > begin:
        yield cases[begin:]

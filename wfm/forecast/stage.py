"""The forecast stage: HISTORY and configuration in, FORECAST, DAYS, SCORES and notes out.

Per queue: what is known, backtest at rolling origins, model or mean, bands, rows; then the planner's
overrides. Contacts per interval, seconds, UTC instants.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfm.config import Config
from wfm.conform import conform, empty, joined
from wfm.forecast.bands import scaled_quantiles
from wfm.forecast.events import check_queues
from wfm.forecast.forecast_rows import day_rows, forecast_rows
from wfm.forecast.overrides import apply_overrides
from wfm.forecast.queue_forecast import QueueForecast, forecast_queues
from wfm.forecast.sources import Span, check_history, check_past, default_as_of, queue_sources
from wfm.localtime import local_dates
from wfm.tables import BANDS, DAYS, EVENTS, FORECAST, HISTORY, OVERRIDES, SCORE_PARTS, SCORES


@dataclass(frozen=True)
class ForecastResult:
    """FORECAST, its DAYS with bands of their own, SCORES and SCORE_PARTS behind the choice, and notes."""

    forecast: pd.DataFrame
    days: pd.DataFrame
    scores: pd.DataFrame
    parts: pd.DataFrame
    notes: tuple[str, ...]


def forecast(  # noqa: PLR0913 - one parameter per input table, all but two by keyword
    history: pd.DataFrame,
    config: Config,
    *,
    horizon_days: int,
    as_of: pd.Timestamp | None = None,
    models: Sequence[str] = (),
    events: pd.DataFrame | None = None,
    overrides: pd.DataFrame | None = None,
    only: Sequence[str] | None = None,
) -> ForecastResult:
    """Return the expected contacts and handle time of every open interval of `horizon_days` local days.

    The days counted begin with the local date of `as_of` (default: the end of the history's last interval),
    or with the next if the opening hours of that date are over; rows of the history at or after `as_of` are
    ignored, and no row of the forecast lies before it. `models` (default: the configuration's, else ours) are
    candidates: the backtest chooses one or their mean for each queue. Live queues have rows for opening
    intervals, queues whose contacts arrive always for all. A queue without history and without `like` has no
    rows, and a note. With `only` the other queues are there for those that are `like` them.

    Raises DataError for queues that the configuration does not know or intervals of another length,
    ConfigError for an unknown model or holiday calendar, or a queue whose handle time nobody knows.
    """
    known = conform(history, HISTORY)
    happening = empty(EVENTS) if events is None else conform(events, EVENTS)
    check_tables(known, happening, config)
    origin = default_as_of(known, config.centre.interval_min) if as_of is None else as_of
    check_past(known, origin)
    items, notes = queue_sources(known, config, Span(origin, horizon_days, happening), only)
    asked = tuple(models) or config.forecast.models
    made = list(forecast_queues(items, config, origin, asked))
    result = _joined(made, tuple(notes))
    return result if overrides is None else overridden(result, config, overrides, origin)


def check_tables(history: pd.DataFrame, events: pd.DataFrame, config: Config) -> None:
    """Raise DataError for queues that the configuration does not know, or intervals of another length."""
    check_history(history, config)
    check_queues(events["queue"], set(config.queues), "events")


def _joined(made: list[QueueForecast], notes: tuple[str, ...]) -> ForecastResult:
    rows, days = forecast_rows(made) if made else (pd.DataFrame(), pd.DataFrame())
    return ForecastResult(
        joined([rows], FORECAST),
        joined([days], DAYS),
        joined([pd.DataFrame(row for one in made for row in one.scores)], SCORES),
        joined([pd.DataFrame(row for one in made for row in one.parts)], SCORE_PARTS),
        (*notes, *(note for one in made for note in one.notes)),
    )


def overridden(
    result: ForecastResult, config: Config, overrides: pd.DataFrame, as_of: pd.Timestamp
) -> ForecastResult:
    """Return the result with overrides applied; the bands of a day move with its total.

    Raises DataError for queues that the configuration does not know.
    """
    ordered = conform(overrides, OVERRIDES)
    check_queues(ordered["queue"], set(config.queues), "overrides")
    changed, notes = apply_overrides(result.forecast, ordered, as_of)
    dates = pd.Series(index=changed.index, dtype="datetime64[us]")
    for queue, rows in changed.groupby("queue", sort=False):
        zone_name = config.queues[str(queue)].timezone
        dates.loc[rows.index] = local_dates(rows["interval_start"], zone_name)
    days = day_rows(changed, dates)
    before = result.days["offered"].to_numpy(dtype=np.float64)
    after = days["offered"].to_numpy(dtype=np.float64)
    bands = scaled_quantiles(result.days[list(BANDS)].to_numpy(dtype=np.float64), before, after)
    days = days.assign(**dict(zip(BANDS, bands.T, strict=True)))
    return ForecastResult(
        conform(changed, FORECAST), conform(days, DAYS), result.scores, result.parts, (*result.notes, *notes)
    )

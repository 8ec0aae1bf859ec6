"""The backtest as a product: every model at rolling weekly origins, beside the noise floor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from wfm.config import Config
from wfm.conform import conform, empty
from wfm.forecast.candidates import candidates
from wfm.forecast.events import check_queues
from wfm.forecast.queue_forecast import scored, tested_queues
from wfm.forecast.queue_scores import Row
from wfm.forecast.sources import Span, check_history, default_as_of, queue_sources
from wfm.tables import EVENTS, HISTORY, SCORE_PARTS, SCORES, Table


@dataclass(frozen=True)
class BacktestResult:
    """SCORES per queue and model, and SCORE_PARTS by lead time and kind of day."""

    scores: pd.DataFrame
    parts: pd.DataFrame


def backtest(  # noqa: PLR0913 - all but two by keyword
    history: pd.DataFrame,
    config: Config,
    *,
    horizon_days: int,
    origins: int,
    models: Sequence[str] = (),
    as_of: pd.Timestamp | None = None,
    events: pd.DataFrame | None = None,
    only: Sequence[str] | None = None,
) -> BacktestResult:
    """Return the accuracy per queue and model over `horizon_days` from each of `origins` weekly origins.

    The last origin lies `horizon_days` before the end of the history (or `as_of`); the first week is only
    learnt from, so that a short history has fewer origins, perhaps none (then the ratios are empty).
    Intervals hidden by outages or `exclude` events are not scored. `chosen` marks what a forecast made now
    would use. With `only` the other queues are there for those that are `like` them.
    """
    known = conform(history, HISTORY)
    happening = empty(EVENTS) if events is None else conform(events, EVENTS)
    check_history(known, config)
    check_queues(happening["queue"], set(config.queues), "events")
    end = default_as_of(known, config.centre.interval_min) if as_of is None else as_of
    items, _ = queue_sources(known, config, Span(end, horizon_days, happening), only)
    field = candidates(tuple(models) or config.forecast.models)
    scores, parts = list[Row](), list[Row]()
    for item in items:
        for tested in tested_queues([item], field, origins, horizon_days):
            own_scores, own_parts = scored(tested, field.labels(), field.names)
            scores += own_scores
            parts += own_parts
    asked = {field.labels()[name] for name in field.competing} if models else None
    return BacktestResult(_table(scores, SCORES, asked), _table(parts, SCORE_PARTS, asked))


def _table(rows: list[Row], table: Table, asked: set[str] | None) -> pd.DataFrame:
    kept = [row for row in rows if asked is None or row["model"] in asked]
    return conform(pd.DataFrame(kept), table) if kept else empty(table)

"""The backtest as a product: every model at rolling weekly origins, beside the noise floor."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from wfm.config import Config
from wfm.conform import conform, empty
from wfm.forecast.candidates import candidates, rolled_candidates
from wfm.forecast.combination import chosen
from wfm.forecast.events import check_queues
from wfm.forecast.queue_scores import score_rows
from wfm.forecast.sources import QueueSource, check_history, default_as_of, queue_sources
from wfm.tables import EVENTS, HISTORY, SCORES


def backtest(
    history: pd.DataFrame,
    config: Config,
    *,
    horizon_days: int,
    origins: int,
    models: Sequence[str] = (),
    as_of: pd.Timestamp | None = None,
    events: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return SCORES: accuracy per queue and model over `horizon_days` from each of `origins` weekly origins.

    The last origin lies `horizon_days` before the end of the history (or `as_of`); the first week is only
    learnt from, so that a short history has fewer origins, perhaps none (then the ratios are empty).
    Intervals hidden by outages or `exclude` events are not scored. `chosen` marks what a forecast made now
    would use.
    """
    known = conform(history, HISTORY)
    happening = empty(EVENTS) if events is None else conform(events, EVENTS)
    check_history(known, config)
    check_queues(happening["queue"], set(config.queues), "events")
    end = default_as_of(known, config.centre.interval_min) if as_of is None else as_of
    items, _ = queue_sources(known, config, end, horizon_days, happening)
    asked = tuple(models) or config.forecast.models
    rows = [row for item in items for row in _scores(item, asked, horizon_days, origins)]
    return conform(pd.DataFrame(rows), SCORES) if rows else empty(SCORES)


def _scores(
    item: QueueSource, asked: Sequence[str], horizon_days: int, origins: int
) -> list[dict[str, object]]:
    field = candidates(asked)
    prepared = item.source.prepared(item.future)
    rolled = rolled_candidates(item, prepared, field, horizon_days, origins)
    return score_rows(item.name, rolled, field.labels(), chosen(rolled))

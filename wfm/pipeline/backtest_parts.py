"""A backtest some queues at a time, wherever `[compute]` says: each queue is tested on its own."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from wfm.config import Config
from wfm.conform import joined
from wfm.forecast import backtest
from wfm.forecast.backtest import BacktestResult
from wfm.forecast.events import check_queues
from wfm.forecast.sources import check_history, default_as_of
from wfm.pipeline.cut import Cut
from wfm.pipeline.queue_parts import OwnTables, together
from wfm.pipeline.work import Work
from wfm.tables import SCORE_PARTS, SCORES


@dataclass(frozen=True)
class Question:
    """What is asked: days ahead from each of so many weekly origins before `as_of`, by which models."""

    horizon_days: int
    origins: int
    models: tuple[str, ...] = ()
    as_of: pd.Timestamp | None = None


@dataclass(frozen=True)
class BacktestPart:
    """Some queues to test; `history` and `config` are theirs and those of the queues they are `like`."""

    queues: tuple[str, ...]
    history: Cut
    events: pd.DataFrame
    config: Config
    question: Question


def backtest_part(part: BacktestPart) -> BacktestResult:
    """Return the scores of the part's queues."""
    question = part.question
    return backtest(
        part.history.rows(),
        part.config,
        horizon_days=question.horizon_days,
        origins=question.origins,
        models=question.models,
        as_of=question.as_of,
        events=part.events,
        only=part.queues,
    )


def backtest_in_parts(
    history: pd.DataFrame, config: Config, question: Question, events: pd.DataFrame | None, work: Work
) -> BacktestResult:
    """Return what `wfm.forecast.backtest` does; the first error of a part ends it."""
    own = OwnTables.of(history, config, events)
    check_history(own.history, config)
    check_queues(own.events["queue"], set(config.queues), "events")
    if question.as_of is None:  # of all queues, not of those of one part
        question = replace(question, as_of=default_as_of(own.history, config.centre.interval_min))
    parts = [BacktestPart(queues, *own.tables(queues), question) for queues in together(config)]
    found = [one.result for one in work.each("backtest", backtest_part, parts) if one.result is not None]
    return BacktestResult(
        joined([result.scores for result in found], SCORES),
        joined([result.parts for result in found], SCORE_PARTS),
    )

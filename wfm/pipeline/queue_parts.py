"""Forecast and requirements, queue by queue: what fails for one queue is no matter of the others.

Queues are forecast some at a time, because that is faster; if that fails, each of them alone, so that the one
to blame is known. The parts do not depend on how many processes there are: nor do the results.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import pandas as pd

from wfm.config import Config, days_in_horizon
from wfm.conform import conform, empty, joined
from wfm.erlang import staff
from wfm.forecast import ForecastResult, forecast
from wfm.pipeline.cut import Cut, bounds_of
from wfm.pipeline.work import Ended, Work
from wfm.tables import BACKLOG, DAYS, EVENTS, FORECAST, HISTORY, REQUIREMENTS, SCORE_PARTS, SCORES

QUEUES_TOGETHER = 4


class _ForQueues(Protocol):
    @property
    def queues(self) -> tuple[str, ...]:
        """The queues that the part is for."""


P = TypeVar("P", bound=_ForQueues)
R = TypeVar("R")


@dataclass(frozen=True)
class ForecastPart:
    """Some queues to forecast; `history` and `config` are theirs and those of the queues they are `like`."""

    queues: tuple[str, ...]
    history: Cut
    events: pd.DataFrame
    config: Config
    as_of: pd.Timestamp


@dataclass(frozen=True)
class StaffPart:
    """Some queues to staff, with those they are blended with."""

    queues: tuple[str, ...]
    forecast: pd.DataFrame
    backlog: pd.DataFrame
    config: Config


@dataclass(frozen=True)
class OwnTables:
    """History and events, from which each group of queues gets its own."""

    history: pd.DataFrame
    bounds: Mapping[str, tuple[int, int]]
    events: pd.DataFrame
    config: Config

    @classmethod
    def of(cls, history: pd.DataFrame, config: Config, events: pd.DataFrame | None) -> OwnTables:
        """Return the tables, checked."""
        known = conform(history, HISTORY)
        return cls(
            known, bounds_of(known), empty(EVENTS) if events is None else conform(events, EVENTS), config
        )

    def tables(self, queues: Sequence[str]) -> tuple[Cut, pd.DataFrame, Config]:
        """Return history, events and configuration of some queues and of those they are `like`."""
        likes = (self.config.queues[name].like for name in queues)
        wanted = {*queues, *(name for name in likes if name is not None)}
        concerned = self.events["queue"].isna() | self.events["queue"].isin(["", *wanted])
        return (
            Cut(self.history, self.bounds, tuple(sorted(wanted))),
            self.events[concerned].reset_index(drop=True),
            _only(self.config, wanted),
        )


def together(config: Config) -> list[tuple[str, ...]]:
    """Return the queues in the groups that are done at once."""
    names = sorted(config.queues)
    return [tuple(names[n : n + QUEUES_TOGETHER]) for n in range(0, len(names), QUEUES_TOGETHER)]


def forecast_part(part: ForecastPart) -> ForecastResult:
    """Return the forecast of the part's queues."""
    return forecast(
        part.history.rows(),
        part.config,
        horizon_days=days_in_horizon(part.config.forecast.horizon),
        as_of=part.as_of,
        models=part.config.forecast.models,
        events=part.events,
        only=part.queues,
    )


def staff_part(part: StaffPart) -> pd.DataFrame:
    """Return the requirements of the part's queues."""
    return staff(part.forecast, part.config, part.backlog)


def forecast_in_parts(
    history: pd.DataFrame, config: Config, as_of: pd.Timestamp, events: pd.DataFrame | None, work: Work
) -> list[Ended[ForecastPart, ForecastResult]]:
    """Return how the forecast of each group of queues ended, those that failed queue by queue."""
    own = OwnTables.of(history, config, events)

    def part_of(queues: tuple[str, ...]) -> ForecastPart:
        return ForecastPart(queues, *own.tables(queues), as_of)

    return _each(work, "forecast", forecast_part, [part_of(queues) for queues in together(config)], part_of)


def staff_in_parts(
    predicted: pd.DataFrame, config: Config, backlog: pd.DataFrame | None, work: Work
) -> list[Ended[StaffPart, pd.DataFrame]]:
    """Return how the requirements of all queues ended, if they failed queue by queue (and its partners)."""
    waiting = empty(BACKLOG) if backlog is None else conform(backlog, BACKLOG)
    names = sorted(predicted["queue"].unique())

    def part_of(queues: tuple[str, ...]) -> StaffPart:
        return StaffPart(
            queues,
            predicted[predicted["queue"].isin(queues)].reset_index(drop=True),
            waiting[waiting["queue"].isin(queues)].reset_index(drop=True),
            _only(config, queues),
        )

    whole = StaffPart(tuple(names), predicted, waiting, config)
    return _each(work, "staff", staff_part, [whole], part_of)


def joined_forecasts(parts: Sequence[ForecastResult]) -> ForecastResult:
    """Return the forecasts of parts as one."""
    return ForecastResult(
        joined([part.forecast for part in parts], FORECAST),
        joined([part.days for part in parts], DAYS),
        joined([part.scores for part in parts], SCORES),
        joined([part.parts for part in parts], SCORE_PARTS),
        tuple(note for part in parts for note in part.notes),
    )


def joined_requirements(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the requirements of parts as one."""
    return joined(parts, REQUIREMENTS)


def _each(
    work: Work,
    stage: str,
    function: Callable[[P], R],
    parts: Sequence[P],
    part_of: Callable[[tuple[str, ...]], P],
) -> list[Ended[P, R]]:
    ended = work.each(stage, function, parts)
    again = [part_of(some) for one in ended if one.error is not None for some in _apart(one.part)]
    if not again:
        return ended
    good = [one for one in ended if one.error is None or len(list(_apart(one.part))) == 0]
    return [*good, *work.each(stage, function, again)]


def _apart(part: Any) -> Iterator[tuple[str, ...]]:
    """Yield the smallest groups of a part's queues that can be done alone; none if it is one already."""
    partners: dict[str, str] = {}
    for name in part.queues:
        partner = part.config.queues[name].blend_with
        if isinstance(part, StaffPart) and partner in part.queues:
            partners[name] = partner
    groups: dict[str, list[str]] = {}
    for name in part.queues:
        groups.setdefault(partners.get(name, name), []).append(name)
    if len(groups) > 1:
        yield from (tuple(sorted(group)) for group in groups.values())


def _only(config: Config, names: Any) -> Config:
    queues = {name: queue for name, queue in config.queues.items() if name in names}
    return config.model_copy(update={"queues": queues})

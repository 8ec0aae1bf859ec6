"""The models that compete for a queue, with their mean, scored at rolling origins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from wfm.forecast.arrays import FloatArray
from wfm.forecast.learning import Prepared
from wfm.forecast.registry import MEAN, MEMBERS, selected
from wfm.forecast.rolling import Rolled, origin_dates, predictions, roll
from wfm.forecast.sources import QueueSource


@dataclass(frozen=True)
class Candidates:
    """Models to run, those of them behind the mean, and whether the mean competes."""

    models: tuple[str, ...]
    averaged: tuple[str, ...]
    with_mean: bool

    def labels(self) -> dict[str, str]:
        """Return the names for the tables: the mean says of what."""
        return {name: self.label(name) for name in (*self.models, MEAN)}

    def label(self, name: str) -> str:
        """Return the name for the tables: the mean says of what."""
        return f"{MEAN}({', '.join(self.averaged)})" if name == MEAN else name

    def forecast(self, prepared: Prepared, name: str) -> FloatArray:
        """Return the forecast (days, slots) of one model or of the mean."""
        made: FloatArray = predictions(prepared, self.averaged if name == MEAN else (name,)).mean(axis=0)
        return made


def candidates(asked: Sequence[str]) -> Candidates:
    """Return the candidates for the models asked for: none means ours, with the mean of a few that differ.

    One model alone has no mean; several have the mean of just these. Raises ConfigError for an unknown name.
    """
    names = selected(asked)
    models = tuple(name for name in names if name != MEAN)
    if not asked or not models:
        return Candidates(selected(()) if not asked else MEMBERS, MEMBERS, with_mean=True)
    return Candidates(models, models, with_mean=len(names) > 1)


def rolled_candidates(
    item: QueueSource, prepared: Prepared, field: Candidates, horizon_days: int, origins: int
) -> Rolled:
    """Return every candidate, the mean last, at up to `origins` weekly origins before the end of the history.

    A history that is borrowed from another queue, or too short, has no origin.
    """
    end = min(item.future[0], item.source.grid.dates[-1] + pd.Timedelta(days=1))
    dates = [] if item.borrowed else origin_dates(item.source, end, horizon_days, origins)
    rolled = roll(item.source, dates, horizon_days, field.models, prepared.unscored)
    if not field.with_mean:
        return rolled
    rows = [field.models.index(name) for name in field.averaged]
    mean = rolled.forecast[rows].mean(axis=0, keepdims=True)
    forecast = np.concatenate([rolled.forecast, mean])
    return replace(rolled, models=(*field.models, MEAN), forecast=forecast)

"""The models that compete for a queue, with their mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wfm.forecast.arrays import FloatArray
from wfm.forecast.registry import MEAN, MEMBERS, RULES, selected


@dataclass(frozen=True)
class Candidates:
    """Models to run, how much each counts in the mean (empty: there is none), and those that compete.

    The planner's rules always run, for every score is beside theirs, but do not always compete.
    """

    models: tuple[str, ...]
    weights: dict[str, int]
    competing: tuple[str, ...]

    def labels(self) -> dict[str, str]:
        """Return the names for the tables: the mean says of what."""
        parts = [name if count == 1 else f"{count} x {name}" for name, count in self.weights.items()]
        return {**{name: name for name in self.models}, MEAN: f"{MEAN}({', '.join(parts)})"}

    def with_mean(self, forecast: FloatArray) -> FloatArray:
        """Return forecasts (models, ...) with the mean behind them, if there is one."""
        if not self.weights:
            return forecast
        rows = [self.models.index(name) for name in self.weights]
        share = np.array(list(self.weights.values()), dtype=np.float64)
        mean = np.tensordot(share / share.sum(), forecast[rows], axes=1)
        return np.concatenate([forecast, mean[None]])

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the forecasts, the mean last."""
        return (*self.models, MEAN) if self.weights else self.models


def candidates(asked: Sequence[str]) -> Candidates:
    """Return the candidates for the models asked for: none means ours, with the mean of a few that differ.

    One model alone has no mean; several have the mean of just these. Raises ConfigError for an unknown name.
    """
    names = selected(asked)
    models = tuple(name for name in names if name != MEAN)
    if not asked:
        return Candidates(names, MEMBERS, (*MEMBERS, MEAN))
    if not models:
        return Candidates((*RULES, *MEMBERS), MEMBERS, (MEAN,))
    run = (*models, *(rule for rule in RULES if rule not in models))
    weights = dict.fromkeys(models, 1) if len(names) > 1 else {}
    return Candidates(run, weights, (*models, MEAN) if weights else models)

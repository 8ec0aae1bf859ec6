"""Which forecast a queue gets: the plain mean of a few different models, unless one alone is clearly better.

The mean needs no weights (weights learnt from a few origins barely help); a single model replaces it when its
backtest WAPE is lower by `CLEAR_GAIN` and it wins at most origins. WAPE is over intervals.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wfm.forecast.arrays import FloatArray
from wfm.forecast.registry import MEAN, MEMBERS
from wfm.forecast.rolling import Rolled
from wfm.forecast.scoring import wape

CLEAR_GAIN = 0.03
MOST_ORIGINS = 0.75
FEWEST_ORIGINS = 3


def members(asked: Sequence[str], models: Sequence[str]) -> tuple[str, ...]:
    """Return the models behind the mean: those asked for, or by default a few that differ."""
    own = tuple(name for name in asked if name != MEAN)
    return own or tuple(name for name in MEMBERS if name in models)


def with_mean(forecast: FloatArray, models: Sequence[str], averaged: Sequence[str]) -> FloatArray:
    """Return the forecasts (models + 1, ...), the last being the mean of the `averaged` models."""
    rows = [list(models).index(name) for name in averaged]
    return np.concatenate([forecast, forecast[rows].mean(axis=0, keepdims=True)])


def chosen(rolled: Rolled, asked: Sequence[str]) -> str:
    """Return the model to use, given forecasts of the candidates and the mean at rolling origins.

    One model asked for is used; without enough origins it is the mean.
    """
    if len(asked) == 1:
        return asked[0]
    candidates = [name for name in asked or rolled.models if name != MEAN]
    if rolled.origins < FEWEST_ORIGINS:
        return MEAN
    errors = {name: _errors(rolled, name) for name in (*candidates, MEAN)}
    best = min(candidates, key=lambda name: float(np.nanmean(errors[name])))
    wins = float((errors[best] < errors[MEAN]).mean())
    gain = 1.0 - float(np.nanmean(errors[best])) / max(float(np.nanmean(errors[MEAN])), 1e-12)
    return best if gain > CLEAR_GAIN and wins >= MOST_ORIGINS else MEAN


def label(name: str, averaged: Sequence[str]) -> str:
    """Return the name for the table: the mean says of what."""
    return f"{MEAN}({', '.join(averaged)})" if name == MEAN else name


def _errors(rolled: Rolled, name: str) -> FloatArray:
    """Return the WAPE at each origin."""
    forecast = rolled.forecast[rolled.models.index(name)]
    return np.array(
        [
            wape(forecast[origin][scored], rolled.actual[origin][scored])
            for origin, scored in enumerate(rolled.scored)
        ]
    )

"""Which forecast a queue gets: the plain mean of a few different models, unless one alone is clearly better.

The mean needs no weights (weights learnt from a few origins barely help). A single model replaces it when
its root mean squared error is lower by `CLEAR_GAIN` and it is better at most origins. Squared errors, for
they are least at the expectation, which staffing needs; absolute ones are least at the median, and that of a
small count is zero.
"""

from __future__ import annotations

import numpy as np

from wfm.forecast.arrays import FloatArray
from wfm.forecast.registry import MEAN
from wfm.forecast.rolling import Rolled
from wfm.forecast.scoring import rmse

CLEAR_GAIN = 0.03
MOST_ORIGINS = 0.75
FEWEST_ORIGINS = 3


def chosen(rolled: Rolled) -> str:
    """Return the model to use; the mean if too few origins can tell, the only candidate if there is one."""
    if MEAN not in rolled.models:
        return rolled.models[0]
    errors = _errors(rolled)
    known = ~np.isnan(errors).any(axis=0)
    if known.sum() < FEWEST_ORIGINS:
        return MEAN
    mean = errors[rolled.models.index(MEAN), known]
    best = int(errors[:, known].mean(axis=1).argmin())
    clearly = errors[best, known].mean() < (1.0 - CLEAR_GAIN) * mean.mean()
    mostly = (errors[best, known] < mean).mean() >= MOST_ORIGINS
    return rolled.models[best] if clearly and mostly else MEAN


def _errors(rolled: Rolled) -> FloatArray:
    """Return the root mean squared error (models, origins), NaN at an origin without actuals."""
    return np.array(
        [
            [
                rmse(forecast[origin][scored], rolled.actual[origin][scored])
                for origin, scored in enumerate(rolled.scored)
            ]
            for forecast in rolled.forecast
        ]
    )

"""Which forecast a queue gets: the plain mean of a few different models, unless one alone is clearly better.

The mean needs no weights (weights learnt from a few origins barely help). A single model replaces it when
its root mean squared error is lower by `CLEAR_GAIN` and it is better at every origin, so that a forecast
does not jump from night to night because another model is ahead by a hair. Squared errors, for
they are least at the expectation, which staffing needs; absolute ones are least at the median, and that of a
small count is zero.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wfm.forecast.arrays import FloatArray, nan_mean
from wfm.forecast.registry import MEAN
from wfm.forecast.rolling import Rolled

CLEAR_GAIN = 0.08
FEWEST_ORIGINS = 4


def chosen(rolled: Rolled, competing: Sequence[str]) -> str:
    """Return the model to use; the mean if too few origins can tell, the only candidate if there is one."""
    if MEAN not in competing or MEAN not in rolled.models or len(competing) == 1:
        return competing[0]
    errors = origin_errors(rolled, competing)
    known = ~np.isnan(errors).any(axis=0)
    if known.sum() < FEWEST_ORIGINS:
        return MEAN
    mean = errors[competing.index(MEAN), known]
    best = int(errors[:, known].mean(axis=1).argmin())
    clearly = errors[best, known].mean() < (1.0 - CLEAR_GAIN) * mean.mean()
    always = (errors[best, known] < mean).all()
    return competing[best] if clearly and always else MEAN


def origin_errors(rolled: Rolled, competing: Sequence[str]) -> FloatArray:
    """Return the root mean squared error (competing, origins), NaN at an origin without actuals."""
    rows = [rolled.models.index(name) for name in competing]
    squares = (rolled.forecast[rows] - rolled.actual) ** 2
    return np.sqrt(nan_mean(squares.reshape(len(rows), rolled.origins, rolled.actual[:1].size), axis=2))

"""Arrays of the forecast stage, and medians that skip what is unknown (NaN).

A matrix has one row per local date and one column per wall-clock slot (interval of the day).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]


def nan_median(values: FloatArray, axis: int = 0) -> FloatArray:
    """Return the median along `axis` of what is known, NaN where nothing is.

    A sort instead of `numpy.nanmedian`, which is fifty times slower on many short columns.
    """
    ordered = np.sort(values, axis=axis)  # NaN comes last
    known = np.sum(~np.isnan(values), axis=axis, keepdims=True)
    low = np.take_along_axis(ordered, np.maximum((known - 1) // 2, 0), axis=axis)
    high = np.take_along_axis(ordered, np.minimum(known // 2, values.shape[axis] - 1), axis=axis)
    middle = np.where(known > 0, (low + high) / 2, np.nan)
    return np.asarray(np.squeeze(middle, axis=axis), dtype=np.float64)


def nan_mean(values: FloatArray, axis: int = 0) -> FloatArray:
    """Return the mean along `axis` of what is known, NaN where nothing is (and no warning)."""
    known = ~np.isnan(values)
    total = np.sum(np.where(known, values, 0.0), axis=axis)
    count = known.sum(axis=axis)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan), dtype=np.float64)


def ratio(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    """Return the quotient, NaN where the denominator is not positive."""
    positive = denominator > 0
    return np.where(positive, numerator / np.where(positive, denominator, 1.0), np.nan)

"""Arrays of the forecast stage, and means and medians that skip what is unknown (NaN).

Queues are worked on many at a time. A *case* is one queue seen from one first day to forecast; the leading
axis of every array counts cases. Rows are local dates, columns wall-clock slots (intervals of the day). The
*place* of a day is its weekday counted from the first day to forecast, so that in every case row i has place
i mod 7, both before that day and after it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

WEEK = 7


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


def trimmed_mean(values: FloatArray, axis: int = 0) -> FloatArray:
    """Return the mean along `axis` without the lowest and the highest quarter of what is known."""
    ordered = np.ascontiguousarray(np.moveaxis(values, axis, -1))
    ordered.sort(axis=-1)  # NaN comes last
    ranks = np.ascontiguousarray(np.moveaxis(ordered, -1, 0))
    known = np.sum(~np.isnan(ranks), axis=0)
    cut = known // 4
    total = np.zeros(known.shape)
    for rank, row in enumerate(ranks):
        total += np.where((rank >= cut) & (rank < known - cut), row, 0.0)
    count = known - 2 * cut
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan), dtype=np.float64)


def ratio(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    """Return the quotient, NaN where the denominator is not positive."""
    positive = denominator > 0
    return np.where(positive, numerator / np.where(positive, denominator, 1.0), np.nan)


def anything(cells: BoolArray, axis: int = -1) -> BoolArray:
    """Return whether any is true along an axis, as an array (`any` does not promise that)."""
    return np.asarray(np.any(cells, axis=axis), dtype=bool)


def by_week(rows: FloatArray) -> FloatArray:
    """Return (cases, weeks, 7, ...) of (cases, days, ...), the latest week last; days are whole weeks."""
    return rows.reshape(len(rows), -1, WEEK, *rows.shape[2:])


def completed(week: FloatArray) -> FloatArray:
    """Return a week (cases, 7, slots) with unknown cells at the mean of that slot's other days, else zero."""
    return np.nan_to_num(np.where(np.isnan(week), nan_mean(week, axis=1)[:, None], week))


def ahead(week: FloatArray, days: int) -> FloatArray:
    """Return (cases, days, ...) to come from a week (cases, 7, ...) by place."""
    return np.asarray(week[:, np.arange(days) % WEEK], dtype=np.float64)

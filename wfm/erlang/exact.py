"""Boundaries decided in rational arithmetic: the integer part of products and quotients of decimal numbers.

A float says `17 / 0.85 = 20.000000000000004`; the decimals the user wrote say 20. Floats decide wherever the
value is not near an integer; the few near ones are computed as fractions of the decimals.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray

NEAR = 1e-9  # relative distance from an integer below which floats are not trusted


def decimal(value: float) -> Fraction:
    """Return the number that the shortest decimal notation of `value` says."""
    return Fraction(repr(float(value)))


def ceil_product(factors: Sequence[ArrayLike], divisors: Sequence[ArrayLike]) -> NDArray[np.int64]:
    """Return the smallest integers not below product(factors) / product(divisors), element by element."""
    return _integers(factors, divisors, strict=False)


def above_product(factors: Sequence[ArrayLike], divisors: Sequence[ArrayLike]) -> NDArray[np.int64]:
    """Return the smallest integers above product(factors) / product(divisors), element by element."""
    return _integers(factors, divisors, strict=True)


def _integers(
    factors: Sequence[ArrayLike], divisors: Sequence[ArrayLike], *, strict: bool
) -> NDArray[np.int64]:
    columns = np.broadcast_arrays(*(np.asarray(values, dtype=np.float64) for values in (*factors, *divisors)))
    shape = columns[0].shape
    flat = [column.reshape(-1) for column in columns]
    value = np.prod(flat[: len(factors)], axis=0) / np.prod(flat[len(factors) :], axis=0)
    whole: NDArray[np.float64] = np.floor(value) + 1 if strict else np.ceil(value)
    nearest = np.rint(value)
    doubtful = np.flatnonzero(np.abs(value - nearest) <= NEAR * np.maximum(1.0, nearest))
    if doubtful.size:
        rows = np.stack([column[doubtful] for column in flat], axis=1)
        distinct, back = np.unique(rows, axis=0, return_inverse=True)
        decided = np.array([_decide(row, len(factors), strict=strict) for row in distinct])
        whole[doubtful] = decided[back.reshape(-1)]
    return whole.astype(np.int64).reshape(shape)


def _decide(numbers: NDArray[np.float64], factors: int, *, strict: bool) -> int:
    value = Fraction(1)
    for position, number in enumerate(numbers.tolist()):
        value = value * decimal(number) if position < factors else value / decimal(number)
    return value.__floor__() + 1 if strict else value.__ceil__()

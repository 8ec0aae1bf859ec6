"""Boundaries decided in rational arithmetic: the integer part of products and quotients of decimal numbers.

A float says `17 / 0.85 = 20.000000000000004`; the decimals the user wrote say 20. Floats decide wherever the
value is not near an integer; those near one are decided by the decimals as integers, scaled up, or fractions.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import reduce

import numpy as np
from numpy.typing import ArrayLike, NDArray

NEAR = 1e-9  # relative distance from an integer below which floats are not trusted
MOST_DIGITS = 6  # decimals of a column that integers are tried for, before fractions
LARGEST_PRODUCT = 9e18  # what 64-bit integers hold


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
    above, below = flat[: len(factors)], flat[len(factors) :]
    value = reduce(np.multiply, above) / reduce(np.multiply, below)
    whole: NDArray[np.float64] = np.floor(value) + 1 if strict else np.ceil(value)
    nearest = np.rint(value)
    doubtful = np.flatnonzero(np.abs(value - nearest) <= NEAR * np.maximum(1.0, nearest))
    if doubtful.size:
        rows = [column[doubtful] for column in flat]
        whole[doubtful] = _decided(rows, len(factors), nearest[doubtful], strict=strict)
    return whole.astype(np.int64).reshape(shape)


def _decided(
    columns: list[NDArray[np.float64]], factors: int, nearest: NDArray[np.float64], *, strict: bool
) -> NDArray[np.float64]:
    """Return the integers of rows near `nearest`: by 64-bit integers where they hold the products."""
    numerators, digits, written = zip(*(_scaled(column) for column in columns), strict=True)
    left = [*numerators[:factors], np.full(nearest.size, 10.0 ** sum(digits[factors:]))]
    right = [*numerators[factors:], nearest, np.full(nearest.size, 10.0 ** sum(digits[:factors]))]
    fits = reduce(np.logical_and, written)
    for side in (left, right):
        fits &= np.abs(reduce(np.multiply, side)) < LARGEST_PRODUCT
    product, bound = (
        reduce(np.multiply, (part[fits].astype(np.int64) for part in side)) for side in (left, right)
    )
    whole = np.empty(nearest.size)
    whole[fits] = nearest[fits] + (product >= bound if strict else product > bound)
    if not fits.all():
        rows = np.stack([column[~fits] for column in columns], axis=1)
        distinct, back = np.unique(rows, axis=0, return_inverse=True)
        decided = np.array([_decide(row, factors, strict=strict) for row in distinct.tolist()], dtype=float)
        whole[~fits] = decided[back.reshape(-1)]
    return whole


def _scaled(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], int, NDArray[np.bool_]]:
    """Return decimals as integers over 10**digits, the digits, and which values that is exact for.

    Up to 15 digits a float has one shortest decimal, so that a quotient that rounds to the float is it.
    """
    numerators, digits, exact = values, 0, np.zeros(values.size, dtype=np.bool_)
    for digits in range(MOST_DIGITS + 1):
        numerators = np.rint(values * 10.0**digits)
        exact = (numerators / 10.0**digits == values) & (np.abs(numerators) < 1e15)
        if exact.all():
            break
    return numerators, digits, exact


def _decide(numbers: list[float], factors: int, *, strict: bool) -> int:
    value = Fraction(1)
    for position, number in enumerate(numbers):
        value = value * decimal(number) if position < factors else value / decimal(number)
    return value.__floor__() + 1 if strict else value.__ceil__()

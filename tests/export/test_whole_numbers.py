"""Largest remainders: totals kept, nothing moved by a whole contact, nothing nearer to the exact values."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from wfm.export.whole_numbers import whole

# The census of 1790 and the 120 seats of Hamilton's bill (Balinski & Young, Fair Representation).
CENSUS = {
    "Connecticut": (236_841, 8),
    "Delaware": (55_540, 2),
    "Georgia": (70_835, 2),
    "Kentucky": (68_705, 2),
    "Maryland": (278_514, 9),
    "Massachusetts": (475_327, 16),
    "New Hampshire": (141_822, 5),
    "New Jersey": (179_570, 6),
    "New York": (331_589, 11),
    "North Carolina": (353_523, 12),
    "Pennsylvania": (432_879, 14),
    "Rhode Island": (68_446, 2),
    "South Carolina": (206_236, 7),
    "Vermont": (85_533, 3),
    "Virginia": (630_560, 21),
}
grouped = st.lists(st.tuples(st.floats(0, 500), st.integers(0, 3)), min_size=1, max_size=60)


def rounded(rows: list[tuple[float, int]]) -> list[int]:
    values, groups = zip(*rows, strict=True)
    return [int(number) for number in whole(np.array(values), np.array(groups, dtype=np.int64))]


def test_hamiltons_seats_of_1792():
    people = np.array([count for count, _ in CENSUS.values()], dtype=float)
    seats = whole(people * 120 / people.sum(), np.zeros(len(people), dtype=np.int64))
    assert seats.tolist() == [seats for _, seats in CENSUS.values()]


@given(grouped)
def test_a_value_moves_by_less_than_one_and_a_total_by_at_most_a_half(rows):
    found = rounded(rows)
    for (value, _), number in zip(rows, found, strict=True):
        assert abs(Fraction(value) - number) < 1
    for group in {group for _, group in rows}:
        exact = sum((Fraction(value) for value, own in rows if own == group), Fraction(0))
        total = sum(number for (_, own), number in zip(rows, found, strict=True) if own == group)
        assert abs(exact - total) <= Fraction(1, 2) + Fraction(1, 10**9)


@given(st.lists(st.integers(0, 8_000).map(lambda n: n / 8), min_size=1, max_size=7))
def test_no_other_whole_numbers_of_that_total_are_nearer(values):
    found = rounded([(value, 0) for value in values])

    def distance(numbers):
        return sum((Fraction(value) - number) ** 2 for value, number in zip(values, numbers, strict=True))

    near = product(*((int(value), int(value) + 1) for value in values))
    assert distance(found) == min(distance(numbers) for numbers in near if sum(numbers) == sum(found))


@given(grouped)
def test_groups_do_not_see_each_other(rows):
    found = rounded(rows)
    for group in {group for _, group in rows}:
        alone = rounded([(value, 0) for value, own in rows if own == group])
        assert alone == [number for (_, own), number in zip(rows, found, strict=True) if own == group]


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=30))
def test_whole_numbers_stay(values):
    assert rounded([(float(value), 0) for value in values]) == values

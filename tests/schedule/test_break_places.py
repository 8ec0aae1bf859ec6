"""Breaks of one shift: the programmes of `place_breaks` find what trying every placement finds."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from wfm.schedule.shift_costs import _place_each, _place_in_order, _place_within, place_breaks
from wfm.schedule.tour import LEGAL

SLOTS = 48
PRICES = st.lists(st.floats(-3, 3), min_size=SLOTS, max_size=SLOTS)
TAKEN = st.sets(st.integers(0, SLOTS - 1), max_size=6)
# gap to the window before (negative: they overlap), places less one, width
APART = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(1, 3)), min_size=1, max_size=3)
ANY = st.lists(st.tuples(st.integers(-8, 2), st.integers(0, 3), st.integers(1, 3)), min_size=2, max_size=3)


def windows_of(rows, step):
    """Return first and last offset and width of breaks whose windows keep these gaps."""
    first, last, width, end = [], [], [], 0
    for gap, places, wide in rows:
        first.append(max(0, end + gap))
        last.append(first[-1] + places * step)
        width.append(wide)
        end = last[-1] + wide
    return tuple(np.array(row, dtype=np.int64) for row in (first, last, width))


def placements(running, blocked, begin, windows, step, gaps):
    """Return the loss of every legal placement."""
    first, last, width = windows
    found = {}
    for placed in product(*(range(a, b + 1, step) for a, b in zip(first, last, strict=True))):
        spans = [(begin + x, begin + x + int(w)) for x, w in zip(placed, width, strict=True)]
        in_order = all(gaps[0] <= other[0] - one[1] <= gaps[1] for one, other in pairwise(spans))
        if in_order and all(blocked[a] == blocked[b] for a, b in spans):
            found[placed] = sum(running[b] - running[a] for a, b in spans)
    return found


def each(*arguments):
    """Take the arguments of `place_breaks` to the programme for windows apart."""
    running, blocked, begin, first, last, width, step, _, offsets = arguments
    return _place_each(running, blocked, begin, first, last, width, step, offsets)


def in_order(*arguments):
    """Take the arguments of `place_breaks` to the programme for windows that overlap."""
    running, blocked, begin, first, last, width, step, gaps, offsets = arguments
    return _place_in_order(running, blocked, begin, first, last, width, step, gaps[0], offsets)


def check(place, price, taken, begin, windows, step, gaps=(0, SLOTS)):
    """Assert that a programme returns the least loss, and legal offsets that lose as much."""
    running = np.concatenate([[0.0], np.cumsum(price)])
    blocked = np.concatenate([[0], np.cumsum(np.isin(np.arange(SLOTS), sorted(taken)))]).astype(np.int64)
    legal = placements(running, blocked, begin, windows, step, gaps)
    offsets = np.full(len(windows[0]), -1, dtype=np.int64)
    value = place(running, blocked, begin, *windows, step, gaps, offsets)
    if not legal:
        assert value >= LEGAL
        return
    assert value == pytest.approx(min(legal.values()), abs=1e-9)
    assert legal[tuple(offsets.tolist())] == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize(
    "place", [each, in_order, _place_within, place_breaks], ids=["each", "in order", "within", "any"]
)
@settings(max_examples=examples(80), deadline=None)
@given(price=PRICES, taken=TAKEN, begin=st.integers(0, 5), rows=APART, step=st.integers(1, 2))
def test_breaks_in_windows_apart_lose_as_little_as_the_best_placement(place, price, taken, begin, rows, step):
    check(place, price, taken, begin, windows_of(rows, step), step)


@settings(max_examples=examples(150), deadline=None)
@given(price=PRICES, taken=TAKEN, begin=st.integers(0, 5), rows=ANY, step=st.integers(1, 2))
def test_breaks_in_windows_that_overlap_lose_as_little_as_the_best_placement(price, taken, begin, rows, step):
    check(place_breaks, price, taken, begin, windows_of(rows, step), step)


@settings(max_examples=examples(150), deadline=None)
@given(price=PRICES, rows=ANY, step=st.integers(1, 2), least=st.integers(0, 4), spread=st.integers(0, 6))
def test_breaks_keep_their_distance_and_still_lose_as_little_as_can_be(price, rows, step, least, spread):
    check(place_breaks, price, set(), 0, windows_of(rows, step), step, (least, least + spread))


def test_windows_that_only_touch_are_apart_and_one_slot_more_overlaps():
    price = np.zeros(SLOTS)
    price[[4, 5]] = -9.0  # both breaks want these slots
    for second in (4, 5, 6):
        windows = (np.array([2, second]), np.array([4, second + 2]), np.array([2, 2]))
        check(place_breaks, price, set(), 0, windows, 1)

"""The heap of timers against a dictionary that is searched for its least entry."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from tests.simulate.small import uncompiled
from wfm.simulate import timers

SET, NONE = uncompiled(timers.set_timer), uncompiled(timers.no_timers)
MOST = 12


@given(st.lists(st.tuples(st.integers(0, MOST - 1), st.sampled_from([math.inf, *range(9)])), max_size=60))
def test_next_is_the_earliest_timer_and_of_equal_ones_the_first(changes):
    heap, expected = timers.new_timers(MOST), {}
    for i, t in changes:
        SET(heap, i, float(t))
        expected[i] = t
        running = [(t, i) for i, t in expected.items() if t < math.inf]
        assert heap.length[0] == len(running)
        if running:
            assert (heap.due[0], heap.owner[0]) == min(running)
    NONE(heap)
    assert heap.length[0] == 0
    assert (heap.place == -1).all()

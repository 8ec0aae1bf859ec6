"""Laws of any simulated day."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.simulate.centres import centres
from tests.simulate.small import REST, centre, play, uncompiled, whole_time
from wfm.simulate.book import (
    ABANDONED,
    ABANDONED_IN,
    ANSWERED,
    ANSWERED_IN,
    ATTEMPTS,
    BACKLOG,
    BUSY_S,
    FRESH,
    IN_DEADLINE,
    SHORT,
    STAFFED_S,
    TURNED_AWAY,
    WAITED_S,
    WORKED_S,
    add_time,
)

DAY_S = 86_400.0


@settings(max_examples=examples(60))
@given(scenario=centres(), seed=st.integers(0, 1000))
def test_every_attempt_is_answered_or_abandoned_or_turned_away_or_still_waits(scenario, seed):
    counts = play(scenario, seed).counts
    left = counts[ATTEMPTS] - counts[ANSWERED] - counts[ABANDONED] - counts[TURNED_AWAY]
    deferred = np.isfinite(scenario.rules.deadline_s)
    assert (left >= 0).all()
    assert (left[~deferred] == 0).all()
    assert (left.sum(axis=1) <= counts[BACKLOG, :, -1]).all()


@settings(max_examples=examples(60))
@given(scenario=centres(), seed=st.integers(0, 1000))
def test_parts_are_not_more_than_the_whole(scenario, seed):
    book = play(scenario, seed)
    parts = [
        (FRESH, ATTEMPTS),
        (ANSWERED_IN, ANSWERED),
        (SHORT, ABANDONED),
        (ABANDONED_IN, ABANDONED),
        (IN_DEADLINE, ANSWERED),
    ]
    for part, whole in parts:
        assert (book.counts[part] <= book.counts[whole]).all()
    assert (book.counts >= 0).all()
    assert (book.waits.sum(axis=2) == book.counts[ANSWERED]).all()


@settings(max_examples=examples(60))
@given(scenario=centres(), seed=st.integers(0, 1000))
def test_nobody_works_more_than_the_time_on_queue(scenario, seed):
    """Also not two calls at once: in contact work by slots is never more than the agents' own time."""
    book, staff = play(scenario, seed), scenario.staff
    present = np.zeros_like(book.time[STAFFED_S])
    for a, group in enumerate(staff.group):
        for s in range(staff.first[a], staff.first[a + 1]):
            begin, end = max(staff.begin[s], 0.0), max(staff.end[s], 0.0)
            uncompiled(add_time)(present[group], begin, end, scenario.demand.interval_s, 1.0)
    assert (book.time[WORKED_S] <= present + book.time[STAFFED_S] + 1e-6).all()


@settings(max_examples=examples(40))
@given(scenario=centres(concurrency=1), seed=st.integers(0, 1000))
def test_handle_time_of_the_queues_is_the_working_time_of_the_agents(scenario, seed):
    book = play(scenario, seed)
    np.testing.assert_allclose(book.counts[BUSY_S].sum(axis=0), book.time[WORKED_S].sum(axis=0), atol=1e-6)


def test_an_overflow_that_never_comes_is_no_skill_at_all():
    def day(rank, overflow_after_s):
        crew = whole_time(0, 3, DAY_S) + whole_time(1, 3, DAY_S)
        rules = {"interval_s": DAY_S, "patience_s": 120, "overflow_after_s": overflow_after_s}
        return play(centre([0.025, 0.03], [100, 100], rank, crew, **rules))

    never, apart = day([[0, REST], [1, 0]], math.inf), day([[0, REST], [REST, 0]], 0.0)
    np.testing.assert_array_equal(never.counts, apart.counts)


def test_the_later_the_overflow_the_longer_the_wait():
    def waited(overflow_after_s):
        crew = whole_time(0, 3, 20 * DAY_S) + whole_time(1, 5, 20 * DAY_S)
        rules = {"interval_s": 20 * DAY_S, "patience_s": 300, "overflow_after_s": overflow_after_s}
        counts = play(centre([0.03, 0.02], [100, 100], [[0, REST], [1, 0]], crew, **rules)).counts
        return counts[WAITED_S, 0, 0] / counts[ANSWERED, 0, 0]

    waits = [waited(after_s) for after_s in (0.0, 10.0, 30.0, 90.0, math.inf)]
    assert waits == sorted(waits)
    assert waits[-1] > 2 * waits[0]


@pytest.mark.parametrize("first", [pytest.param(0, id="queue 1 first"), pytest.param(1, id="queue 2 first")])
def test_the_queue_with_the_smaller_priority_waits_less(first):
    priority = [2, 2]
    priority[first] = 1
    crew = whole_time(0, 6, 5 * DAY_S)
    counts = play(
        centre(
            [0.03, 0.03], [95, 95], [[0, 1]], crew, interval_s=5 * DAY_S, patience_s=900, priority=priority
        )
    ).counts
    waits = counts[WAITED_S, :, 0] / counts[ANSWERED, :, 0]
    assert waits[first] < waits[1 - first] / 2

"""Deferred work: in time, complete, and with the lowest peak that any plan could have."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfm.erlang.deferred import Pieces, agents_for_work, due_interval, level

WORK = st.one_of(st.just(0.0), st.floats(1, 5000))
BACKLOG = st.lists(st.tuples(WORK, st.integers(0, 6)), max_size=3)


def pieces_of(backlog, arrivals, allowed):
    """Backlog with its deadlines, then one piece per working interval with `allowed` intervals to do it."""
    waiting = sorted((min(due, allowed - 1), work) for work, due in backlog)
    work = [work for _, work in waiting] + list(arrivals)
    released = [0] * len(waiting) + list(range(len(arrivals)))
    due = [due for due, _ in waiting] + [start + allowed - 1 for start in range(len(arrivals))]
    return Pieces(np.array(work, dtype=float), np.array(released), np.array(due))


def served_oldest_first(pieces, plan):
    """Return the work of each piece done too late, and all work left, when the oldest is done first."""
    left, late = pieces.work_s.copy(), 0.0
    for interval, work_s in enumerate(plan):
        capacity = work_s
        for piece in np.flatnonzero((pieces.released <= interval) & (left > 0)):
            done = min(capacity, left[piece])
            left[piece] -= done
            capacity -= done
            late += done if interval > pieces.due[piece] else 0.0
    return late, left.sum()


def lowest_peak(pieces, intervals):
    """Return the largest density of any window: the work that must be done inside it, per interval."""
    due = np.minimum(pieces.due, intervals - 1)
    return max(
        pieces.work_s[(pieces.released >= first) & (due <= last)].sum() / (last - first + 1)
        for first in range(intervals)
        for last in range(first, intervals)
    )


@given(backlog=BACKLOG, arrivals=st.lists(WORK, min_size=1, max_size=14), allowed=st.integers(1, 8))
def test_all_work_is_done_by_its_deadline_and_none_before_it_arrives(backlog, arrivals, allowed):
    pieces = pieces_of(backlog, arrivals, allowed)
    plan = level(pieces, len(arrivals))
    late, left = served_oldest_first(pieces, plan.work_s)
    slack = 1e-9 * (1 + pieces.work_s.sum())
    assert late <= slack
    assert left <= slack
    assert plan.work_s.sum() == pytest.approx(pieces.work_s.sum(), rel=1e-12, abs=1e-9)
    assert plan.left_s == 0


@given(backlog=BACKLOG, arrivals=st.lists(WORK, min_size=1, max_size=12), allowed=st.integers(1, 8))
def test_no_plan_has_a_lower_peak(backlog, arrivals, allowed):
    pieces = pieces_of(backlog, arrivals, allowed)
    plan = level(pieces, len(arrivals))
    assert plan.work_s.max() == pytest.approx(lowest_peak(pieces, len(arrivals)), rel=1e-9, abs=1e-9)


def test_work_without_pressing_deadlines_is_level():
    pieces = pieces_of([(8000.0, 7)], [0.0] * 8, 8)
    assert level(pieces, 8).work_s == pytest.approx([1000.0] * 8)


def test_work_that_arrives_after_the_last_working_interval_is_left():
    pieces = Pieces(np.array([300.0, 500.0]), np.array([0, 2]), np.array([4, 6]))
    plan = level(pieces, 2)
    assert plan.work_s.sum() == pytest.approx(300)
    assert plan.left_s == 500
    assert level(pieces, 0).left_s == 800


@pytest.mark.parametrize(
    ("work_s", "cap", "agents"),
    [(900.0, None, 1), (900.0 * 17, 0.85, 20), (900.1, None, 2), (0.0, 0.9, 0), (2700.000000001, None, 3)],
)
def test_agents_for_work_round_up_once(work_s, cap, agents):
    assert agents_for_work(np.array([work_s]), 900.0, cap).tolist() == [agents]


@pytest.mark.parametrize(("deadline_h", "last"), [(1.0, 13), (0.1, 10), (8.0, 41), (0.6, 11)])
def test_the_deadline_counts_whole_working_intervals(deadline_h, last):
    assert due_interval(np.array([10]), deadline_h, 15).tolist() == [last]

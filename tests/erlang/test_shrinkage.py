"""Shrinkage in exact arithmetic: rounded once, from the agents required."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfm.erlang.shrinkage import with_shrinkage

PERCENT = st.lists(st.integers(0, 24), min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("agents", "share", "gross"),
    [(21, 0.3, 30), (14, 0.3, 20), (9, 0.1, 10), (7, 0.3, 10), (99, 0.01, 100), (0, 0.3, 0), (1, 0.99, 100)],
)
def test_boundaries_are_decided_as_the_decimals_say(agents, share, gross):
    found = with_shrinkage(np.array([agents]), {"sickness": share}, [])
    assert found.agents_to_schedule.tolist() == found.agents_gross.tolist() == [gross]


@given(agents=st.lists(st.integers(0, 5000), max_size=8), planned=PERCENT, beyond=PERCENT)
def test_additive_shares_are_shares_of_paid_time(agents, planned, beyond):
    shares = {f"p{k}": s / 100 for k, s in enumerate(planned)} | {
        f"u{k}": s / 400 for k, s in enumerate(beyond)
    }
    roster = [f"p{k}" for k in range(len(planned))]
    p, u = Fraction(sum(planned), 100), Fraction(sum(beyond), 400)
    if p + u >= 1:
        with pytest.raises(ValueError, match="nobody at work"):
            with_shrinkage(np.array(agents, dtype=np.int64), shares, roster)
        return
    found = with_shrinkage(np.array(agents, dtype=np.int64), shares, roster)
    assert found.agents_to_schedule.tolist() == [math.ceil(n * (1 - p) / (1 - p - u)) for n in agents]
    assert found.agents_gross.tolist() == [math.ceil(n / (1 - p - u)) for n in agents]


@given(agents=st.integers(0, 5000), planned=PERCENT, beyond=PERCENT)
def test_multiplicative_shares_are_shares_of_what_is_left(agents, planned, beyond):
    shares = {f"p{k}": s / 100 for k, s in enumerate(planned)} | {
        f"u{k}": s / 100 for k, s in enumerate(beyond)
    }
    left_unplanned = math.prod(1 - Fraction(s, 100) for s in beyond)
    left = left_unplanned * math.prod(1 - Fraction(s, 100) for s in planned)
    roster = [f"p{k}" for k in range(len(planned))]
    found = with_shrinkage(np.array([agents]), shares, roster, "multiplicative")
    assert found.agents_to_schedule.tolist() == [math.ceil(agents / left_unplanned)]
    assert found.agents_gross.tolist() == [math.ceil(agents / left)]


def test_stacked_shares_differ_by_mode_as_published():
    shares = {"a": 0.10, "b": 0.08, "c": 0.12}
    thousand = np.array([1000])
    assert with_shrinkage(thousand, shares, []).agents_gross[0] == math.ceil(1000 / 0.7)
    stacked = with_shrinkage(thousand, shares, [], "multiplicative").agents_gross[0]
    assert stacked == math.ceil(1000 / (1 - 0.271360 + 0.000))


def test_planned_causes_that_have_no_share_change_nothing():
    found = with_shrinkage(np.array([[3], [21]]), {}, ["leave"])
    assert found.agents_to_schedule.tolist() == found.agents_gross.tolist() == [[3], [21]]

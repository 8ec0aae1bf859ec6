"""The modified offered load against its differential equation, integrated numerically."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from wfm.erlang.offered_load import modified_offered_load

QUARTER_S = 900.0


def by_runge_kutta(offered, aht_s, contiguous, steps=400):
    """Integrate m' = lambda - m / aht with classical Runge-Kutta; return the mean of each interval."""
    means, m, h = [], 0.0, QUARTER_S / steps
    for contacts, handle_s, follows in zip(offered, aht_s, contiguous, strict=True):
        m = m if follows else 0.0
        slope = lambda level, c=contacts, s=handle_s: c / QUARTER_S - level / s  # noqa: E731
        total = 0.0
        for _ in range(steps):
            k1 = slope(m)
            k2 = slope(m + h / 2 * k1)
            k3 = slope(m + h / 2 * k2)
            k4 = slope(m + h * k3)
            after = m + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
            middle = m + h / 24 * (5 * k1 + 4 * k2 + 4 * k3 - k4)  # cubic Hermite midpoint
            total += h / 6 * (m + 4 * middle + after)
            m = after
        means.append(total / QUARTER_S)
    return means


@settings(max_examples=examples(15))
@given(
    rows=st.lists(st.tuples(st.floats(0, 200), st.floats(60, 5000), st.booleans()), min_size=1, max_size=8)
)
def test_the_load_solves_its_differential_equation(rows):
    offered, aht_s, contiguous = (np.array(column) for column in zip(*rows, strict=True))
    contiguous = contiguous.astype(bool)
    found = modified_offered_load(offered, aht_s, QUARTER_S, contiguous)
    assert found == pytest.approx(by_runge_kutta(offered, aht_s, contiguous), rel=1e-5, abs=1e-7)


@given(offered=st.lists(st.floats(0, 100), min_size=2, max_size=30), aht_s=st.floats(30, 4000))
def test_contacts_are_neither_lost_nor_invented(offered, aht_s):
    """What is handled (mean load x time) and what is still in service make up what arrived."""
    quiet = int(60 * aht_s / QUARTER_S) + 1
    arrivals = np.concatenate([offered, np.zeros(quiet)])
    load = modified_offered_load(
        arrivals, np.full(len(arrivals), aht_s), QUARTER_S, np.ones(len(arrivals), dtype=bool)
    )
    assert load.sum() * QUARTER_S == pytest.approx(sum(offered) * aht_s, rel=1e-9, abs=1e-9)


def test_a_steady_day_settles_at_the_plain_load_and_a_gap_starts_empty():
    offered, aht_s = np.full(60, 30.0), np.full(60, 600.0)
    contiguous = np.ones(60, dtype=bool)
    contiguous[30] = False
    load = modified_offered_load(offered, aht_s, QUARTER_S, contiguous)
    assert load[29] == pytest.approx(20.0, rel=1e-9)
    assert load[30:] == pytest.approx(load[:30])
    assert load[0] < 15
    assert modified_offered_load(offered, aht_s, QUARTER_S, contiguous, initial=20.0)[0] == pytest.approx(20)


def test_work_that_takes_no_time_is_no_load():
    load = modified_offered_load(np.array([5.0]), np.array([0.0]), QUARTER_S, np.array([False]))
    assert load.tolist() == [0.0]

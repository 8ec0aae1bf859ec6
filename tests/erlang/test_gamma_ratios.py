"""The two gamma ratios, against sums in high precision and across the borders of their methods."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mpmath import mp, mpf

from wfm.erlang.gamma_ratios import lower, mean_harmonic, scaled_erfc, upper

RATIOS = st.one_of(st.floats(0.5, 2.0), st.floats(0.9, 1.1))


@given(n=st.integers(0, 1500), ratio=RATIOS)
@example(n=60, ratio=0.65)
@example(n=1500, ratio=1.0)
def test_upper_is_the_sum_of_falling_factorials(n, ratio):
    a = max(n, 1) * ratio
    with mp.workdps(30):
        term = total = mpf(1)
        for j in range(n):
            term *= (n - j) / mpf(a)
            total += term
        assert abs(upper(float(n), a) / total - 1) < 1e-12


@given(n=st.integers(1, 60_000), ratio=st.floats(0.6, 3.0))
def test_upper_obeys_the_recursion_of_erlang_b_in_every_regime(n, ratio):
    a = n * ratio
    more, less = upper(float(n), a), upper(n - 1.0, a)
    if math.isfinite(more):
        assert more == pytest.approx(1.0 + less * n / a, rel=1e-11)


@given(x=st.floats(0.01, 1500.0), ratio=RATIOS)
@example(x=60.0, ratio=1.35)
@example(x=700.0, ratio=1.0)
@example(x=300.0, ratio=1.0 + 2e-10)
@example(x=3.0, ratio=40.0)
def test_lower_and_its_means_are_the_sum_of_rising_factorials(x, ratio):
    y = x * ratio
    value, exponent, mean_place = lower(x, y)
    with mp.workdps(30):
        term, total, places, harmonics = mpf(1), mpf(1), mpf(0), mpf(0)
        place, harmonic = 0, mpf(0)
        while place < 10 or place * term > mpf(10) ** -25 * total or x + place < y:
            place += 1
            term *= mpf(y) / (mpf(x) + place)
            harmonic += 1 / (mpf(x) + place)
            total += term
            places += place * term
            harmonics += harmonic * term
        assert abs(mpf(value) * mp.exp(exponent) / total - 1) < 1e-12
        assert abs(mean_place / (places / total) - 1) < 1e-10
        assert abs(mean_harmonic(x, y) / (harmonics / total) - 1) < 1e-11


@given(z=st.floats(0.0, 100.0))
def test_scaled_erfc_matches_high_precision(z):
    with mp.workdps(40):
        assert abs(scaled_erfc(z) / (mp.exp(mpf(z) ** 2) * mp.erfc(mpf(z))) - 1) < 5e-14


def test_values_beyond_the_range_of_floats_are_infinite_or_scaled():
    assert upper(1_000_000.0, 0.01) == math.inf
    value, exponent, mean_place = lower(1000.0, 1e6)
    assert math.isfinite(value)
    assert exponent > 1000
    assert mean_place == pytest.approx(999_000)

"""Accuracy measures against the published golden values and written-out sums."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfm.forecast.scoring import bias, noise_floor, poisson_deviation, rmse, wape, weighted_error

FORECAST = np.array([100.0, 120.0, 80.0, 40.0])
ACTUAL = np.array([110.0, 100.0, 90.0, 30.0])


def test_wape_and_bias_of_the_golden_example():
    assert wape(FORECAST, ACTUAL) == pytest.approx(0.1515, abs=5e-5)
    assert bias(FORECAST, ACTUAL) == pytest.approx(0.0303, abs=5e-5)


@pytest.mark.parametrize(
    ("mean", "published"),
    [(5, 0.351), (10, 0.250), (20, 0.178), (50, 0.113), (100, 0.080), (500, 0.036)],
    ids=str,
)
def test_noise_floor_matches_the_published_table(mean, published):
    assert noise_floor(np.full(3, float(mean))) == pytest.approx(published, abs=6e-4)


@given(mean=st.floats(0.001, 60))
def test_poisson_deviation_is_the_sum_over_counts(mean):
    by_sum = sum(
        abs(count - mean) * math.exp(count * math.log(mean) - mean - math.lgamma(count + 1))
        for count in range(250)
    )
    assert poisson_deviation(np.array([mean]))[0] == pytest.approx(by_sum, rel=1e-9)


def test_nothing_scored_is_no_number():
    nothing = np.zeros(0)
    ratios = [wape(nothing, nothing), bias(nothing, nothing), noise_floor(nothing), rmse(nothing, nothing)]
    assert all(math.isnan(value) for value in ratios)
    assert math.isnan(weighted_error(np.ones(2), np.zeros(2), np.ones(2)))


def test_weighted_error_counts_contacts_not_intervals():
    found = weighted_error(np.array([110.0, 150.0]), np.array([100.0, 100.0]), np.array([9.0, 1.0]))
    assert found == pytest.approx(0.9 * 0.1 + 0.1 * 0.5)

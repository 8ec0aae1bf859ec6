"""Bands: ordered whole numbers, Poisson without error, honest on simulated counts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson

from wfm.forecast.bands import (
    INNER,
    OUTER,
    QUANTILES,
    USUAL_INTERVAL,
    RelativeError,
    calibrate,
    covered,
    quantiles,
    scaled_quantiles,
)

ERRORS = st.floats(0, 1)


@given(means=st.lists(st.floats(0, 5000), min_size=1, max_size=20), inner=ERRORS, outer=ERRORS)
def test_quantiles_are_ordered_whole_and_not_negative(means, inner, outer):
    found = quantiles(np.array(means), RelativeError(inner, outer))
    assert (np.diff(found, axis=1) >= 0).all()
    assert (found >= 0).all()
    assert np.array_equal(found, np.round(found))


def test_without_forecast_error_the_bands_are_poisson():
    means = np.array([0.3, 2.0, 17.0, 400.0])
    expected = np.array([[poisson.ppf(level, mean) for level in QUANTILES] for mean in means])
    assert np.abs(quantiles(means, RelativeError(0.0, 0.0)) - expected).max() <= 1


@given(mean=st.floats(0.01, 300), error=st.floats(0.01, 0.8), actual=st.integers(0, 600))
def test_covered_is_the_place_between_the_quantiles(mean, error, actual):
    lowest, low, _, high, highest = quantiles(np.array([mean]), RelativeError(error, error))[0]
    for level, first, last in ((INNER, low, high), (OUTER, lowest, highest)):
        edge = 1.0 if mean < 5 else 0.5
        expected = edge if actual in (first, last) else float(first < actual < last)
        assert covered(np.array([float(actual)]), np.array([mean]), error, level)[0] == expected


@pytest.mark.parametrize("spread", [0.0, 0.1, 0.3], ids=["Poisson", "10 % error", "30 % error"])
def test_calibrated_bands_cover_what_they_promise(spread):
    rng = np.random.default_rng(7)
    means = np.tile(np.array([8.0, 20.0, 60.0, 120.0]), (6, 14, 6))
    level = rng.gamma(spread**-2, spread**2, means.shape) if spread else np.ones(means.shape)
    learnt, fresh = rng.poisson(means * level), rng.poisson(means * rng.permuted(level, axis=1))
    error = calibrate(means, learnt.astype(float), USUAL_INTERVAL).error()
    came = fresh.ravel().astype(float)
    assert covered(came, means.ravel(), error.inner, INNER).mean() == pytest.approx(0.80, abs=0.03)
    assert covered(came, means.ravel(), error.outer, OUTER).mean() == pytest.approx(0.95, abs=0.02)


def test_nothing_scored_leaves_the_usual_error():
    nothing = np.full((2, 7, 4), np.nan)
    assert calibrate(np.ones((2, 7, 4)), nothing, USUAL_INTERVAL).error() == USUAL_INTERVAL
    assert calibrate(np.ones((0, 7, 4)), np.ones((0, 7, 4)), USUAL_INTERVAL).error() == USUAL_INTERVAL


def test_an_origin_left_out_teaches_nothing():
    rng = np.random.default_rng(2)
    mean = np.full((3, 14, 10), 50.0)
    calm = rng.poisson(mean).astype(float)
    wild = calm.copy()
    wild[0] *= 5
    errors = [calibrate(mean, actual, USUAL_INTERVAL).error(left_out=0) for actual in (calm, wild)]
    assert errors[0] == errors[1]


@given(before=st.floats(0.1, 100), factor=st.floats(0, 20))
def test_bands_scale_with_their_value(before, factor):
    bands = quantiles(np.array([before]), USUAL_INTERVAL)
    moved = scaled_quantiles(bands, np.array([before]), np.array([before * factor]))
    assert moved == pytest.approx(bands * factor)


def test_a_value_set_where_there_was_none_gets_poisson_bands():
    moved = scaled_quantiles(np.zeros((1, 5)), np.zeros(1), np.array([30.0]))
    assert moved[0] == pytest.approx([poisson.ppf(level, 30) for level in QUANTILES], abs=1)

"""Bands: ordered whole numbers, Poisson without error, honest on simulated counts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import nbinom, poisson

from tests.examples import examples
from wfm.forecast.bands import INNER, OUTER, QUANTILES, inside, quantiles, scaled_quantiles
from wfm.forecast.calibration import USUAL_INTERVAL, calibrate

ERRORS = st.floats(0, 1)


def banded(means, inner, outer):
    """Return the quantiles with the same errors in every row."""
    return quantiles(means, np.full(len(means), inner), np.full(len(means), outer))


@given(means=st.lists(st.floats(0, 5000), min_size=1, max_size=20), inner=ERRORS, outer=ERRORS)
def test_quantiles_are_ordered_whole_and_not_negative(means, inner, outer):
    found = banded(np.array(means), inner, outer)
    assert (np.diff(found, axis=1) >= 0).all()
    assert (found >= 0).all()
    assert np.array_equal(found, np.round(found))


def test_without_forecast_error_the_bands_are_poisson():
    means = np.array([0.3, 2.0, 17.0, 400.0])
    expected = np.array([[poisson.ppf(level, mean) for level in QUANTILES] for mean in means])
    assert np.abs(banded(means, 0.0, 0.0) - expected).max() <= 1


@settings(max_examples=examples(200))
@given(mean=st.floats(0.01, 20_000), error=st.floats(0.002, 1.0))
def test_quantiles_are_those_of_the_negative_binomial(mean, error):
    """The error is rounded up by at most 2 %; far above 256 counts are interpolated."""
    found = banded(np.array([mean]), error, error)[0]
    levels = np.array(QUANTILES)
    low, high = (nbinom.ppf(levels, s**-2, 1 / (1 + mean * s * s)) for s in (error, 1.0201 * error))
    slack = np.where(high > 256, 1 + 2e-3 * high, 0)
    assert (found >= np.minimum(low, high) - slack).all()
    assert (found <= np.maximum(low, high) + slack).all()


def test_rows_of_different_errors_do_not_mix():
    means, errors = np.array([3.0, 40.0, 900.0, 40.0]), np.array([0.1, 0.5, 0.2, 0.05])
    together = quantiles(means, errors, 2 * errors)
    alone = [banded(means[row : row + 1], errors[row], 2 * errors[row])[0] for row in range(4)]
    assert np.array_equal(together, alone)


def test_inside_counts_an_edge_half_except_of_small_means():
    actual = np.array([3.0, 4.0, 5.0, 8.0, 9.0])
    busy, quiet = (inside(actual, np.full(5, mean), np.full(5, 4.0), np.full(5, 8.0)) for mean in (6.0, 4.0))
    assert busy.tolist() == [0, 0.5, 1, 0.5, 0]
    assert quiet.tolist() == [0, 1, 1, 1, 0]


@pytest.mark.parametrize("spread", [0.0, 0.1, 0.3], ids=["Poisson", "10 % error", "30 % error"])
def test_calibrated_bands_cover_what_they_promise(spread):
    rng = np.random.default_rng(7)
    means = np.tile(np.array([8.0, 20.0, 60.0, 120.0]), (6, 14, 6))
    level = rng.gamma(spread**-2, spread**2, means.shape) if spread else np.ones(means.shape)
    learnt, fresh = rng.poisson(means * level), rng.poisson(means * rng.permuted(level, axis=1))
    error = calibrate(means, learnt.astype(float), USUAL_INTERVAL).error()
    came, mean = fresh.ravel().astype(float), means.ravel()
    day = np.broadcast_to(np.arange(14)[:, None], means.shape).ravel()
    bands = quantiles(mean, *error.of_day(day))
    assert inside(came, mean, bands[:, 1], bands[:, 3]).mean() == pytest.approx(INNER, abs=0.04)
    assert inside(came, mean, bands[:, 0], bands[:, 4]).mean() == pytest.approx(OUTER, abs=0.02)


def test_weeks_ahead_have_errors_of_their_own():
    rng = np.random.default_rng(3)
    mean = np.full((12, 14, 20), 100.0)
    spread = np.where(np.arange(14) < 7, 0.05, 0.3)[:, None]
    actual = rng.poisson(mean * rng.normal(1.0, spread, mean.shape).clip(0)).astype(float)
    error = calibrate(mean, actual, USUAL_INTERVAL).error()
    assert error.inner[0] < 0.15
    assert error.inner[1] > 0.2
    assert error.of_day(np.array([3, 9, 40]))[0].tolist() == [error.inner[0], error.inner[1], error.inner[1]]


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
    bands = banded(np.array([before]), 0.15, 0.18)
    moved = scaled_quantiles(bands, np.array([before]), np.array([before * factor]))
    assert moved == pytest.approx(bands * factor)


def test_a_value_set_where_there_was_none_gets_poisson_bands():
    moved = scaled_quantiles(np.zeros((1, 5)), np.zeros(1), np.array([30.0]))
    assert moved[0] == pytest.approx([poisson.ppf(level, 30) for level in QUANTILES], abs=1)

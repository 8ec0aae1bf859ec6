"""What is masked: outages and odd days; what is not: quiet nights, new levels, zeros that are usual."""

from __future__ import annotations

import numpy as np
import pytest

from wfm.forecast.cleaning import local_baseline, odd_days, outages

WEEKS, SLOTS = 12, 24


def counts(level=20.0, seed=3):
    by_slot = level * (1 + np.sin(np.arange(SLOTS) / SLOTS * np.pi))
    return np.random.default_rng(seed).poisson(np.tile(by_slot, (7 * WEEKS, 1))).astype(float)


def test_the_baseline_leaves_the_day_itself_out():
    offered = counts()
    spiked = offered.copy()
    spiked[40] *= 10
    assert np.array_equal(local_baseline(spiked)[40], local_baseline(offered)[40])


def test_the_baseline_of_one_week_is_unknown():
    assert np.isnan(local_baseline(counts()[:7])).all()


@pytest.mark.parametrize(("first", "last"), [(10, 13), (0, 24), (23, 24)], ids=["hours", "day", "one slot"])
def test_a_run_of_zeros_that_chance_does_not_make_is_an_outage(first, last):
    offered = counts()
    offered[50, first:last] = 0.0
    found = outages(offered, local_baseline(offered))
    assert found[50, first:last].all()
    assert found.sum() == last - first


def test_an_outage_may_run_over_midnight_and_closed_hours():
    offered = counts(level=4.0)
    offered[50:52, 4:20] = np.nan
    offered[50, 20:] = offered[51, :4] = 0.0
    found = outages(offered, local_baseline(offered))
    assert found.sum() == 8


def test_zeros_of_a_quiet_queue_are_no_outage():
    offered = np.random.default_rng(1).poisson(0.05, (7 * WEEKS, SLOTS)).astype(float)
    assert not outages(offered, local_baseline(offered)).any()


def test_a_slot_that_is_always_zero_is_no_outage():
    offered = counts()
    offered[:, :6] = 0.0
    assert not outages(offered, local_baseline(offered)).any()


@pytest.mark.parametrize("factor", [0.1, 0.5, 3.0], ids=["tenth", "half", "triple"])
def test_a_day_far_from_its_neighbours_is_odd(factor):
    offered = counts()
    offered[60] *= factor
    assert np.flatnonzero(odd_days(offered, local_baseline(offered))).tolist() == [60]


def test_a_new_level_is_not_odd():
    offered = counts()
    offered[-14:] *= 2.0
    assert not odd_days(offered, local_baseline(offered))[-14:].any()


def test_poisson_noise_of_a_small_queue_is_not_odd():
    offered = np.random.default_rng(5).poisson(0.1, (7 * 52, SLOTS)).astype(float)
    assert not odd_days(offered, local_baseline(offered)).any()

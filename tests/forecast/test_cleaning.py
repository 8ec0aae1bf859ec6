"""What is masked: outages, spikes, odd days; what is not: quiet nights, new levels, zeros that are usual."""

from __future__ import annotations

import numpy as np
import pytest

from wfm.forecast.cleaning import Cleaning, clean

WEEKS, SLOTS = 12, 24


def counts(level=20.0, seed=3):
    by_slot = level * (1 + np.sin(np.arange(SLOTS) / SLOTS * np.pi))
    return np.random.default_rng(seed).poisson(np.tile(by_slot, (7 * WEEKS, 1))).astype(float)


def cleaned(offered) -> Cleaning:
    """Return what is found in one queue (days, slots)."""
    return clean(offered[None], np.ones((1, 7, SLOTS), dtype=bool))


def test_a_usual_day_leaves_the_day_itself_out():
    offered = counts()
    spiked = offered.copy()
    spiked[40] *= 10
    assert cleaned(spiked).usual[0, 40] == cleaned(offered).usual[0, 40]


def test_nothing_is_usual_in_one_week():
    found = cleaned(counts()[:7])
    assert np.isnan(found.usual).all()
    assert not found.masked.any()


@pytest.mark.parametrize(("first", "last"), [(10, 13), (0, 24), (23, 24)], ids=["hours", "day", "one slot"])
def test_a_run_of_zeros_that_chance_does_not_make_is_an_outage(first, last):
    offered = counts()
    offered[50, first:last] = 0.0
    found = cleaned(offered).down[0]
    assert found[50, first:last].all()
    assert found.sum() == last - first


def test_an_outage_may_run_over_midnight_and_closed_hours():
    offered = counts(level=4.0)
    offered[50:52, 4:20] = np.nan
    offered[50, 20:] = offered[51, :4] = 0.0
    assert cleaned(offered).down.sum() == 8


def test_an_outage_of_days_in_a_quiet_queue_is_found():
    offered = counts(level=0.15)
    offered[50:57] = 0.0
    assert cleaned(offered).down[0, 50:57].all()


def test_zeros_of_a_quiet_queue_are_no_outage():
    offered = np.random.default_rng(1).poisson(0.05, (7 * WEEKS, SLOTS)).astype(float)
    assert not cleaned(offered).down.any()


def test_a_slot_that_is_always_zero_is_no_outage():
    offered = counts()
    offered[:, :6] = 0.0
    assert not cleaned(offered).down.any()


def test_a_single_interval_far_above_the_usual_is_a_spike():
    offered = counts()
    offered[50, 12] *= 6.0
    found = cleaned(offered)
    assert np.argwhere(found.spike[0]).tolist() == [[50, 12]]
    assert not found.odd.any()


@pytest.mark.parametrize("factor", [0.1, 0.5, 3.0], ids=["tenth", "half", "triple"])
def test_a_day_far_from_its_neighbours_is_odd(factor):
    offered = counts()
    offered[60] *= factor
    found = cleaned(offered)
    assert np.flatnonzero(found.odd[0]).tolist() == [60]
    assert np.isnan(found.totals[0, 60])
    assert not found.spike.any()


def test_a_new_level_is_not_odd():
    offered = counts()
    offered[-14:] *= 2.0
    assert not cleaned(offered).odd[:, -14:].any()


@pytest.mark.parametrize("weeks", [3, 4, 8])
@pytest.mark.parametrize("factor", [0.6, 1.4], ids=["down", "up"])
def test_days_before_a_level_shift_are_moved_to_the_new_level(weeks, factor):
    offered = counts()
    offered[-7 * weeks :] *= factor
    level = cleaned(offered).level[0]
    assert level[-7 * weeks :] == pytest.approx(1.0)
    assert level[: -7 * weeks] == pytest.approx(factor, rel=0.03)


def test_two_busy_weeks_are_not_yet_a_level_shift():
    offered = counts()
    offered[-14:] *= 1.4
    assert (cleaned(offered).level == 1.0).all()


def test_a_slow_trend_and_plain_noise_are_no_level_shift():
    rng = np.random.default_rng(2)
    days = np.exp(np.linspace(0, 0.3, 7 * WEEKS) + rng.normal(0, 0.05, 7 * WEEKS))
    for offered in (counts() * days[:, None], counts(seed=4), counts(level=0.5)):
        assert (cleaned(offered).level == 1.0).all()


def test_a_day_with_gaps_is_scaled_up_to_the_whole_day():
    offered = counts(level=200.0)
    whole = cleaned(offered).totals[0, 40]
    offered[40, :8] = np.nan
    assert cleaned(offered).totals[0, 40] == pytest.approx(whole, rel=0.03)
    offered[40, :20] = np.nan
    assert np.isnan(cleaned(offered).totals[0, 40])


def test_poisson_noise_of_a_small_queue_is_not_odd():
    offered = np.random.default_rng(5).poisson(0.1, (7 * 52, SLOTS)).astype(float)
    assert not cleaned(offered).masked.any()


def test_queues_are_cleaned_apart():
    one, two = counts(), counts(level=3.0, seed=9)
    one[50] *= 3.0
    two[-28:] *= 1.5
    both = clean(np.stack([one, two]), np.ones((2, 7, SLOTS), dtype=bool))
    for row, offered in enumerate((one, two)):
        alone = cleaned(offered)
        assert np.array_equal(both.masked[row], alone.masked[0])
        assert np.array_equal(both.level[row], alone.level[0])

"""Sums to figures: percentiles, confidence intervals that cover the truth, variants that add up."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests.erlang import oracle
from tests.simulate.small import centre, whole_time
from wfm.simulate.book import BINS, COUNTS, bin_of
from wfm.simulate.replications import CHUNK, Replications, replicate
from wfm.simulate.results import interval_of_ratio, service_levels, wait_quantile, whole_service
from wfm.simulate.sums import ABANDONMENT, SERVICE, VARIANTS, WAIT, joined

HOUR_S = 3600.0
OFFERED = np.zeros(1, dtype=np.int64)


@given(
    arrays.arrays(np.float64, st.integers(1, 60), elements=st.floats(0.07, 5000)),
    st.sampled_from([0.5, 0.8, 0.95]),
)
def test_a_percentile_of_waits_is_right_to_the_width_of_its_bin(waits, share):
    place: Any = bin_of
    bins = [place.py_func(wait) for wait in waits]
    found = wait_quantile(np.bincount(bins, minlength=BINS).reshape(1, 1, BINS), share)[0, 0]
    exact = np.sort(waits)[math.ceil(share * len(waits)) - 1]
    assert exact / 2 ** (1 / 8) <= found <= exact * 2 ** (1 / 8)


def test_who_does_not_wait_is_no_percentile_and_nobody_is_none():
    binned = np.zeros((1, 2, BINS), dtype=np.int64)
    binned[0, 0, 0] = 10
    found = wait_quantile(binned, 0.95)[0]
    assert found[0] == 0
    assert np.isnan(found[1])


def test_service_levels_are_the_golden_ones_of_the_kpi_page():
    counts = np.zeros((COUNTS, 1, 1))
    for row, value in ((0, 100), (2, 90), (3, 10), (5, 3), (6, 78), (7, 6)):
        counts[row] = value
    levels = {name: float(level[0, 0]) for name, level in service_levels(counts).items()}
    assert levels == pytest.approx(
        {
            "offered": 0.780,
            "excluding_short": 0.804,
            "excluding_abandoned_in_target": 0.830,
            "abandons_in_target_good": 0.840,
            "answered": 0.867,
        },
        abs=5e-4,
    )


def busy_centre(intervals=4, patience_s=120.0):
    return centre(
        [20 / 180],
        [180.0],
        [[0]],
        whole_time(0, 20, intervals * HOUR_S),
        intervals=intervals,
        patience_s=patience_s,
    )


def test_confidence_intervals_cover_the_truth_about_as_often_as_they_say():
    scenario = busy_centre()
    truth = replicate(scenario, OFFERED, Replications(999, 0, 3000))
    exact = {ratio: interval_of_ratio(truth, ratio)[0] for ratio in (SERVICE, WAIT, ABANDONMENT)}
    covered: dict[int, list[Any]] = {ratio: [] for ratio in exact}
    for seed in range(150):
        sums = replicate(scenario, OFFERED, Replications(seed, 0, 16))
        for ratio, value in exact.items():
            middle, half = interval_of_ratio(sums, ratio)
            covered[ratio].append(np.abs(middle - value) <= half)
    for hits in covered.values():
        assert 0.91 <= np.mean(hits) <= 0.985


def test_the_whole_service_level_and_its_interval_are_those_of_erlang_a():
    scenario = busy_centre(intervals=200)
    sums = replicate(scenario, OFFERED, Replications(3, 0, 32))
    level, half = whole_service(sums)
    exact = float(oracle.erlang_a(20, 20, 180.0, 120.0, 20.0)["answered_in_target"])
    assert abs(level[0] - exact) <= 3 * half[0]
    assert half[0] < 0.005


@pytest.mark.parametrize("variant", range(len(VARIANTS)))
def test_the_interval_is_that_of_the_queues_own_variant(variant):
    sums = replicate(busy_centre(), np.array([variant]), Replications(1, 0, 8))
    own, _ = interval_of_ratio(sums, SERVICE)
    assert np.allclose(own, service_levels(sums.counts)[VARIANTS[variant]])


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_any_number_of_workers_gives_the_same_sums_to_the_last_bit(workers):
    scenario = two_parts()
    variants = np.zeros(3, dtype=np.int64)
    one, other = (replicate(scenario, variants, Replications(4, 0, 21), workers=n) for n in (3, workers))
    for mine, theirs in zip(one, other, strict=True):
        assert np.array_equal(mine, theirs)


def test_replications_continue_where_others_ended():
    scenario = two_parts()
    variants = np.zeros(3, dtype=np.int64)
    whole = replicate(scenario, variants, Replications(4, 0, 3 * CHUNK))
    halves = [
        replicate(scenario, variants, Replications(4, 0, CHUNK)),
        replicate(scenario, variants, Replications(4, CHUNK, 2 * CHUNK)),
    ]
    assert np.array_equal(joined(halves).days, whole.days)
    assert np.allclose(joined(halves).counts, whole.counts)


def two_parts():
    """Return a queue with its own agents, and two that share some."""
    crew = [*whole_time(0, 4, 2 * HOUR_S), *whole_time(1, 3, 2 * HOUR_S), *whole_time(2, 3, 2 * HOUR_S)]
    return centre(
        [0.02, 0.015, 0.02], [180.0, 200.0, 150.0], [[0, 99, 99], [99, 0, 99], [99, 1, 0]], crew,
        intervals=2, patience_s=100.0,
    )  # fmt: skip

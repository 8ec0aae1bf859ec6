"""A moving load whose day is uncertain: against simulated days of many factors, and the laws of staffing."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import gammaincinv

from tests.erlang.day_simulator import Day, simulate_days
from tests.erlang.test_non_stationary import two_peaks
from wfm.erlang.expectation import Arrivals, expected_performance
from wfm.erlang.models import QueueingModel
from wfm.erlang.non_stationary import staff_moving_load
from wfm.erlang.targets import Targets, fewest_agents
from wfm.erlang.uncertain_course import Days, nodes_of, staff_uncertain_load

QUARTER_S, TARGET = 900.0, 0.8
PROMISE = Targets(service_level=TARGET, answer_within_s=20)
A, C = QueueingModel("erlang_a", 180.0), QueueingModel("erlang_c")
BOTH = [pytest.param(A, id="A"), pytest.param(C, id="C")]


def staffed(model, offered, aht_s, cv, z=1.0, targets=PROMISE):
    follows = np.arange(len(offered)) > 0
    days = Days(follows, ~follows)
    handle_s = np.full(len(offered), float(aht_s))
    return staff_uncertain_load(model, offered, handle_s, QUARTER_S, days, targets, Arrivals(cv, z))


def simulated(model, offered, agents, aht_s, cv):
    """Return the service level of each interval over days of equally likely factors, calls pooled."""
    shape, draws = 1 / cv**2, 400
    came, in_time = np.zeros(len(offered)), np.zeros(len(offered))
    random = np.random.default_rng(3)
    for draw in range(draws):
        factor = gammaincinv(shape, (draw + 0.5) / draws) / shape
        day = Day(
            offered * factor, agents, QUARTER_S, float(aht_s), float(model.patience_s or math.inf), 20.0
        )
        some_came, some_in_time = simulate_days(day, 2, random)
        came, in_time = came + some_came.sum(axis=0), in_time + some_in_time.sum(axis=0)
    return in_time / came, came


@pytest.mark.parametrize("model", BOTH)
@pytest.mark.parametrize("cv", [0.1, 0.3])
@pytest.mark.parametrize("aht_s", [300, 900])
def test_an_uncertain_day_is_served_as_promised_and_as_said(model, cv, aht_s):
    offered = two_peaks(80, aht_s)
    found = staffed(model, offered, aht_s, cv)
    level, came = simulated(model, offered, found.agents, aht_s, cv)
    assert np.sqrt(np.mean((level - found.performance.service_level) ** 2)) < 0.03
    served = (level * came).sum() / came.sum()
    assert served == pytest.approx(TARGET, abs=0.025)
    certain = staff_moving_load(
        model, offered, np.full(len(offered), float(aht_s)), QUARTER_S, np.arange(len(offered)) > 0, PROMISE
    )
    level, came = simulated(model, offered, certain.agents, aht_s, cv)
    assert (level * came).sum() / came.sum() < served - 0.01


@pytest.mark.parametrize("model", BOTH)
def test_a_day_that_is_all_but_certain_is_staffed_as_a_certain_one(model):
    offered = two_peaks(120, 600)
    follows = np.arange(len(offered)) > 0
    certain = staff_moving_load(model, offered, np.full(len(offered), 600.0), QUARTER_S, follows, PROMISE)
    for cv in (0.0, 1e-6):
        found = staffed(model, offered, 600, cv)
        assert np.abs(found.agents - certain.agents).max() <= 1
        assert np.abs(found.agents - certain.agents).mean() < 0.1


@pytest.mark.parametrize("cv", [0.1, 0.4])
@pytest.mark.parametrize("z", [1.0, 2.0])
def test_a_long_steady_day_is_staffed_as_its_expected_steady_state(cv, z):
    offered = np.full(60, 40 * QUARTER_S / 300)
    found = staffed(A, offered, 300, cv, z)
    steady = int(fewest_agents(A, offered[-1], QUARTER_S, 300, PROMISE, Arrivals(cv, z)))
    assert abs(found.agents[-1] - steady) <= 1
    here = expected_performance(A, found.agents[-1], 40, 300, Arrivals(cv, z))
    for name in ("service_level", "abandonment", "occupancy", "asa_s", "queue_length"):
        said = getattr(found.performance, name)[-1]
        assert said == pytest.approx(float(getattr(here, name)), rel=0.04, abs=0.005), name


@pytest.mark.parametrize("cv", [0.02, 0.3, 1.0, 2.0])
def test_nodes_have_the_moments_of_the_law_that_calls_see(cv):
    factors, weights = nodes_of(np.array([cv, 0.0]), 100.0)
    mean = (factors * weights).sum(axis=1)
    assert mean == pytest.approx([1 + cv**2, 1.0], rel=1e-4)
    square = (factors**2 * weights).sum(axis=1)
    assert square == pytest.approx([(1 + cv**2) * (1 + 2 * cv**2), 1.0], rel=1e-3)


def test_a_new_day_draws_a_new_factor():
    """The second of two busy days begins with what the first has left on average, not with its factor."""
    offered, handle_s = np.full(96, 100.0), np.full(96, 300.0)
    follows, begins = np.arange(96) > 0, np.arange(96) % 48 == 0
    found = staff_uncertain_load(
        A, offered, handle_s, QUARTER_S, Days(follows, begins), PROMISE, Arrivals(0.2)
    )
    settled = found.agents[40:48]
    assert np.abs(found.agents[56:96] - settled[-1]).max() <= 1
    assert found.agents[48] <= settled[-1]


def test_nothing_to_do_needs_nobody_and_a_gap_starts_empty():
    offered = np.array([0.0, 40.0, 40.0, 40.0, 40.0])
    days = Days(np.array([False, True, True, False, True]), np.array([True, False, False, True, False]))
    found = staff_uncertain_load(A, offered, np.full(5, 900.0), QUARTER_S, days, PROMISE, Arrivals(0.2))
    assert found.agents[0] == 0
    assert found.agents[3:5].tolist() == found.agents[1:3].tolist()

"""Staffing under a load that moves: against simulated days, an exact law, and the steady state."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.erlang.day_simulator import Day, service_levels, without_noise
from tests.examples import examples
from wfm.erlang.models import QueueingModel, performance
from wfm.erlang.non_stationary import staff_moving_load
from wfm.erlang.targets import Targets, fewest_agents

QUARTER_S = 900.0
TARGET = 0.8
PROMISE = Targets(service_level=TARGET, answer_within_s=20)


def staffed(model, arrivals, aht_s, targets=PROMISE):
    arrivals = np.asarray(arrivals, dtype=float)
    follows = np.arange(len(arrivals)) > 0
    return staff_moving_load(
        model, arrivals, np.full(len(arrivals), float(aht_s)), QUARTER_S, follows, targets
    )


def two_peaks(peak_load, aht_s):
    """Return the arrivals of twelve hours of quarters with a high morning and a lower afternoon."""
    x = (np.arange(48) + 0.5) / 48
    morning, afternoon = np.exp(-(((x - 0.28) / 0.12) ** 2)), 0.85 * np.exp(-(((x - 0.68) / 0.15) ** 2))
    return (0.35 + 0.65 * np.maximum(morning, afternoon)) * peak_load * QUARTER_S / aht_s


def test_the_simulated_day_settles_at_the_steady_state():
    """The judge of the others: M/M/n+M after an hour of handle times is Erlang A."""
    level, error = service_levels(
        Day(np.full(30, 60.0), np.full(30, 21), QUARTER_S, 300.0, 180.0, 20.0), days=1500
    )
    steady = float(performance(QueueingModel("erlang_a", 180), 21, 20.0, 300).service_level)
    assert np.abs(level[12:] - steady).max() < 5 * error[12:].max()


@pytest.mark.parametrize("aht_s", [900, 1800])
@pytest.mark.parametrize("patience_s", [pytest.param(180, id="erlang_a"), pytest.param(None, id="erlang_c")])
def test_a_moving_day_is_served_as_promised(patience_s, aht_s):
    model = QueueingModel("erlang_a", patience_s) if patience_s else QueueingModel("erlang_c")
    arrivals = two_peaks(200, aht_s)
    found = staffed(model, arrivals, aht_s)
    day = Day(arrivals, found.agents, QUARTER_S, float(aht_s), float(patience_s or math.inf), 20.0)
    level, error = service_levels(day, days=400)
    assert without_noise(level - TARGET, error) < 0.03
    assert without_noise(level - found.performance.service_level, error) < 0.025
    apart = fewest_agents(model, arrivals, QUARTER_S, aht_s, PROMISE)
    level, error = service_levels(day._replace(agents=apart), days=100)
    assert without_noise(level - TARGET, error) > 0.1


def chance_of_no_wait(load, agents):
    """Return P(Poisson(load) < agents)."""
    return sum(math.exp(k * math.log(load) - load - math.lgamma(k + 1)) for k in range(agents))


@pytest.mark.parametrize("aht_s", [120, 900, 3600])
def test_contacts_as_patient_as_they_are_long_are_a_poisson_number_in_system(aht_s):
    """With patience = handle time every contact leaves at one rate, waiting or not: the number in system is
    Poisson with the modified offered load, whatever the agents, so that P(no wait) is known at any moment."""
    arrivals = two_peaks(60, aht_s)
    targets = Targets(service_level=TARGET, answer_within_s=0)
    found = staffed(QueueingModel("erlang_a", aht_s), arrivals, aht_s, targets)
    load, expected = 0.0, []
    for contacts, agents in zip(arrivals, found.agents, strict=True):
        steady = contacts * aht_s / QUARTER_S
        moments = QUARTER_S * (np.arange(64) + 0.5) / 64
        loads = steady + (load - steady) * np.exp(-moments / aht_s)
        expected.append(np.mean([chance_of_no_wait(level, int(agents)) for level in loads]))
        load = steady + (load - steady) * math.exp(-QUARTER_S / aht_s)
    assert found.performance.service_level == pytest.approx(expected, abs=0.015)


@settings(max_examples=examples(25), deadline=None)
@given(
    load=st.floats(0.5, 300),
    aht_s=st.floats(60, 3000),
    target=st.floats(0.3, 0.97),
    patience_s=st.sampled_from([None, 30.0, 300.0]),
)
def test_a_steady_day_is_staffed_as_its_steady_state(load, aht_s, target, patience_s):
    model = QueueingModel("erlang_a", patience_s) if patience_s else QueueingModel("erlang_c")
    targets = Targets(service_level=target, answer_within_s=30)
    arrivals = np.full(20 + int(30 * aht_s / QUARTER_S), load * QUARTER_S / aht_s)
    found = staffed(model, arrivals, aht_s, targets)
    assert found.agents[-1] == fewest_agents(model, arrivals[-1], QUARTER_S, aht_s, targets)


MODELS = [
    pytest.param(QueueingModel("erlang_c"), PROMISE, id="erlang_c"),
    pytest.param(QueueingModel("erlang_a", 120), Targets(max_abandonment=0.04), id="erlang_a"),
    pytest.param(
        QueueingModel("erlang_a", 120), Targets(asa_s=12, max_occupancy=0.85), id="asa and occupancy"
    ),
    pytest.param(QueueingModel("erlang_x", 120, 0.4), PROMISE, id="erlang_x"),
    pytest.param(QueueingModel("erlang_b"), Targets(max_blocking=0.02), id="erlang_b"),
    pytest.param(QueueingModel("chat", 300, slowdowns=(1.0, 1.2, 1.4)), PROMISE, id="chat"),
    pytest.param(QueueingModel("chat", slowdowns=(1.0, 1.2, 1.4)), PROMISE, id="patient chat"),
]


@settings(max_examples=10, deadline=None)
@given(loads=st.lists(st.floats(0, 80), min_size=3, max_size=12), aht_s=st.floats(200, 4000))
@pytest.mark.parametrize(("model", "targets"), MODELS)
def test_every_model_keeps_its_targets_on_average_over_each_interval(model, targets, loads, aht_s):
    found = staffed(model, np.array(loads) * QUARTER_S / aht_s, aht_s, targets)
    means, busy = found.performance, found.agents > 0
    assert (means.service_level[busy] >= (targets.service_level or 0.0)).all()
    assert (means.abandonment[busy] <= (targets.max_abandonment or 1.0)).all()
    assert (means.blocking[busy] <= (targets.max_blocking or 1.0)).all()
    assert (means.occupancy[busy] <= (targets.max_occupancy or 1.0) + 1e-8).all()
    assert targets.asa_s is None or (means.asa_s[busy] <= targets.asa_s).all()


def test_a_gap_starts_empty_and_no_work_needs_nobody():
    model, arrivals = QueueingModel("erlang_a", 180), np.array([0.0, 40.0, 40.0, 40.0, 40.0, 0.0])
    follows = np.array([False, True, True, False, True, False])
    found = staff_moving_load(model, arrivals, np.full(6, 900.0), QUARTER_S, follows, PROMISE)
    assert found.agents[[0, 5]].tolist() == [0, 0]
    assert found.agents[3:5].tolist() == found.agents[1:3].tolist()
    assert found.performance.service_level[[0, 5]].tolist() == [1.0, 1.0]
    assert staffed(model, [5.0], 0.0).agents.tolist() == [0]


@pytest.mark.parametrize("patience_s", [pytest.param(180, id="erlang_a"), pytest.param(None, id="erlang_c")])
def test_what_a_day_needs_does_not_depend_on_the_other_days(patience_s):
    """The curves are made for all rows of a call, but on a grid that no row decides."""
    model = QueueingModel("erlang_a", patience_s) if patience_s else QueueingModel("erlang_c")
    random = np.random.default_rng(4)
    load, aht_s = random.uniform(0.2, 500, 96), random.uniform(120, 1200, 96)
    arrivals, follows = load * QUARTER_S / aht_s, np.arange(96) % 48 > 0
    both = staff_moving_load(model, arrivals, aht_s, QUARTER_S, follows, PROMISE)
    second = staff_moving_load(model, arrivals[48:], aht_s[48:], QUARTER_S, follows[48:], PROMISE)
    assert both.agents[48:].tolist() == second.agents.tolist()


@pytest.mark.parametrize("patience_s", [pytest.param(180, id="erlang_a"), pytest.param(None, id="erlang_c")])
def test_a_load_that_jumps_is_served_as_promised(patience_s):
    """Loads between 30 and 400 erlangs, at random from quarter to quarter."""
    model = QueueingModel("erlang_a", patience_s) if patience_s else QueueingModel("erlang_c")
    arrivals = np.random.default_rng(8).uniform(30, 400, 48) * QUARTER_S / 600
    found = staffed(model, arrivals, 600)
    day = Day(arrivals, found.agents, QUARTER_S, 600.0, float(patience_s or math.inf), 20.0)
    level, error = service_levels(day, days=300)
    assert without_noise(level - TARGET, error) < 0.03

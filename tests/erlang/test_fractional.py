"""Fractional agents: the continued formulas against integrals in high precision, and the laws of costing."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mpmath import exp, inf, mp, mpf, quad

from tests.erlang import oracle
from tests.erlang.test_staffing import config_of, forecast_of
from tests.examples import examples
from wfm.erlang.continuation import upper_between
from wfm.erlang.fractional import fractional_agents
from wfm.erlang.gamma_ratios import upper
from wfm.erlang.measures import VARIANTS
from wfm.erlang.models import QueueingModel, performance
from wfm.erlang.staffing import staff
from wfm.erlang.targets import Targets, fewest_agents

HOUR_S = 3600.0
FEW, VERY_FEW = settings(max_examples=examples(10, quick=5)), settings(max_examples=examples(4, quick=2))
C = QueueingModel("erlang_c")
MODELS = [
    pytest.param(QueueingModel("erlang_b"), id="B"),
    pytest.param(C, id="C"),
    pytest.param(QueueingModel("erlang_a", 15.0), id="A in a hurry"),
    pytest.param(QueueingModel("erlang_a", 200.0), id="A"),
    pytest.param(QueueingModel("erlang_x", 120.0, 0.6), id="X"),
    pytest.param(QueueingModel("chat", 180.0, slowdowns=(1.0, 1.2, 1.4)), id="chat"),
    pytest.param(QueueingModel("chat", None, slowdowns=(1.0, 1.1)), id="patient chat"),
]
TARGETS = st.builds(
    Targets,
    service_level=st.floats(0.05, 0.995),
    answer_within_s=st.sampled_from([0.0, 10.0, 60.0]),
    service_level_variant=st.sampled_from(VARIANTS[:4]),
    asa_s=st.one_of(st.none(), st.floats(1, 120)),
    max_abandonment=st.one_of(st.none(), st.floats(0.005, 0.5)),
    max_occupancy=st.one_of(st.none(), st.floats(0.3, 0.99)),
    max_blocking=st.one_of(st.none(), st.floats(0.001, 0.5)),
)


def integral(n, a):
    """1 / B for a real number of agents: a times the integral of exp(-a t) (1 + t)**n over t > 0."""
    n, a = mpf(n), mpf(a)
    peak = max(mpf(0), n / a - 1)
    width = (mp.sqrt(abs(n)) + 1) / a
    near = [peak + width * step for step in (-6, -2, 0, 2, 6, 18) if peak + width * step > 0]
    with mp.workdps(16):
        return a * quad(lambda t: exp(-a * t) * (1 + t) ** n, [0, *near, inf])


@FEW
@given(agents=st.floats(-0.99, 90.0), load=st.floats(0.05, 80.0))
@example(agents=-0.5, load=1.99)
@example(agents=-0.5, load=2.01)
@example(agents=0.5, load=0.01)
def test_the_continued_inverse_blocking_is_its_integral(agents, load):
    assert upper_between(agents, load) == pytest.approx(float(integral(agents, load)), rel=1e-11)


@given(agents=st.floats(0.0, 3000.0), ratio=st.floats(0.3, 3.0))
def test_the_continuation_keeps_the_recursion_of_erlang_b(agents, ratio):
    load = max(agents, 0.5) * ratio
    more, less = upper_between(agents + 1.0, load), upper_between(agents, load)
    if math.isfinite(more):
        assert more == pytest.approx(1.0 + less * (agents + 1.0) / load, rel=1e-12)


@given(agents=st.integers(0, 2000), ratio=st.floats(0.3, 3.0))
def test_the_continuation_passes_through_the_whole_numbers(agents, ratio):
    load = max(agents, 1) * ratio
    found, whole = upper_between(float(agents), load), upper(float(agents), load)
    if math.isfinite(found):
        assert found == pytest.approx(whole, rel=1e-11)
    else:
        assert whole > 1e250


@FEW
@given(load=st.floats(0.1, 40.0), blocked=st.floats(0.001, 0.6))
def test_erlang_b_blocks_exactly_the_target(load, blocked):
    model, targets = QueueingModel("erlang_b"), Targets(max_blocking=blocked)
    agents = float(fractional_agents(model, load, 1.0, 1.0, targets))
    assert float(1 / integral(agents, load)) == pytest.approx(blocked, rel=1e-8)


@FEW
@given(load=st.floats(0.1, 40.0), level=st.floats(0.05, 0.99), within_s=st.sampled_from([0.0, 20.0, 90.0]))
def test_erlang_c_reaches_exactly_the_service_level(load, level, within_s):
    agents = mpf(float(fractional_agents(C, load * 10, 2400, 240, Targets(level, within_s))))
    spare = agents - load
    blocked = 1 / integral(agents, load)
    p_wait = agents * blocked / (spare + load * blocked)  # the identity of C and B
    assert float(1 - p_wait * exp(-spare * within_s / 240)) == pytest.approx(level, abs=1e-8)


@VERY_FEW
@given(load=st.floats(0.5, 25.0), lost=st.floats(0.005, 0.7), patience_s=st.floats(20, 900))
def test_erlang_a_loses_exactly_the_target(load, lost, patience_s):
    model = QueueingModel("erlang_a", patience_s)
    agents = float(fractional_agents(model, load * 10, 2400, 240, Targets(max_abandonment=lost)))
    truth = oracle.impatient(integral(agents - 1, load), load, agents, 240, patience_s, 20)
    assert float(truth["abandonment"]) == pytest.approx(lost, rel=1e-8)


@VERY_FEW
@given(attempts=st.floats(0.5, 25.0), level=st.floats(0.2, 0.98), redials=st.floats(0.05, 0.9))
def test_erlang_x_needs_what_erlang_a_needs_for_its_attempts(attempts, level, redials):
    plain, again = QueueingModel("erlang_a", 120.0), QueueingModel("erlang_x", 120.0, redials)
    agents = float(fractional_agents(plain, attempts * 10, 2400, 240, Targets(level)))
    truth = oracle.impatient(integral(agents - 1, attempts), attempts, agents, 240, 120, 20)
    fresh = float(attempts * (1 - redials * truth["abandonment"]))
    found = float(fractional_agents(again, fresh * 10, 2400, 240, Targets(level)))
    assert found == pytest.approx(agents, rel=1e-8)


@pytest.mark.parametrize("model", MODELS)
@given(calls=st.floats(0.1, 3000), aht_s=st.floats(20, 900), targets=TARGETS)
def test_fractional_agents_lie_between_one_fewer_than_the_fewest_and_the_fewest(model, calls, aht_s, targets):
    fewest = int(fewest_agents(model, calls, HOUR_S, aht_s, targets))
    assert fewest - 1 <= float(fractional_agents(model, calls, HOUR_S, aht_s, targets)) <= fewest


@pytest.mark.parametrize("model", MODELS)
@given(calls=st.floats(0.1, 2000), more=st.floats(1.0, 1.5), targets=TARGETS)
def test_more_contacts_never_cost_less(model, calls, more, targets):
    few, many = fractional_agents(model, [calls, calls * more], HOUR_S, 300.0, targets)
    assert few <= many + 1e-11 * max(1.0, many)  # agents are found to so many of one, not of their number


@pytest.mark.parametrize("model", MODELS)
@given(agents=st.integers(1, 200), ratio=st.floats(0.3, 0.95))
def test_whole_agents_who_just_meet_the_target_are_the_answer(model, agents, ratio):
    load = agents * ratio * len(model.slowdowns) / model.slowdowns[-1]
    found = performance(model, agents, load, 240)
    if model.name == "erlang_b":
        targets = Targets(max_blocking=float(found.blocking))
    else:
        targets = Targets(float(found.service_level))
    if not 1e-9 < float(found.p_wait if model.name != "erlang_b" else found.blocking) < 1 - 1e-9:
        return  # so near to 0 or 1 that no float tells neighbours apart
    fraction = float(fractional_agents(model, load * 10, 2400, 240, targets))
    assert fraction == pytest.approx(agents, abs=1e-5)


def test_a_target_that_nobody_is_needed_for_costs_nothing():
    model = QueueingModel("erlang_a", 5.0)
    targets = Targets(0.8, 60.0, service_level_variant="abandons_in_target_good")
    assert float(fractional_agents(model, 100, 1800, 300, targets)) == 0.0


@given(load=st.floats(0.1, 500.0), cap=st.floats(0.3, 0.99))
def test_an_occupancy_cap_alone_costs_load_over_cap(load, cap):
    agents = float(fractional_agents(C, load, 1.0, 1.0, Targets(max_occupancy=cap)))
    assert agents == pytest.approx(load / cap, rel=1e-11)


def test_chat_is_staffed_by_the_neighbours_in_turn():
    model, targets = QueueingModel("chat", 180.0, slowdowns=(1.0, 1.2, 1.4)), Targets(0.8)
    fewest = int(fewest_agents(model, 100, 1800, 500, targets))
    less, more = performance(model, [fewest - 1, fewest], 100 * 500 / 1800, 500).service_level
    share = float(fractional_agents(model, 100, 1800, 500, targets)) - (fewest - 1)
    assert less * (1 - share) + more * share == pytest.approx(0.8, rel=1e-12)


def test_no_contacts_cost_nothing_and_columns_keep_their_shape():
    found = fractional_agents(C, np.array([[0.0], [100.0]]), 1800, [180.0, 240.0], Targets(0.8))
    assert found.shape == (2, 2)
    assert found[0].tolist() == [0.0, 0.0]
    assert 13 < found[1, 0] < 14 < found[1, 1]


def test_patient_contacts_without_a_bound_on_waits_cost_their_load():
    assert float(fractional_agents(C, 37, 1800, 300, Targets(max_abandonment=0.1))) == 37 * 300 / 1800


@pytest.mark.parametrize("load", [1e-9, 0.01, 1.0, 50_000.0, 1e6])
@pytest.mark.parametrize("model", MODELS[:5])
def test_the_extremes_stay_within_one_agent(model, load):
    targets = Targets(0.8, max_blocking=0.02) if model.name == "erlang_b" else Targets(0.8, 0.0)
    fewest = int(fewest_agents(model, load, 1.0, 1.0, targets))
    assert fewest - 1 <= float(fractional_agents(model, load, 1.0, 1.0, targets)) <= fewest


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param({"service_level": 0.8, "patience_s": 90}, id="voice"),
        pytest.param({"service_level": 0.8, "load_model": "offered_load"}, id="moving load"),
        pytest.param({"channel": "chat", "concurrency": 3, "asa_s": 20}, id="chat"),
        pytest.param({"channel": "email", "deadline_h": 4, "max_occupancy": 0.85}, id="email"),
    ],
)
def test_requirements_show_fractional_agents_to_those_who_ask(keys):
    offered = np.random.default_rng(7).uniform(0, 60, 96)
    config, forecast = config_of(voice=keys), forecast_of(offered=offered, days=1)
    found = staff(forecast, config, fractional=True)
    short = found["agents_required"] - found["agents_fractional"]
    assert short.between(-1e-9, 1.0).all()
    assert short.std() > 0.1
    assert staff(forecast, config)["agents_fractional"].isna().all()

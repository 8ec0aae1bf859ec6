"""Every queueing model against sums over its states, and the laws that tie the models together."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.erlang import oracle
from tests.examples import examples
from wfm.erlang.measures import VARIANTS
from wfm.erlang.models import Answering, QueueingModel, performance

LOADS = st.floats(0.05, 60.0)
FEW = settings(max_examples=examples(8, quick=4))


def close(value, truth):
    return float(value) == pytest.approx(float(truth), rel=1e-10, abs=1e-12)


@FEW
@given(
    agents=st.integers(1, 70),
    ratio=st.floats(0.3, 1.6),
    aht_s=st.floats(20, 2000),
    patience_s=st.floats(5, 2000),
    within_s=st.sampled_from([0.0, 1.0, 20.0, 90.0]),
)
def test_erlang_a_matches_its_states_in_every_measure(agents, ratio, aht_s, patience_s, within_s):
    load = agents * ratio
    truth = oracle.erlang_a(agents, load, aht_s, patience_s, within_s)
    model = QueueingModel("erlang_a", patience_s)
    found = performance(model, agents, load, aht_s, Answering(within_s))
    for measure in ("p_wait", "abandonment", "occupancy", "asa_s", "mean_wait_s", "queue_length"):
        assert close(getattr(found, measure), truth[measure]), measure
    for variant, level in oracle.service_levels(truth).items():
        found = performance(model, agents, load, aht_s, Answering(within_s, variant))
        assert close(found.service_level, level), variant


@FEW
@given(
    agents=st.integers(1, 8), ratio=st.floats(0.2, 1.5), slowdown=st.floats(0, 0.9), slots=st.integers(1, 5)
)
def test_chat_matches_its_birth_death_chain(agents, ratio, slowdown, slots):
    slowdowns = tuple(1 + slowdown * others for others in range(slots))
    load = agents * slots / slowdowns[-1] * ratio
    truth = oracle.chat(agents, load, slowdowns, 400, 150, 30)
    found = performance(QueueingModel("chat", 150, slowdowns=slowdowns), agents, load, 400, Answering(30))
    for measure in ("p_wait", "abandonment", "occupancy", "asa_s", "mean_wait_s"):
        assert close(getattr(found, measure), truth[measure]), measure
    assert close(found.service_level, truth["answered_in_target"])


@given(agents=st.integers(1, 300), ratio=st.floats(0.01, 0.999), within_s=st.floats(0, 300))
def test_erlang_c_and_b_match_their_states(agents, ratio, within_s):
    load = agents * ratio
    truth = oracle.erlang_c(agents, load, 240, within_s)
    found = performance(QueueingModel("erlang_c"), agents, load, 240, Answering(within_s))
    for measure in ("p_wait", "service_level", "asa_s"):
        assert close(getattr(found, measure), truth[measure]), measure
    lost = performance(QueueingModel("erlang_b"), agents, load, 240).blocking
    assert close(lost, oracle.erlang_b(agents, load))


@given(agents=st.integers(1, 200), ratio=st.floats(0.5, 1.3), short_s=st.floats(0, 60))
def test_excluding_short_lies_between_its_neighbours(agents, ratio, short_s):
    model, load = QueueingModel("erlang_a", 90), agents * ratio

    def level(variant, short_abandon_s=0.0):
        return float(
            performance(model, agents, load, 200, Answering(60, variant, short_abandon_s)).service_level
        )

    assert level("excluding_short", 0.0) == pytest.approx(level("offered"), rel=1e-12)
    assert level("excluding_short", 60) == pytest.approx(level("excluding_abandoned_in_target"), rel=1e-12)
    between = level("excluding_short", short_s)
    assert level("offered") - 1e-12 <= between <= level("excluding_abandoned_in_target") + 1e-12


@given(load=LOADS, surplus=st.floats(0.05, 3), variant=st.sampled_from(VARIANTS))
def test_erlang_a_becomes_erlang_c_as_patience_grows(load, surplus, variant):
    agents = math.floor(load + surplus * math.sqrt(load)) + 2
    patient = performance(QueueingModel("erlang_c"), agents, load, 180)
    found = performance(QueueingModel("erlang_a", 1e9), agents, load, 180, Answering(20, variant))
    assert float(found.service_level) == pytest.approx(float(patient.service_level), abs=1e-5)
    assert float(found.asa_s) == pytest.approx(float(patient.asa_s), rel=1e-4, abs=1e-9)


@given(load=LOADS, agents=st.integers(1, 80), patience_s=st.floats(5, 3000))
def test_littles_law_and_flow_balance_hold(load, agents, patience_s):
    found = performance(QueueingModel("erlang_a", patience_s), agents, load, 240)
    arrivals_per_s = load / 240
    assert float(found.queue_length) == pytest.approx(arrivals_per_s * float(found.mean_wait_s), rel=1e-12)
    leaving = float(found.queue_length) / patience_s + float(found.occupancy) * agents / 240
    assert leaving == pytest.approx(arrivals_per_s, rel=1e-10)


@given(load=LOADS, agents=st.integers(0, 80), patience_s=st.floats(5, 3000))
def test_redials_of_nobody_and_chats_of_one_are_erlang_a(load, agents, patience_s):
    plain = performance(QueueingModel("erlang_a", patience_s), agents, load, 300)
    for other in (QueueingModel("erlang_x", patience_s, 0.0), QueueingModel("chat", patience_s)):
        found = performance(other, agents, load, 300)
        for measure in ("service_level", "abandonment", "occupancy", "p_wait", "asa_s"):
            expected = float(getattr(plain, measure))
            same = pytest.approx(expected, rel=1e-11, abs=1e-13, nan_ok=True)
            assert float(getattr(found, measure)) == same, (other.name, measure)


@given(load=LOADS, agents=st.integers(0, 80), redials=st.floats(0.01, 0.95))
def test_redials_are_the_fixed_point_of_attempts(load, agents, redials):
    found = performance(QueueingModel("erlang_x", 120, redials), agents, load, 300)
    attempts = load * float(found.attempts)
    lost = float(performance(QueueingModel("erlang_a", 120), agents, attempts, 300).abandonment)
    assert attempts == pytest.approx(load + redials * lost * attempts, rel=1e-11)


@given(agents=st.integers(1, 40), ratio=st.floats(0.1, 0.95), slots=st.integers(2, 4))
def test_chat_without_slowdown_or_patience_is_erlang_c_of_the_slots(agents, ratio, slots):
    load = agents * slots * ratio
    chat = performance(QueueingModel("chat", slowdowns=(1.0,) * slots), agents, load, 300)
    voice = performance(QueueingModel("erlang_c"), agents * slots, load, 300)
    assert float(chat.p_wait) == pytest.approx(float(voice.p_wait), rel=1e-10, abs=1e-14)
    assert float(chat.occupancy) == pytest.approx(ratio, rel=1e-10)


@pytest.mark.parametrize("name", ["erlang_b", "erlang_c", "erlang_a", "erlang_x", "chat"])
def test_a_queue_without_contacts_keeps_every_promise(name):
    found = performance(QueueingModel(name, 60), [0, 3], 0.0, 180)
    assert found.service_level.tolist() == [1, 1]
    assert found.asa_s.tolist() == found.abandonment.tolist() == found.occupancy.tolist() == [0, 0]


@pytest.mark.parametrize("name", ["erlang_c", "chat"])
def test_patient_contacts_beyond_capacity_wait_for_ever(name):
    found = performance(QueueingModel(name), [0, 9, 10], 10.0, 180)
    assert found.service_level.tolist() == [0, 0, 0]
    assert found.asa_s.tolist() == [math.inf] * 3
    assert found.occupancy.tolist() == [1, 1, 1]


def test_arguments_are_broadcast_and_keep_their_shape():
    found = performance(QueueingModel("erlang_c"), np.array([[12], [14]]), [8.0, 9.0, 10.0], 180)
    assert found.service_level.shape == (2, 3)
    assert (np.diff(found.service_level, axis=0) > 0).all()
    assert (np.diff(found.service_level, axis=1) < 0).all()


@pytest.mark.parametrize("patience_s", [1e-3, 1.0, 1e4, 1e7])
@pytest.mark.parametrize("load", [0.01, 1.0, 500.0, 50_000.0])
@pytest.mark.parametrize("ratio", [0.5, 0.98, 1.0, 1.1, 2.0, 5.0])
def test_erlang_a_stays_within_its_bounds_at_the_extremes(load, ratio, patience_s):
    agents = math.ceil(load * ratio)
    found = performance(QueueingModel("erlang_a", patience_s), agents, load, 400)
    shares = (found.service_level, found.p_wait, found.abandonment, found.occupancy)
    assert all(-1e-14 <= float(share) <= 1 + 1e-12 for share in shares)
    served = load * (1 - float(found.abandonment)) / agents
    assert float(found.occupancy) == pytest.approx(served, rel=1e-9)

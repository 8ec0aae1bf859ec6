"""The fewest agents: enough, no fewer would do, and boundaries as the decimals say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfm.erlang.measures import VARIANTS
from wfm.erlang.models import QueueingModel, performance
from wfm.erlang.targets import Targets, fewest_agents

HOUR_S = 3600.0
MODELS = st.sampled_from(
    [
        QueueingModel("erlang_c"),
        QueueingModel("erlang_a", 15.0),
        QueueingModel("erlang_a", 200.0),
        QueueingModel("erlang_a", 1e6),
        QueueingModel("erlang_x", 120.0, 0.5),
        QueueingModel("chat", 180.0, slowdowns=(1.0, 1.2, 1.4)),
        QueueingModel("chat", None, slowdowns=(1.0, 1.1)),
    ]
)
MAYBE_LEVEL = st.one_of(st.none(), st.floats(0.02, 0.999))
TARGETS = st.builds(
    Targets,
    service_level=MAYBE_LEVEL,
    answer_within_s=st.sampled_from([0.0, 10.0, 60.0, 600.0]),
    service_level_variant=st.sampled_from(VARIANTS),
    asa_s=st.one_of(st.none(), st.floats(0.5, 120)),
    max_abandonment=st.one_of(st.none(), st.floats(0.005, 0.5)),
    max_occupancy=st.one_of(st.none(), st.floats(0.3, 0.99)),
)


def kept(model, agents, load, aht_s, targets):
    """Return whether the targets hold, from the measures alone."""
    found = performance(model, agents, load, aht_s, targets.answering)
    bounds = [
        (targets.service_level, -found.service_level, -1),
        (targets.asa_s, found.asa_s, 1),
        (targets.max_abandonment, found.abandonment, 1),
        (targets.max_occupancy, found.occupancy, 1),
    ]
    return all(bound is None or float(value) <= sign * bound + 1e-12 for bound, value, sign in bounds)


@given(model=MODELS, calls=st.floats(0.1, 3000), aht_s=st.floats(20, 1800), targets=TARGETS)
def test_fewest_agents_is_enough_and_minimal(model, calls, aht_s, targets):
    agents = int(fewest_agents(model, calls, HOUR_S, aht_s, targets))
    load = calls * aht_s / HOUR_S
    assert agents >= 1
    assert kept(model, agents, load, aht_s, targets)
    fewer_are_stable = not model.patient or (agents - 1) * len(model.slowdowns) / model.slowdowns[-1] > load
    if agents > 1 and fewer_are_stable:
        assert not kept(model, agents - 1, load, aht_s, targets)


@given(model=MODELS, calls=st.floats(0.1, 2000), more=st.floats(1.0, 1.5), targets=TARGETS)
def test_more_contacts_never_need_fewer_agents(model, calls, more, targets):
    few, many = fewest_agents(model, [calls, calls * more], HOUR_S, 300.0, targets)
    assert few <= many


@given(load=st.floats(0.2, 400), model=MODELS, variant=st.sampled_from(VARIANTS))
def test_every_further_agent_improves_every_measure(load, model, variant):
    start = int(load * max(model.slowdowns) / len(model.slowdowns)) + 1
    targets = Targets(service_level_variant=variant)
    found = performance(model, np.arange(start, start + 12), load, 240, targets.answering)
    assert (np.diff(found.service_level) >= -1e-12).all()
    for falling in (found.asa_s, found.abandonment, found.occupancy, found.p_wait, found.mean_wait_s):
        assert (np.diff(falling) <= 1e-12).all()


@pytest.mark.parametrize(
    ("calls", "interval_s", "aht_s", "cap", "agents"),
    [
        pytest.param(200, 3600, 306, 0.85, 20, id="17 erlangs at 85 %"),
        pytest.param(850, 900, 18, 0.85, 20, id="17 erlangs of short calls"),
        pytest.param(3600, 3600, 51, 0.85, 60, id="51 erlangs at 85 %"),
        pytest.param(180, 1800, 90, 0.9, 10, id="9 erlangs at 90 %"),
        pytest.param(600, 1800, 210, 1.0, 71, id="70 erlangs need more than 70 agents"),
        pytest.param(0.3, 900, 9000, 0.6, 5, id="decimals that no float holds"),
        pytest.param(200, 3600, 306.0001, 0.85, 21, id="a little above the boundary"),
    ],
)
def test_occupancy_is_decided_as_the_decimals_say(calls, interval_s, aht_s, cap, agents):
    targets = Targets(max_occupancy=cap)
    assert int(fewest_agents(QueueingModel("erlang_c"), calls, interval_s, aht_s, targets)) == agents


@given(calls=st.integers(1, 4000), aht_s=st.integers(1, 900), cap=st.integers(1, 100))
def test_occupancy_alone_is_the_rational_ceiling(calls, aht_s, cap):
    targets = Targets(max_occupancy=cap / 100)
    found = int(fewest_agents(QueueingModel("erlang_c"), calls, 1800, aht_s, targets))
    ceiling = -(-calls * aht_s * 100 // (1800 * cap))
    assert found == max(ceiling, calls * aht_s // 1800 + 1)


def test_occupancy_of_erlang_a_counts_only_those_who_stayed():
    model, targets = QueueingModel("erlang_a", 10.0), Targets(max_occupancy=0.85)
    impatient = int(fewest_agents(model, 200, 3600, 306, targets))
    assert impatient < 20
    assert float(performance(model, impatient, 17.0, 306).occupancy) <= 0.85


def test_erlang_a_may_need_far_fewer_agents_than_the_load():
    model, targets = QueueingModel("erlang_a", 60.0), Targets(max_abandonment=0.5)
    agents = int(fewest_agents(model, 1000, 1800, 300, targets))
    assert agents < 0.52 * 1000 * 300 / 1800


def test_abandonment_always_exceeds_the_share_that_cannot_be_served():
    model, targets = QueueingModel("erlang_a", 300.0), Targets(max_abandonment=0.1)
    assert int(fewest_agents(model, 90_000, 1800, 1000, targets)) == 45_001


def test_no_contacts_need_nobody_and_columns_keep_their_shape():
    model, targets = QueueingModel("erlang_c"), Targets(service_level=0.8)
    found = fewest_agents(model, np.array([[0, 100], [1e-6, 100]]), 1800, np.array([[180], [180]]), targets)
    assert found.tolist() == [[0, 14], [1, 14]]


def test_unreachable_targets_are_refused():
    with pytest.raises(ValueError, match="service level of 1"):
        fewest_agents(QueueingModel("erlang_c"), 1, 1, 1, Targets(service_level=1.0))
    with pytest.raises(ValueError, match="erlang_b needs"):
        fewest_agents(QueueingModel("erlang_b"), 1, 1, 1, Targets(asa_s=10))

"""Columns of many queues are staffed by a table of capacities: the answer of every queue on its own."""

from __future__ import annotations

import numpy as np
import pytest

from tests.erlang.oracle import erlang_a, erlang_c, service_levels
from wfm.erlang.measures import VARIANTS
from wfm.erlang.models import QueueingModel
from wfm.erlang.targets import Targets, fewest_agents

INTERVAL_S = 900.0
ROWS = 12_000
MODELS = [
    pytest.param(QueueingModel("erlang_b"), id="B"),
    pytest.param(QueueingModel("erlang_c"), id="C"),
    pytest.param(QueueingModel("erlang_a", 60.0), id="A"),
    pytest.param(QueueingModel("erlang_a", 2.0), id="A impatient"),
    pytest.param(QueueingModel("erlang_x", 120.0, 0.4), id="X"),
    pytest.param(QueueingModel("chat", None, slowdowns=(1.0, 1.3)), id="patient chat"),
    pytest.param(QueueingModel("chat", 90.0, slowdowns=(1.0, 1.2, 1.5)), id="chat"),
]
TARGETS = [
    pytest.param(Targets(0.8, max_occupancy=0.85), id="level and occupancy"),
    pytest.param(Targets(0.9, 0.0, "answered", max_occupancy=0.9), id="at once"),
    pytest.param(Targets(asa_s=15.0, max_abandonment=0.04, max_occupancy=0.95), id="waits and abandonment"),
]


def queues(seed, *, one_aht):
    """Return calls and handle times, decimals whose products often meet an occupancy cap exactly."""
    rng = np.random.default_rng(seed)
    aht_s = np.full(ROWS, 180.0) if one_aht else rng.integers(60, 1200, ROWS).astype(float)
    calls = np.round(rng.uniform(0.0, 60.0, ROWS) * INTERVAL_S / aht_s, 1)
    return calls, aht_s


@pytest.mark.parametrize("one_aht", [True, False], ids=["one handle time", "many"])
@pytest.mark.parametrize("targets", TARGETS)
@pytest.mark.parametrize("model", MODELS)
def test_a_column_is_staffed_as_each_of_its_queues_alone(model, targets, one_aht):
    calls, aht_s = queues(5, one_aht=one_aht)
    together = fewest_agents(model, calls, INTERVAL_S, aht_s, targets)
    few = slice(0, 300, 5)  # too few for a table: searched one by one
    alone = [
        int(fewest_agents(model, c, INTERVAL_S, a, targets))
        for c, a in zip(calls[few], aht_s[few], strict=True)
    ]
    assert together[few].tolist() == alone


@pytest.mark.parametrize("variant", [name for name in VARIANTS if name != "excluding_short"])
def test_a_column_of_erlang_a_is_minimal_by_the_sums_over_states(variant):
    rng = np.random.default_rng(11)
    calls, aht_s = queues(7, one_aht=False)
    targets = Targets(0.8, 20.0, variant)
    agents = fewest_agents(QueueingModel("erlang_a", 90.0), calls, INTERVAL_S, aht_s, targets)
    for row in rng.choice(np.flatnonzero(agents > 1), 1):
        load = calls[row] * aht_s[row] / INTERVAL_S
        levels = [
            service_levels(erlang_a(int(agents[row]) - fewer, load, aht_s[row], 90.0, 20.0))[variant]
            for fewer in (0, 1)
        ]
        assert levels[0] >= 0.8 > levels[1]


def test_a_column_of_erlang_c_is_minimal_by_the_sums_over_states():
    calls, aht_s = queues(9, one_aht=False)
    agents = fewest_agents(QueueingModel("erlang_c"), calls, INTERVAL_S, aht_s, Targets(0.9, 30.0, asa_s=8.0))
    for row in np.random.default_rng(3).choice(np.flatnonzero(agents > 1), 20):
        load = calls[row] * aht_s[row] / INTERVAL_S
        found = erlang_c(int(agents[row]), load, aht_s[row], 30.0)
        assert found["service_level"] >= 0.9
        assert found["asa_s"] <= 8.0
        if agents[row] - 1 > load:
            fewer = erlang_c(int(agents[row]) - 1, load, aht_s[row], 30.0)
            assert fewer["service_level"] < 0.9 or fewer["asa_s"] > 8.0


def test_loads_beyond_the_table_and_rows_without_calls_are_staffed_too():
    calls = np.concatenate([np.linspace(0.0, 60.0, ROWS), [0.0, 40_000.0]])
    found = fewest_agents(QueueingModel("erlang_c"), calls, INTERVAL_S, 300.0, Targets(0.8))
    alone = fewest_agents(QueueingModel("erlang_c"), calls[-2:], INTERVAL_S, 300.0, Targets(0.8))
    assert found[-2:].tolist() == alone.tolist()
    assert (np.diff(found[:-2]) >= 0).all()


def test_unknown_handle_times_without_calls_need_nobody():
    calls, aht_s = queues(1, one_aht=False)
    calls[::7], aht_s[::7] = 0.0, np.nan
    found = fewest_agents(QueueingModel("erlang_c"), calls, INTERVAL_S, aht_s, Targets(0.8))
    assert (found[::7] == 0).all()
    assert (found[1::7][calls[1::7] > 0.0] > 0).all()

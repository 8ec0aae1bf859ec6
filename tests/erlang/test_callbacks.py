"""Callbacks: the chain by brute force, the two-dimensional chain with a real list, the fewest agents."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import spsolve

from tests.examples import examples
from wfm.erlang.blending import blend
from wfm.erlang.callbacks import Callers, callback_performance, fewest_with_callbacks, most_kept
from wfm.erlang.models import QueueingModel
from wfm.erlang.targets import Targets, fewest_agents

AHT_S = 180.0
PATIENT, IMPATIENT = QueueingModel("erlang_c"), QueueingModel("erlang_a", 120.0)


def saturated(agents, threshold, callers, patience_s, most=600):
    """Return p_wait, abandonment and mean wait of those who stay, and the callback load, from all states."""
    arrivals = callers.load / AHT_S
    states = np.arange(agents - threshold, most + 1)
    up = np.where(states < agents, arrivals, arrivals * (1 - callers.acceptance))
    down = np.minimum(states, agents) / AHT_S + np.maximum(0, states - agents) / patience_s
    with np.errstate(divide="ignore"):
        weight = np.cumsum(np.append(0.0, np.log(up[:-1]) - np.log(down[1:])))
    share = np.exp(weight - weight.max())
    share /= share.sum()
    busy = share[states >= agents].sum()
    line = share @ np.maximum(0, states - agents)
    stay = arrivals * (1 - callers.acceptance * busy)
    arising = arrivals * callers.acceptance * busy
    possible = (agents - threshold) / AHT_S * share[0]
    callback_load = (arising / possible if possible else math.inf) if arising else 0.0
    return busy, line / patience_s / stay, line / stay, callback_load


@pytest.mark.parametrize(
    ("acceptance", "threshold"),
    [(share, kept) for share in (0.0, 0.3, 0.75, 1.0) for kept in (0, 1, 3, 11) if share < 1 or kept],
)
@pytest.mark.parametrize("patience_s", [120.0, math.inf])
def test_the_measures_are_those_of_the_chain_summed_up(acceptance, threshold, patience_s):
    callers = Callers(9.3, AHT_S, acceptance)
    model = PATIENT if math.isinf(patience_s) else IMPATIENT
    found = callback_performance(model, (11, threshold), callers)
    busy, lost, wait_s, callback_load = saturated(11, threshold, callers, patience_s)
    assert float(found.p_wait) == pytest.approx(busy, rel=1e-9)
    assert float(found.callback_share) == pytest.approx(acceptance * busy, rel=1e-9)
    assert float(found.callback_load) == pytest.approx(callback_load, rel=1e-8)
    assert float(found.abandonment) == pytest.approx(lost, rel=1e-8, abs=1e-14)
    if math.isinf(patience_s) and acceptance < 1:
        assert float(found.asa_s) == pytest.approx(wait_s, rel=1e-8, abs=1e-12)


def test_nobody_who_accepts_is_the_blend_without_callbacks():
    for threshold in (0, 2, 12):
        found = callback_performance(IMPATIENT, (12, threshold), Callers(10.0, AHT_S, 0.0))
        plain = blend(IMPATIENT, (12, threshold), 10.0, AHT_S)
        for measure in ("service_level", "asa_s", "abandonment", "p_wait"):
            assert getattr(found, measure) == pytest.approx(getattr(plain, measure), rel=1e-12)
        assert float(found.callback_load) == 0.0


def with_a_list(agents, threshold, callers, patience_s, most, longest):
    """Return p_wait, callbacks arising a second, mean list and the share of the longest list, of the truth.

    States are (contacts in the system, callbacks on the list); fewer than agents - threshold are busy only
    while the list is empty.
    """
    arrivals, accepts, first = callers.load / AHT_S, callers.acceptance, agents - threshold
    pairs = [(i, m) for m in range(longest + 1) for i in range(first if m else 0, most + 1)]
    states = {pair: number for number, pair in enumerate(pairs)}
    moves = []
    for (i, m), number in states.items():
        stays = arrivals if i < agents else arrivals * (1 - accepts)
        if i < most:
            moves.append((number, states[i + 1, m], stays))
        if i >= agents and m < longest:
            # Who accepts while more than `threshold` agents are idle cannot be: all are busy.
            moves.append((number, states[i, m + 1], arrivals * accepts))
        ends = min(i, agents) / AHT_S
        if ends and m and i == first:
            moves.append((number, states[i, m - 1], ends))
        elif ends:
            moves.append((number, states[i - 1, m], ends))
        if i > agents:
            moves.append((number, states[i - 1, m], (i - agents) / patience_s))
    start, end, rate = (np.array(column) for column in zip(*moves, strict=True))
    size = len(states)
    balance = coo_matrix((rate, (end, start)), shape=(size, size)).tolil()
    balance.setdiag(-np.bincount(start, rate, size))
    balance[0, :] = 1.0
    right = np.zeros(size)
    right[0] = 1.0
    share = spsolve(balance.tocsc(), right)
    contacts, waiting = np.array(pairs).T
    busy = share[contacts >= agents].sum()
    return busy, arrivals * accepts * busy, share @ waiting, share[waiting == longest].sum()


@pytest.mark.parametrize("acceptance", [0.2, 0.5, 0.9])
@pytest.mark.parametrize("patience_s", [120.0, math.inf])
def test_a_real_list_is_worked_off_and_its_callers_wait_less_than_foretold(acceptance, patience_s):
    model = PATIENT if math.isinf(patience_s) else IMPATIENT
    callers = Callers(10.0, AHT_S, acceptance)
    found = fewest_with_callbacks(model, callers, Targets(service_level=0.8))
    agents, threshold = int(found.agents), int(found.threshold)
    busy, arising, waiting, full = with_a_list(agents, threshold, callers, patience_s, 60, 150)
    assert float(found.callback_load) <= 0.8 + 1e-12
    assert full < 1e-4  # the list does not grow to its end
    assert busy <= float(found.p_wait)
    assert arising <= float(found.callback_share) * callers.load / AHT_S
    assert waiting / arising < 3600  # the mean callback comes within the hour


def test_a_callback_load_above_one_lets_the_list_grow():
    callers = Callers(10.0, AHT_S, 0.5)
    found = callback_performance(IMPATIENT, (11, 5), callers)
    assert float(found.callback_load) > 1
    *_, full = with_a_list(11, 5, callers, 120.0, 60, 150)
    assert full > 0.005  # fifty times and more what a list that is worked off has there


@settings(max_examples=examples(50), deadline=None)
@given(
    load=st.floats(0.3, 60),
    acceptance=st.floats(0, 0.95),
    level=st.floats(0.5, 0.95),
    room=st.floats(0.5, 0.99),
    model=st.sampled_from([PATIENT, IMPATIENT]),
)
def test_the_fewest_agents_are_enough_and_one_fewer_are_not(load, acceptance, level, room, model):
    callers, targets = Callers(load, AHT_S, acceptance), Targets(service_level=level)
    found = fewest_with_callbacks(model, callers, targets, room)
    assert float(found.service_level) >= level
    assert float(found.callback_load) <= room * (1 + 1e-11)

    def keeps(agents):
        """Return which thresholds keep both promises, all of them tried."""
        tried = callback_performance(model, (agents, np.arange(agents + 1)), callers)
        good = (tried.service_level >= level) & (tried.callback_load <= room * (1 + 1e-11))
        return np.flatnonzero(good)

    agents = int(found.agents)
    assert keeps(agents).max() == int(found.threshold)
    if agents > 1:
        assert not len(keeps(agents - 1))


def test_without_callbacks_the_answer_is_that_of_erlang():
    for model in (PATIENT, IMPATIENT):
        targets = Targets(service_level=0.8)
        found = fewest_with_callbacks(model, Callers(10.0, AHT_S, 0.0), targets)
        assert int(found.agents) == int(fewest_agents(model, 100.0, 1800.0, AHT_S, targets))


def test_what_makes_no_sense_is_refused():
    callers = Callers(10.0, AHT_S, 0.5)
    with pytest.raises(ValueError, match="acceptance between 0 and 1"):
        callback_performance(PATIENT, (11, 2), Callers(10.0, AHT_S, 1.5))
    with pytest.raises(ValueError, match="callbacks know"):
        callback_performance(QueueingModel("erlang_b"), (11, 2), callers)
    with pytest.raises(ValueError, match="at least one agent"):
        callback_performance(PATIENT, (11, 12), callers)
    assert most_kept(PATIENT, 5, callers) is None

"""Bursts of arrivals: Hayward's approximation against the exact chain of hyperexponential arrivals.

Two-phase hyperexponential renewal arrivals and n exponential servers are a Markov chain over phase and
contacts in system; its peakedness is 1 / (1 - phi(mu)) - a, phi the Laplace transform of the gaps.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import pdtr

from wfm.erlang.expectation import Arrivals, expected_performance
from wfm.erlang.models import QueueingModel, performance
from wfm.erlang.targets import Targets, fewest_agents

AHT_S, WITHIN_S = 240.0, 20.0
B, C = QueueingModel("erlang_b"), QueueingModel("erlang_c")
PLAIN = [
    pytest.param(B, id="B"),
    pytest.param(C, id="C"),
    pytest.param(QueueingModel("erlang_a", 90.0), id="A"),
    pytest.param(QueueingModel("erlang_x", 90.0, 0.4), id="X"),
]


def gaps_of(load, z):
    """Return rates (per handle time) and shares of two phases with balanced means: mean gap 1 / load."""
    low, high = 1.0, 1e5  # squared coefficient of variation of the gaps, which z grows with
    for _ in range(200):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if peakedness(phases(load, middle), load) < z else (low, middle)
    return phases(load, low)


def phases(load, squared_cv):
    first = 0.5 * (1 + math.sqrt((squared_cv - 1) / (squared_cv + 1)))
    shares = np.array([first, 1 - first])
    return 2 * shares * load, shares


def peakedness(gaps, load):
    rates, shares = gaps
    return 1 / (1 - (shares * rates / (rates + 1)).sum()) - load


def chain(load, z, agents, patience=math.inf, most=None):
    """Return what arriving contacts find: probabilities of 0, 1, ... in system before them, and the time's.

    Solved by blocks from the last level down (linear level reduction); rates per handle time.
    """
    rates, shares = gaps_of(load, z)
    last = most if most is not None else agents + int(60 * z * agents / max(agents - load, 2.0)) + 200
    up = np.outer(rates, shares)  # a contact comes, the next gap's phase is drawn
    down = [min(level, agents) + max(level - agents, 0) / patience for level in range(last + 1)]
    ratio = [np.zeros((2, 2))] * (last + 1)  # pi[level] = pi[level - 1] @ ratio[level]
    for level in range(last, 0, -1):
        leaves = np.diag(rates + down[level])
        if level == last:
            leaves -= up  # a contact too many is lost
        else:
            leaves -= ratio[level + 1] * down[level + 1]
        ratio[level] = up @ np.linalg.inv(leaves)
    out = np.diag(rates) - ratio[1] * down[1]
    state = np.linalg.svd(out.T)[2][-1]
    levels = [state]
    for level in range(1, last + 1):
        levels.append(levels[-1] @ ratio[level])
    time = np.array(levels) / np.sum(levels)
    seen = time @ rates
    return seen / seen.sum(), time.sum(axis=1)


def test_the_judge_is_erlangs_formula_for_poisson_arrivals():
    seen, time = chain(20.0, 1.0 + 1e-9, 24)
    assert seen[24:].sum() == pytest.approx(float(performance(C, 24, 20.0, AHT_S).p_wait), abs=1e-6)
    assert seen[:200] == pytest.approx(time[:200], abs=1e-6)  # Poisson arrivals see time averages
    lost, _ = chain(20.0, 1.0 + 1e-9, 24, most=24)
    assert lost[24] == pytest.approx(float(performance(B, 24, 20.0, AHT_S).blocking), abs=1e-6)


def test_an_endless_group_has_the_peakedness_asked_for():
    _, time = chain(20.0, 3.0, 400, most=400)
    busy = np.arange(time.size)
    mean = (busy * time).sum()
    assert mean == pytest.approx(20.0, rel=1e-6)
    assert ((busy - mean) ** 2 * time).sum() / mean == pytest.approx(3.0, rel=1e-5)


def exact_level(load, z, agents):
    """The service level of patient contacts, offered in bursts: of k before, k - n + 1 must leave in time."""
    seen, _ = chain(load, z, agents)
    ahead = np.arange(seen.size) - agents
    in_time = np.where(ahead < 0, 1.0, 1.0 - pdtr(np.maximum(ahead, 0), agents * WITHIN_S / AHT_S))
    return float((seen * in_time).sum())


@pytest.mark.parametrize("load", [20.0, 100.0])
@pytest.mark.parametrize("z", [1.5, 2.0, 4.0])
@pytest.mark.parametrize("safety", [0.3, 0.8, 1.5])
def test_the_service_level_of_patient_contacts_is_near_that_of_the_chain(load, z, safety):
    agents = math.ceil(load + safety * math.sqrt(z * load))
    exact = exact_level(load, z, agents)
    found = float(expected_performance(C, agents, load, AHT_S, Arrivals(0.0, z)).service_level)
    blind = float(performance(C, agents, load, AHT_S).service_level)
    assert abs(found - exact) < 0.15 / math.sqrt(load / z)
    assert abs(found - exact) < abs(blind - exact)


@pytest.mark.parametrize("load", [20.0, 100.0])
@pytest.mark.parametrize("z", [1.5, 2.0, 4.0])
def test_the_agents_of_a_service_level_are_within_two_of_the_chains(load, z):
    found = int(fewest_agents(C, load, AHT_S, AHT_S, Targets(0.8), Arrivals(0.0, z)))
    exact = next(n for n in range(math.ceil(load + 1e-9), 10_000) if exact_level(load, z, n) >= 0.8)
    blind = int(fewest_agents(C, load, AHT_S, AHT_S, Targets(0.8)))
    assert abs(found - exact) <= 2
    assert abs(found - exact) <= abs(blind - exact)


@pytest.mark.parametrize("z", [1.5, 2.0, 4.0])
@pytest.mark.parametrize("safety", [0.0, 1.0, 2.0])
def test_blocking_is_near_what_the_calls_of_the_chain_see(z, safety):
    load = 50.0
    agents = math.ceil(load + safety * math.sqrt(z * load))
    seen, time = chain(load, z, agents, most=agents)
    found = float(expected_performance(B, agents, load, AHT_S, Arrivals(0.0, z)).blocking)
    assert abs(found - seen[agents]) < 0.012
    assert abs(found - seen[agents]) < abs(float(performance(B, agents, load, AHT_S).blocking) - seen[agents])
    assert seen[agents] > time[agents]  # calls come when others have come


@pytest.mark.parametrize("z", [1.5, 2.0, 4.0])
@pytest.mark.parametrize("patience", [0.25, 1.0])  # of a handle time
def test_abandonment_is_near_that_of_the_chain(z, patience):
    load, agents = 50.0, 52
    _, time = chain(load, z, agents, patience=patience, most=500)
    waiting = (np.maximum(np.arange(time.size) - agents, 0) * time).sum()
    model = QueueingModel("erlang_a", patience * AHT_S)
    found = expected_performance(model, agents, load, AHT_S, Arrivals(0.0, z))
    assert abs(float(found.abandonment) - waiting / patience / load) < 0.02
    assert float(found.queue_length) == pytest.approx(waiting, rel=0.25)


@pytest.mark.parametrize("model", PLAIN)
@given(load=st.floats(0.1, 300), z=st.floats(1.0, 20.0))
def test_bursts_never_need_fewer_agents_for_an_ordinary_target(model, load, z):
    targets = Targets(0.8, max_blocking=0.1 if model.name == "erlang_b" else None)
    sure, peaked = (fewest_agents(model, load, 1, 1, targets, Arrivals(0.0, y)) for y in (1.0, z))
    assert peaked >= sure


@pytest.mark.parametrize("model", PLAIN)
@given(agents=st.integers(1, 80), ratio=st.floats(0.2, 0.95), z=st.sampled_from([2.0, 5.0]))
def test_a_group_z_times_as_large_with_bursts_is_the_small_one(model, agents, ratio, z):
    small = performance(model, agents, agents * ratio, AHT_S)
    large = expected_performance(model, agents * z, agents * ratio * z, AHT_S, Arrivals(0.0, z))
    for name in ("service_level", "asa_s", "abandonment", "occupancy", "blocking"):
        assert getattr(large, name) == pytest.approx(getattr(small, name), rel=1e-9, abs=1e-12)
    assert large.queue_length == pytest.approx(small.queue_length * z, rel=1e-9)

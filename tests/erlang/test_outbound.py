"""Predictive dialling: M/M/n+D against its definition, simulation and the loss formula; pace and agents."""

from __future__ import annotations

import heapq

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import exp, inf, mp, mpf, quad

from tests.erlang.oracle import erlang_c
from tests.examples import examples
from wfm.erlang.models import QueueingModel, performance
from wfm.erlang.outbound import Campaign, abandonment, agents_for, fastest_pace, pace

mp.dps = 25
CAMPAIGN = Campaign(aht_s=180.0, answer_rate=0.3)


def exactly(agents, live_per_s, aht_s, wait_s):
    """Return abandoned and p_wait by the integrals of Zeltyn & Mandelbaum (2005) for patience wait_s."""
    lam, mu, tau = mpf(live_per_s), 1 / mpf(aht_s), mpf(wait_s)
    weight, head = mpf(1), mpf(1)
    for busy in range(agents - 1, 0, -1):
        weight *= busy * mu / lam
        head += weight
    drift = lam - agents * mu
    line = quad(lambda x: exp(drift * x), [0, tau]) if tau else mpf(0)
    line += quad(lambda x: exp(lam * tau - agents * mu * x), [tau, tau + 60 / (agents * mu), inf])
    return (1 + drift * line) / (head + lam * line), lam * line / (head + lam * line)


@pytest.mark.parametrize(
    ("agents", "live_per_s", "aht_s", "wait_s"),
    [
        pytest.param(20, 0.08, 180.0, 2.0, id="usual"),
        pytest.param(20, 20 / 180.0, 180.0, 2.0, id="as much as they can do"),
        pytest.param(5, 0.2, 60.0, 10.0, id="too much"),
        pytest.param(1, 0.001, 300.0, 0.0, id="one agent, no wait"),
        pytest.param(200, 1.05, 180.0, 2.0, id="many"),
        pytest.param(30, 2.0, 10.0, 60.0, id="long waits"),
    ],
)
def test_the_closed_form_is_the_integral_of_its_definition(agents, live_per_s, aht_s, wait_s):
    found = abandonment(agents, live_per_s, aht_s, wait_s)
    assert found == pytest.approx([float(v) for v in exactly(agents, live_per_s, aht_s, wait_s)], rel=1e-10)


def test_without_any_wait_it_is_the_loss_formula_and_with_an_endless_one_nobody_is_lost():
    blocked = performance(QueueingModel("erlang_b"), 20, 14.4, 180.0).blocking
    assert abandonment(20, 0.08, 180.0, 0.0)[0] == pytest.approx(float(blocked), rel=1e-12)
    lost, waits = abandonment(20, 0.08, 180.0, 1e5)
    assert lost < 1e-12
    assert waits == pytest.approx(float(erlang_c(20, 14.4, 180.0, 0)["p_wait"]), rel=1e-9)


def simulated(agents, live_per_s, aht_s, wait_s, seed, calls=400_000):
    """Return the share abandoned: first come, first served, who would wait longer than wait_s is lost."""
    random = np.random.default_rng(seed)
    times = np.cumsum(random.exponential(1 / live_per_s, calls)).tolist()
    handle = random.exponential(aht_s, calls).tolist()
    free, lost = [0.0] * agents, 0
    for t, h in zip(times, handle, strict=True):
        if free[0] > t + wait_s:
            lost += 1
        else:
            heapq.heapreplace(free, max(t, free[0]) + h)
    return lost / calls


@pytest.mark.parametrize(("agents", "load", "wait_s"), [(20, 14.2, 2.0), (5, 4.0, 20.0)])
def test_the_closed_form_is_what_a_simulation_finds(agents, load, wait_s):
    lost = [simulated(agents, load / 180, 180.0, wait_s, seed, 100_000) for seed in range(8)]
    error = np.std(lost, ddof=1) / np.sqrt(len(lost))
    found = abandonment(agents, load / 180, 180.0, wait_s)[0]
    assert abs(np.mean(lost) - found) < 4 * error
    assert error < 0.02 * found


@settings(max_examples=examples(100), deadline=None)
@given(
    agents=st.integers(1, 400),
    cap=st.floats(0.001, 0.9),
    wait_s=st.floats(0, 60),
    aht_s=st.floats(5, 2000),
)
def test_the_fastest_pace_is_at_the_cap_and_a_faster_one_above_it(agents, cap, wait_s, aht_s):
    campaign = Campaign(aht_s, 0.25, cap, wait_s)
    found = fastest_pace(agents, campaign)
    assert found.abandonment == pytest.approx(cap, rel=1e-9)
    assert found.abandonment <= cap
    assert pace(agents, found.live_per_hour / 3600 * 1.001, campaign).abandonment > cap
    assert found.live_per_hour == pytest.approx(found.dials_per_hour * 0.25)
    assert found.contacts_per_hour == pytest.approx(found.live_per_hour * (1 - found.abandonment))
    busy = found.contacts_per_hour * aht_s / 3600
    assert found.agents_idle == pytest.approx(agents - busy)
    assert found.talk_occupancy == pytest.approx(busy / agents)
    assert 0 < found.talk_occupancy <= 1 + 1e-12
    assert found.lines_busy == pytest.approx(busy + found.dials_per_hour / 3600 * 15)


@settings(max_examples=examples(40), deadline=None)
@given(contacts=st.floats(0.1, 5000), cap=st.floats(0.005, 0.3), aht_s=st.floats(20, 900))
def test_the_agents_for_a_target_reach_it_and_one_fewer_do_not(contacts, cap, aht_s):
    campaign = Campaign(aht_s, 0.3, cap)
    found = agents_for(contacts, campaign)
    assert found.contacts_per_hour >= contacts
    if found.agents > 1:
        assert fastest_pace(found.agents - 1, campaign).contacts_per_hour < contacts


def test_larger_teams_and_longer_waits_let_the_dialler_go_faster():
    occupancy = [fastest_pace(agents, CAMPAIGN).talk_occupancy for agents in (1, 5, 20, 100, 500)]
    assert occupancy == sorted(occupancy)
    rates = [fastest_pace(20, Campaign(180.0, 0.3, 0.03, wait)).dials_per_hour for wait in (0, 2, 10, 60)]
    assert rates == sorted(rates)


def test_what_makes_no_sense_is_refused():
    for wrong in (Campaign(180, 0), Campaign(180, 0.3, 0.0), Campaign(0, 0.3), Campaign(180, 0.3, 0.03, -1)):
        with pytest.raises(ValueError, match=r"lies above 0|lies between 0 and 1"):
            fastest_pace(20, wrong)
    with pytest.raises(ValueError, match="more than"):
        agents_for(1e9, CAMPAIGN)

"""The chain of the threshold policy: inbound contacts first, background work while more agents are idle.

Background work (email, outbound) starts whenever more than `threshold` agents are idle, and there is always
some, so that at least agents - threshold are busy. Work once begun is ended. With one handle time for both
that is a birth-death chain which begins at agents - threshold; every end of work in its lowest state starts a
piece of background work. Load in erlangs, times in seconds, rates per second.
Source: Bhulai & Koole (2003), A queueing model for call blending in call centers, IEEE Trans. Automatic
Control 48, 1434-1438; the line is that of Erlang A and C (`wfm.erlang.waiting_line`).

With two handle times the chain is approximated (`wfm.erlang.blend_mix`).
"""

from __future__ import annotations

import math
from typing import NamedTuple

from wfm.erlang.blend_mix import Jobs, measure_mixed
from wfm.erlang.kernel import kernel
from wfm.erlang.measures import Measures, Question, measured, unstable
from wfm.erlang.waiting_line import impatient_line, nobody_answers, patient_line

SAME = 1e-13  # relative difference of handle times that is rounding


class Policy(NamedTuple):
    """Agents, and how many of them are kept free for inbound contacts."""

    agents: float
    threshold: float


class Blended(NamedTuple):
    """Steady state: what inbound contacts meet (occupancy counts all work), background work begun."""

    inbound: Measures
    background_per_s: float


@kernel
def measure_blend(
    policy: Policy, load: float, aht_s: float, background_aht_s: float, asked: Question
) -> Blended:
    """Return the steady state for agents > 0 and load > 0, with handle times of both kinds of work."""
    if math.isinf(asked.patience_s) and load >= policy.agents:
        return Blended(unstable(), 0.0)  # the line never empties, no background work begins
    rate = load / aht_s
    if abs(background_aht_s - aht_s) <= SAME * aht_s or policy.threshold >= policy.agents:
        return _measure_same(policy, rate, aht_s, asked)
    jobs = Jobs(rate, 1.0 / aht_s, 1.0 / background_aht_s)
    mixed = measure_mixed(policy.agents, policy.threshold, jobs, asked)
    return Blended(measured(mixed.wait, rate, mixed.busy / policy.agents, asked.variant), mixed.begun_per_s)


@kernel
def _measure_same(policy: Policy, rate: float, aht_s: float, asked: Question) -> Blended:
    """Return the steady state with one handle time for all work."""
    agents, load = policy.agents, rate * aht_s
    if math.isinf(asked.patience_s) and load >= agents:
        return Blended(unstable(), 0.0)
    head, lowest = free_states(policy, load)
    if math.isinf(asked.patience_s):
        wait = patient_line(head, load, agents, aht_s, asked)
    else:
        wait = impatient_line(head, load, agents, aht_s, asked)
    busy = agents - policy.threshold
    if policy.threshold > 0.0:
        begun = busy / aht_s * (1.0 - wait.p_wait) * lowest
    else:  # every end of work that no waiting contact takes
        begun = max(0.0, agents / aht_s - rate * wait.answered)
    occupancy = min(1.0, (rate * wait.answered + begun) * aht_s / agents)
    return Blended(measured(wait, rate, occupancy, asked.variant), begun)


@kernel
def free_states(policy: Policy, load: float) -> tuple[float, float]:
    """Return the weights of the states with a free agent, relative to the last, and the share of the first.

    The first is the lowest state, agents - threshold busy. Both sums have positive terms only.
    """
    if policy.threshold <= 0.0:
        return 0.0, 0.0
    first = policy.agents - policy.threshold
    to_last, to_first, weight, busy = 1.0, 1.0, 1.0, first + 1.0
    while busy < policy.agents:
        to_last = 1.0 + to_last * busy / load
        weight *= load / busy
        to_first += weight
        busy += 1.0
    return to_last, 1.0 / to_first


@kernel
def without_inbound(policy: Policy, background_aht_s: float) -> Blended:
    """Return the steady state when nobody calls: all but the kept agents do background work."""
    busy = policy.agents - policy.threshold
    occupancy = busy / policy.agents if policy.agents > 0.0 else 0.0
    none_free = 1.0 if policy.threshold == 0.0 else 0.0
    nobody_there = 1.0 if policy.agents == 0.0 else 0.0
    calm = Measures(1.0, 0.0, 0.0, occupancy, none_free, 0.0, 0.0, nobody_there, 1.0)
    return Blended(calm, busy / background_aht_s)


@kernel
def without_agents(load: float, aht_s: float, asked: Question) -> Blended:
    """Return the steady state with no agent at all."""
    if math.isinf(asked.patience_s):
        return Blended(unstable(), 0.0)
    return Blended(measured(nobody_answers(asked), load / aht_s, 0.0, asked.variant), 0.0)

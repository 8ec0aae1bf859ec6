"""The steady state of shared queues: against formulas where there are some."""

from __future__ import annotations

import math

import numpy as np
import pytest

from wfm.config import build_config
from wfm.erlang.choice import model_of, targets_of
from wfm.erlang.models import performance
from wfm.simulate.steady import steady_service, steady_system

MANY = 2_000_000


def queues_of(**queues):
    usual = {"service_level": 0.8, "answer_within_s": 20}
    return build_config({"queues": {name: {**usual, **keys} for name, keys in queues.items()}}).queues


def formula(queue, agents, load, aht_s):
    one = np.array([float(agents)]), np.array([load]), np.array([aht_s])
    return performance(model_of(queue), *one, targets_of(queue).answering)


def p_wait(agents, load):
    """Erlang C by its definition."""
    terms = [load**k / math.factorial(k) for k in range(agents)]
    last = load**agents / math.factorial(agents) * agents / (agents - load)
    return last / (sum(terms) + last)


def within(ratio, at, exact):
    assert abs(ratio.value[at] - exact) < 4 * ratio.error[at]
    assert ratio.error[at] < 0.05 * max(exact, 0.1)  # or the comparison would say nothing


def test_queues_with_agents_of_their_own_give_what_their_formulas_say():
    queues = queues_of(patient={}, hurried={"patience_s": 120})
    load, aht_s, agents = np.array([8.0, 12.0]), np.array([240.0, 300.0]), np.array([10, 12])
    system = steady_system(queues, load / aht_s, aht_s, [["patient"], ["hurried"]])
    found = steady_service(system, agents, MANY, 1)
    assert found.stable
    for q, queue in enumerate(queues.values()):
        exact = formula(queue, agents[q], load[q], aht_s[q])
        within(found.service_level, q, float(exact.service_level[0]))
        within(found.asa_s, q, float(exact.asa_s[0]))
        within(found.occupancy, q, float(exact.occupancy[0]))
    within(found.abandonment, 1, float(formula(queues["hurried"], 12, 12.0, 300.0).abandonment[0]))


def test_two_queues_of_one_group_are_one_queue():
    queues = queues_of(a={}, b={})
    system = steady_system(queues, np.array([0.02, 0.03]), np.array([200.0, 200.0]), [["a", "b"]])
    found = steady_service(system, np.array([12]), MANY, 2)
    exact = formula(queues["a"], 12, 10.0, 200.0)
    for q in range(2):
        within(found.service_level, q, float(exact.service_level[0]))


def test_the_urgent_queue_waits_for_agents_and_its_own_kind_only():
    # without preemption an urgent contact waits exponentially with the rate n mu - lambda_urgent
    queues = queues_of(urgent={"priority": 1}, other={"priority": 5})
    rate, aht_s, agents = np.array([0.02, 0.025]), 200.0, 11
    system = steady_system(queues, rate, np.array([aht_s, aht_s]), [["urgent", "other"]])
    found = steady_service(system, np.array([agents]), MANY, 3)
    late = p_wait(agents, float(rate.sum()) * aht_s) * math.exp(-(agents / aht_s - rate[0]) * 20.0)
    within(found.service_level, 0, 1.0 - late)


def test_work_that_exceeds_the_agents_has_no_steady_state():
    system = steady_system(queues_of(a={}), np.array([0.1]), np.array([200.0]), [["a"]])
    assert not steady_service(system, np.array([10]), MANY, 1).stable
    assert not steady_service(system, np.array([0]), 400_000, 1).stable


def test_standard_errors_are_about_right():
    queues = queues_of(a={"patience_s": 200})
    system = steady_system(queues, np.array([0.05]), np.array([200.0]), [["a"]])
    exact = float(formula(queues["a"], 11, 10.0, 200.0).service_level[0])
    found = [steady_service(system, np.array([11]), 100_000, seed).service_level for seed in range(40)]
    distance = np.array([(one.value[0] - exact) / one.error[0] for one in found])
    assert 0.6 < distance.std() < 1.5
    assert abs(distance.mean()) < 0.6


@pytest.mark.parametrize("variant", ["excluding_abandoned_in_target", "abandons_in_target_good", "answered"])
def test_every_variant_of_service_level_is_counted_as_the_formulas_count_it(variant):
    queues = queues_of(a={"patience_s": 60, "service_level_variant": variant})
    system = steady_system(queues, np.array([0.05]), np.array([200.0]), [["a"]])
    found = steady_service(system, np.array([9]), MANY, 4)
    within(found.service_level, 0, float(formula(queues["a"], 9, 10.0, 200.0).service_level[0]))

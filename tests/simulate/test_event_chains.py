"""The event loop against exact stationary figures, within three standard errors of the simulation."""

from __future__ import annotations

import numpy as np
import pytest

from tests.erlang import oracle
from tests.simulate import markov
from tests.simulate.small import REST, centre, play_often, ratio, whole_time
from wfm.simulate.book import (
    ABANDONED,
    ANSWERED,
    ANSWERED_IN,
    ATTEMPTS,
    BUSY_S,
    FRESH,
    WAITED_S,
)

LONG_S = 2e6
SEEDS = range(12)


def assert_ratio(counts, numerator, denominator, exact):
    """The ratio of two counts of a queue, or of a count to a number, is the exact one."""
    value, error = ratio(counts[:, numerator], denominator)
    assert value == pytest.approx(float(exact), abs=3 * error)
    assert error < 0.02 * float(exact) + 1e-3, "the simulation is too short to tell"


@pytest.mark.parametrize(
    ("agents", "load", "patience_s"),
    [
        pytest.param(1, 0.7, 120, id="one agent"),
        pytest.param(8, 7.5, 90, id="busy"),
        pytest.param(8, 12, 300, id="overload"),
    ],
)
def test_one_queue_is_erlang_a(agents, load, patience_s):
    exact = oracle.erlang_a(agents, load, 180, patience_s, 20)
    crew = whole_time(0, agents, LONG_S)
    counts = play_often(
        centre([load / 180], [180], [[0]], crew, interval_s=LONG_S, patience_s=patience_s), SEEDS
    )[:, :, 0]
    attempts, answered = counts[:, ATTEMPTS], counts[:, ANSWERED]
    assert_ratio(counts, ABANDONED, attempts, exact["abandonment"])
    assert_ratio(counts, ANSWERED_IN, attempts, exact["answered_in_target"])
    assert_ratio(counts, WAITED_S, answered, exact["asa_s"])
    assert_ratio(counts, BUSY_S, np.full(len(SEEDS), agents * LONG_S), exact["occupancy"])


N_DESIGN, W_DESIGN = [[0, REST], [1, 0]], [[0, 1], [1, 0], [REST, 0]]


@pytest.mark.parametrize(
    ("rank", "priority", "aht_s"),
    [
        pytest.param(N_DESIGN, (1, 1), (100, 100), id="N, first come first served"),
        pytest.param(N_DESIGN, (1, 2), (100, 160), id="N, shared agent prefers queue 1"),
        pytest.param(N_DESIGN, (2, 1), (160, 100), id="N, shared agent prefers queue 2"),
        pytest.param(W_DESIGN, (1, 1), (100, 80), id="W, longest idle first"),
    ],
)
def test_agents_with_two_skills_are_the_markov_chain(rank, priority, aht_s):
    rate, patience_s = (0.006, 0.007), (60, 45)
    serves = [[q for q in range(2) if own[q] != REST] for own in rank]
    exact = markov.voice(rate, aht_s, patience_s, serves, priority)
    crew = [(group, [(0.0, LONG_S)]) for group in range(len(rank))]
    scenario = centre(
        rate,
        aht_s,
        rank,
        crew,
        interval_s=LONG_S,
        patience_s=patience_s,
        priority=priority,
        answer_within_s=0,
    )
    counts = play_often(scenario, SEEDS)
    for q in range(2):
        own = counts[:, :, q]
        assert_ratio(own, ABANDONED, own[:, ATTEMPTS], exact["abandonment"][q])
        assert_ratio(own, ANSWERED_IN, own[:, ATTEMPTS], exact["at_once"][q])


@pytest.mark.parametrize(
    ("agents", "slots", "slowdown", "rate"),
    [
        pytest.param(1, 3, 0.4, 0.02, id="one agent"),
        pytest.param(3, 2, 0.5, 0.045, id="three agents"),
        pytest.param(2, 3, 0.0, 0.06, id="not slowed down"),
    ],
)
def test_chats_are_the_markov_chain(agents, slots, slowdown, rate):
    exact = markov.chat(rate, 100, 80, agents, slots, slowdown)
    crew = whole_time(0, agents, LONG_S)
    scenario = centre(
        [rate], [100], [[0]], crew, interval_s=LONG_S, patience_s=80, concurrency=slots, slowdown=slowdown,
        answer_within_s=0,
    )  # fmt: skip
    counts = play_often(scenario, SEEDS)[:, :, 0]
    assert_ratio(counts, ABANDONED, counts[:, ATTEMPTS], exact["abandonment"])
    assert_ratio(counts, ANSWERED_IN, counts[:, ATTEMPTS], exact["at_once"])
    assert_ratio(counts, BUSY_S, np.full(len(SEEDS), LONG_S), exact["in_service"])


def test_chat_chain_is_the_birth_death_chain_of_one_agent():
    ours = markov.chat(0.02, 100, 80, 1, 3, 0.4)
    theirs = oracle.chat(1, 2.0, [1.0, 1.4, 1.8], 100, 80, 0)
    assert ours["abandonment"] == pytest.approx(float(theirs["abandonment"]), rel=1e-6)


def test_everybody_calls_again_with_the_same_probability_when_nobody_answers():
    scenario = centre(
        [0.02], [100], [[0]], [], interval_s=LONG_S, patience_s=60, redial=0.6, redial_after_s=200
    )
    counts = play_often(scenario, SEEDS)[:, :, 0]
    assert_ratio(counts, ATTEMPTS, counts[:, FRESH], 1 / (1 - 0.6))


def test_redials_after_long_are_a_larger_poisson_stream():
    fresh, redial, agents = 0.05, 0.7, 10
    rate = fresh
    for _ in range(30):
        abandonment = markov.chat(rate, 180, 60, agents, 1, 0.0)["abandonment"]
        rate = fresh / (1 - redial * abandonment)
    crew = whole_time(0, agents, LONG_S)
    scenario = centre(
        [fresh], [180], [[0]], crew, interval_s=LONG_S, patience_s=60, redial=redial, redial_after_s=7200
    )
    counts = play_often(scenario, SEEDS)[:, :, 0]
    value, error = ratio(counts[:, ATTEMPTS], counts[:, FRESH])
    assert value == pytest.approx(
        rate / fresh, abs=3 * error + 0.003
    )  # the last two hours call after the end

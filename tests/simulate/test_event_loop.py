"""The event loop against the same rules written slowly, the loop for one queue, and small days by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.simulate.centres import centres
from tests.simulate.naive import Centre
from tests.simulate.small import (
    REST,
    centre,
    empty_book,
    no_factor,
    play,
    presence_of,
    streams,
    whole_time,
)
from wfm.simulate.book import (
    ABANDONED,
    ANSWERED,
    ATTEMPTS,
    BACKLOG,
    BUSY_S,
    COUNTS,
    FRESH,
    IN_DEADLINE,
    STAFFED_S,
    TURNED_AWAY,
    WORKED_S,
)
from wfm.simulate.event_loop import run_events
from wfm.simulate.event_space import event_space
from wfm.simulate.scenario import BEST_SKILL, LONGEST_IDLE, MEASURED
from wfm.simulate.single_queue import run_single_queue

HOUR = 3600.0


def fits(scenario, space):
    """Say whether a replication has room in the space."""
    book, presence = empty_book(scenario), presence_of(scenario)
    return run_events(*streams(1), scenario, no_factor(scenario), presence, book, space) == 0


def constant(scenario):
    """Let every contact take exactly its mean handle time."""
    scenario.rules.handle[:], scenario.rules.table[:] = MEASURED, 1.0
    return scenario


@settings(max_examples=examples(100))
@given(scenario=centres(), seed=st.integers(0, 1000))
def test_counts_are_those_of_the_same_rules_written_slowly(scenario, seed):
    book = play(scenario, seed)
    slow = Centre(*streams(seed), scenario, presence_of(scenario)).run()
    for count in range(COUNTS):
        np.testing.assert_allclose(
            book.counts[count], slow.counts[count], atol=1e-6, err_msg=f"count {count}"
        )
    np.testing.assert_allclose(book.time, slow.time, atol=1e-6)


@pytest.mark.parametrize(
    "patience_s", [pytest.param(120.0, id="patience"), pytest.param(math.inf, id="none")]
)
@pytest.mark.parametrize("seed", range(4))
def test_one_queue_counts_as_in_the_loop_for_one_queue(patience_s, seed):
    agents, end_s = 6, 8 * HOUR
    edges = np.sort(np.random.default_rng(seed).uniform(0, end_s, (agents, 4)))
    crew = [(0, [(a, b), (c, d)]) for a, b, c, d in edges.tolist()]
    closes = np.where(np.arange(16) < 8, end_s / 2, end_s)[None, :]
    scenario = centre(
        [0.012], [200], [[0]], crew, intervals=16, interval_s=HOUR / 2, closes=closes, patience_s=patience_s
    )
    one = empty_book(scenario)
    heap, free, stretch = np.zeros(agents, np.int64), np.zeros(agents), np.zeros(agents, np.int64)
    run_single_queue(
        streams(seed)[0], scenario, no_factor(scenario), presence_of(scenario), one, heap, free, stretch
    )
    book = play(scenario, seed)
    np.testing.assert_array_equal(book.waits, one.waits)
    np.testing.assert_allclose(book.counts, one.counts, atol=1e-6)
    np.testing.assert_allclose(book.time, one.time, atol=1e-6)


def test_agent_serves_what_is_left_from_before_when_it_comes_and_finishes_the_last_after_its_end():
    crew = [(0, [(1000.0, 1250.0)])]
    scenario = centre(
        [0.0], [100.0], [[0]], crew, intervals=4, interval_s=600.0, old_queue=[0, 0, 0, 0], deadline_s=900.0
    )
    book = play(constant(scenario))
    np.testing.assert_allclose(book.counts[BUSY_S, 0], [0, 200, 100, 0])
    np.testing.assert_allclose(book.counts[BACKLOG, 0], [4, 2, 1, 1])  # one is taken at 1200 exactly
    np.testing.assert_allclose(book.time[WORKED_S, 0], [0, 200, 100, 0])
    np.testing.assert_allclose(book.time[STAFFED_S, 0], [0, 0, 50, 0])
    assert book.counts[[ATTEMPTS, ANSWERED, TURNED_AWAY, ABANDONED, IN_DEADLINE]].sum() == 0


@pytest.mark.parametrize("order", [pytest.param([0, 1], id="0 first"), pytest.param([1, 0], id="1 first")])
def test_oldest_contact_from_before_is_taken_first_whatever_its_queue(order):
    crew = [(0, [(0.0, 50.0)])]
    scenario = centre([0.0, 0.0], [100.0, 100.0], [[0, 1]], crew, old_queue=order)
    served = play(constant(scenario)).counts[BUSY_S, :, 0]
    assert served[order[0]] == 100.0
    assert served[order[1]] == 0.0


@pytest.mark.parametrize(
    ("rank", "groups", "taken_by"),
    [
        pytest.param([[0, 1], [0, 1]], [0, 1], 0, id="first agent"),
        pytest.param([[0, 1], [0, 1]], [1, 0], 1, id="first agent, of the second group"),
        pytest.param([[0, 1], [1, 0]], [1, 0], 0, id="better rank"),
    ],
)
def test_of_two_who_came_together_the_better_rank_then_the_first_takes_the_contact(rank, groups, taken_by):
    crew = [(group, [(0.0, HOUR)]) for group in groups]
    rate = [[0.001, 0.0], [0.0, 0.0]]
    scenario = centre(rate, [HOUR, HOUR], rank, crew, intervals=2, interval_s=HOUR / 2)
    books = (play(constant(scenario), seed) for seed in range(99))
    book = next(book for book in books if book.counts[ATTEMPTS].sum() == 1)
    assert book.time[WORKED_S].sum(axis=1)[taken_by] > 0
    assert book.time[WORKED_S].sum(axis=1)[1 - taken_by] == 0


def test_chats_slow_each_other_down():
    """Two at once at half speed: 100 s of work each; the third begins at 200."""
    crew = [(0, [(0.0, 600.0)])]
    scenario = centre(
        [0.0], [100.0], [[0]], crew, interval_s=600.0, old_queue=[0, 0, 0], concurrency=2, slowdown=1.0
    )
    book = play(constant(scenario))
    assert book.counts[BUSY_S].sum() == pytest.approx(2 * 200 + 100)
    assert book.time[WORKED_S].sum() == pytest.approx(200 + 100 / 2)


@pytest.mark.parametrize(
    ("first_hour_s", "least", "most"),
    [pytest.param(0.0, 1.0, 1.0, id="closed"), pytest.param(HOUR, 0.0, 0.1, id="open")],
)
def test_deadline_is_in_working_seconds_until_handling_ends(first_hour_s, least, most):
    """All arrive in the first hour, in which nobody handles them, and are handled in the minute after it."""
    crew = [(0, [(HOUR, 2 * HOUR)])] * 60
    scenario = centre(
        [[0.008, 0.0]], [60.0], [[0]], crew, intervals=2, deadline_s=119.0,
        worked=[0.0, first_hour_s, first_hour_s + HOUR],
    )  # fmt: skip
    counts = play(constant(scenario)).counts[:, 0, 0]
    assert 10 < counts[ATTEMPTS] == counts[ANSWERED] < 60
    assert least * counts[ATTEMPTS] <= counts[IN_DEADLINE] <= most * counts[ATTEMPTS]


def test_more_contacts_than_the_space_holds_are_told_and_larger_space_gives_the_same():
    scenario = centre([0.05], [300], [[0]], whole_time(0, 3, HOUR), redial=0.5, patience_s=600)
    assert not fits(scenario, event_space(scenario, 20))
    whole = play(scenario, 1, event_space(scenario, 200))
    np.testing.assert_array_equal(whole.counts, play(scenario, 1, event_space(scenario, 5000)).counts)


def test_space_used_before_gives_the_same_as_new_space():
    scenario = centre([0.05], [300], [[0]], whole_time(0, 3, HOUR), redial=0.5, patience_s=600)
    used = event_space(scenario, 60)
    assert not fits(centre([1.0], [300], [[0]], whole_time(0, 3, HOUR)), used)
    first = play(scenario, 2, used)
    assert (play(scenario, 3, used).counts != first.counts).any()
    np.testing.assert_array_equal(play(scenario, 2, used).counts, first.counts)


def test_staffing_changes_nothing_in_the_fresh_contacts():
    rules = {"rate": [0.02, 0.03], "aht_s": [100, 200], "rank": [[0, 1]], "patience_s": 60, "redial": 0.7}
    nobody, many = (
        play(centre(crew=whole_time(0, agents, 6 * HOUR), intervals=6, **rules)) for agents in (0, 6)
    )
    np.testing.assert_array_equal(nobody.counts[FRESH], many.counts[FRESH])
    assert nobody.counts[ATTEMPTS].sum() > many.counts[ATTEMPTS].sum()


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param({}, id="no patience end"),
        pytest.param({"deadline_s": 100.0}, id="deadline"),
        pytest.param({"patience_s": 0.0, "redial": 1.0, "redial_after_s": 0.0}, id="calls again for ever"),
        pytest.param({"overflow_after_s": 0.0, "concurrency": 3}, id="chat"),
        pytest.param({"closes": 0.0}, id="closed"),
    ],
)
@pytest.mark.parametrize("rank", [pytest.param([[0]], id="skilled"), pytest.param([[REST]], id="no skill")])
def test_without_anybody_nothing_is_answered_and_the_day_ends(rules, rank):
    counts = play(centre([0.01], [100], rank, [], intervals=2, **rules)).counts
    assert counts[ATTEMPTS].sum() > 0
    assert counts[ANSWERED].sum() == 0
    left = counts[ATTEMPTS].sum() - counts[ABANDONED].sum() - counts[TURNED_AWAY].sum()
    assert left == (counts[BACKLOG, 0, -1] if "deadline_s" in rules else 0)


def test_who_lists_a_queue_first_spares_those_who_list_another_first():
    crew = [*whole_time(0, 4, 36_000.0), *whole_time(1, 4, 36_000.0)]
    served = []
    for routing in (LONGEST_IDLE, BEST_SKILL):
        scenario = centre(
            [0.01, 0.0], [180.0, 180.0], [[0, REST], [1, 0]], crew,
            intervals=10, patience_s=60.0, routing=routing,
        )  # fmt: skip
        book = play(scenario)
        assert book.counts[ATTEMPTS].sum() == play(scenario).counts[ATTEMPTS].sum()
        served.append(book.time[WORKED_S].sum(axis=1))
    assert served[0][1] == pytest.approx(served[0][0], rel=0.2)  # both take turns
    assert served[1][1] < 0.2 * served[1][0]  # the second only where the first are all busy

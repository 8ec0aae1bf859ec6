"""One queue against the exact formulas, and what must hold whatever is drawn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.erlang import oracle
from tests.simulate.small import centre, empty_book, no_factor, presence_of, ratio, whole_time
from wfm.simulate.absences import book_presence
from wfm.simulate.book import (
    ABANDONED,
    ABANDONED_IN,
    ANSWERED,
    ANSWERED_IN,
    ATTEMPTS,
    BACKLOG,
    BUSY_S,
    FRESH,
    STAFFED_S,
    TURNED_AWAY,
    WAITED_S,
    WORKED_S,
    clear,
)
from wfm.simulate.scenario import LOGNORMAL
from wfm.simulate.single_queue import run_single_queue

HOUR_S = 3600.0
HOURS, WARM_UP, REPLICATIONS = 120, 4, 24
SETTINGS = [  # load (erlangs), agents, AHT, patience, answer within
    *[
        (load, agents, 180.0, 120.0, 20.0)
        for load, agents in ((1, 2), (5, 5), (10, 12), (30, 28), (100, 100))
    ],
    *[
        (load, agents, 300.0, 600.0, 30.0)
        for load, agents in ((2, 3), (8, 9), (20, 20), (50, 55), (120, 118))
    ],
    *[(load, agents, 60.0, 30.0, 10.0) for load, agents in ((0.5, 1), (4, 3), (15, 18), (40, 36), (80, 84))],
    *[(load, agents, 900.0, 300.0, 0.0) for load, agents in ((3, 4), (12, 11), (25, 28))],
    *[
        (load, agents, 180.0, math.inf, 20.0)
        for load, agents in ((1, 3), (5, 8), (10, 14), (30, 35), (100, 108))
    ],
    *[(load, agents, 300.0, math.inf, 60.0) for load, agents in ((2, 4), (8, 11), (20, 24), (50, 56))],
    *[(load, agents, 60.0, math.inf, 10.0) for load, agents in ((0.5, 2), (15, 20), (40, 46))],
]


def play(scenario, seed):
    """Return the book of one replication."""
    book = empty_book(scenario)
    run(scenario, np.random.Generator(np.random.SFC64(seed)), book)
    return book


def run(scenario, random, book):
    agents = len(scenario.staff.group)
    work = np.zeros(agents, dtype=np.int64), np.zeros(agents), np.zeros(agents, dtype=np.int64)
    presence = presence_of(scenario)
    run_single_queue(random, scenario, no_factor(scenario), presence, book, *work)
    book_presence(presence, scenario.staff, scenario.demand.interval_s, book)


@pytest.mark.parametrize(("load", "agents", "aht_s", "patience_s", "within_s"), SETTINGS)
def test_long_runs_agree_with_erlang_a_and_c(load, agents, aht_s, patience_s, within_s):
    hours = max(HOURS, int(20_000 * aht_s / (load * HOUR_S * REPLICATIONS)))
    scenario = centre(
        [load / aht_s], [aht_s], [[0]], whole_time(0, agents, hours * HOUR_S),
        intervals=hours, patience_s=patience_s, answer_within_s=within_s,
    )  # fmt: skip
    if math.isinf(patience_s):
        exact = oracle.erlang_c(agents, load, aht_s, within_s)
        exact |= {"answered_in_target": exact["service_level"], "abandonment": 0, "occupancy": load / agents}
    else:
        exact = oracle.erlang_a(agents, load, aht_s, patience_s, within_s)
    counts, worked = [], []
    book = empty_book(scenario)
    for seed in range(REPLICATIONS):
        clear(book)
        run(scenario, np.random.Generator(np.random.SFC64([seed, agents])), book)
        counts.append(book.counts[:, 0, WARM_UP:-1].sum(axis=1))
        worked.append(book.time[:, 0, WARM_UP:-1].sum(axis=1))
    figures, time = np.array(counts).T, np.array(worked).T
    attempts, answered = figures[ATTEMPTS], figures[ANSWERED]
    assert_within_3_errors(ratio(figures[ANSWERED_IN], attempts), exact["answered_in_target"])
    assert_within_3_errors(ratio(figures[ABANDONED], attempts), exact["abandonment"])
    assert_within_3_errors(ratio(figures[WAITED_S], answered), exact["asa_s"])
    assert_within_3_errors(ratio(time[WORKED_S], time[STAFFED_S]), exact["occupancy"])


def assert_within_3_errors(estimate, exact):
    value, error = estimate
    assert abs(value - float(exact)) <= 3 * error + 1e-12


@st.composite
def days(draw):
    """Draw a small centre with changing rates, stretches and closing times, and a seed."""
    intervals = draw(st.integers(1, 4))
    end_s = intervals * 600.0
    rate = [[draw(st.sampled_from([0.0, 0.002, 0.02, 0.08])) for _ in range(intervals)]]
    crew = []
    for _ in range(draw(st.integers(0, 6))):
        edges = sorted(draw(st.lists(st.integers(0, intervals * 10 + 3), max_size=6, unique=True)))
        pairs = zip(edges[::2], edges[1::2], strict=False)
        crew.append((0, [(60.0 * begin, 60.0 * end) for begin, end in pairs]))
    closes = draw(st.sampled_from([math.inf, end_s, 700.0]))
    scenario = centre(
        rate, [draw(st.sampled_from([20.0, 200.0, 1500.0]))], [[0]], crew,
        intervals=intervals, interval_s=600.0, closes=closes,
        patience_s=draw(st.sampled_from([1e-3, 60.0, math.inf])),
        handle=draw(st.sampled_from([0, LOGNORMAL])),
    )  # fmt: skip
    return scenario, draw(st.integers(0, 10_000))


@given(days())
@settings(deadline=None)
def test_no_contact_and_no_second_of_an_agent_is_lost(case):
    scenario, seed = case
    book = play(scenario, seed)
    counts, time = book.counts[:, 0], book.time[:, 0]
    assert np.array_equal(counts[ATTEMPTS], counts[FRESH])
    assert np.array_equal(counts[ATTEMPTS], counts[ANSWERED] + counts[ABANDONED] + counts[TURNED_AWAY])
    assert (counts[ANSWERED_IN] <= counts[ANSWERED]).all()
    assert (counts[ABANDONED_IN] <= counts[ABANDONED]).all()
    assert np.array_equal(book.waits[0].sum(axis=1), counts[ANSWERED])
    assert np.allclose(time[WORKED_S], counts[BUSY_S])
    assert (time[WORKED_S] <= time[STAFFED_S] + 1e-6).all()
    assert (time[STAFFED_S] <= len(scenario.staff.group) * 600.0 + 1e-6).all()
    assert (counts[BACKLOG] <= np.cumsum(counts[ATTEMPTS])).all()


@given(days())
@settings(deadline=None)
def test_an_agent_takes_no_contact_outside_its_stretches(case):
    scenario, seed = case
    intervals = scenario.demand.rate.shape[1]
    ended = scenario.staff.end.max(initial=0.0)
    begun = scenario.staff.begin.min(initial=math.inf)
    book = play(scenario, seed)
    if not len(scenario.staff.begin):
        assert book.counts[ANSWERED].sum() == 0
    for n in range(intervals):
        if n * 600.0 >= ended:
            assert book.counts[ANSWERED, 0, n] == 0  # arrived when everybody had gone
        if (n + 1) * 600.0 <= begun:
            assert book.time[WORKED_S, 0, n] == 0


def test_a_contact_is_finished_after_the_stretch_and_that_counts_as_time_on_queue():
    crew = [(0, [(0.0, 60.0), (1200.0, 2400.0)])]
    scenario = centre(
        [[0.1, 0.0, 0.0, 0.0]], [900.0], [[0]], crew,
        intervals=4, interval_s=600.0, spread=1e-9, handle=LOGNORMAL,
    )  # fmt: skip
    book = play(scenario, 3)
    worked, staffed = book.time[WORKED_S, 0], book.time[STAFFED_S, 0]
    # one contact begins in the first minute; the next two fill 1200 to 3000 s, of which 2400 count
    assert book.counts[ANSWERED].sum() == 3
    assert worked[:2].sum() == pytest.approx(900.0)
    assert 900.0 <= staffed[:2].sum() <= 960.0
    assert worked[2:].sum() == pytest.approx(1200.0)
    assert staffed[2:].sum() == pytest.approx(1200.0)


def test_more_agents_never_lengthen_a_wait():
    waits = []
    for agents in (8, 9, 10, 12, 20):
        scenario = centre([0.05], [180.0], [[0]], whole_time(0, agents, 10 * HOUR_S), intervals=10)
        book = play(scenario, 7)
        waits.append(book.counts[WAITED_S].sum())
        assert book.counts[ATTEMPTS].sum() == play(scenario, 7).counts[ATTEMPTS].sum()
    assert waits == sorted(waits, reverse=True)


def test_the_contacts_are_the_same_whatever_the_staffing():
    few, many = (
        play(
            centre([0.05], [180.0], [[0]], whole_time(0, agents, 10 * HOUR_S), intervals=10, patience_s=60.0),
            5,
        )
        for agents in (3, 30)
    )
    assert np.array_equal(few.counts[ATTEMPTS], many.counts[ATTEMPTS])
    assert few.counts[ABANDONED].sum() > many.counts[ABANDONED].sum()

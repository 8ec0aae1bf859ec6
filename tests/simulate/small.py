"""Small contact centres for the event loop, and how to play them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from wfm.simulate.book import BINS, Book, clear, new_book
from wfm.simulate.event_loop import run_events
from wfm.simulate.event_space import EventSpace, event_space
from wfm.simulate.scenario import (
    EXPONENTIAL,
    LONGEST_IDLE,
    MEASURED,
    Demand,
    Presence,
    Rules,
    Scenario,
    Staff,
)

REST = 99  # rank of a queue that is not served
PLAIN: dict[str, float] = {
    "patience_s": math.inf,
    "redial": 0.0,
    "redial_after_s": 300.0,
    "routing": LONGEST_IDLE,
    "priority": 1,
    "overflow_after_s": 0.0,
    "concurrency": 1,
    "slowdown": 0.0,
    "answer_within_s": 20.0,
    "short_abandon_s": 5.0,
    "deadline_s": math.inf,
    "handle": EXPONENTIAL,
    "spread": 0.5,
}
WHOLE = {"routing", "priority", "concurrency", "handle"}


def centre(
    rate, aht_s, rank, crew, *, intervals=1, interval_s=3600.0, closes=math.inf, old_queue=(), **rules
):
    """Return a scenario; `rate` per second, (Q) or (Q, N); `crew` has a group and stretches per agent."""
    rank = np.asarray(rank, dtype=np.int64)
    queues = rank.shape[1]
    shape = (queues, intervals)
    full: dict[str, Any] = {
        name: np.broadcast_to(np.asarray(rules.pop(name, value)), queues).astype(
            np.int64 if name in WHOLE else np.float64
        )
        for name, value in PLAIN.items()
    }
    worked = np.asarray(rules.pop("worked", np.arange(intervals + 1) * interval_s), dtype=np.float64)
    assert not rules, f"no such rules: {rules}"
    demand = Demand(
        interval_s,
        _by_interval(rate, shape),
        _by_interval(aht_s, shape),
        np.zeros(shape, dtype=np.int64),
        _by_interval(closes, shape),
        np.asarray(old_queue, dtype=np.int64),
        np.zeros(queues),
    )
    table = np.ones((queues, 2))
    table[full["handle"] == MEASURED] = (0.5, 1.5)
    spans = [span for _, stretches in crew for span in stretches]
    begin, end = np.array(spans, dtype=np.float64).reshape(-1, 2).T.copy()
    agents = len(crew)
    staff = Staff(
        rank,
        np.array([group for group, _ in crew], dtype=np.int64),
        np.cumsum([0, *(len(stretches) for _, stretches in crew)], dtype=np.int64),
        begin,
        end,
        np.zeros(len(spans), dtype=np.int64),
        np.zeros(agents),
        np.zeros(agents),
        300.0,
    )
    return Scenario(demand, Rules(**full, worked=np.tile(worked, (queues, 1)), table=table), staff)


def _by_interval(figures, shape):
    figures = np.asarray(figures, dtype=np.float64)
    return np.broadcast_to(figures[:, None] if figures.ndim == 1 else figures, shape).copy()


def whole_time(group: int, agents: int, end_s: float) -> list[tuple[int, list[tuple[float, float]]]]:
    """Return agents of a group who never go."""
    return [(group, [(0.0, end_s)])] * agents


def presence_of(scenario: Scenario) -> Presence:
    """Return everybody on queue as planned."""
    staff = scenario.staff
    return Presence(staff.first, staff.begin, staff.end)


def streams(seed: int) -> tuple[np.random.Generator, np.random.Generator]:
    """Return the random streams of fresh contacts and of redials."""
    first, second = np.random.SeedSequence(seed).spawn(2)
    return np.random.Generator(np.random.SFC64(first)), np.random.Generator(np.random.SFC64(second))


def no_factor(scenario: Scenario) -> np.ndarray:
    """Return a factor of 1 for all days."""
    return np.ones((len(scenario.rules.priority), 1))


def empty_book(scenario: Scenario) -> Book:
    """Return a book for a scenario."""
    queues, intervals = scenario.demand.rate.shape
    return new_book(queues, len(scenario.staff.rank), intervals)


def play(scenario: Scenario, seed: int = 1, space: EventSpace | None = None) -> Book:
    """Return the book of one replication."""
    book = empty_book(scenario)
    own = event_space(scenario, 20_000) if space is None else space
    left = run_events(*streams(seed), scenario, no_factor(scenario), presence_of(scenario), book, own)
    assert left == 0, "more contacts at once than the tests expect"
    assert book.waits.shape[2] == BINS
    return book


def play_often(scenario: Scenario, seeds: Sequence[int]) -> np.ndarray:
    """Return the counts of replications, with the intervals added up: (replications, COUNTS, Q)."""
    book, space = empty_book(scenario), event_space(scenario, 20_000)
    sums = []
    for seed in seeds:
        clear(book)
        assert (
            run_events(*streams(seed), scenario, no_factor(scenario), presence_of(scenario), book, space) == 0
        )
        sums.append(book.counts.sum(axis=2))
    return np.array(sums)


def ratio(numerator: np.ndarray, denominator: np.ndarray) -> tuple[float, float]:
    """Return a ratio of sums over replications, and its standard error."""
    value = numerator.sum() / denominator.sum()
    spread = (numerator - value * denominator).std(ddof=1) / math.sqrt(len(numerator))
    return float(value), float(spread / denominator.mean())


def uncompiled(function):
    """Return the Python function that was compiled."""
    return function.py_func

"""What one replication counts, per queue and interval; compiled.

Contacts are booked to the interval of their arrival, the agents' time to the intervals in which it passes.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wfm.compiled import inlined
from wfm.simulate.scenario import Demand, Rules

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# rows of `Book.counts`
ATTEMPTS = 0  # fresh contacts and redials
FRESH = 1
ANSWERED = 2
ABANDONED = 3  # patience ended, short ones included
TURNED_AWAY = 4  # still waiting when the queue closed or the simulated time ended
SHORT = 5  # abandoned within short_abandon_s
ANSWERED_IN = 6  # within answer_within_s
ABANDONED_IN = 7
WAITED_S = 8  # waits of the answered, seconds
IN_DEADLINE = 9  # handled by the deadline
BUSY_S = 10  # handle time of the contacts, by the interval in which it passes; slots of a chat count one each
BACKLOG = 11  # contacts waiting at the end of the interval
COUNTS = 12

WORKED_S, STAFFED_S = (
    0,
    1,
)  # rows of `Book.time`: agents' time in contact work (by slots in use), and on queue
TIMES = 2

BINS_PER_OCTAVE, SHORTEST_LOG2 = 8, -4
BINS = 1 + BINS_PER_OCTAVE * 24  # of waits: none, then from 1/16 s to 2^20 s


class Book(NamedTuple):
    """The counts of one replication; `clear` them before each."""

    counts: Floats  # (COUNTS, Q, N)
    waits: Ints  # (Q, N, BINS) waits of the answered
    time: Floats  # (TIMES, G, N)


@inlined
def interval_of(t: float, interval_s: float, intervals: int) -> int:
    """Return the interval of a moment; the last one for what lies behind the end."""
    return min(int(t / interval_s), intervals - 1)


@inlined
def bin_of(wait_s: float) -> int:
    """Return the bin of a wait."""
    if wait_s <= 0.0:
        return 0
    place = math.floor(BINS_PER_OCTAVE * (math.log2(wait_s) - SHORTEST_LOG2))
    return 1 + min(max(place, 0), BINS - 2)


@inlined
def book_arrival(book: Book, q: int, n: int, fresh: bool) -> None:
    """Count an attempt of the interval n."""
    book.counts[ATTEMPTS, q, n] += 1.0
    if fresh:
        book.counts[FRESH, q, n] += 1.0


@inlined
def book_answer(book: Book, rules: Rules, q: int, n: int, wait_s: float) -> None:
    """Count an answer after a wait of a contact that arrived in interval n."""
    book.counts[ANSWERED, q, n] += 1.0
    book.waits[q, n, bin_of(wait_s)] += 1
    if wait_s <= rules.answer_within_s[q]:
        book.counts[ANSWERED_IN, q, n] += 1.0
    book.counts[WAITED_S, q, n] += wait_s


@inlined
def book_abandonment(book: Book, rules: Rules, q: int, n: int, wait_s: float) -> None:
    """Count a contact of interval n whose patience ended after a wait."""
    book.counts[ABANDONED, q, n] += 1.0
    if wait_s <= rules.short_abandon_s[q]:
        book.counts[SHORT, q, n] += 1.0
    if wait_s <= rules.answer_within_s[q]:
        book.counts[ABANDONED_IN, q, n] += 1.0


@inlined
def book_turned_away(book: Book, q: int, n: int) -> None:
    """Count a contact of interval n that still waited when the queue closed."""
    book.counts[TURNED_AWAY, q, n] += 1.0


@inlined
def add_time(row: Floats, begin: float, end: float, interval_s: float, weight: float) -> None:
    """Add the seconds from begin to end, times a weight, to the intervals in which they pass.

    What lies outside the simulated time is left out.
    """
    n = int(begin / interval_s)
    while n < row.shape[0] and begin < end:
        until = min(end, (n + 1) * interval_s)
        row[n] += weight * (until - begin)
        begin = until
        n += 1


@inlined
def working_seconds(rules: Rules, demand: Demand, q: int, t: float) -> float:
    """Return the queue's working seconds before a moment."""
    intervals = rules.worked.shape[1] - 1
    n = interval_of(t, demand.interval_s, intervals)
    share = min(1.0, (t - n * demand.interval_s) / demand.interval_s)
    return float(rules.worked[q, n] + share * (rules.worked[q, n + 1] - rules.worked[q, n]))


def new_book(queues: int, groups: int, intervals: int) -> Book:
    """Return an empty book."""
    return Book(
        np.zeros((COUNTS, queues, intervals)),
        np.zeros((queues, intervals, BINS), dtype=np.int64),
        np.zeros((TIMES, groups, intervals)),
    )


def clear(book: Book) -> None:
    """Empty a book."""
    for part in book:
        part.fill(0)

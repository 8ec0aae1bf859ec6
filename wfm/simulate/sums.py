"""Replications added up: means, and the second moments behind confidence intervals; compiled.

A ratio such as a service level is that of the sums, never the mean of ratios. Its variance is that of the
residuals x - r y (Cochran, Sampling Techniques, ch. 6), for which x*x, x*y, y*y, x and y are added up.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wfm.compiled import entry, inlined
from wfm.simulate.book import (
    ABANDONED,
    ABANDONED_IN,
    ANSWERED,
    ANSWERED_IN,
    ATTEMPTS,
    SHORT,
    WAITED_S,
    Book,
)
from wfm.simulate.scenario import Demand

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

VARIANTS = (
    "offered",
    "excluding_short",
    "excluding_abandoned_in_target",
    "abandons_in_target_good",
    "answered",
)
# ratios with an interval of confidence
SERVICE, WAIT, ABANDONMENT = 0, 1, 2
RATIOS = 3
XX, XY, YY, X, Y = range(5)
MOMENTS = 5
# per replication, queue and day
DAY_GOOD, DAY_OF, DAY_WAITED, DAY_ANSWERED, DAY_ABANDONED, DAY_ATTEMPTS = range(6)
DAY_FIGURES = 6


class Sums(NamedTuple):
    """Sums over replications; `days` has a row for each."""

    counts: Floats  # (COUNTS, Q, N)
    moments: Floats  # (RATIOS, MOMENTS, Q, N)
    waits: Ints  # (Q, N, BINS)
    time: Floats  # (TIMES, G, N)
    days: Floats  # (replications, Q, D, DAY_FIGURES)


def empty_sums(replications: int, book: Book, days: int) -> Sums:
    """Return sums of nothing, with room for so many replications of such books."""
    queues, intervals = book.counts.shape[1:]
    return Sums(
        np.zeros_like(book.counts),
        np.zeros((RATIOS, MOMENTS, queues, intervals)),
        np.zeros_like(book.waits),
        np.zeros_like(book.time),
        np.zeros((replications, queues, days, DAY_FIGURES)),
    )


def joined(parts: list[Sums]) -> Sums:
    """Return the sums of all, added in their order so that rounding repeats."""
    first = parts[0]
    counts, moments = np.zeros_like(first.counts), np.zeros_like(first.moments)
    waits, time = np.zeros_like(first.waits), np.zeros_like(first.time)
    for one in parts:
        counts += one.counts
        moments += one.moments
        waits += one.waits
        time += one.time
    return Sums(counts, moments, waits, time, np.concatenate([one.days for one in parts]))


@inlined
def _service(book: Book, variant: int, q: int, n: int) -> tuple[float, float]:
    """Return what counts as good service and of how many, by the queue's variant."""
    attempts, good = book.counts[ATTEMPTS, q, n], book.counts[ANSWERED_IN, q, n]
    if variant == 1:
        return good, attempts - book.counts[SHORT, q, n]
    if variant == 2:
        return good, attempts - book.counts[ABANDONED_IN, q, n]
    if variant == 3:
        return good + book.counts[ABANDONED_IN, q, n], attempts
    if variant == 4:
        return good, book.counts[ANSWERED, q, n]
    return good, attempts


@inlined
def _add_moments(moments: Floats, ratio: int, q: int, n: int, x: float, y: float) -> None:
    moments[ratio, XX, q, n] += x * x
    moments[ratio, XY, q, n] += x * y
    moments[ratio, YY, q, n] += y * y
    moments[ratio, X, q, n] += x
    moments[ratio, Y, q, n] += y


@entry
def add_replication(sums: Sums, number: int, book: Book, demand: Demand, variant: Ints) -> None:
    """Add what one replication counted, and empty its book."""
    counts = book.counts
    for q in range(counts.shape[1]):
        for n in range(counts.shape[2]):
            good, of = _service(book, variant[q], q, n)
            waited, answered = counts[WAITED_S, q, n], counts[ANSWERED, q, n]
            abandoned, attempts = counts[ABANDONED, q, n], counts[ATTEMPTS, q, n]
            if attempts > 0.0:
                _add_moments(sums.moments, SERVICE, q, n, good, of)
                _add_moments(sums.moments, WAIT, q, n, waited, answered)
                _add_moments(sums.moments, ABANDONMENT, q, n, abandoned, attempts)
                day = sums.days[number, q, demand.day[q, n]]
                day[DAY_GOOD] += good
                day[DAY_OF] += of
                day[DAY_WAITED] += waited
                day[DAY_ANSWERED] += answered
                day[DAY_ABANDONED] += abandoned
                day[DAY_ATTEMPTS] += attempts
                if answered > 0.0:
                    for b in range(book.waits.shape[2]):
                        sums.waits[q, n, b] += book.waits[q, n, b]
                        book.waits[q, n, b] = 0
            for c in range(counts.shape[0]):
                sums.counts[c, q, n] += counts[c, q, n]
                counts[c, q, n] = 0.0
    for row in range(book.time.shape[0]):
        for g in range(book.time.shape[1]):
            for n in range(book.time.shape[2]):
                sums.time[row, g, n] += book.time[row, g, n]
                book.time[row, g, n] = 0.0

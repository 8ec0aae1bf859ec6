"""Who misses a shift and who is away for a while: unplanned shrinkage, drawn anew each time; compiled.

Sickness takes whole shifts. Short absences of a fixed length begin after exponential times on queue, so that
their share of the time is the one wanted at every moment, from the first on.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wfm.compiled import entry, inlined
from wfm.simulate.book import STAFFED_S, Book, add_time
from wfm.simulate.scenario import Presence, Staff

Ints = NDArray[np.int64]


def whole_presence(staff: Staff) -> Presence:
    """Return everybody on queue as planned."""
    return Presence(staff.first, staff.begin, staff.end)


def room_for_presence(staff: Staff) -> Presence:
    """Return work space for `draw_presence`, large enough whatever is drawn."""
    pieces = np.ceil((staff.end - staff.begin) / staff.away_s).astype(np.int64) + 1
    size = int(pieces.sum())
    return Presence(np.zeros_like(staff.first), np.zeros(size), np.zeros(size))


@entry
def draw_presence(random: np.random.Generator, staff: Staff, drawn: Presence) -> None:
    """Write the stretches that are left of those planned."""
    at = 0
    for a in range(staff.group.shape[0]):
        drawn.first[a] = at
        shift, missed = -1, False
        for s in range(staff.first[a], staff.first[a + 1]):
            if staff.shift[s] != shift:
                shift, missed = staff.shift[s], random.random() < staff.sick[a]
            if not missed:
                at = _cut(random, staff, a, s, drawn, at)
    drawn.first[staff.group.shape[0]] = at


@inlined
def _cut(random: np.random.Generator, staff: Staff, a: int, s: int, drawn: Presence, at: int) -> int:
    """Write what short absences leave of one stretch; return the next free place."""
    share, t, end = staff.away[a], staff.begin[s], staff.end[s]
    if share <= 0.0:
        drawn.begin[at], drawn.end[at] = t, end
        return at + 1
    mean_s = staff.away_s * (1.0 - share) / share
    if random.random() < share:
        t += random.random() * staff.away_s
    while t < end:
        until = min(end, t + random.standard_exponential() * mean_s)
        if until > t:
            drawn.begin[at], drawn.end[at] = t, until
            at += 1
        t = until + staff.away_s
    return at


@entry
def book_presence(presence: Presence, staff: Staff, interval_s: float, book: Book) -> None:
    """Count the time on queue of every group."""
    for a in range(staff.group.shape[0]):
        for s in range(presence.first[a], presence.first[a + 1]):
            row = book.time[STAFFED_S, staff.group[a]]
            add_time(row, presence.begin[s], presence.end[s], interval_s, 1.0)

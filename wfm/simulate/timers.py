"""What happens next: timers with numbers, in a binary heap that knows where each one stands; compiled.

Of timers set to the same moment the one with the lower number comes first.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wfm.compiled import inlined, kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Timers(NamedTuple):
    """The heap, by places, and its length."""

    due: Floats
    owner: Ints  # number of the timer
    place: Ints  # by timer: its place in the heap; -1: not set
    length: Ints  # (1)


def new_timers(most: int) -> Timers:
    """Return room for timers with the numbers 0 to most - 1."""
    return Timers(
        np.empty(most),
        np.empty(most, dtype=np.int64),
        np.full(most, -1, dtype=np.int64),
        np.zeros(1, dtype=np.int64),
    )


@inlined
def no_timers(timers: Timers) -> None:
    """Take all timers off."""
    timers.length[0] = 0
    timers.place[:] = -1


@kernel
def set_timer(timers: Timers, i: int, t: float) -> None:
    """Set timer i to the moment t, wherever it stood before; inf: take it off."""
    due, owner, place = timers.due, timers.owner, timers.place
    length, at = timers.length[0], place[i]
    if t == math.inf:
        if at < 0:
            return
        place[i] = -1
        length -= 1
        timers.length[0] = length
        if at == length:
            return
        t, i = due[length], owner[length]  # the last one fills the gap
    elif at < 0:
        at = length
        length += 1
        timers.length[0] = length
    while at > 0:
        above = (at - 1) >> 1
        if due[above] < t or (due[above] == t and owner[above] < i):
            break
        due[at], owner[at] = due[above], owner[above]
        place[owner[at]] = at
        at = above
    while 2 * at + 1 < length:
        below = 2 * at + 1
        if below + 1 < length and (
            due[below + 1] < due[below] or (due[below + 1] == due[below] and owner[below + 1] < owner[below])
        ):
            below += 1
        if t < due[below] or (t == due[below] and i < owner[below]):
            break
        due[at], owner[at] = due[below], owner[below]
        place[owner[at]] = at
        at = below
    due[at], owner[at], place[i] = t, i, at

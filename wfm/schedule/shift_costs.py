"""What every shift costs under prices, its breaks placed where they lose least.

Compiled. Prices and offsets are per slot; types are start index x L + length index.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from wfm.schedule.tour import INF, LEGAL

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@njit(cache=True, nogil=True)
def _place_each(
    running: Floats,
    blocked: Ints,
    first_slot: int,
    first: Ints,
    last: Ints,
    width: Ints,
    step: int,
    offsets: Ints,
) -> float:
    """Do the work of `place_breaks` for windows apart: each break goes where it loses least."""
    total = 0.0
    for b in range(first.shape[0]):
        least = INF
        for offset in range(first[b], last[b] + 1, step):
            begin, end = first_slot + offset, first_slot + offset + width[b]
            value = running[end] - running[begin]
            if value < least and blocked[end] == blocked[begin]:
                least, offsets[b] = value, offset
        if least >= LEGAL:
            return INF
        total += least
    return total


@njit(cache=True, nogil=True)
def _place_in_order(
    running: Floats,
    blocked: Ints,
    first_slot: int,
    first: Ints,
    last: Ints,
    width: Ints,
    step: int,
    offsets: Ints,
) -> float:
    """Do the work of `place_breaks` for windows that overlap: a programme over the breaks in their order."""
    breaks = first.shape[0]
    most = 0
    for b in range(breaks):
        most = max(most, (last[b] - first[b]) // step + 1)
    lost = np.full((breaks, most), INF)
    best_until = np.zeros((breaks, most), np.int64)
    for b in range(breaks):
        count = (last[b] - first[b]) // step + 1
        earlier = -1
        for c in range(count):
            offset = first[b] + c * step
            begin, end = first_slot + offset, first_slot + offset + width[b]
            value = running[end] - running[begin]
            if blocked[end] > blocked[begin]:
                value = INF
            if b > 0:
                before = (last[b - 1] - first[b - 1]) // step + 1
                while earlier + 1 < before and first[b - 1] + (earlier + 1) * step + width[b - 1] <= offset:
                    earlier += 1
                value = INF if earlier < 0 else value + lost[b - 1, best_until[b - 1, earlier]]
            lost[b, c] = min(value, INF)
            best_until[b, c] = (
                c if c == 0 or lost[b, c] < lost[b, best_until[b, c - 1]] else best_until[b, c - 1]
            )
    b = breaks - 1
    c = best_until[b, (last[b] - first[b]) // step]
    total: float = lost[b, c]
    if total >= LEGAL:
        return INF
    while True:
        offsets[b] = first[b] + c * step
        if b == 0:
            return total
        earlier = (offsets[b] - width[b - 1] - first[b - 1]) // step
        earlier = min(earlier, (last[b - 1] - first[b - 1]) // step)
        b -= 1
        c = best_until[b, earlier]


@njit(cache=True, nogil=True)
def place_breaks(
    running: Floats,
    blocked: Ints,
    first_slot: int,
    first: Ints,
    last: Ints,
    width: Ints,
    step: int,
    offsets: Ints,
) -> float:
    """Return the least value lost to the breaks of one shift and write their offsets (slots).

    `running[s]` sums the prices of the slots before s, `blocked[s]` counts forbidden slots before s. Break b
    starts at first[b], first[b] + step, ..., last[b]; breaks keep their order. INF if they cannot be placed.
    """
    for b in range(1, first.shape[0]):
        if last[b - 1] + width[b - 1] > first[b]:
            return _place_in_order(running, blocked, first_slot, first, last, width, step, offsets)
    return _place_each(running, blocked, first_slot, first, last, width, step, offsets)


@njit(cache=True, nogil=True)
def shift_costs(
    price: Floats,
    inside_cost: Floats,
    blocked: Ints,
    static: Floats,
    begin_slot: Ints,
    length_slots: Ints,
    structure: Ints,
    first: Ints,
    last: Ints,
    width: Ints,
    count: Ints,
    step: int,
    cost: Floats,
    offsets: Ints,
) -> None:
    """Write the cost of every (date, type) under the prices, and the offsets of its best breaks.

    `structure[l]` names the break structure of a length; `first`, `last`, `width` are (structures x breaks)
    with `count` breaks in use. `static` (dates x types) is INF where a rule forbids the shift. `offsets` is
    (dates x starts x structures x breaks).
    """
    slots = price.shape[0]
    running = np.zeros(slots + 1)
    inside = np.zeros(slots + 1)
    for s in range(slots):
        running[s + 1] = running[s] + price[s]
        inside[s + 1] = inside[s] + inside_cost[s]
    days, starts = begin_slot.shape
    lengths = length_slots.shape[0]
    structures = first.shape[0]
    lost = np.zeros(structures)
    for d in range(days):
        for i in range(starts):
            s0 = begin_slot[d, i]
            wanted = False
            for x in range(lengths):
                wanted = wanted or static[d, i * lengths + x] < LEGAL
            if not wanted:
                for x in range(lengths):
                    cost[d, i * lengths + x] = INF
                continue
            for z in range(structures):
                n = count[z]
                lost[z] = place_breaks(
                    running, blocked, s0, first[z, :n], last[z, :n], width[z, :n], step, offsets[d, i, z]
                )
            for x in range(lengths):
                t = i * lengths + x
                end = s0 + length_slots[x]
                cost[d, t] = INF
                if static[d, t] < LEGAL and lost[structure[x]] < LEGAL:
                    value = running[end] - running[s0] - lost[structure[x]]
                    cost[d, t] = static[d, t] - value + inside[end] - inside[s0]

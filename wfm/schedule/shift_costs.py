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
    least_gap: int,
    offsets: Ints,
) -> float:
    """Do the work of `place_breaks` for windows that overlap: a programme over the breaks in order."""
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
                latest = offset - least_gap - width[b - 1]
                while earlier + 1 < before and first[b - 1] + (earlier + 1) * step <= latest:
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
        earlier = (offsets[b] - least_gap - width[b - 1] - first[b - 1]) // step
        earlier = min(earlier, (last[b - 1] - first[b - 1]) // step)
        b -= 1
        c = best_until[b, earlier]


@njit(cache=True, nogil=True)
def _place_within(
    running: Floats,
    blocked: Ints,
    first_slot: int,
    first: Ints,
    last: Ints,
    width: Ints,
    step: int,
    gaps: tuple[int, int],
    offsets: Ints,
) -> float:
    """Do the work of `place_breaks` where a gap can be too long: a programme over all pairs of places."""
    breaks = first.shape[0]
    most = 0
    for b in range(breaks):
        most = max(most, (last[b] - first[b]) // step + 1)
    lost = np.full((breaks, most), INF)
    came_from = np.zeros((breaks, most), np.int64)
    for b in range(breaks):
        for c in range((last[b] - first[b]) // step + 1):
            offset = first[b] + c * step
            begin, end = first_slot + offset, first_slot + offset + width[b]
            if blocked[end] > blocked[begin]:
                continue
            least = 0.0 if b == 0 else INF
            if b > 0:
                for p in range((last[b - 1] - first[b - 1]) // step + 1):
                    gap = offset - first[b - 1] - p * step - width[b - 1]
                    if gaps[0] <= gap <= gaps[1] and lost[b - 1, p] < least:
                        least, came_from[b, c] = lost[b - 1, p], p
            if least < LEGAL:
                lost[b, c] = least + running[end] - running[begin]
    b = breaks - 1
    c = int(lost[b].argmin())
    total: float = lost[b, c]
    if total >= LEGAL:
        return INF
    while b >= 0:
        offsets[b] = first[b] + c * step
        c = came_from[b, c]
        b -= 1
    return total


@njit(cache=True, nogil=True)
def place_breaks(
    running: Floats,
    blocked: Ints,
    first_slot: int,
    first: Ints,
    last: Ints,
    width: Ints,
    step: int,
    gaps: tuple[int, int],
    offsets: Ints,
) -> float:
    """Return the least value lost to the breaks of one shift and write their offsets (slots).

    `running[s]` sums the prices of the slots before s, `blocked[s]` counts forbidden slots before s. Break b
    starts at first[b], first[b] + step, ..., last[b]; breaks keep their order, and between two of them lie
    at least and at most `gaps` slots. INF if they cannot be placed.
    """
    apart = True
    for b in range(1, first.shape[0]):
        if last[b] - first[b - 1] - width[b - 1] > gaps[1]:
            return _place_within(running, blocked, first_slot, first, last, width, step, gaps, offsets)
        apart = apart and last[b - 1] + width[b - 1] + gaps[0] <= first[b]
    if not apart:
        return _place_in_order(running, blocked, first_slot, first, last, width, step, gaps[0], offsets)
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
    least_gap: Ints,
    most_gap: Ints,
    step: int,
    cost: Floats,
    offsets: Ints,
) -> None:
    """Write the cost of every (date, type) under the prices, and the offsets of its best breaks.

    `structure[l]` names the break structure of a length; `first`, `last`, `width` are (structures x breaks)
    with `count` breaks in use, `least_gap` and `most_gap` slots apart. `static` (dates x types) is INF where
    a rule forbids the shift. `offsets` is (dates x starts x structures x breaks).
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
                    running, blocked, s0, first[z, :n], last[z, :n], width[z, :n], step,
                    (least_gap[z], most_gap[z]), offsets[d, i, z],
                )  # fmt: skip
            for x in range(lengths):
                t = i * lengths + x
                end = s0 + length_slots[x]
                cost[d, t] = INF
                if static[d, t] < LEGAL and lost[structure[x]] < LEGAL:
                    value = running[end] - running[s0] - lost[structure[x]]
                    cost[d, t] = static[d, t] - value + inside[end] - inside[s0]

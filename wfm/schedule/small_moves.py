"""Small moves of one agent, compiled: a break elsewhere in its window, another start or length of a shift.

Only what the hard rules allow is proposed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wfm.compiled import inlined, kernel
from wfm.schedule.further_moves import keeps_further
from wfm.schedule.shift_changes import Work
from wfm.schedule.tour import LEGAL, OFF

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

NEAR_STEPS = 2  # half of the moves of a start go at most so many steps


@inlined
def other_break(random: np.random.Generator, work: Work, a: int, d: int, new_offsets: Ints) -> bool:
    """Write the shift's breaks with one of them elsewhere; False if that cannot be."""
    crew, choices, plan = work.crew, work.choices, work.plan
    k = crew.catalogue[a]
    t = plan.types[a, d]
    z = choices.structure[k, t % choices.lengths[k]]
    count = choices.breaks[k, z]
    if count == 0:
        return False
    b = int(random.random() * count)
    step = choices.step[k]
    first = choices.first[k, z, b]
    places = (choices.last[k, z, b] - first) // step + 1
    offset = first + step * int(random.random() * places)
    if offset == plan.offsets[a, d, b]:
        return False
    for q in range(count):
        new_offsets[q] = plan.offsets[a, d, q]
    new_offsets[b] = offset
    return breaks_fit(work, a, d, t, new_offsets)


@inlined
def other_type(random: np.random.Generator, work: Work, a: int, d: int) -> int:
    """Return another legal shift for the date, or OFF if the one drawn is not legal."""
    crew, choices, plan = work.crew, work.choices, work.plan
    k = crew.catalogue[a]
    lengths, starts = choices.lengths[k], choices.starts[k]
    old = plan.types[a, d]
    i, x = old // lengths, old % lengths
    if random.random() < 0.5:
        i += int(random.random() * (2 * NEAR_STEPS + 1)) - NEAR_STEPS
        if i < 0 or i >= starts:
            return OFF
        if random.random() < 0.5:
            x = int(random.random() * lengths)
    else:
        i, x = int(random.random() * starts), int(random.random() * lengths)
    t = i * lengths + x
    if t == old or crew.static[a, d, t] >= LEGAL:
        return OFF
    w = d // 7
    units = plan.units[a, w] + crew.paid[a, d, t] - crew.paid[a, d, old]
    if units != plan.units[a, w] and (units < crew.least_units[a, w] or units > crew.most_units[a, w]):
        return OFF
    begin = choices.begin[k, d, i]
    if d > 0 and plan.types[a, d - 1] != OFF and end_of(work, k, a, d - 1) + crew.rest[a, d] > begin:
        return OFF
    if d + 1 < plan.types.shape[1] and plan.types[a, d + 1] != OFF:
        tomorrow = choices.begin[k, d + 1, plan.types[a, d + 1] // lengths]
        if begin + choices.length[k, x] + crew.rest[a, d + 1] > tomorrow:
            return OFF
    return int(t)


@kernel
def kept_with(work: Work, a: int, d: int, t: int) -> bool:
    """Return whether the agent keeps its further rules when the shift of a date becomes t."""
    crew, plan, old = work.crew, work.plan, work.plan.types[a, d]
    if t == old or not crew.further[a]:
        return True
    more = crew.paid[a, d, t] - crew.paid[a, d, old]
    plan.types[a, d] = t
    plan.units[a, d // 7] += more
    kept = keeps_further(work, a)
    plan.types[a, d] = old
    plan.units[a, d // 7] -= more
    return kept


@inlined
def breaks_for(random: np.random.Generator, work: Work, a: int, d: int, t: int, new_offsets: Ints) -> bool:
    """Write breaks for another shift: at the old clock times where possible, after the new start, or anew."""
    crew, choices, plan = work.crew, work.choices, work.plan
    k = crew.catalogue[a]
    lengths = choices.lengths[k]
    old = plan.types[a, d]
    z, was = choices.structure[k, t % lengths], choices.structure[k, old % lengths]
    step = choices.step[k]
    moved = choices.begin_slot[k, d, t // lengths] - choices.begin_slot[k, d, old // lengths]
    in_place = random.random() < 0.5
    for q in range(choices.breaks[k, z]):
        first, last = choices.first[k, z, q], choices.last[k, z, q]
        if z == was:
            offset = plan.offsets[a, d, q] - (moved if in_place else 0)
            offset = min(max(offset, first), last)
            new_offsets[q] = first + (offset - first) // step * step
        else:
            new_offsets[q] = first + step * int(random.random() * ((last - first) // step + 1))
    return breaks_fit(work, a, d, t, new_offsets)


@inlined
def breaks_fit(work: Work, a: int, d: int, t: int, offsets: Ints) -> bool:
    """Return whether the breaks follow each other at legal distance, clear of leave and activities."""
    crew, choices = work.crew, work.choices
    k = crew.catalogue[a]
    z = choices.structure[k, t % choices.lengths[k]]
    begin = choices.begin_slot[k, d, t // choices.lengths[k]]
    row = crew.leave[a]
    for q in range(choices.breaks[k, z]):
        if q > 0:
            gap = offsets[q] - offsets[q - 1] - choices.width[k, z, q - 1]
            if gap < choices.least_gap[k, z] or gap > choices.most_gap[k, z]:
                return False
        at = begin + offsets[q]
        if crew.blocked[row, at + choices.width[k, z, q]] > crew.blocked[row, at]:
            return False
    return True


@inlined
def end_of(work: Work, k: int, a: int, d: int) -> int:
    """Return the minute at which the shift of a date ends, `k` being the agent's catalogue."""
    choices, plan = work.choices, work.plan
    t = plan.types[a, d]
    begin = choices.begin[k, d, t // choices.lengths[k]]
    return int(begin + choices.length[k, t % choices.lengths[k]])


@inlined
def day_room(work: Work, k: int, a: int, d: int) -> tuple[int, int]:
    """Return the minutes between which a shift of the date must lie for the rest before and after it."""
    choices, plan, rest = work.choices, work.plan, work.crew.rest
    earliest, latest = -(2**40), 2**40
    if d > 0 and plan.types[a, d - 1] != OFF:
        earliest = end_of(work, k, a, d - 1) + rest[a, d]
    if d + 1 < plan.types.shape[1] and plan.types[a, d + 1] != OFF:
        latest = choices.begin[k, d + 1, plan.types[a, d + 1] // choices.lengths[k]] - rest[a, d + 1]
    return int(earliest), int(latest)

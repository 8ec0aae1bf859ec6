"""Coverage of the cuts (`wfm.schedule.cuts`) and its prices, compiled.

Cost of an interval, with s = interval_min / 15: s (w_u U (1 + U/R) + w_o (A - R + U)), A the agents on queue.
Agents are counted by their share of an interval; `deficit` is (cuts x intervals), R(K) - S(K).
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

LIGHTEST = -20.0  # a cut whose weight is e^-20 of the largest does not count
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@njit(cache=True, nogil=True)
def shortfall(deficit: Floats, component_first: Ints) -> Floats:
    """Return U per interval; `deficit` is (cuts x intervals): R(K) - S(K)."""
    intervals = deficit.shape[1]
    missing = np.zeros(intervals)
    for k in range(component_first.shape[0] - 1):
        for n in range(intervals):
            worst = 0.0
            for c in range(component_first[k], component_first[k + 1]):
                worst = max(worst, deficit[c, n])
            missing[n] += worst
    return missing


@njit(cache=True, nogil=True)
def smooth_prices(
    deficit: Floats,
    component_first: Ints,
    covered: Flags,
    component: int,
    required: Floats,
    prior: Floats,
    smoothing: float,
    understaffed: float,
    overstaffed: float,
    price: Floats,
) -> None:
    """Write the value of one more agent per interval under a smoothed cost; `covered` is the group's column.

    The maximum over cuts (and over none missing) is replaced by a softmax of width `smoothing` (agents) with
    the weights `prior` (cuts x intervals, beside 1 for none). Under a wide one the prices are those of the
    prior, whoever is on queue; cooled to zero it becomes the exact marginal value, whatever the prior.
    `required` is R per interval.
    """
    for n in range(deficit.shape[1]):
        price[n] = -overstaffed
        if required[n] <= 0.0:
            continue
        missing, bound = 0.0, 0.0
        for k in range(component_first.shape[0] - 1):
            mine_too = k == component
            top = 0.0
            for c in range(component_first[k], component_first[k + 1]):
                top = max(top, deficit[c, n] - (0.5 if mine_too and covered[c] else 0.0))
            missing += top
            if not mine_too:
                continue
            total, mine = np.exp(-top / smoothing), 0.0
            for c in range(component_first[k], component_first[k + 1]):
                below = (deficit[c, n] - (0.5 if covered[c] else 0.0) - top) / smoothing
                if below > LIGHTEST:
                    weight = prior[c, n] * np.exp(below)
                    total += weight
                    if covered[c]:
                        mine += weight
            bound = mine / total
        slope = understaffed * (1.0 + 2.0 * missing / required[n]) + overstaffed
        price[n] += slope * bound


@njit(cache=True, nogil=True)
def exact_prices(
    deficit: Floats,
    component_first: Ints,
    covered: Flags,
    component: int,
    required: Floats,
    understaffed: float,
    overstaffed: float,
    price: Floats,
) -> None:
    """Write the exact saving of one more agent of a group through a whole interval."""
    for n in range(deficit.shape[1]):
        without, with_one = 0.0, 0.0
        for k in range(component_first.shape[0] - 1):
            before, after = 0.0, 0.0
            for c in range(component_first[k], component_first[k + 1]):
                before = max(before, deficit[c, n])
                after = max(after, deficit[c, n] - (1.0 if k == component and covered[c] else 0.0))
            without += before
            with_one += after
        saved = overstaffed * (without - with_one)
        if required[n] > 0.0:
            saved += understaffed * (without - with_one) * (1.0 + (without + with_one) / required[n])
        price[n] = saved - overstaffed


@njit(cache=True, nogil=True)
def add_on_queue(
    deficit: Floats,
    on_queue: Floats,
    covered: Flags,
    share: Floats,
    slots_per_interval: int,
    begin: int,
    end: int,
    sign: float,
) -> None:
    """Add (with sign -1 take away) an agent on queue in slots begin..end, each by its share free of leave."""
    for slot in range(begin, end):
        n = slot // slots_per_interval
        part = sign * share[slot] / slots_per_interval
        on_queue[n] += part
        for c in range(covered.shape[0]):
            if covered[c]:
                deficit[c, n] -= part


@njit(cache=True, nogil=True)
def add_tour(
    deficit: Floats,
    on_queue: Floats,
    covered: Flags,
    share: Floats,
    slots_per_interval: int,
    types: Ints,
    offsets: Ints,
    begin_slot: Ints,
    length_slots: Ints,
    of_length: Ints,
    width: Ints,
    count: Ints,
    sign: int,
) -> None:
    """Add the time on queue of a tour `sign` times (negative: take it away).

    The arrays from `types` on are those of `Tour`, `Shifts` and `Structure`; `share` says what each slot on
    queue counts for.
    """
    lengths = length_slots.shape[0]
    for d in range(types.shape[0]):
        t = types[d]
        if t < 0:
            continue
        begin = begin_slot[d, t // lengths]
        end = begin + length_slots[t % lengths]
        z = of_length[t % lengths]
        at = begin
        for b in range(count[z] + 1):
            stop = end if b == count[z] else begin + offsets[d, b]
            add_on_queue(deficit, on_queue, covered, share, slots_per_interval, at, stop, float(sign))
            at = stop if b == count[z] else stop + width[z, b]


@njit(cache=True, nogil=True)
def add_presence(
    inside: Ints,
    present: Ints,
    share: Floats,
    types: Ints,
    offsets: Ints,
    begin_slot: Ints,
    length_slots: Ints,
    of_length: Ints,
    width: Ints,
    count: Ints,
    sign: int,
) -> None:
    """Add the slots of a tour inside a shift, and those on queue: whole ones only, by the free `share`."""
    lengths = length_slots.shape[0]
    for d in range(types.shape[0]):
        t = types[d]
        if t < 0:
            continue
        begin = begin_slot[d, t // lengths]
        end = begin + length_slots[t % lengths]
        z = of_length[t % lengths]
        inside[begin:end] += sign
        at = begin
        for b in range(count[z] + 1):
            stop = end if b == count[z] else begin + offsets[d, b]
            for s in range(at, stop):
                if share[s] >= 1.0:
                    present[s] += sign
            at = stop if b == count[z] else stop + width[z, b]

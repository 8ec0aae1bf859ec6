"""One shift of an agent drawn anew among all it may become, on its date or a day off of the week; compiled.

A heat bath: every legal start and length of the date has the chance that its cost gives it at the
temperature, its breaks placed where they lose least. Source: Geman & Geman (1984), IEEE Transactions on
Pattern Analysis and Machine Intelligence 6, 721-741.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from wfm.compiled import entry, inlined, kernel
from wfm.schedule.exchange import longest_run
from wfm.schedule.further_moves import keeps_further
from wfm.schedule.shift_changes import (
    Space,
    Work,
    add_queue_time,
    breach_of_shift,
    change_of_one_more,
    come_on_queue,
    coverage_change,
    fairness_change,
    overtime_change,
    uneven,
)
from wfm.schedule.shift_costs import place_breaks
from wfm.schedule.small_moves import day_room
from wfm.schedule.tour import INF, LEGAL, OFF

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

UNKNOWN = -INF
OTHER_DAY = 0.6  # how often a day off of the week is tried instead of the date


@entry
def redraw(
    random: np.random.Generator, work: Work, a: int, d: int, temperature: float, space: Space
) -> float:
    """Draw the shift of a date anew; return the change of the objective."""
    crew, plan = work.crew, work.plan
    e = some_date(random, work, d) if random.random() < OTHER_DAY else d
    if e != d and not may_move(work, a, d, e):
        return 0.0
    old, was = plan.types[a, d], space.old_offsets
    delta = take(work, a, d, was, space)
    gained = give_drawn(random, work, a, e, crew.paid[a, d, old], temperature, space)
    if gained >= LEGAL:
        put(work, a, d, old, was, 1, space)
        return 0.0
    delta += gained
    sure = delta <= 0.0 or (temperature > 0.0 and e == d and not work.costs.limited)
    taken = sure or (temperature > 0.0 and random.random() < math.exp(-delta / temperature))
    if not taken or not keeps_further(work, a):
        put(work, a, e, plan.types[a, e], space.new_offsets, -1, space)
        put(work, a, d, old, was, 1, space)
        return 0.0
    return float(delta)


@inlined
def some_date(random: np.random.Generator, work: Work, d: int) -> int:
    """Return any date of the week of a date."""
    first = d // 7 * 7
    return int(first + int(random.random() * min(7, work.plan.types.shape[1] - first)))


@inlined
def may_move(work: Work, a: int, d: int, e: int) -> bool:
    """Return whether the agent's shift may leave a date for another that is free."""
    plan, crew = work.plan, work.crew
    free = plan.types[a, e] == OFF and not plan.kept_free[a, e]
    return bool(free and crew.off_cost[a, d] < LEGAL)


@kernel
def take(work: Work, a: int, d: int, offsets: Ints, space: Space) -> float:
    """Take away the shift of a date and write its breaks; return the change of the objective."""
    plan, t = work.plan, work.plan.types[a, d]
    for q in range(offsets.shape[0]):
        offsets[q] = plan.offsets[a, d, q]
    delta = put(work, a, d, t, offsets, -1, space)
    return float(delta - _own_cost(work, a, d, t) + work.crew.off_cost[a, d])


@kernel
def give_drawn(
    random: np.random.Generator, work: Work, a: int, d: int, paid: int, temperature: float, space: Space
) -> float:
    """Give a shift drawn for a free date, breaks in `space.new_offsets`; return the change, INF if none."""
    if _runs_too_long(work, a, d):
        return INF
    _write_worth(work, a, d, space.running)
    t = _drawn(random, work, a, d, paid, temperature, space)
    if t == OFF:
        return INF
    _place(work, a, d, t, space.running, space.new_offsets)
    delta = _own_cost(work, a, d, t) - work.crew.off_cost[a, d]
    return float(delta + put(work, a, d, t, space.new_offsets, 1, space))


@inlined
def _own_cost(work: Work, a: int, d: int, t: int) -> float:
    """Return what a shift on a free date adds to the agent's own costs."""
    crew, choices, plan, costs = work.crew, work.choices, work.plan, work.costs
    k = crew.catalogue[a]
    lengths = choices.lengths[k]
    total = crew.static[a, d, t]
    for e in (d - 1, d + 1):
        if 0 <= e < plan.types.shape[1] and plan.types[a, e] != OFF:
            total += costs.uneven * uneven(work, k, t // lengths, plan.types[a, e] // lengths)
    if choices.unpopular[k, d, t]:
        total += fairness_change(work, crew.site[a], a, 1)
    return float(total)


@inlined
def _runs_too_long(work: Work, a: int, d: int) -> bool:
    """Return whether a shift on a free date would make too many dates in a row."""
    limit = work.crew.run_limit[a]
    if limit == 0:
        return False
    work.plan.types[a, d] = 0
    longest = longest_run(work, a)
    work.plan.types[a, d] = OFF
    return bool(longest > limit)


@kernel
def put(work: Work, a: int, d: int, t: int, offsets: Ints, sign: int, space: Space) -> float:
    """Give the agent a shift on a free date, or take it away (sign -1); return the change for coverage."""
    crew, choices, plan, change = work.crew, work.choices, work.plan, space.change
    k, g = crew.catalogue[a], crew.site[a]
    lengths = choices.lengths[k]
    low = choices.begin_slot[k, d, t // lengths]
    high = low + choices.length_slots[k, t % lengths]
    for s in range(low, high):
        change[s] = 0.0
    add_queue_time(work, a, d, t, offsets, float(sign), change)
    delta = coverage_change(work, a, low, high, change)
    if work.costs.limited:
        delta += breach_of_shift(work, g, low, high, sign, change)
    come_on_queue(work, a, low, high, change)
    for s in range(low, high):
        plan.inside[g, s] += sign
    delta += overtime_change(work, a, d // 7, sign * crew.paid[a, d, t])
    plan.units[a, d // 7] += sign * crew.paid[a, d, t]
    plan.unpopular[a] += sign * int(choices.unpopular[k, d, t])
    plan.types[a, d] = t if sign > 0 else OFF
    if sign > 0:
        for q in range(offsets.shape[0]):
            plan.offsets[a, d, q] = offsets[q]
    return float(delta)


@kernel
def _write_worth(work: Work, a: int, d: int, running: Floats) -> None:
    """Write the running sum of what each slot of the agent on queue is worth, over all shifts of a date."""
    crew, choices, costs = work.crew, work.choices, work.costs
    k = crew.catalogue[a]
    spi, row = costs.slots_per_interval, crew.leave[a]
    low, high = crew.share.shape[1], 0
    longest = choices.length_slots[k, choices.lengths[k] - 1]
    for i in range(choices.starts[k]):
        begin = choices.begin_slot[k, d, i]
        if begin >= 0:
            low, high = min(low, begin), max(high, begin + longest)
    worth, n = 0.0, -1
    if low < high:
        running[low] = 0.0
    for s in range(low, high):
        if s // spi != n:
            n = s // spi
            worth = -change_of_one_more(work, a, n) / spi
        running[s + 1] = running[s] + worth * crew.share[row, s]


@kernel
def _drawn(
    random: np.random.Generator, work: Work, a: int, d: int, paid: int, temperature: float, space: Space
) -> int:
    """Return the shift drawn for a free date, OFF if none is legal; `paid` is what the week lost before."""
    crew, choices, plan, running, lost = work.crew, work.choices, work.plan, space.running, space.lost
    k, w = crew.catalogue[a], d // 7
    lengths = choices.lengths[k]
    earliest, latest = day_room(work, k, a, d)
    best, chosen = INF, OFF
    for i in range(choices.starts[k]):
        begin, begin_slot = choices.begin[k, d, i], choices.begin_slot[k, d, i]
        if begin_slot < 0 or begin < earliest:
            continue
        for z in range(lost.shape[0]):
            lost[z] = UNKNOWN
        for x in range(lengths):
            t = i * lengths + x
            units = plan.units[a, w] + crew.paid[a, d, t]
            in_hours = crew.paid[a, d, t] == paid or crew.least_units[a, w] <= units <= crew.most_units[a, w]
            if not in_hours or crew.static[a, d, t] >= LEGAL or begin + choices.length[k, x] > latest:
                continue
            z, end = choices.structure[k, x], begin_slot + choices.length_slots[k, x]
            if lost[z] == UNKNOWN:
                lost[z] = _place(work, a, d, t, running, space.new_offsets)
            cost = _own_cost(work, a, d, t) - (running[end] - running[begin_slot]) + lost[z]
            cost += overtime_change(work, a, w, crew.paid[a, d, t])
            if temperature > 0.0:  # the least of costs less Gumbel noise is drawn with the chance of its cost
                cost += temperature * math.log(-math.log(max(random.random(), 1e-300)))
            if lost[z] < LEGAL and cost < best:
                best, chosen = cost, t
    return int(chosen)


@inlined
def _place(work: Work, a: int, d: int, t: int, running: Floats, offsets: Ints) -> float:
    """Write the breaks of a shift where they lose least and return what they lose."""
    crew, choices = work.crew, work.choices
    k = crew.catalogue[a]
    z = choices.structure[k, t % choices.lengths[k]]
    n, begin = choices.breaks[k, z], choices.begin_slot[k, d, t // choices.lengths[k]]
    lost = place_breaks(
        running, crew.blocked[crew.leave[a]], begin, choices.first[k, z, :n], choices.last[k, z, :n],
        choices.width[k, z, :n], choices.step[k], (choices.least_gap[k, z], choices.most_gap[k, z]), offsets,
    )  # fmt: skip
    return float(lost)

"""A whole roster in flat arrays, what it costs, and what a change of one shift changes; compiled.

Changes of coverage are exact; the mean of the unpopular shifts (`fair_share`) stands still.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wfm.compiled import inlined, kernel
from wfm.schedule.crew import Choices, Crew
from wfm.schedule.tour import OFF

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

UNKNOWN = np.nan


class Plan(NamedTuple):
    """Every agent's tour and the coverage they give together; the moves change it in place."""

    types: Ints  # (A, D)
    offsets: Ints  # (A, D, B)
    units: Ints  # (A, W), paid
    unpopular: Ints  # (A)
    kept_free: Flags  # (A, D): days of the weekends kept free
    deficit: Floats  # (cuts, N)
    on_queue: Floats  # (N)
    inside: Ints  # (G, slots)
    present: Ints  # (G, slots)
    one_more: Floats  # (groups, N): change of an interval's cost with one agent of a group more on queue ...
    one_less: Floats  # ... and less; UNKNOWN until it is asked for


class Costs(NamedTuple):
    """What coverage and unevenness cost, see `wfm.schedule.coverage`."""

    component_first: Ints
    component: Ints  # (groups)
    covers: Flags  # (groups, cuts)
    understaffed: Floats  # (N), per agent
    per_required: Floats  # (N), 1 / R, 0 where nothing is required
    overstaffed: float
    uneven: float
    fairness: float
    fair_share: Ints  # (G)
    slots_per_interval: int
    seats: Ints  # (G)
    least_present: Ints  # (G, slots)
    limited: bool
    breach: float  # per agent and slot


class Space(NamedTuple):
    """Work space of the moves, which allocate nothing."""

    change: Floats  # (slots)
    running: Floats  # (slots + 1)
    lost: Floats  # (break structures)
    new_offsets: Ints  # (B), as are the next
    old_offsets: Ints
    first_offsets: Ints
    others_offsets: Ints


class Work(NamedTuple):
    """All that the moves read and write."""

    crew: Crew
    choices: Choices
    plan: Plan
    costs: Costs


@inlined
def own_change(work: Work, a: int, d: int, t: int) -> float:
    """Return the change of paid time, requests, evenness and fairness when the shift of a date becomes t."""
    crew, choices, plan, costs = work.crew, work.choices, work.plan, work.costs
    old = plan.types[a, d]
    if t == old:
        return 0.0
    k = crew.catalogue[a]
    lengths = choices.lengths[k]
    delta = crew.static[a, d, t] - crew.static[a, d, old]
    for e in (d - 1, d + 1):
        if 0 <= e < plan.types.shape[1] and plan.types[a, e] != OFF:
            other = plan.types[a, e] // lengths
            delta += costs.uneven * (
                uneven(work, k, t // lengths, other) - uneven(work, k, old // lengths, other)
            )
    more = int(choices.unpopular[k, d, t]) - int(choices.unpopular[k, d, old])
    if more != 0:
        delta += fairness_change(work, crew.site[a], a, more)
    delta += overtime_change(work, a, d // 7, crew.paid[a, d, t] - crew.paid[a, d, old])
    return float(delta)


@inlined
def overtime_change(work: Work, a: int, w: int, units: int) -> float:
    """Return what so many more paid units in a week cost as overtime."""
    crew = work.crew
    if crew.overtime_cost[a] == 0.0 or units == 0:
        return 0.0
    beyond = work.plan.units[a, w] - crew.ordinary[a, w]
    return float(crew.overtime_cost[a] * (max(0.0, beyond + units) - max(0.0, beyond)))


@inlined
def uneven(work: Work, k: int, one: int, other: int) -> float:
    """Return 1 where two starts of a catalogue lie more than 60 minutes apart, else 0."""
    choices = work.choices
    return 0.0 if choices.near_first[k, one] <= other < choices.near_last[k, one] else 1.0


@inlined
def fairness_change(work: Work, site: int, a: int, more: int) -> float:
    """Return what so many more unpopular shifts of an agent cost."""
    plan, costs = work.plan, work.costs
    fair = costs.fair_share[site]
    above, then = max(0, plan.unpopular[a] - fair), max(0, plan.unpopular[a] + more - fair)
    return float(costs.fairness * (then - above))


@inlined
def tour_cost(work: Work, a: int) -> float:
    """Return what an agent's whole tour costs, coverage aside; INF if a shift is not allowed."""
    crew, choices, plan, costs = work.crew, work.choices, work.plan, work.costs
    k = crew.catalogue[a]
    lengths = choices.lengths[k]
    total = 0.0
    previous = OFF
    for day in range(plan.types.shape[1]):
        t = plan.types[a, day]
        if t == OFF:
            total += crew.off_cost[a, day]
        else:
            total += crew.static[a, day, t]
            if previous != OFF:
                total += costs.uneven * uneven(work, k, previous // lengths, t // lengths)
        previous = t
    if crew.overtime_cost[a] != 0.0:
        for w in range(plan.units.shape[1]):
            total += crew.overtime_cost[a] * max(0.0, plan.units[a, w] - crew.ordinary[a, w])
    above = max(0, plan.unpopular[a] - costs.fair_share[crew.site[a]])
    return float(total + costs.fairness * above)


@inlined
def difference(work: Work, a: int, d: int, t: int, new_offsets: Ints, change: Floats) -> tuple[int, int]:
    """Write the change of time on queue per slot; return the first slot and the end of what can differ."""
    crew, choices, plan = work.crew, work.choices, work.plan
    old = plan.types[a, d]
    if t == old:
        return _difference_of_breaks(work, a, d, new_offsets, change)
    k = crew.catalogue[a]
    lengths = choices.lengths[k]
    was, now = choices.begin_slot[k, d, old // lengths], choices.begin_slot[k, d, t // lengths]
    low = min(was, now)
    high = max(was + choices.length_slots[k, old % lengths], now + choices.length_slots[k, t % lengths])
    for s in range(low, high):
        change[s] = 0.0
    add_queue_time(work, a, d, old, plan.offsets[a, d], -1.0, change)
    add_queue_time(work, a, d, t, new_offsets, 1.0, change)
    return low, high


@inlined
def _difference_of_breaks(work: Work, a: int, d: int, new_offsets: Ints, change: Floats) -> tuple[int, int]:
    """Do the work of `_difference` where only breaks differ."""
    crew, choices, plan = work.crew, work.choices, work.plan
    k, t = crew.catalogue[a], plan.types[a, d]
    z = choices.structure[k, t % choices.lengths[k]]
    begin = choices.begin_slot[k, d, t // choices.lengths[k]]
    share = crew.share[crew.leave[a]]
    low, high = change.shape[0], 0
    for q in range(choices.breaks[k, z]):
        was, now = begin + plan.offsets[a, d, q], begin + new_offsets[q]
        if was != now:
            low, high = min(low, was, now), max(high, was, now) + choices.width[k, z, q]
    for s in range(low, high):
        change[s] = 0.0
    for q in range(choices.breaks[k, z]):
        was, now = begin + plan.offsets[a, d, q], begin + new_offsets[q]
        if was != now:
            for s in range(choices.width[k, z, q]):
                change[was + s] += share[was + s]
                change[now + s] -= share[now + s]
    return low, high


@inlined
def add_queue_time(work: Work, a: int, d: int, t: int, offsets: Ints, sign: float, change: Floats) -> None:
    """Add the time on queue of a shift, `sign` times, to the change per slot."""
    crew, choices = work.crew, work.choices
    k = crew.catalogue[a]
    lengths = choices.lengths[k]
    z = choices.structure[k, t % lengths]
    begin = choices.begin_slot[k, d, t // lengths]
    share = crew.share[crew.leave[a]]
    at = begin
    for b in range(choices.breaks[k, z] + 1):
        last = b == choices.breaks[k, z]
        stop = begin + (choices.length_slots[k, t % lengths] if last else offsets[b])
        for s in range(at, stop):
            change[s] += sign * share[s]
        if not last:
            at = stop + choices.width[k, z, b]


@inlined
def coverage_change(work: Work, a: int, low: int, high: int, change: Floats) -> float:
    """Return the change of the cost of coverage for an agent's change of time on queue in slots low..high."""
    if work.crew.graded[a]:
        return _graded_change(work, a, low, high, change)
    group = work.crew.group[a]
    more, less = work.plan.one_more[group], work.plan.one_less[group]  # taken out once: the loop is hot
    spi = work.costs.slots_per_interval
    n = low // spi
    total, by = 0.0, 0.0
    for s in range(low, high):
        by += change[s]
        if s + 1 == high or s + 1 == (n + 1) * spi:
            if by != 0.0:
                known = more[n] if by == spi else less[n] if by == -spi else UNKNOWN
                total += _new_change(work, group, n, by / spi) if np.isnan(known) else known
            n, by = n + 1, 0.0
    return total


@kernel
def _graded_change(work: Work, a: int, low: int, high: int, change: Floats) -> float:
    """Do the work of `coverage_change` for an agent whose group or worth changes."""
    crew, spi, row = work.crew, work.costs.slots_per_interval, work.crew.grade[a]
    n = low // spi
    total, by = 0.0, 0.0
    for s in range(low, high):
        by += change[s]
        if s + 1 == high or s + 1 == (n + 1) * spi:
            if by != 0.0:
                total += _interval_change(work, crew.group_at[row, n], n, by * crew.worth_at[row, n] / spi)
            n, by = n + 1, 0.0
    return total


@inlined
def change_of_one_more(work: Work, a: int, n: int) -> float:
    """Return the change of an interval's cost when the agent comes on queue, about so where it is graded."""
    crew, group, worth = work.crew, work.crew.group[a], 1.0
    if crew.graded[a]:
        group, worth = crew.group_at[crew.grade[a], n], crew.worth_at[crew.grade[a], n]
    known = work.plan.one_more[group, n]
    return float(worth * (_new_change(work, group, n, 1.0) if np.isnan(known) else known))


@kernel
def _new_change(work: Work, group: int, n: int, by: float) -> float:
    """Return `_interval_change`, kept where it is that of one whole agent: most changes are rejected."""
    change = _interval_change(work, group, n, by)
    if by == 1.0:
        work.plan.one_more[group, n] = change
    elif by == -1.0:
        work.plan.one_less[group, n] = change
    return change


@inlined
def _interval_change(work: Work, group: int, n: int, by: float) -> float:
    """Return the change of one interval's cost when `by` agents of a group come on queue."""
    plan, costs = work.plan, work.costs
    first, component = costs.component_first, costs.component[group]
    before, after = 0.0, 0.0
    for k in range(first.shape[0] - 1):
        worst, worst_then = 0.0, 0.0
        for c in range(first[k], first[k + 1]):
            lacking = plan.deficit[c, n]
            worst = max(worst, lacking)
            if k == component and costs.covers[group, c]:
                lacking -= by
            worst_then = max(worst_then, lacking)
        before += worst
        after += worst_then
    missing = after - before
    convex = 1.0 + costs.per_required[n] * (before + after)
    return float(missing * (costs.overstaffed + costs.understaffed[n] * convex) + costs.overstaffed * by)


@inlined
def breach_of_shift(work: Work, g: int, low: int, high: int, sign: int, change: Floats) -> float:
    """Return the change of the penalty when a shift comes (sign 1) or goes (-1) in slots low..high."""
    total = 0
    for s in range(low, high):
        seated = work.plan.inside[g, s] - work.costs.seats[g]
        total += 2 * (max(0, seated + sign) - max(0, seated)) + _presence_change(work, g, s, change[s])
    return float(work.costs.breach * total)


@inlined
def _presence_change(work: Work, g: int, s: int, change: float) -> int:
    """Return by how many agents more a slot lacks presence; only whole slots count."""
    if abs(change) < 1.0:
        return 0
    lacking = work.costs.least_present[g, s] - work.plan.present[g, s]
    return int(max(0, lacking - int(change)) - max(0, lacking))


@inlined
def breach_change(work: Work, a: int, d: int, t: int, low: int, high: int, change: Floats) -> float:
    """Return the change of the penalty for too few seats and too little presence, whole slots only."""
    crew, choices, plan, costs = work.crew, work.choices, work.plan, work.costs
    k = crew.catalogue[a]
    lengths, g = choices.lengths[k], crew.site[a]
    old = plan.types[a, d]
    was, now = choices.begin_slot[k, d, old // lengths], choices.begin_slot[k, d, t // lengths]
    was_end, now_end = (
        was + choices.length_slots[k, old % lengths],
        now + choices.length_slots[k, t % lengths],
    )
    total = 0
    for s in range(low, high):
        more = int(now <= s < now_end) - int(was <= s < was_end)
        seated = plan.inside[g, s] - costs.seats[g]
        total += 2 * (max(0, seated + more) - max(0, seated)) + _presence_change(work, g, s, change[s])
    return costs.breach * total


@inlined
def come_on_queue(work: Work, a: int, low: int, high: int, change: Floats) -> None:
    """Bring coverage up to date with an agent's change of time on queue in slots low..high."""
    plan, costs = work.plan, work.costs
    g, group, spi = work.crew.site[a], work.crew.group[a], costs.slots_per_interval
    for s in range(low, high):
        if change[s] == 0.0:
            continue
        n, by = s // spi, change[s] / spi
        if work.crew.graded[a]:
            row = work.crew.grade[a]
            group, by = work.crew.group_at[row, n], by * work.crew.worth_at[row, n]
        plan.on_queue[n] += by
        for c in range(costs.covers.shape[1]):
            if costs.covers[group, c]:
                plan.deficit[c, n] -= by
        for other in range(plan.one_more.shape[0]):
            plan.one_more[other, n] = UNKNOWN
            plan.one_less[other, n] = UNKNOWN
        if abs(change[s]) >= 1.0:
            plan.present[g, s] += int(change[s])


@inlined
def apply(
    work: Work, a: int, d: int, t: int, new_offsets: Ints, span: tuple[int, int], change: Floats
) -> None:
    """Give an agent this shift on a date; `span` and `change` as `difference` gave them."""
    crew, choices, plan = work.crew, work.choices, work.plan
    k, g = crew.catalogue[a], crew.site[a]
    lengths = choices.lengths[k]
    old = plan.types[a, d]
    was, now = choices.begin_slot[k, d, old // lengths], choices.begin_slot[k, d, t // lengths]
    if t != old:
        for s in range(was, was + choices.length_slots[k, old % lengths]):
            plan.inside[g, s] -= 1
        for s in range(now, now + choices.length_slots[k, t % lengths]):
            plan.inside[g, s] += 1
    come_on_queue(work, a, span[0], span[1], change)
    plan.units[a, d // 7] += crew.paid[a, d, t] - crew.paid[a, d, old]
    plan.unpopular[a] += int(choices.unpopular[k, d, t]) - int(choices.unpopular[k, d, old])
    plan.types[a, d] = t
    for q in range(new_offsets.shape[0]):
        plan.offsets[a, d, q] = new_offsets[q]

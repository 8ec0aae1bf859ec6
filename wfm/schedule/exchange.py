"""Two agents of a kind exchange what they do on some days; coverage stays, only their own costs change.

Compiled; every hard rule of both agents is checked.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from wfm.compiled import inlined
from wfm.schedule.further_moves import keeps_further
from wfm.schedule.shift_changes import Work, tour_cost
from wfm.schedule.small_moves import breaks_fit, end_of
from wfm.schedule.tour import INF, LEGAL, OFF

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@inlined
def exchange(random: np.random.Generator, work: Work, a: int, d: int, temperature: float) -> float:
    """Let an agent and one of its kind exchange what they do on some days; return the change of cost."""
    crew, plan = work.crew, work.plan
    kind = crew.kind[a]
    first, last = crew.mates_first[kind], crew.mates_first[kind + 1]
    b = crew.mates[first + int(random.random() * (last - first))]
    if b == a:
        return 0.0
    days = plan.types.shape[1]
    e, step = d, 1
    draw = random.random()
    if draw < 0.25:  # another day of the week, those between stay
        e = d // 7 * 7 + int(random.random() * 7)
        if e == d:
            return 0.0
        d, e = min(d, e), max(d, e)
        step = e - d
    elif draw < 0.5:  # several days in a row
        e = min(days - 1, d + int(random.random() * 7))
    if e >= days or not _differ(work, a, b, d, e, step):
        return 0.0
    before = tour_cost(work, a) + tour_cost(work, b)
    _trade(work, a, b, d, e, step)
    after = INF
    if _keeps_rules(work, a, d, e) and _keeps_rules(work, b, d, e):
        after = tour_cost(work, a) + tour_cost(work, b)
    delta = after - before
    if (
        after < LEGAL
        and (delta <= 0.0 or (temperature > 0.0 and random.random() < math.exp(-delta / temperature)))
        and keeps_further(work, a)
        and keeps_further(work, b)
    ):
        return delta
    _trade(work, a, b, d, e, step)
    return 0.0


@inlined
def _differ(work: Work, a: int, b: int, d: int, e: int, step: int) -> bool:
    plan = work.plan
    differ = False
    for day in range(d, e + 1, step):
        differ = differ or plan.types[a, day] != plan.types[b, day]
    return differ


@inlined
def _trade(work: Work, a: int, b: int, d: int, e: int, step: int) -> None:
    crew, choices, plan = work.crew, work.choices, work.plan
    k = crew.catalogue[a]
    for day in range(d, e + 1, step):
        one, other = plan.types[a, day], plan.types[b, day]
        for agent, old, new in ((a, one, other), (b, other, one)):
            if old != OFF:
                plan.units[agent, day // 7] -= crew.paid[agent, day, old]
                plan.unpopular[agent] -= int(choices.unpopular[k, day, old])
            if new != OFF:
                plan.units[agent, day // 7] += crew.paid[agent, day, new]
                plan.unpopular[agent] += int(choices.unpopular[k, day, new])
            plan.types[agent, day] = new
        for q in range(plan.offsets.shape[2]):
            mine = plan.offsets[a, day, q]
            plan.offsets[a, day, q] = plan.offsets[b, day, q]
            plan.offsets[b, day, q] = mine


@inlined
def _keeps_rules(work: Work, a: int, d: int, e: int) -> bool:
    """Return whether every rule holds for an agent whose days d..e have changed."""
    limit = work.crew.run_limit[a]
    return (
        _keeps_weeks(work, a, d, e)
        and _keeps_days(work, a, d, e)
        and _keeps_rest(work, a, d, e)
        and (limit == 0 or longest_run(work, a) <= limit)
    )


@inlined
def _keeps_weeks(work: Work, a: int, d: int, e: int) -> bool:
    crew, plan = work.crew, work.plan
    kept = True
    for w in range(d // 7, e // 7 + 1):
        worked = 0
        for day in range(7 * w, min(7 * w + 7, plan.types.shape[1])):
            worked += plan.types[a, day] != OFF
        kept = kept and crew.least_days[a, w] <= worked <= crew.most_days[a, w]
        kept = kept and crew.least_units[a, w] <= plan.units[a, w] <= crew.most_units[a, w]
    return kept


@inlined
def _keeps_days(work: Work, a: int, d: int, e: int) -> bool:
    crew, plan = work.crew, work.plan
    kept = True
    for day in range(d, e + 1):
        t = plan.types[a, day]
        if t == OFF:
            kept = kept and crew.off_cost[a, day] < LEGAL
        elif kept:
            kept = not plan.kept_free[a, day] and crew.static[a, day, t] < LEGAL
            kept = kept and breaks_fit(work, a, day, t, plan.offsets[a, day])
    return kept


@inlined
def _keeps_rest(work: Work, a: int, d: int, e: int) -> bool:
    crew, choices, plan = work.crew, work.choices, work.plan
    k = crew.catalogue[a]
    kept = True
    for day in range(max(d, 1), min(e + 2, plan.types.shape[1])):
        if plan.types[a, day] != OFF and plan.types[a, day - 1] != OFF:
            begin = choices.begin[k, day, plan.types[a, day] // choices.lengths[k]]
            kept = kept and end_of(work, k, a, day - 1) + crew.rest[a, day] <= begin
    return kept


@inlined
def longest_run(work: Work, a: int) -> int:
    """Return the most dates that an agent works in a row."""
    crew, plan = work.crew, work.plan
    run, longest = crew.run_before[a], 0
    for day in range(plan.types.shape[1]):
        run = run + 1 if plan.types[a, day] != OFF else 0
        longest = max(longest, run)
    return longest

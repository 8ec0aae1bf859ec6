"""The best tour of one agent: an exact dynamic programme over days, week totals, runs of days and breaks.

A tour gives each date a shift type (start index x L + length index) or OFF, and each shift its break offsets.
Given a price per slot on queue it minimises static cost - value on queue + cost of uneven starts, under rest,
run and weekly limits. Compiled; minutes count from the grid's origin, prices are per slot.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

OFF = -1
INF = 1e15
LEGAL = 1e14
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@njit(cache=True, nogil=True)
def _least_before(
    previous: Floats,
    lengths: int,
    begin: Ints,
    end: Ints,
    by_end: Ints,
    near_first: Ints,
    near_last: Ints,
    rest: int,
    uneven: float,
    best: Floats,
    chosen: Ints,
) -> None:
    """Write, per start of today, the least cost of a tour that worked yesterday and rests long enough."""
    types = previous.shape[0]
    pointer = 0
    least, arg = INF, OFF
    for j in range(begin.shape[0]):
        best[j], chosen[j] = INF, OFF
        if begin[j] < 0:
            continue
        latest_end = begin[j] - rest
        while pointer < types and end[by_end[pointer]] <= latest_end:
            t = by_end[pointer]
            if previous[t] < least:
                least, arg = previous[t], t
            pointer += 1
        if least < LEGAL:
            best[j], chosen[j] = least + uneven, arg
        if uneven > 0.0:
            for t in range(near_first[j] * lengths, near_last[j] * lengths):
                if previous[t] < best[j] and end[t] <= latest_end:
                    best[j], chosen[j] = previous[t], t


@njit(cache=True, nogil=True)
def best_tour(
    cost: Floats,
    off_cost: Floats,
    begin: Ints,
    length: Ints,
    by_end: Ints,
    near_first: Ints,
    near_last: Ints,
    paid_class: Ints,
    state_days: Ints,
    state_units: Ints,
    after: Ints,
    before: Ints,
    largest_unit: int,
    least_days: Ints,
    most_days: Ints,
    least_units: Ints,
    most_units: Ints,
    ordinary: Floats,
    overtime_cost: float,
    rest: Ints,
    run_limit: int,
    run_before: int,
    least_run: int,
    start_free: NDArray[np.bool_],
    end_free: NDArray[np.bool_],
    uneven: float,
    tour: Ints,
) -> float:
    """Write the cheapest tour (type per date, or OFF) and return its cost, INF if the rules cannot be met.

    A week state p is (shifts so far, paid units so far); `after[p, c]` is the state after a shift of paid
    class c, -1 if out of range, `before` its inverse. Bounds are per week; a unit beyond `ordinary` costs
    `overtime_cost` more. `rest` is that before each date. `run_limit` 0 means that no run can break the rule
    and runs are not tracked. A run shorter than `least_run` may only end before a date of `end_free`, or if
    it started on one of `start_free` (a run of the history: on the first date); 1 or less: no such rule.
    """
    days, types = cost.shape
    lengths = length.shape[0]
    starts = begin.shape[1]
    states = state_days.shape[0]
    runs = max(run_limit, 1)
    off = np.full(states, INF)
    off[0] = 0.0
    work = np.empty((runs, states, types))  # rows of live states only are written, and read
    spare = np.empty_like(work)
    live = np.zeros((runs, states), np.bool_)
    off_from = np.full((days, states), -1, np.int64)
    work_from = np.empty((days, runs, states, types), np.int32)
    weeks = (days + 6) // 7
    off_week = np.full(weeks, -1, np.int64)
    work_week = np.full((weeks, runs, types), -1, np.int64)
    ends = np.empty(types, np.int64)
    best = np.empty(starts)
    chosen = np.empty(starts, np.int64)
    for d in range(days):
        w = d // 7
        left = 6 - d % 7
        new_off = np.full(states, INF)
        new_work = spare
        new_live = np.zeros((runs, states), np.bool_)
        for p in range(states):
            least, arg = off[p], -1
            if d == 0 and 0 < run_before < least_run and not (start_free[0] or end_free[0]):
                least = INF
            for k in range(runs):
                short = k + 1 < least_run and not (end_free[d] or start_free[max(d - 1 - k, 0)])
                if live[k, p] and not short:
                    for t in range(types):
                        if work[k, p, t] < least:
                            least, arg = work[k, p, t], k * types + t
            if least < LEGAL and off_cost[d] < LEGAL:
                new_off[p], off_from[d, p] = least + off_cost[d], arg
        if d > 0:
            for t in range(types):
                yesterday = begin[d - 1, t // lengths]
                ends[t] = yesterday + length[t % lengths] if yesterday >= 0 else np.int64(2**40)
        for p in range(states):
            for k in range(-1, runs):
                if k < 0:
                    if off[p] >= LEGAL:
                        continue
                    k2 = 0 if run_limit == 0 else (run_before if d == 0 else 0)
                else:
                    if not live[k, p]:
                        continue
                    k2 = 0 if run_limit == 0 else k + 1
                if k2 >= runs:
                    continue
                if k >= 0:
                    _least_before(
                        work[k, p], lengths, begin[d], ends, by_end[d - 1], near_first, near_last,
                        rest[d], uneven, best, chosen,
                    )  # fmt: skip
                for t in range(types):
                    if cost[d, t] >= LEGAL:
                        continue
                    q = after[p, paid_class[d, t]]
                    if q < 0 or state_days[q] > most_days[w] or state_units[q] > most_units[w]:
                        continue
                    if state_days[q] + left < least_days[w]:
                        continue
                    if state_units[q] + left * largest_unit < least_units[w]:
                        continue
                    if k < 0:
                        value, source = off[p], OFF
                    else:
                        value, source = best[t // lengths], chosen[t // lengths]
                    if value >= LEGAL:
                        continue
                    if not new_live[k2, q]:
                        new_live[k2, q] = True
                        new_work[k2, q, :] = INF
                    if value + cost[d, t] < new_work[k2, q, t]:
                        new_work[k2, q, t] = value + cost[d, t]
                        work_from[d, k2, q, t] = source
        spare, off, work, live = work, new_off, new_work, new_live
        _drop_dominated(work, live, least_run)
        if left == 0 or d == days - 1:
            _close_week(
                off, work, live, state_days, state_units,
                least_days[w], most_days[w], least_units[w], most_units[w], ordinary[w], overtime_cost,
                off_week, work_week, w,
            )  # fmt: skip
    return _trace(
        off, work, live, off_from, work_from, off_week, work_week, paid_class, before, run_limit, tour
    )


@njit(cache=True, nogil=True)
def _drop_dominated(work: Floats, live: NDArray[np.bool_], least_run: int) -> None:
    """Forget what a shorter run, if it may end, reaches as cheaply: it may do all that a longer one may."""
    runs, states, types = work.shape
    for p in range(states):
        for k in range(1, runs):
            if not live[k, p]:
                continue
            for j in range(max(0, least_run - 1), k):
                if live[j, p]:
                    for t in range(types):
                        if work[j, p, t] <= work[k, p, t]:
                            work[k, p, t] = INF
            live[k, p] = work[k, p].min() < LEGAL


@njit(cache=True, nogil=True)
def _close_week(
    off: Floats,
    work: Floats,
    live: NDArray[np.bool_],
    state_days: Ints,
    state_units: Ints,
    least_days: int,
    most_days: int,
    least_units: int,
    most_units: int,
    ordinary: float,
    overtime_cost: float,
    off_week: Ints,
    work_week: Ints,
    w: int,
) -> None:
    """Keep the best legal week state of each ending and move it to the empty state of the next week."""
    runs, states, types = work.shape
    legal = np.zeros(states, np.bool_)
    dearer = np.zeros(states)
    for p in range(states):
        dearer[p] = overtime_cost * max(0.0, state_units[p] - ordinary)
        legal[p] = least_days <= state_days[p] <= most_days and least_units <= state_units[p] <= most_units
    least, arg = INF, -1
    for p in range(states):
        if legal[p] and off[p] + dearer[p] < least:
            least, arg = off[p] + dearer[p], p
    off[:] = INF
    off[0] = least
    off_week[w] = arg
    for k in range(runs):
        any_live = False
        for t in range(types):
            least, arg = INF, -1
            for p in range(states):
                if legal[p] and live[k, p] and work[k, p, t] + dearer[p] < least:
                    least, arg = work[k, p, t] + dearer[p], p
            work[k, 0, t] = least
            work_week[w, k, t] = arg
            any_live = any_live or least < LEGAL
        live[k, :] = False
        live[k, 0] = any_live


@njit(cache=True, nogil=True)
def _trace(
    off: Floats,
    work: Floats,
    live: NDArray[np.bool_],
    off_from: Ints,
    work_from: NDArray[np.int32],
    off_week: Ints,
    work_week: Ints,
    paid_class: Ints,
    before: Ints,
    run_limit: int,
    tour: Ints,
) -> float:
    """Walk the choices back from the cheapest ending."""
    runs, _, types = work.shape
    days = off_from.shape[0]
    least: float = off[0]
    k, t = 0, OFF
    for run in range(runs):
        if live[run, 0]:
            for kind in range(types):
                if work[run, 0, kind] < least:
                    least, k, t = work[run, 0, kind], run, kind
    if least >= LEGAL:
        return INF
    p = 0
    for d in range(days - 1, -1, -1):
        if d % 7 == 6 or d == days - 1:
            p = off_week[d // 7] if t == OFF else work_week[d // 7, k, t]
        tour[d] = t
        if t == OFF:
            source = off_from[d, p]
            if source >= 0:
                k, t = source // types, source % types
        else:
            came = work_from[d, k, p, t]
            p = before[p, paid_class[d, t]]
            t = came
            if came >= 0 and run_limit > 0:
                k -= 1
    return least


@njit(cache=True, nogil=True)
def finish_tour(
    types: Ints,
    breaks: Ints,
    of_length: Ints,
    static: Floats,
    off_cost: Floats,
    unpopular: NDArray[np.bool_],
    near_first: Ints,
    near_last: Ints,
    uneven: float,
    offsets: Ints,
) -> tuple[float, int]:
    """Write the break offsets of a tour; return what it costs by itself and its unpopular shifts.

    `breaks` is (dates x starts x structures x breaks), `of_length` the structure of each length.
    """
    lengths = of_length.shape[0]
    cost, unwanted, previous = 0.0, 0, OFF
    for d in range(types.shape[0]):
        t = types[d]
        if t == OFF:
            cost += off_cost[d]
        else:
            start = t // lengths
            cost += static[d, t]
            unwanted += unpopular[d, t]
            offsets[d] = breaks[d, start, of_length[t % lengths]]
            if previous != OFF and not near_first[start] <= previous // lengths < near_last[start]:
                cost += uneven
        previous = t
    return cost, unwanted


@njit(cache=True, nogil=True)
def week_states(units: Ints, most_days: int, most_units: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Return the reachable week states: days, paid units, and the states after and before a shift."""
    classes = units.shape[0]
    index = np.full((most_days + 1, most_units + 1), -1, np.int64)
    days = np.zeros((most_days + 1) * (most_units + 1), np.int64)
    paid = np.zeros_like(days)
    index[0, 0] = 0
    found = 1
    at = 0
    while at < found:
        n, h = days[at], paid[at]
        for c in range(classes):
            h2 = h + units[c]
            if n < most_days and h2 <= most_units and index[n + 1, h2] < 0:
                index[n + 1, h2] = found
                days[found], paid[found] = n + 1, h2
                found += 1
        at += 1
    after = np.full((found, classes), -1, np.int64)
    before = np.full((found, classes), -1, np.int64)
    for p in range(found):
        for c in range(classes):
            h2 = paid[p] + units[c]
            if days[p] < most_days and h2 <= most_units:
                q = index[days[p] + 1, h2]
                after[p, c] = q
                before[q, c] = p
    return days[:found], paid[:found], after, before

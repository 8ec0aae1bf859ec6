"""One queue whose agents serve nothing else, contact by contact without an event list; compiled.

Contacts are answered in the order of arrival, each by the agent who is free first, which is the one who has
been idle longest. So the wait of a contact is known when it arrives: until an agent is free, or its patience
ends, or the queue closes. Source: Kiefer & Wolfowitz (1955), Trans. AMS 78, 1-18; patience after Baccelli &
Hebuterne (1981). An agent whose stretch on queue ends finishes the contact first.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from wfm.compiled import entry, inlined, kernel
from wfm.simulate.arrivals import handle_time, next_of_stream, patience
from wfm.simulate.book import (
    BACKLOG,
    BUSY_S,
    STAFFED_S,
    WORKED_S,
    Book,
    add_time,
    book_abandonment,
    book_answer,
    book_arrival,
    book_turned_away,
)
from wfm.simulate.scenario import Presence, Scenario

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# places in the heap: without a sign, or each access asks if it counts from the end (a fifth of the time)
ROOT, ONE, TWO = np.uint64(0), np.uint64(1), np.uint64(2)


@entry
def run_single_queue(
    random: np.random.Generator,
    scenario: Scenario,
    factor: Floats,
    presence: Presence,
    book: Book,
    heap: Ints,
    free: Floats,
    stretch: Ints,
) -> None:
    """Play the only queue of a scenario with the agents of its only group, and count what happens.

    Work space (A): `heap` takes the agents, `free` when each is free, in the order of the heap, and `stretch`
    the stretch on queue of each agent.
    """
    demand, rules, q = scenario.demand, scenario.rules, 0
    interval_s, intervals = demand.interval_s, demand.rate.shape[1]
    agents = _gather(presence, heap, free, stretch)
    nobody_leaves = rules.patience_s[q] == math.inf
    busy, worked = book.counts[BUSY_S, q], book.time[WORKED_S, 0]
    staffed, backlog = book.time[STAFFED_S, 0], book.counts[BACKLOG, q]
    t, n = next_of_stream(random, demand, factor, q, 0.0, 0)
    while n < intervals:
        book_arrival(book, q, n, True)
        takes = handle_time(random, demand, rules, q, n)
        leaves = math.inf if nobody_leaves else t + patience(random, rules, q)
        until = min(leaves, demand.closes[q, n])
        begins = _first_free(heap, free, stretch, presence, agents, t, until)
        if begins < math.inf:
            book_answer(book, rules, q, n, begins - t)
            _count_waiting(backlog, begins, n, interval_s)
            ends = begins + takes
            add_time(busy, begins, ends, interval_s, 1.0)
            _add_overrun(staffed, presence, stretch[heap[0]], heap[0], ends, interval_s)
            _put_back(heap, free, agents, ends)
        else:
            _count_waiting(backlog, until, n, interval_s)
            if leaves <= until:
                book_abandonment(book, rules, q, n, leaves - t)
            else:
                book_turned_away(book, q, n)
        t, n = next_of_stream(random, demand, factor, q, t, n)
    for n in range(intervals):
        worked[n] = busy[n]


@kernel
def _gather(presence: Presence, heap: Ints, free: Floats, stretch: Ints) -> int:
    """Put the agents on the heap, by when they first come on queue; return how many there are."""
    agents = 0
    for a in range(stretch.shape[0]):
        if presence.first[a] == presence.first[a + 1]:
            continue
        stretch[a] = presence.first[a]
        comes = presence.begin[stretch[a]]
        at = agents
        agents += 1
        while at > 0 and free[(at - 1) // 2] > comes:
            heap[at], free[at] = heap[(at - 1) // 2], free[(at - 1) // 2]
            at = (at - 1) // 2
        heap[at], free[at] = a, comes
    return agents


@kernel
def _first_free(
    heap: Ints, free: Floats, stretch: Ints, presence: Presence, agents: int, t: float, until: float
) -> float:
    """Return when the first agent can answer a contact that arrives at t, inf if none can by `until`.

    That agent is on top of the heap then. Agents whose stretch has ended move on to their next one.
    """
    while agents > 0 and free[0] < math.inf and max(free[0], t) <= until:
        a, begins = heap[0], max(free[0], t)
        own, last = stretch[a], presence.first[a + 1] - 1
        if begins < presence.end[own]:
            return float(begins)
        comes = free[0]
        while own < last and max(comes, t) >= presence.end[own]:
            own += 1
            comes = max(comes, presence.begin[own])
        stretch[a] = own
        _put_back(heap, free, agents, comes if max(comes, t) < presence.end[own] else math.inf)
    return math.inf


@inlined
def _put_back(heap: Ints, free: Floats, agents: int, time: float) -> None:
    """Let the agent on top, who is free again at a later time, sink to its place."""
    a, at, below, behind = heap[0], ROOT, ONE, np.uint64(agents)
    while below + ONE < behind:
        below += np.uint64(free[below + ONE] < free[below])
        sooner = free[below]
        if sooner >= time:
            break
        heap[at], free[at] = heap[below], sooner
        at, below = below, TWO * below + ONE
    if below + ONE == behind and free[below] < time:
        heap[at], free[at] = heap[below], free[below]
        at = below
    heap[at], free[at] = a, time


@inlined
def _add_overrun(
    staffed: Floats, presence: Presence, own: int, a: int, ends: float, interval_s: float
) -> None:
    """Count the time behind the end of a stretch in which the contact is finished as time on queue."""
    last = presence.first[a + 1] - 1
    while own < last and ends > presence.begin[own + 1]:
        add_time(staffed, presence.end[own], presence.begin[own + 1], interval_s, 1.0)
        own += 1
    if ends > presence.end[own]:
        add_time(staffed, presence.end[own], ends, interval_s, 1.0)


@inlined
def _count_waiting(backlog: Floats, until: float, n: int, interval_s: float) -> None:
    """Count a contact that waits from interval n to `until` as backlog at the end of each in between."""
    while n < backlog.shape[0] and (n + 1) * interval_s <= until:
        backlog[n] += 1.0
        n += 1

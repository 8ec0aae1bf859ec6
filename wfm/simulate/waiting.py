"""A contact until an agent takes it: it arrives, waits, overflows, leaves, perhaps calls again; compiled."""

from __future__ import annotations

import math

import numpy as np

from wfm.compiled import inlined
from wfm.simulate.arrivals import handle_time, patience
from wfm.simulate.book import BACKLOG, book_abandonment, book_arrival, book_turned_away, interval_of
from wfm.simulate.contacts import (
    AFTER,
    ARRIVED,
    HEAD,
    INTERVAL,
    LEAVES,
    NEW,
    QUEUE,
    REDIAL_S,
    WAITS,
    WORK_S,
    free_slot,
    join_line,
    leave_line,
)
from wfm.simulate.play import Play
from wfm.simulate.routing import AT_LAST, AT_ONCE
from wfm.simulate.timers import set_timer

SOONEST_REDIAL_S = 1.0  # or a contact without patience might call again for ever at one moment


@inlined
def arrive(random: np.random.Generator, play: Play, c: int, q: int, t: float, fresh: bool) -> None:
    """Draw what a contact brings along, and count it."""
    demand, rules, contacts = play.demand, play.rules, play.space.contacts
    n = interval_of(t, demand.interval_s, demand.rate.shape[1])
    book_arrival(play.book, q, n, fresh)
    contacts.facts[c, QUEUE], contacts.facts[c, INTERVAL], contacts.facts[c, WAITS] = q, n, 0
    own = contacts.moments[c]
    own[ARRIVED], own[LEAVES], own[REDIAL_S] = t, math.inf, math.inf
    own[WORK_S] = handle_time(random, demand, rules, q, n)
    if rules.patience_s[q] < math.inf:
        own[LEAVES] = t + patience(random, rules, q)
    if rules.redial[q] > 0.0:
        calls_again = random.random() < rules.redial[q]
        after_s = max(SOONEST_REDIAL_S, rules.redial_after_s[q] * random.standard_exponential())
        if calls_again:
            own[REDIAL_S] = after_s


@inlined
def left_from_before(random: np.random.Generator, play: Play, c: int, q: int) -> None:
    """Let a contact wait from the start that is in no count of arrivals."""
    contacts = play.space.contacts
    contacts.facts[c, QUEUE], contacts.facts[c, INTERVAL] = q, -1
    contacts.moments[c, ARRIVED] = 0.0
    contacts.moments[c, WORK_S] = handle_time(random, play.demand, play.rules, q, 0)
    wait(play, c, 0.0, math.inf)


@inlined
def finds_open(play: Play, c: int, t: float) -> bool:
    """Say whether a redial finds its queue open: in an interval with fresh contacts, before it closes."""
    demand, q = play.demand, play.space.contacts.facts[c, QUEUE]
    n = interval_of(t, demand.interval_s, demand.rate.shape[1])
    return bool(demand.rate[q, n] > 0.0 and demand.closes[q, n] > t)


@inlined
def wait(play: Play, c: int, t: float, until: float) -> None:
    """Let a contact wait from t on, until then at the longest."""
    contacts, routes = play.space.contacts, play.space.routes
    q = contacts.facts[c, QUEUE]
    join_line(contacts, c)
    set_timer(play.space.timers, play.of_contact + c, max(t, until))
    if routes.reach[q, AT_LAST] > routes.reach[q, AT_ONCE] and contacts.line[q, NEW] < 0:
        await_overflow(play, q, c)


@inlined
def await_overflow(play: Play, q: int, c: int) -> None:
    """Let c be the next contact of the queue that overflows; -1: there is none."""
    contacts = play.space.contacts
    contacts.line[q, NEW] = c
    at = contacts.moments[c, ARRIVED] + play.rules.overflow_after_s[q] if c >= 0 else math.inf
    set_timer(play.space.timers, play.of_overflow + q, at)


@inlined
def stop_waiting(play: Play, c: int, t: float) -> None:
    """Take a contact out of its line, and count it as backlog of the intervals that ended while it waited."""
    contacts, interval_s = play.space.contacts, play.demand.interval_s
    q, n = contacts.facts[c, QUEUE], max(contacts.facts[c, INTERVAL], 0)
    if contacts.line[q, NEW] == c:
        await_overflow(play, q, contacts.facts[c, AFTER])
    leave_line(contacts, c)
    set_timer(play.space.timers, play.of_contact + c, math.inf)
    backlog = play.book.counts[BACKLOG, q]
    while n < backlog.shape[0] and (n + 1) * interval_s <= t:
        backlog[n] += 1.0
        n += 1


@inlined
def give_up(play: Play, c: int, t: float) -> None:
    """Let a contact leave whose patience ends, perhaps to call again, or turn it away as its queue closes."""
    contacts, book = play.space.contacts, play.book
    q, n = contacts.facts[c, QUEUE], contacts.facts[c, INTERVAL]
    leaves, redials = contacts.moments[c, LEAVES], t + contacts.moments[c, REDIAL_S]
    stop_waiting(play, c, t)
    if leaves > play.demand.closes[q, n]:
        book_turned_away(book, q, n)
        redials = math.inf
    else:
        book_abandonment(book, play.rules, q, n, leaves - contacts.moments[c, ARRIVED])
    if redials < play.end_s:
        set_timer(play.space.timers, play.of_contact + c, redials)
    else:
        free_slot(contacts, c)


@inlined
def turn_away_all(play: Play) -> None:
    """End all waiting when the simulated time ends; what has a deadline is not turned away, it just stays."""
    contacts = play.space.contacts
    for q in range(contacts.line.shape[0]):
        while contacts.line[q, HEAD] >= 0:
            c = contacts.line[q, HEAD]
            n = contacts.facts[c, INTERVAL]
            stop_waiting(play, c, play.end_s)
            if n >= 0 and play.rules.deadline_s[q] == math.inf:
                book_turned_away(play.book, q, n)

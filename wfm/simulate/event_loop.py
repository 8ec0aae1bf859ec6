"""Any number of queues and groups of agents, contact by contact, one event after the other; compiled.

**Contacts.** Fresh ones arrive by `next_arrival`. Each draws its handle time, then its patience where that
is finite, then, where the queue has redials, whether and after how long it would call again. It draws when
it arrives, so that the staffing changes nothing in what is drawn.

**A contact that arrives** goes to an agent with room who may take it: the one with the fewest contacts, of
these (by the routing BEST_SKILL) one with the best rank for the queue, of these the one who is so for the
longest (the longest idle). Of two equally long idle ones of a group the one
whose event came first takes it, of two groups the agent with the better rank for the queue, then the lower
number. Agents whose first skill the queue is (rank 0) may take it at once, the others when it has waited
`overflow_after_s` (0: also at once; inf: never). Who finds no agent waits.

**An agent who has room** takes, of the waiting contacts it may take, that of the queue with the smallest
`priority`, of these the one that waits longest, and so on while it has room. Each queue is first come,
first served: emails are a queue like the others, and the first to come has the earliest deadline.

**Room.** An agent takes a contact of a queue while it holds fewer than the queue's `concurrency`; with
concurrency 1 it takes it only empty-handed, and nothing else with it. So a call waits until all chats of an
agent have ended. With j contacts at once each proceeds at the speed 1 / (1 + slowdown * (j - 1)) of its
queue.

**Stretches.** An agent comes at the begin of a stretch, and takes what waits. At its end it goes, or
finishes first what it holds, taking nothing more, unless the next stretch begins before. Time worked
outside stretches is booked as staffed; the stretches themselves are the caller's to book.

**Leaving.** A waiting contact leaves when its patience ends, or is turned away when its queue `closes`. Who
leaves may call again, not sooner than after a second, as a new attempt in the interval of that moment. That
is lost if it finds the queue closed (rate 0 or `closes` passed in that interval) or the simulated time has
ended.

**Contacts from before** wait at 0 ahead of the others, with a handle time of interval 0; overflow counts
from 0. They neither leave nor are turned away. They count in the agents' time, in BUSY_S and BACKLOG, and
nowhere else.

**The end.** What waits when the simulated time ends is turned away, or stays backlog where the queue has a
deadline. Contacts in service are finished; the time after the end is not booked, and for the deadline no
working time passes after it.

**At one moment** events come in the order of `play`: stretches, ends of contacts, overflows, arrivals,
leaving. So an agent whose stretch ends as it finishes takes nothing more, and a contact that an agent can
take as its patience or the queue's hours end is answered.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from wfm.compiled import entry, inlined
from wfm.simulate.agents import delist, nobody_here, work_until
from wfm.simulate.arrivals import next_arrival
from wfm.simulate.book import Book
from wfm.simulate.contacts import (
    AFTER,
    INTERVAL,
    LEAVES,
    NEW,
    QUEUE,
    WAITS,
    free_slot,
    no_contacts,
    take_slot,
)
from wfm.simulate.event_space import EventSpace
from wfm.simulate.play import Play, play_of
from wfm.simulate.routing import AT_LAST, AT_ONCE, longest_idle
from wfm.simulate.scenario import Presence, Scenario
from wfm.simulate.timers import no_timers, set_timer
from wfm.simulate.waiting import (
    arrive,
    await_overflow,
    finds_open,
    give_up,
    left_from_before,
    turn_away_all,
    wait,
)
from wfm.simulate.working import await_stretch, come_or_go, finish, take_all

Floats = NDArray[np.float64]
NONE, NO_ROOM = -1, -2  # instead of a contact


@entry
def run_events(
    random: np.random.Generator,
    again: np.random.Generator,
    scenario: Scenario,
    factor: Floats,
    presence: Presence,
    book: Book,
    space: EventSpace,
) -> int:
    """Play one replication; return 0, or 1 if there were more contacts at once than the space has room for.

    Then the counts are worth nothing: make larger space and begin anew, with generators of the same seeds.
    Fresh contacts draw from `random` and redials from `again`, so that the same seeds give the same fresh
    contacts, whatever the staffing.
    """
    play = play_of(scenario, presence, book, space)
    timers, over = space.timers, False
    if not _begin(random, factor, play):
        return 1
    while True:
        t = timers.due[0] if timers.length[0] > 0 else math.inf
        if t > play.end_s and not over:
            over = True
            turn_away_all(play)
            continue
        if t == math.inf:
            return 0
        i = timers.owner[0]
        if i < play.of_overflow:
            a, c = i if i < play.of_work else i - play.of_work, NONE
        elif i < play.of_arrival:
            a, c = _overflow(play, i - play.of_overflow), NONE
        else:
            c = _newcomer(random, again, factor, play, i, t)
            if c == NO_ROOM:
                return 1
            a = _agent_or_wait(play, c, t) if c >= 0 else NONE
        if a >= 0:
            _act(play, i, a, c, t)


@inlined
def _begin(random: np.random.Generator, factor: Floats, play: Play) -> bool:
    """Let the contacts from before wait, and set the first timers; return whether there is room for them."""
    demand, space = play.demand, play.space
    no_contacts(space.contacts)
    nobody_here(space.agents)
    no_timers(space.timers)
    for b in range(demand.old_queue.shape[0]):
        c = take_slot(space.contacts)
        if c < 0:
            return False
        left_from_before(random, play, c, demand.old_queue[b])
    for q in range(demand.rate.shape[0]):
        set_timer(space.timers, play.of_arrival + q, next_arrival(random, demand, factor, q, 0.0))
    for a in range(play.of_work):
        await_stretch(play, a, play.presence.first[a])
    return True


@inlined
def _overflow(play: Play, q: int) -> int:
    """Return the agent who takes a contact now that it overflows; -1: it goes on waiting."""
    contacts, routes = play.space.contacts, play.space.routes
    await_overflow(play, q, contacts.facts[contacts.line[q, NEW], AFTER])
    return longest_idle(routes, play.space.agents, play.rules, q, routes.reach[q, AT_LAST])


@inlined
def _newcomer(
    random: np.random.Generator, again: np.random.Generator, factor: Floats, play: Play, i: int, t: float
) -> int:
    """Let the timer's contact arrive or call again, and return it; NONE: it leaves, NO_ROOM: no slot."""
    timers, contacts, q = play.space.timers, play.space.contacts, i - play.of_arrival
    if i < play.of_contact:
        c = take_slot(contacts)
        if c < 0:
            return NO_ROOM
        arrive(random, play, c, q, t, True)
        set_timer(timers, i, next_arrival(random, play.demand, factor, q, t))
        return c
    c = i - play.of_contact
    if contacts.facts[c, WAITS] == 1:
        give_up(play, c, t)
        return NONE
    set_timer(timers, i, math.inf)
    if not finds_open(play, c, t):
        free_slot(contacts, c)
        return NONE
    arrive(again, play, c, contacts.facts[c, QUEUE], t, False)
    return c


@inlined
def _agent_or_wait(play: Play, c: int, t: float) -> int:
    """Return the agent who takes a contact that arrives; NONE: it waits."""
    contacts, routes = play.space.contacts, play.space.routes
    q, a = contacts.facts[c, QUEUE], NONE
    closes = play.demand.closes[q, contacts.facts[c, INTERVAL]]
    if closes >= t:
        a = longest_idle(routes, play.space.agents, play.rules, q, routes.reach[q, AT_ONCE])
    if a < 0:
        wait(play, c, t, min(contacts.moments[c, LEAVES], closes))
    return a


@inlined
def _act(play: Play, i: int, a: int, c: int, t: float) -> None:
    """Let an agent do what follows from the event of timer i; c: the contact that it is given, or NONE."""
    space = play.space
    delist(space.agents, a)
    work_until(space.agents, space.contacts, play.rules, play.book, play.demand.interval_s, a, t)
    if i < play.of_work:
        come_or_go(play, a, t)
    elif i < play.of_overflow:
        finish(play, a, t)
    take_all(play, a, c, t)

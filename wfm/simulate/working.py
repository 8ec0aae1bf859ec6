"""An agent from event to event: it comes on queue, takes contacts, finishes them, and goes; compiled."""

from __future__ import annotations

import math

from wfm.compiled import inlined
from wfm.simulate.agents import (
    GROUP,
    HOLDS,
    ON_QUEUE,
    OVERRUNS,
    STRETCH,
    enlist,
    next_end,
    put_down,
    room_of,
)
from wfm.simulate.book import IN_DEADLINE, STAFFED_S, add_time, book_answer, working_seconds
from wfm.simulate.contacts import ARRIVED, INTERVAL, QUEUE, free_slot
from wfm.simulate.play import Play
from wfm.simulate.routing import most_urgent
from wfm.simulate.timers import set_timer
from wfm.simulate.waiting import stop_waiting


@inlined
def await_stretch(play: Play, a: int, s: int) -> None:
    """Let the agent come at the begin of stretch s, or of the first one after it that is not empty."""
    presence = play.presence
    behind, begins = presence.first[a + 1], math.inf
    while s < behind and presence.end[s] <= max(presence.begin[s], 0.0):
        s += 1
    if s < behind:
        begins = max(presence.begin[s], 0.0)
    play.space.agents.facts[a, STRETCH] = s
    set_timer(play.space.timers, a, begins)


@inlined
def come_or_go(play: Play, a: int, t: float) -> None:
    """Let an agent come on queue or go off it; one that goes with contacts finishes them."""
    agents = play.space.agents
    if agents.facts[a, ON_QUEUE] == 1:
        agents.facts[a, ON_QUEUE] = 0
        agents.since[a, OVERRUNS] = t
        await_stretch(play, a, agents.facts[a, STRETCH] + 1)
        return
    agents.facts[a, ON_QUEUE] = 1
    set_timer(play.space.timers, a, play.presence.end[agents.facts[a, STRETCH]])
    if agents.facts[a, HOLDS] > 0:
        _add_overrun(play, a, t)


@inlined
def _add_overrun(play: Play, a: int, t: float) -> None:
    """Count the time since the end of the stretch, in which the agent finished contacts, as time on queue."""
    agents = play.space.agents
    staffed = play.book.time[STAFFED_S, agents.facts[a, GROUP]]
    add_time(staffed, agents.since[a, OVERRUNS], t, play.demand.interval_s, 1.0)


@inlined
def finish(play: Play, a: int, t: float) -> None:
    """Let an agent put down the contact that it has finished."""
    demand, rules, agents, contacts = play.demand, play.rules, play.space.agents, play.space.contacts
    c = put_down(agents, contacts, a)
    q, n = contacts.facts[c, QUEUE], contacts.facts[c, INTERVAL]
    if n >= 0 and rules.deadline_s[q] < math.inf:
        before = working_seconds(rules, demand, q, contacts.moments[c, ARRIVED])
        if working_seconds(rules, demand, q, t) - before <= rules.deadline_s[q]:
            play.book.counts[IN_DEADLINE, q, n] += 1.0
    free_slot(contacts, c)
    if agents.facts[a, ON_QUEUE] == 0 and agents.facts[a, HOLDS] == 0:
        _add_overrun(play, a, t)


@inlined
def take_all(play: Play, a: int, c: int, t: float) -> None:
    """Let an agent take contact c, unless that is -1, and then what waits as long as it has room."""
    rules, space = play.rules, play.space
    agents, contacts = space.agents, space.contacts
    room = room_of(agents, contacts, rules, a)
    while True:
        if c < 0:
            c = most_urgent(space.routes, agents, contacts, rules, a, room, t)
            if c < 0:
                break
            stop_waiting(play, c, t)
        _take(play, a, c, t)
        room = room_of(agents, contacts, rules, a)
        c = -1
    if agents.facts[a, HOLDS] < room:
        enlist(agents, a)
    set_timer(space.timers, play.of_work + a, next_end(agents, contacts, rules, a))


@inlined
def _take(play: Play, a: int, c: int, t: float) -> None:
    agents, contacts = play.space.agents, play.space.contacts
    q, n = contacts.facts[c, QUEUE], contacts.facts[c, INTERVAL]
    if n >= 0:
        book_answer(play.book, play.rules, q, n, t - contacts.moments[c, ARRIVED])
    agents.held[a, agents.facts[a, HOLDS]] = c
    agents.facts[a, HOLDS] += 1

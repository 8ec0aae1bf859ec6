"""The agents in a replication: what each holds, who has room for more, and how the work proceeds; compiled.

With j contacts at once each proceeds at the speed 1 / (1 + slowdown * (j - 1)) of its own queue. Agents with
room stand in one list per group and number of contacts held, by the moment of their last change, so that the
head of the list has been as it is for the longest.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wfm.compiled import inlined
from wfm.simulate.book import BUSY_S, WORKED_S, Book, add_time
from wfm.simulate.contacts import QUEUE, WORK_S, Contacts
from wfm.simulate.scenario import Rules

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# columns of `Agents.facts`
GROUP = 0
HOLDS = 1  # contacts at once
ON_QUEUE = 2  # 1 inside a stretch
STRETCH = 3  # the one that comes or that it is in
LISTED = 4  # number of contacts held by which it is listed; -1: it is not
NEXT, LAST = 5, 6  # its neighbours in the list; -1: none
FACTS = 7

CHANGED, OVERRUNS = 0, 1  # columns of `Agents.since`: of its last change, of working outside its stretches
FIRST, FINAL = 0, 1  # of `Agents.idle`: both ends of a list


class Agents(NamedTuple):
    """A agents in G groups, who hold up to J contacts at once."""

    facts: Ints  # (A, FACTS)
    since: Floats  # (A, 2)
    held: Ints  # (A, J) contacts
    idle: Ints  # (G, J, 2)
    room: Ints  # (G) contacts that an agent of the group can hold at once


def new_agents(group: Ints, room: Ints) -> Agents:
    """Return the agents, by their group, and the groups, by the room their agents have."""
    facts = np.empty((len(group), FACTS), dtype=np.int64)
    facts[:, GROUP] = group
    most = int(room.max(initial=1))
    return Agents(
        facts,
        np.empty((len(group), 2)),
        np.empty((len(group), most), dtype=np.int64),
        np.empty((len(room), most, 2), dtype=np.int64),
        room,
    )


@inlined
def nobody_here(agents: Agents) -> None:
    """Begin anew."""
    agents.facts[:, HOLDS] = 0
    agents.facts[:, ON_QUEUE] = 0
    agents.facts[:, LISTED] = -1
    agents.since[:, :] = 0.0
    agents.idle[:, :, :] = -1


@inlined
def room_of(agents: Agents, contacts: Contacts, rules: Rules, a: int) -> int:
    """Return how many contacts the agent may hold at once: none more than one that wants it for itself."""
    if agents.facts[a, ON_QUEUE] == 0:
        return 0
    if agents.facts[a, HOLDS] > 0 and rules.concurrency[contacts.facts[agents.held[a, 0], QUEUE]] == 1:
        return 1
    return int(agents.room[agents.facts[a, GROUP]])


@inlined
def enlist(agents: Agents, a: int) -> None:
    """List an agent who has room, behind the others who hold as many contacts."""
    facts = agents.facts
    ends = agents.idle[facts[a, GROUP], facts[a, HOLDS]]
    last = ends[FINAL]
    facts[a, LISTED], facts[a, NEXT], facts[a, LAST] = facts[a, HOLDS], -1, last
    ends[FINAL] = a
    if last >= 0:
        facts[last, NEXT] = a
    else:
        ends[FIRST] = a


@inlined
def delist(agents: Agents, a: int) -> None:
    """Take an agent off the list, if it is on one."""
    facts = agents.facts
    if facts[a, LISTED] < 0:
        return
    ends = agents.idle[facts[a, GROUP], facts[a, LISTED]]
    last, following = facts[a, LAST], facts[a, NEXT]
    facts[a, LISTED] = -1
    if last >= 0:
        facts[last, NEXT] = following
    else:
        ends[FIRST] = following
    if following >= 0:
        facts[following, LAST] = last
    else:
        ends[FINAL] = last


@inlined
def work_until(
    agents: Agents, contacts: Contacts, rules: Rules, book: Book, interval_s: float, a: int, t: float
) -> None:
    """Let the agent's contacts proceed since its last change until t, and book the time."""
    holds, since = agents.facts[a, HOLDS], agents.since[a, CHANGED]
    agents.since[a, CHANGED] = t
    if holds == 0:
        return
    slots = 1
    for k in range(holds):
        c = agents.held[a, k]
        q = contacts.facts[c, QUEUE]
        contacts.moments[c, WORK_S] -= (t - since) / (1.0 + rules.slowdown[q] * (holds - 1))
        slots = max(slots, rules.concurrency[q])
        add_time(book.counts[BUSY_S, q], since, t, interval_s, 1.0)
    add_time(book.time[WORKED_S, agents.facts[a, GROUP]], since, t, interval_s, holds / slots)


@inlined
def next_end(agents: Agents, contacts: Contacts, rules: Rules, a: int) -> float:
    """Return when the agent finishes a contact, if it takes no other before; inf if it holds none."""
    holds, left = agents.facts[a, HOLDS], math.inf
    for k in range(holds):
        c = agents.held[a, k]
        slower = 1.0 + rules.slowdown[contacts.facts[c, QUEUE]] * (holds - 1)
        left = min(left, contacts.moments[c, WORK_S] * slower)
    return float(agents.since[a, CHANGED] + max(left, 0.0))


@inlined
def put_down(agents: Agents, contacts: Contacts, a: int) -> int:
    """Return the contact that the agent has finished, the older one of two at once; it holds it no longer."""
    held, holds = agents.held[a], agents.facts[a, HOLDS]
    done = 0
    for k in range(1, holds):
        if contacts.moments[held[k], WORK_S] < contacts.moments[held[done], WORK_S]:
            done = k
    c = held[done]
    for k in range(done + 1, holds):
        held[k - 1] = held[k]
    agents.facts[a, HOLDS] = holds - 1
    return int(c)

"""Which agent takes a contact, and which contact an agent takes; compiled."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wfm.compiled import inlined
from wfm.simulate.agents import CHANGED, FIRST, GROUP, HOLDS, Agents
from wfm.simulate.contacts import ARRIVED, HEAD, Contacts
from wfm.simulate.scenario import BEST_SKILL, NO_SKILL, Rules, Scenario

Ints = NDArray[np.int64]

AT_ONCE, AT_LAST = 0, 1  # columns of `Routes.reach`


class Routes(NamedTuple):
    """The skills, in the order in which they are looked through."""

    rank: Ints  # (G, Q) as in `Staff`
    skills: Ints  # (G, Q) queues of a group, most urgent first; -1 behind the last
    servers: Ints  # (Q, G) groups that serve a queue, best rank first
    reach: Ints  # (Q, 2) how many of them may take a contact when it arrives, and after its overflow


def routes_of(scenario: Scenario) -> Routes:
    """Return the routes by the groups' skills and the queues' rules."""
    rank, rules = scenario.staff.rank, scenario.rules
    groups, queues = rank.shape
    skills = np.full((groups, queues), -1, dtype=np.int64)
    for g in range(groups):
        served = np.flatnonzero(rank[g] < NO_SKILL)
        skills[g, : len(served)] = served[np.argsort(rules.priority[served], kind="stable")]
    best, served = (rank == 0).sum(axis=0), (rank < NO_SKILL).sum(axis=0)
    after = rules.overflow_after_s
    reach = np.stack([np.where(after > 0, best, served), np.where(np.isinf(after), best, served)], axis=1)
    return Routes(rank, skills, np.argsort(rank.T, axis=1, kind="stable"), reach.astype(np.int64))


@inlined
def longest_idle(routes: Routes, agents: Agents, rules: Rules, q: int, groups: int) -> int:
    """Return who of the first groups takes a contact of the queue; -1: nobody has room.

    The agent with the fewest contacts, of these (where the best skill comes first) one with the best rank, of
    these the one whose last change is longest ago, of these the one with the better rank, of these the first.
    """
    best, own = -1, 0
    for holds in range(min(rules.concurrency[q], agents.idle.shape[1])):
        for k in range(groups):
            g = routes.servers[q, k]
            a = agents.idle[g, holds, FIRST]
            if best >= 0 and rules.routing[q] == BEST_SKILL and routes.rank[g, q] > routes.rank[own, q]:
                break
            if a < 0:
                continue
            since, least = agents.since[a, CHANGED], agents.since[best, CHANGED] if best >= 0 else math.inf
            if since < least or (since == least and a < best and routes.rank[g, q] == routes.rank[own, q]):
                best, own = a, g
        if best >= 0:
            break
    return int(best)


@inlined
def most_urgent(
    routes: Routes, agents: Agents, contacts: Contacts, rules: Rules, a: int, room: int, t: float
) -> int:
    """Return the waiting contact that an agent takes who may hold so many at once; -1: there is none for it.

    That of the queue with the smallest priority, of these the one that waits longest, of these (left from
    before, all of them) the oldest.
    """
    g, holds = agents.facts[a, GROUP], agents.facts[a, HOLDS]
    best, urgency = -1, 0
    if holds >= room:
        return best
    for k in range(routes.skills.shape[1]):
        q = routes.skills[g, k]
        if q < 0 or (best >= 0 and rules.priority[q] > urgency):
            break
        c = contacts.line[q, HEAD]
        if c < 0 or holds >= rules.concurrency[q]:
            continue
        since = contacts.moments[c, ARRIVED]
        if routes.rank[g, q] > 0 and since + rules.overflow_after_s[q] > t:
            continue
        least = contacts.moments[best, ARRIVED] if best >= 0 else math.inf
        if since < least or (since == least and c < best):
            best, urgency = c, rules.priority[q]
    return int(best)

"""The event loop's rules once more, slowly: lists that are searched from end to end, in plain Python.

It shares with `wfm` what draws contacts (the same seeds give the same contacts) and the numbers of the
counts, but no data structure: no heap, no lines, no lists of idle agents.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from tests.simulate.small import uncompiled
from wfm.simulate import arrivals, book
from wfm.simulate.scenario import BEST_SKILL, NO_SKILL

DRAW_NEXT = uncompiled(arrivals.next_of_stream)
DRAW_HANDLE_TIME = uncompiled(arrivals.handle_time)
DRAW_PATIENCE = uncompiled(arrivals.patience)


def draw_arrival(random, demand, factor, q, t):
    """Return when the next contact arrives, as `next_arrival` does."""
    return DRAW_NEXT(random, demand, factor, q, t, int(t / demand.interval_s))[0]


STRETCH, WORK, OVERFLOW, ARRIVAL, LEAVING = range(5)  # at one moment in this order


@dataclass(eq=False)
class Contact:
    number: int
    queue: int
    interval: int  # -1: left from before
    arrived: float
    work: float
    leaves: float = math.inf
    redial_after: float = math.inf
    redials: float = math.inf
    overflowed: bool = False


@dataclass(eq=False)
class Agent:
    number: int
    group: int
    spans: list[tuple[float, float]]
    begun: int = 0
    ended: int = 0
    changed: float = 0.0
    turn: int = 0
    holds: list[Contact] = field(default_factory=list)

    @property
    def on_queue(self):
        return self.begun > self.ended


class Centre:
    """One replication."""

    def __init__(self, random, again, scenario, presence):
        self.random, self.again = random, again
        self.demand, self.rules, self.staff = scenario
        self.queues, self.intervals = self.demand.rate.shape
        self.end_s = self.intervals * self.demand.interval_s
        self.factor = np.ones((self.queues, 1))
        self.counts = np.zeros((book.COUNTS, self.queues, self.intervals))
        self.time = np.zeros((book.TIMES, len(self.staff.rank), self.intervals))
        self.waiting, self.away, self.contacts, self.turns = [], [], 0, 0
        self.agents = [
            Agent(a, int(group), self._spans(presence, a)) for a, group in enumerate(self.staff.group)
        ]
        for queue in self.demand.old_queue:
            work = DRAW_HANDLE_TIME(self.random, self.demand, self.rules, queue, 0)
            self.waiting.append(Contact(self._number(), int(queue), -1, 0.0, work))
        self.arrivals = [
            draw_arrival(self.random, self.demand, self.factor, q, 0.0) for q in range(self.queues)
        ]

    def _spans(self, presence, a):
        spans = zip(presence.begin.tolist(), presence.end.tolist(), strict=True)
        own = list(spans)[presence.first[a] : presence.first[a + 1]]
        return [(max(begin, 0.0), end) for begin, end in own if end > max(begin, 0.0)]

    def _number(self):
        self.contacts += 1
        return self.contacts

    def run(self):
        """Play to the end."""
        while (event := min(self._events(), default=None, key=lambda event: event[:3])) is not None:
            t, kind, number, what = event
            if t > self.end_s and kind != WORK:
                break
            self._happens(t, kind, number, what)
        for contact in list(self.waiting):
            self._stops_waiting(contact, self.end_s)
            if contact.interval >= 0 and math.isinf(self.rules.deadline_s[contact.queue]):
                self.counts[book.TURNED_AWAY, contact.queue, contact.interval] += 1
        while (event := min(self._work(), default=None, key=lambda event: event[:3])) is not None:
            self._happens(*event)
        return self

    def _events(self):
        for agent in self.agents:
            spans = agent.spans
            if agent.on_queue:
                yield spans[agent.ended][1], STRETCH, agent.number, agent
            elif agent.begun < len(spans):
                yield spans[agent.begun][0], STRETCH, agent.number, agent
        yield from (event for event in self._work() if event[0] <= self.end_s)
        yield from ((t, ARRIVAL, q, None) for q, t in enumerate(self.arrivals) if t < math.inf)
        for contact in self.waiting:
            after = self.rules.overflow_after_s[contact.queue]
            if not contact.overflowed and 0 < after < math.inf:
                yield contact.arrived + after, OVERFLOW, contact.queue, contact
            until = min(contact.leaves, self._closes(contact))
            if until < math.inf:
                yield max(until, contact.arrived), LEAVING, contact.number, contact
        yield from ((contact.redials, LEAVING, contact.number, contact) for contact in self.away)

    def _work(self):
        for agent in self.agents:
            if agent.holds:
                left = min(c.work * self._slower(agent, c) for c in agent.holds)
                yield agent.changed + max(left, 0.0), WORK, agent.number, agent

    def _slower(self, agent, contact):
        return 1.0 + self.rules.slowdown[contact.queue] * (len(agent.holds) - 1)

    def _closes(self, contact):
        return math.inf if contact.interval < 0 else self.demand.closes[contact.queue, contact.interval]

    def _happens(self, t, kind, number, what):
        if kind in (STRETCH, WORK):
            self._agent_event(t, kind, what)
        elif kind == OVERFLOW:
            what.overflowed = True
            agent = self._agent_for(what, t)
            if agent is not None:
                self._works(agent, t)
                self._takes_what_waits(agent, t)
        elif kind == ARRIVAL:
            contact = self._arrives(self.random, number, t, fresh=True)
            self.arrivals[number] = draw_arrival(self.random, self.demand, self.factor, number, t)
            self._enters(contact, t)
        elif what in self.waiting:
            self._leaves(what, t)
        else:
            self.away.remove(what)
            n = self._interval(t)
            if self.demand.rate[what.queue, n] > 0 and self.demand.closes[what.queue, n] > t:
                self._enters(self._arrives(self.again, what.queue, t, fresh=False), t)

    def _agent_event(self, t, kind, agent):
        self._works(agent, t)
        if kind == WORK:
            self._finishes(agent, t)
        elif agent.on_queue:
            agent.ended += 1
        else:
            agent.begun += 1
        self._takes_what_waits(agent, t)

    def _interval(self, t):
        return min(int(t / self.demand.interval_s), self.intervals - 1)

    def _arrives(self, random, q, t, *, fresh):
        n, rules = self._interval(t), self.rules
        self.counts[book.ATTEMPTS, q, n] += 1
        self.counts[book.FRESH, q, n] += fresh
        contact = Contact(self._number(), q, n, t, DRAW_HANDLE_TIME(random, self.demand, rules, q, n))
        if rules.patience_s[q] < math.inf:
            contact.leaves = t + DRAW_PATIENCE(random, rules, q)
        if rules.redial[q] > 0:
            again = random.random() < rules.redial[q]
            after = max(1.0, rules.redial_after_s[q] * random.standard_exponential())
            contact.redial_after = after if again else math.inf
        return contact

    def _enters(self, contact, t):
        agent = self._agent_for(contact, t) if self._closes(contact) >= t else None
        if agent is None:
            self.waiting.append(contact)
            return
        self._works(agent, t)
        self._takes(agent, contact, t)
        self._takes_what_waits(agent, t)

    def _leaves(self, contact, t):
        self._stops_waiting(contact, t)
        q, n = contact.queue, contact.interval
        if contact.leaves > self._closes(contact):
            self.counts[book.TURNED_AWAY, q, n] += 1
            return
        wait = contact.leaves - contact.arrived
        self.counts[book.ABANDONED, q, n] += 1
        self.counts[book.SHORT, q, n] += wait <= self.rules.short_abandon_s[q]
        self.counts[book.ABANDONED_IN, q, n] += wait <= self.rules.answer_within_s[q]
        if t + contact.redial_after < self.end_s:
            contact.redials = t + contact.redial_after
            self.away.append(contact)

    def _stops_waiting(self, contact, t):
        self.waiting.remove(contact)
        ends = np.arange(1, self.intervals + 1) * self.demand.interval_s
        inside = np.arange(self.intervals) >= contact.interval
        self.counts[book.BACKLOG, contact.queue] += inside & (ends <= t)

    def _may(self, agent, contact, t):
        rank, rules = self.staff.rank[agent.group, contact.queue], self.rules
        if not agent.on_queue or rank >= NO_SKILL:
            return False
        if rank > 0 and contact.arrived + rules.overflow_after_s[contact.queue] > t:
            return False
        alone = any(rules.concurrency[held.queue] == 1 for held in agent.holds)
        return not alone and len(agent.holds) < rules.concurrency[contact.queue]

    def _agent_for(self, contact, t):
        able = [agent for agent in self.agents if self._may(agent, contact, t)]
        fewest = min((len(agent.holds) for agent in able), default=0)
        heads: dict[int, Agent] = {}
        for agent in able:
            other = heads.get(agent.group)
            if len(agent.holds) == fewest and (other is None or agent.turn < other.turn):
                heads[agent.group] = agent
        by_skill = self.rules.routing[contact.queue] == BEST_SKILL

        def place(agent):
            rank = self.staff.rank[agent.group, contact.queue]
            return rank if by_skill else 0, agent.changed, rank, agent.number

        return min(heads.values(), default=None, key=place)

    def _works(self, agent, t):
        """Let work proceed to t, and write the time down."""
        if agent.holds:
            slots = max(self.rules.concurrency[contact.queue] for contact in agent.holds)
            parts = self._overlaps(agent.changed, t)
            self.time[book.WORKED_S, agent.group] += parts * len(agent.holds) / slots
            inside = [self._overlaps(max(b, agent.changed), min(e, t)) for b, e in agent.spans]
            self.time[book.STAFFED_S, agent.group] += parts - sum(inside)
            for contact in agent.holds:
                self.counts[book.BUSY_S, contact.queue] += parts
                contact.work -= (t - agent.changed) / self._slower(agent, contact)
        agent.changed = t
        self.turns += 1
        agent.turn = self.turns

    def _overlaps(self, begin, end):
        edges = np.arange(self.intervals + 1) * self.demand.interval_s
        return np.maximum(0.0, np.minimum(end, edges[1:]) - np.maximum(begin, edges[:-1]))

    def _finishes(self, agent, t):
        contact = min(agent.holds, key=lambda held: held.work)
        agent.holds.remove(contact)
        q, n = contact.queue, contact.interval
        took = self._worked(q, t) - self._worked(q, contact.arrived)
        if n >= 0 and math.isfinite(self.rules.deadline_s[q]):
            self.counts[book.IN_DEADLINE, q, n] += took <= self.rules.deadline_s[q]

    def _worked(self, q, t):
        edges = np.arange(self.intervals + 1) * self.demand.interval_s
        return float(np.interp(t, edges, self.rules.worked[q]))

    def _takes(self, agent, contact, t):
        agent.holds.append(contact)
        q, n, wait = contact.queue, contact.interval, t - contact.arrived
        if n >= 0:
            self.counts[book.ANSWERED, q, n] += 1
            self.counts[book.ANSWERED_IN, q, n] += wait <= self.rules.answer_within_s[q]
            self.counts[book.WAITED_S, q, n] += wait

    def _takes_what_waits(self, agent, t):
        while able := [contact for contact in self.waiting if self._may(agent, contact, t)]:
            contact = min(able, key=lambda c: (self.rules.priority[c.queue], c.arrived, c.number))
            self._stops_waiting(contact, t)
            self._takes(agent, contact, t)

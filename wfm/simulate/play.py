"""What one replication is played with, and how its timers are numbered.

At one moment timers come by their number: first the begins and ends of stretches, by agent, then the ends of
contacts, by agent, overflows and arrivals, by queue, and at last the contacts that leave or call again.
"""

from __future__ import annotations

from typing import NamedTuple

from wfm.compiled import inlined
from wfm.simulate.book import Book
from wfm.simulate.event_space import EventSpace
from wfm.simulate.scenario import Demand, Presence, Rules, Scenario


class Play(NamedTuple):
    """The scenario, where its counts go, the work space, and the number of the first timer of each kind."""

    demand: Demand
    rules: Rules
    presence: Presence
    book: Book
    space: EventSpace
    end_s: float  # of the simulated time
    of_work: int  # those of stretches begin with 0
    of_overflow: int
    of_arrival: int
    of_contact: int


@inlined
def play_of(scenario: Scenario, presence: Presence, book: Book, space: EventSpace) -> Play:
    """Put together what the parts of the event loop share."""
    demand = scenario.demand
    queues, agents = demand.rate.shape[0], space.agents.facts.shape[0]
    return Play(
        demand,
        scenario.rules,
        presence,
        book,
        space,
        demand.rate.shape[1] * demand.interval_s,
        agents,
        2 * agents,
        2 * agents + queues,
        2 * agents + 2 * queues,
    )

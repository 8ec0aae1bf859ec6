"""The work space of the event loop, made once and used for one replication after the other."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from wfm.simulate.agents import Agents, new_agents
from wfm.simulate.contacts import Contacts, new_contacts
from wfm.simulate.routing import Routes, routes_of
from wfm.simulate.scenario import NO_SKILL, Scenario
from wfm.simulate.timers import Timers, new_timers


class EventSpace(NamedTuple):
    """Room for one replication of one scenario at a time."""

    timers: Timers
    contacts: Contacts
    agents: Agents
    routes: Routes


def event_space(scenario: Scenario, contacts: int) -> EventSpace:
    """Return work space for a scenario, and so many contacts at once: waiting, served, or to call again."""
    staff = scenario.staff
    queues, agents = len(scenario.rules.priority), len(staff.group)
    served = np.where(staff.rank < NO_SKILL, scenario.rules.concurrency, 1)
    return EventSpace(
        new_timers(2 * (agents + queues) + contacts),
        new_contacts(contacts, queues),
        new_agents(staff.group, served.max(axis=1, initial=1)),
        routes_of(scenario),
    )

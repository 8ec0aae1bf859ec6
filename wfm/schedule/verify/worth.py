"""What an agent on queue is worth on a date: the queues served then, and the work done against a full agent.

Worth is proficiency times the ramp of the contract, by whole weeks since `start_date`; both are exact. The
date of an interval is that of the agent's site at the interval's start.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from wfm.schedule.verify.case import Agent
from wfm.schedule.verify.leave import exact


@dataclass(frozen=True)
class Service:
    """The queues that an agent serves, best first, and the agents that it counts as."""

    queues: tuple[str, ...]
    worth: Fraction


def service(agent: Agent, day: date) -> Service:
    """Return what the agent does on queue on a date."""
    valid = (skill.queue for skill in agent.skills if skill.valid_on(day))
    return Service(tuple(dict.fromkeys(valid)), exact(agent.proficiency) * _ramp(agent, day))


def common_unit(agents: Iterable[Agent]) -> int:
    """Return the least whole number that makes every worth of these agents whole."""
    unit = 1
    for agent in agents:
        for share in (1, *agent.contract.ramp):
            unit = math.lcm(unit, (exact(agent.proficiency) * exact(share)).denominator)
    return unit


def _ramp(agent: Agent, day: date) -> Fraction:
    """Return the share of a week of the ramp; whole before the first day, and where that is not known."""
    if agent.start_date is None or day < agent.start_date:
        return Fraction(1)
    week = (day - agent.start_date).days // 7
    ramp = agent.contract.ramp
    return exact(ramp[week]) if week < len(ramp) else Fraction(1)

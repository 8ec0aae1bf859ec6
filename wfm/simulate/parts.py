"""Queues that share no agents have nothing to do with each other: a scenario falls into parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wfm.simulate.scenario import NO_SKILL, Demand, Rules, Scenario, Staff

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Part:
    """A scenario of its own, and where its queues and groups stand in the whole.

    `simple`: one live queue without redials, contacts one at a time, which needs no list of events. A queue
    that nobody serves has a group without agents, which stands nowhere in the whole.
    """

    scenario: Scenario
    queues: Ints
    groups: Ints
    simple: bool


def parts_of(scenario: Scenario) -> list[Part]:
    """Return the parts, each with at least one queue."""
    serves = scenario.staff.rank < NO_SKILL
    found, left = [], set(range(scenario.demand.rate.shape[0]))
    while left:
        queues, groups, size = {min(left)}, set[int](), 0
        while len(queues) > size:
            size = len(queues)
            groups = {g for g in range(len(serves)) if serves[g, sorted(queues)].any()}
            queues |= {q for g in groups for q in np.flatnonzero(serves[g]).tolist()}
        left -= queues
        found.append(_part(scenario, np.array(sorted(queues)), np.array(sorted(groups), dtype=np.int64)))
    return found


def _part(scenario: Scenario, queues: Ints, groups: Ints) -> Part:
    rules = Rules(**{name: values[queues] for name, values in scenario.rules._asdict().items()})
    demand = _demand_of(scenario.demand, queues)
    simple = len(queues) == 1 and bool(
        rules.concurrency[0] == 1
        and rules.redial[0] == 0
        and np.isinf(rules.deadline_s[0])
        and not len(demand.old_queue)
    )
    return Part(Scenario(demand, rules, _staff_of(scenario.staff, queues, groups)), queues, groups, simple)


def _demand_of(demand: Demand, queues: Ints) -> Demand:
    number = {int(queue): at for at, queue in enumerate(queues)}
    old = np.isin(demand.old_queue, queues)
    return Demand(
        interval_s=demand.interval_s,
        rate=demand.rate[queues],
        aht_s=demand.aht_s[queues],
        day=demand.day[queues],
        closes=demand.closes[queues],
        old_queue=np.array([number[int(queue)] for queue in demand.old_queue[old]], dtype=np.int64),
        day_cv=demand.day_cv[queues],
    )


def _staff_of(staff: Staff, queues: Ints, groups: Ints) -> Staff:
    agents = np.flatnonzero(np.isin(staff.group, groups))
    stretches = [np.arange(staff.first[a], staff.first[a + 1]) for a in agents]
    chosen = np.concatenate([np.zeros(0, dtype=np.int64), *stretches])
    rank = staff.rank[groups][:, queues] if len(groups) else np.zeros((1, len(queues)), dtype=np.int64)
    return Staff(
        rank=np.ascontiguousarray(rank),
        group=np.searchsorted(groups, staff.group[agents]).astype(np.int64),
        first=np.concatenate([[0], np.cumsum([len(own) for own in stretches])]).astype(np.int64),
        begin=staff.begin[chosen],
        end=staff.end[chosen],
        shift=staff.shift[chosen],
        sick=staff.sick[agents],
        away=staff.away[agents],
        away_s=staff.away_s,
    )

"""The lower bound of a roster, recomputed from its prices: valid for any prices that are not negative.

Prices a(K, n) stand on sets K of queues in interval n. With R(K, n) the requirement of K, S(K, n) the agents
on queue with a skill in K, by their worth, s = interval_min / 15 and weights w_u, w_o, no legal roster costs
less than

    sum a R - w_o s R
      + sum over agents of min tour (own cost - worth (sum of a over the agent's sets - w_o s) on queue)
      - sum over n of max(0, A(n) - s (w_u + w_o))^2 R(n) / (4 s w_u)

because the deficits R - S of the sets are at most the understaffing U of their component (queues linked by
skills or by a set), and U (1 + U/R) is convex. The agent's sets are those with a queue that it serves on the
date, A(n) is the largest price sum of a component, and shifts of the history have fixed tours.
Source: Fisher (1981), The Lagrangian Relaxation Method for Solving Integer Programming Problems.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from math import inf

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.config import employed
from wfm.schedule.verify.case import Agent, Case
from wfm.schedule.verify.cheapest import cheapest_tour
from wfm.schedule.verify.choices import choices
from wfm.schedule.verify.legal import off_phone
from wfm.schedule.verify.minors import is_minor
from wfm.schedule.verify.pattern import cell
from wfm.schedule.verify.prices import Priced, Queues, read_prices
from wfm.schedule.verify.timeline import Timeline
from wfm.schedule.verify.worth import Service, service

UNIT_MIN = 15

Floats = NDArray[np.float64]


def lower_bound(case: Case, table: pd.DataFrame) -> float:
    """Return the bound that `table` (PRICES) proves; activities stay where the roster has them.

    It is infinite if an agent has no legal tour around its activities, minus infinite if prices exceed what
    understaffing costs although its weight is 0. Raises DataError for queues that the configuration does not
    have, and for times that are no interval of the horizon. Agents that are alike are solved
    once; every other agent and week takes about 0.06 s.
    """
    priced = read_prices(case, table)
    weights, scale = case.config.schedule.weights, case.config.centre.interval_min / UNIT_MIN
    total = sum((priced.required.values()), np.zeros(priced.timeline.intervals))
    bound = -weights.overstaffed * scale * float(total.sum())
    for members, prices in zip(priced.sets, priced.prices, strict=True):
        bound += sum(float((prices * priced.required[q]).sum()) for q in members & priced.required.keys())
    found: dict[tuple[object, ...], float] = {}
    for agent in case.agents:
        worth = _worth(agent, priced, weights.overstaffed * scale)
        bound -= _worth_of_history(agent, priced.timeline, worth)
        kind = _kind(agent, case)
        if kind not in found:
            found[kind] = cheapest_tour(agent, case, choices(agent, case, priced.timeline, worth))
        bound += found[kind]
    return bound - _curvature(case, priced, _with_others(total, case, priced.timeline), scale)


def _with_others(total: Floats, case: Case, timeline: Timeline) -> Floats:
    """Return R with what the rosters of other agents are for, where anything is required of these."""
    if case.elsewhere is None:
        return total
    found = total.copy()
    rows = zip(case.elsewhere["interval_start"], case.elsewhere["agents_to_schedule"], strict=True)
    for start, agents in rows:
        place = timeline.minute(start.to_pydatetime()) // timeline.interval_min
        if 0 <= place < len(found) and found[place] > 0:
            found[place] += agents
    return found


def _worth(agent: Agent, priced: Priced, surplus_cost: float) -> Floats:
    """Return what each minute on queue is worth, by the agent's queues and worth at the interval's start."""
    timeline, per_interval = priced.timeline, np.zeros(priced.timeline.intervals)
    for found, starts in _periods(agent, timeline):
        served = [not members.isdisjoint(found.queues) for members in priced.sets]
        gain = priced.prices[served, starts].sum(axis=0) - surplus_cost
        per_interval[starts] = float(found.worth) * gain
    return np.repeat(per_interval / timeline.interval_min, timeline.interval_min)


def _periods(agent: Agent, timeline: Timeline) -> Iterator[tuple[Service, slice]]:
    """Yield the stretches of intervals in which the agent's queues and worth stay the same."""
    for found, days in groupby(timeline.days(agent.timezone), key=lambda item: service(agent, item[0])):
        spans = list(days)
        yield found, slice(spans[0][1], spans[-1][2])


def _worth_of_history(agent: Agent, timeline: Timeline, worth: Floats) -> float:
    """Return the worth of the time on queue that shifts before the horizon bring into it."""
    spans = [span for shift in agent.history for span in shift.spans_of("on_queue")]
    return sum(float(worth[timeline.minute(start) : timeline.minute(end)].sum()) for start, end in spans)


def _kind(agent: Agent, case: Case) -> tuple[object, ...]:
    """Return all that the agent's cheapest tour depends on."""
    days = case.horizon.dates
    return (
        *(agent.contract, agent.site, frozenset(agent.skills), agent.availability, agent.cost_per_hour),
        *(agent.proficiency, agent.start_date if agent.contract.ramp else None),
        tuple(employed(agent.start_date, agent.end_date, day) for day in days),
        tuple((is_minor(agent, case, day), cell(agent, case, day)) for day in days),
        *(agent.time_off, agent.requests, tuple(agent.fixed.items())),
        tuple((day, shift.span) for day, shift in agent.planned.items()),
        tuple((shift.date, shift.end, is_minor(agent, case, shift.date)) for shift in agent.history),
        tuple((day, *parts) for day, parts in off_phone(agent).items()),
    )


def _curvature(case: Case, priced: Priced, total: Floats, scale: float) -> float:
    """Return the loss in intervals whose prices exceed the cost of the first missing agent."""
    weights = case.config.schedule.weights
    highest = np.zeros(len(total))
    for component in _components(case, priced, total):
        inside = [not component.isdisjoint(members) for members in priced.sets]
        highest = np.maximum(highest, priced.prices[inside].sum(axis=0))
    above = np.maximum(0.0, highest - scale * (weights.understaffed + weights.overstaffed))
    if not weights.understaffed:
        return inf if (above * total > 0).any() else 0.0
    return float((above**2 * total).sum() / (4 * scale * weights.understaffed))


def _components(case: Case, priced: Priced, total: Floats) -> list[Queues]:
    """Return the queues linked by a set, or by what an agent serves at one time while agents are required."""
    needed = frozenset(priced.required)
    together = {
        needed.intersection(found.queues)
        for agent in case.agents
        for found, starts in _periods(agent, priced.timeline)
        if total[starts].any()
    }
    return _merged([*priced.sets, *together])


def _merged(sets: Iterable[Queues]) -> list[Queues]:
    merged: list[Queues] = []
    for one in sets:
        linked = [other for other in merged if other & one]
        merged = [other for other in merged if not other & one] + [one.union(*linked)]
    return merged

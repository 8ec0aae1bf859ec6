"""The lower bound of a roster, recomputed from its prices: valid for any prices that are not negative.

Prices a(K, n) stand on sets K of queues in interval n. With R(K, n) the requirement of K, S(K, n) the agents
on queue with a skill in K, s = interval_min / 15 and weights w_u, w_o, no legal roster costs less than

    sum a R - w_o s R
      + sum over agents of min tour (own cost - (sum of a over the agent's sets - w_o s) on queue)
      - sum over n of max(0, A(n) - s (w_u + w_o))^2 R(n) / (4 s w_u)

because the deficits R - S of the sets are at most the understaffing U of their component (queues linked by
skills or by a set), and U (1 + U/R) is convex. The agent's sets are those with a skill of it, A(n) is the
largest price sum of a component, and shifts of the history have fixed tours.
Source: Fisher (1981), The Lagrangian Relaxation Method for Solving Integer Programming Problems.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.config import employed
from wfm.errors import DataError, Fault
from wfm.localtime import day_bounds
from wfm.schedule.verify.case import DAY, Agent, Case
from wfm.schedule.verify.cheapest import cheapest_tour
from wfm.schedule.verify.choices import Timeline, choices, off_phone
from wfm.tables import Column, Table

UNIT_MIN = 15
LONGEST_AFTER = 2 * DAY  # a shift that starts on the last date ends by then

PRICES = Table(
    "prices",
    ("queues", "interval_start"),
    (
        Column("queues", "text", "set of queues, a ;-list"),
        Column("interval_start", "time", "start of the interval"),
        Column("price", "number", "worth of an agent on queue for the set", "objective", low=0),
    ),
    description="prices that prove the bound of a roster",
)

Floats = NDArray[np.float64]
Queues = frozenset[str]


@dataclass(frozen=True)
class Priced:
    """Prices (sets x intervals) of sets of queues, with the requirement (queues x intervals) they meet."""

    timeline: Timeline
    sets: tuple[Queues, ...]
    prices: Floats
    required: dict[str, Floats]


def lower_bound(case: Case, table: pd.DataFrame) -> float:
    """Return the bound that `table` (PRICES) proves; activities stay where the roster has them.

    It is infinite if an agent has no legal tour around its activities, minus infinite if prices exceed what
    understaffing costs although its weight is 0. Raises DataError for queues that the configuration does not
    have, and for times that are no interval of the horizon. Agents that are alike are solved
    once; every other agent and week takes about 0.06 s.
    """
    priced = _priced(case, table)
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
    return bound - _curvature(case, priced, total, scale)


def _priced(case: Case, table: pd.DataFrame) -> Priced:
    interval_min = case.config.centre.interval_min
    timeline = _timeline(case, interval_min)
    required: dict[str, Floats] = {}
    for queue, rows in case.requirements.groupby("queue"):
        required[str(queue)] = np.zeros(timeline.intervals)
        at = _intervals(rows["interval_start"], timeline)
        required[str(queue)][at] = rows["agents_to_schedule"].to_numpy(dtype=np.float64)
    names = [frozenset(name.strip() for name in str(text).split(";")) for text in table["queues"]]
    sets = tuple(dict.fromkeys(names))
    row_of = {name: row for row, name in enumerate(sets)}
    _check(table, set(case.config.queues), timeline)
    prices = np.zeros((len(sets), timeline.intervals))
    places = zip(names, _intervals(table["interval_start"], timeline), table["price"], strict=True)
    for name, interval, price in places:
        prices[row_of[name], interval] += price
    return Priced(timeline, sets, prices, required)


def _timeline(case: Case, interval_min: int) -> Timeline:
    """Return the intervals from a site's first midnight (or requirement) until the last shift has ended."""
    zones, horizon, interval = case.config.site_zones.values(), case.horizon, timedelta(minutes=interval_min)
    rows = [moment.to_pydatetime() for moment in case.requirements["interval_start"].agg(["min", "max"])]
    rows = [moment for moment in rows if not pd.isna(moment)]
    begin = min([*rows, *(day_bounds(horizon.first_day, zone)[0] for zone in zones)])
    end = max([*rows, *(day_bounds(horizon.last_day, zone)[1] for zone in zones)]) + LONGEST_AFTER
    grid = rows[0] if rows else begin
    origin: datetime = begin - (begin - grid) % interval
    return Timeline(origin, interval_min, -(-(end - origin) // interval))


def _intervals(starts: pd.Series, timeline: Timeline) -> list[int]:
    return [timeline.minute(moment.to_pydatetime()) // timeline.interval_min for moment in starts]


def _check(table: pd.DataFrame, known: set[str], timeline: Timeline) -> None:
    named = {name.strip() for text in table["queues"].unique() for name in str(text).split(";")}
    faults = [Fault("unknown queue", column="queues", value=name) for name in sorted(named - known)]
    for name, wrong in (("price", ~(table["price"] >= 0)), ("interval_start", _misplaced(table, timeline))):
        if wrong.any():
            problem = "below 0" if name == "price" else "no interval of the horizon"
            faults.append(Fault(problem, column=name, value=str(table.loc[wrong, name].iloc[0])))
    if faults:
        hint = "name the file that schedule --proof wrote for this roster"
        raise DataError(faults, source="proof", hint=hint)


def _misplaced(table: pd.DataFrame, timeline: Timeline) -> pd.Series:
    first = pd.Timestamp(timeline.origin)
    starts = pd.date_range(first, periods=timeline.intervals, freq=f"{timeline.interval_min}min", unit="us")
    misplaced: pd.Series = ~table["interval_start"].isin(starts)
    return misplaced


def _worth(agent: Agent, priced: Priced, surplus_cost: float) -> Floats:
    """Return what each minute of the agent on queue is worth."""
    served = [not members.isdisjoint(agent.skills) for members in priced.sets]
    per_interval = priced.prices[served].sum(axis=0) - surplus_cost
    return np.repeat(per_interval / priced.timeline.interval_min, priced.timeline.interval_min)


def _worth_of_history(agent: Agent, timeline: Timeline, worth: Floats) -> float:
    """Return the worth of the time on queue that shifts before the horizon bring into it."""
    spans = [span for shift in agent.history for span in shift.spans_of("on_queue")]
    return sum(float(worth[timeline.minute(start) : timeline.minute(end)].sum()) for start, end in spans)


def _kind(agent: Agent, case: Case) -> tuple[object, ...]:
    """Return all that the agent's cheapest tour depends on."""
    days = case.horizon.dates
    return (
        *(id(agent.contract), agent.site, frozenset(agent.skills), agent.availability, agent.cost_per_hour),
        tuple(employed(agent.start_date, agent.end_date, day) for day in days),
        *(agent.time_off, agent.requests, tuple(agent.fixed.items())),
        tuple((day, shift.span) for day, shift in agent.planned.items()),
        tuple((shift.date, shift.end) for shift in agent.history),
        tuple((day, *parts) for day, parts in off_phone(agent).items()),
    )


def _curvature(case: Case, priced: Priced, total: Floats, scale: float) -> float:
    """Return the loss in intervals whose prices exceed the cost of the first missing agent."""
    weights = case.config.schedule.weights
    highest = np.zeros(len(total))
    for component in _components(case, priced):
        inside = [not component.isdisjoint(members) for members in priced.sets]
        highest = np.maximum(highest, priced.prices[inside].sum(axis=0))
    above = np.maximum(0.0, highest - scale * (weights.understaffed + weights.overstaffed))
    if not weights.understaffed:
        return inf if (above * total > 0).any() else 0.0
    return float((above**2 * total).sum() / (4 * scale * weights.understaffed))


def _components(case: Case, priced: Priced) -> list[Queues]:
    """Return the queues linked by the skills of an agent or by a set; no two of them share either."""
    needed = frozenset(priced.required)
    return _merged([*priced.sets, *({frozenset(agent.skills) & needed for agent in case.agents})])


def _merged(sets: Iterable[Queues]) -> list[Queues]:
    merged: list[Queues] = []
    for one in sets:
        linked = [other for other in merged if other & one]
        merged = [other for other in merged if not other & one] + [one.union(*linked)]
    return merged

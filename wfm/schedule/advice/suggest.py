"""Suggestions: overtime and call-ins where agents are missing, voluntary time off where there are too many.

Greedy, each applied before the next is chosen, so that effects add up: overtime with the most understaffing
removed per cost first, then time off that saves most. Every suggestion keeps all rules of its agent, as
`verify` judges them, and the seats and presence of its site.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from wfm.conform import conform, empty
from wfm.schedule.advice.change import Change, shift_text, span_text
from wfm.schedule.advice.columns import SUGGESTIONS
from wfm.schedule.advice.desk import Desk
from wfm.schedule.advice.extra import Extra
from wfm.schedule.advice.published import Published
from wfm.schedule.advice.spare import Spare

Key = tuple[float, ...]
Rank = Callable[[Change], Key | None]


@dataclass(frozen=True)
class Suggestions:
    """`table` is SUGGESTIONS; `published` has roster and time off with all of them applied."""

    table: pd.DataFrame
    published: Published


def suggest(published: Published, dates: Iterable[date] | None = None, most: int = 10) -> Suggestions:
    """Return at most `most` suggestions of each kind for these dates (default: of the horizon).

    An agent gets at most one a date. Raises UsageError for a date outside the horizon.
    """
    days = list(published.horizon.dates if dates is None else dates)
    for day in days:
        published.check_date(day)
    desk = Desk(published)
    rows: list[dict[str, Any]] = []
    everybody = [(agent, day) for agent in desk.agents.values() for day in days]
    extra = Extra(desk)
    possible = [change for agent, day in everybody for change in extra.changes(agent, day)]
    _choose(desk, possible, _worth(desk), most, rows)
    spare = Spare(desk)
    left = [(desk.agents[agent.agent_id], day) for agent, day in everybody]
    free = [change for agent, day in left for change in spare.changes(agent, day)]
    _choose(desk, free, _saving(desk), most, rows)
    table = conform(pd.DataFrame(rows), SUGGESTIONS) if rows else empty(SUGGESTIONS)
    return Suggestions(table, desk.published)


def _choose(desk: Desk, changes: Iterable[Change], rank: Rank, most: int, rows: list[dict[str, Any]]) -> None:
    """Apply the best change, then the best of what is left, until `most` of each kind; append their rows.

    A rank only gets worse as others are applied, so that only the best known one is looked at again.
    """
    waiting = [
        (key, change.order, number, change)
        for number, change in enumerate(changes)
        if not desk.hopeless(change) and (key := rank(change)) is not None
    ]
    heapq.heapify(waiting)
    taken: Counter[str] = Counter()
    while waiting:
        _, order, number, change = heapq.heappop(waiting)
        if taken[change.kind] == most or desk.hopeless(change):
            continue
        key = rank(change)
        if key is None:
            continue
        if waiting and (key, order) > waiting[0][:2]:
            heapq.heappush(waiting, (key, order, number, change))
        elif desk.allowed(change):
            rows.append(_applied(desk, change))
            taken[change.kind] += 1


def _worth(desk: Desk) -> Rank:
    """Rank by understaffing removed per cost, then by what is removed; None if nothing is."""

    def rank(change: Change) -> Key | None:
        removed = -desk.sheet.hours(desk.sheet.growth(desk.shares(change)))
        if removed <= 0:
            return None
        cost = desk.price(change).cost
        return (-removed / cost if cost > 0 else float("-inf"), -removed)

    return rank


def _saving(desk: Desk) -> Rank:
    """Rank by what is saved, then by hours; None if somebody would be missing more, or none is spared."""

    def rank(change: Change) -> Key | None:
        shares = desk.shares(change)
        if desk.sheet.growth(shares) > 0 or sum(share.units for share in shares) >= 0:
            return None
        price = desk.price(change)
        return (price.cost, float(price.hours))

    return rank


def _applied(desk: Desk, change: Change) -> dict[str, Any]:
    agent, price, sheet = desk.agents[change.agent_id], desk.price(change), desk.sheet
    before = sheet.missing, sheet.surplus
    desk.accept(change)
    return {
        "kind": change.kind,
        "agent_id": change.agent_id,
        "date": pd.Timestamp(change.date),
        "was": span_text(agent, agent.shift_on(change.date)),
        "becomes": shift_text(agent, change.after),
        "hours": float(price.hours),
        "cost": price.cost,
        "understaffed_h_before": sheet.hours(before[0]),
        "understaffed_h_after": sheet.hours(sheet.missing),
        "overstaffed_h_before": sheet.hours(before[1]),
        "overstaffed_h_after": sheet.hours(sheet.surplus),
    }

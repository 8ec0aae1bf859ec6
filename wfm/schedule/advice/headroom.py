"""Headroom: how many more agents may be off on a date before understaffing grows by more than a tolerance.

Greedy: the agent whose absence adds least goes first, coverage is exact each time. What one absence adds can
only rise with every other (agents on queue are worth less the more there are), so that a candidate is
looked at again only when its last known harm is the least.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Generator, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import pandas as pd

from wfm.conform import conform, empty
from wfm.schedule.advice.columns import HEADROOM
from wfm.schedule.advice.published import Published, check_name
from wfm.schedule.advice.sheet import HOUR_US, Share, Sheet, taken_back
from wfm.schedule.verify.case import Agent


@dataclass(frozen=True)
class Group:
    """Agents whose absences are counted together: a team, or all of a site who are in no team."""

    site: str
    team: str
    members: tuple[Agent, ...]

    @property
    def timezone(self) -> str:
        """Whose dates those of the group's intervals are: of its first agent."""
        return self.members[0].timezone


def headroom(
    published: Published,
    dates: Iterable[date] | None = None,
    team: str | None = None,
    tolerance_h: float = 0.0,
) -> pd.DataFrame:
    """Return HEADROOM of these dates (default: of the horizon) and of one team (default: of every group).

    Understaffing of a date counts the intervals that begin on it, and what an absence adds after midnight.
    Raises UsageError for a date outside the horizon and for a team that nobody is in.
    """
    days = list(published.horizon.dates if dates is None else dates)
    for day in days:
        published.check_date(day)
    case = published.case()
    groups = _groups(case.agents, _teams(published))
    if team is not None:
        check_name(team, sorted({group.team for group in groups} - {""}), "team")
        groups = [group for group in groups if group.team == team]
    sheet, most = Sheet(case), Fraction(str(tolerance_h))
    rows = [_row(sheet, group, day, most) for day in days for group in groups]
    return conform(pd.DataFrame(rows), HEADROOM) if rows else empty(HEADROOM)


def _teams(published: Published) -> dict[str, str]:
    named = published.agents[published.agents["team"].notna()]
    return dict(zip(named["agent_id"], named["team"], strict=True))


def _groups(agents: Iterable[Agent], teams: Mapping[str, str]) -> list[Group]:
    members: dict[tuple[str, str], list[Agent]] = defaultdict(list)
    for agent in agents:
        team = teams.get(agent.agent_id, "")
        members["" if team else agent.site, team].append(agent)
    groups = []
    for (site, team), people in sorted(members.items()):
        sites = {agent.site for agent in people}
        groups.append(Group(site or (sites.pop() if len(sites) == 1 else ""), team, tuple(people)))
    return groups


def _row(sheet: Sheet, group: Group, day: date, tolerance_h: Fraction) -> dict[str, Any]:
    absences = {}
    for agent in group.members:
        shift = agent.shift_on(day)
        if shift is not None:
            absences[agent.agent_id] = sheet.shares(agent, (), shift.spans_of("on_queue"))
    now = sum(lack for number, lack in sheet.lack.items() if sheet.date_of(group.timezone, number) == day)
    most = tolerance_h * sheet.unit * HOUR_US
    gone: list[str] = []
    next_one, grown, grown_one_more = "", 0, None
    with closing(_least_harmful_first(sheet, absences)) as in_order:
        for agent_id, growth in in_order:
            if growth > most:
                next_one, grown_one_more = agent_id, growth
                break
            gone.append(agent_id)
            grown = growth
    return {
        "date": pd.Timestamp(day),
        "site": group.site,
        "team": group.team,
        "rostered": len(absences),
        "headroom": len(gone),
        "understaffed_h": sheet.hours(now),
        "understaffed_h_off": sheet.hours(now + grown),
        "understaffed_h_one_more": None if grown_one_more is None else sheet.hours(now + grown_one_more),
        "first_off": ";".join(gone),
        "one_more": next_one,
    }


def _least_harmful_first(sheet: Sheet, absences: Mapping[str, list[Share]]) -> Generator[tuple[str, int]]:
    """Yield who goes next and the growth of all gone so far; the sheet is as before when it ends."""
    before = sheet.missing
    waiting = [(sheet.growth(shares), agent_id) for agent_id, shares in absences.items()]
    heapq.heapify(waiting)
    applied: list[list[Share]] = []
    try:
        while waiting:
            _, agent_id = heapq.heappop(waiting)
            harm = sheet.growth(absences[agent_id])
            if waiting and (harm, agent_id) > waiting[0]:
                heapq.heappush(waiting, (harm, agent_id))
                continue
            sheet.apply(absences[agent_id])
            applied.append(absences[agent_id])
            yield agent_id, sheet.missing - before
    finally:
        for shares in applied:
            sheet.apply(taken_back(shares))

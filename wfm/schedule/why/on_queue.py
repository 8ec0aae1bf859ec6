"""Who is on queue in an interval, and how much of each goes to one queue.

Agents with the same open skills are one group, whose time is split among queues as in COVERAGE; every agent
of a group has the same part in each of its queues. Agents count by what they are worth (proficiency, ramp).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from wfm.errors import one_line
from wfm.schedule.advice.published import Published
from wfm.schedule.advice.sheet import Sheet, microseconds
from wfm.schedule.verify.case import Agent
from wfm.schedule.verify.spans import Span, common, elapsed
from wfm.schedule.verify.split import split


@dataclass(frozen=True)
class Present:
    """An agent who can serve the queue and has a shift then.

    `on_queue` is the share of the interval on queue (0-1), `worth` what a whole one counts as, `on_this` the
    agents that it gives to the queue; `away` names what else it does in the interval.
    """

    agent_id: str
    name: str
    skills: tuple[str, ...]
    on_queue: float
    worth: float
    on_this: float
    away: tuple[str, ...]


@dataclass(frozen=True)
class Attendance:
    """Who is there for a queue in an interval; None for `needed` where nobody planned the queue then."""

    queue: str
    interval_start: datetime
    needed: float | None
    present: tuple[Present, ...]

    @property
    def scheduled(self) -> float:
        """Agents on the queue, as in COVERAGE."""
        return sum(one.on_this for one in self.present)

    def in_words(self) -> list[str]:
        """Return a line for the sum, and one for each agent, those who give most first."""
        needed = "not planned" if self.needed is None else f"{self.needed:g} to schedule"
        net = "" if self.needed is None else f", net {self.scheduled - self.needed:+z.2f}"
        lines = [f"scheduled  {self.scheduled:z.2f} agents of {needed}{net}:"]
        lines += [f"           {_line(one)}" for one in self.present]
        return lines if self.present else [f"scheduled  nobody ({needed})"]

    def facts(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            "needed": self.needed,
            "scheduled": self.scheduled,
            "agents": [vars(one) for one in self.present],
        }


def attendance(published: Published, queue: str, start: datetime) -> Attendance:
    """Return who is there for a queue in the interval that begins at `start` (aware)."""
    case = published.case()
    sheet = Sheet(case)
    number = sheet.number(microseconds(start))
    need = sheet.needs.get(number, {})
    found = split(sheet.supply.get(number, {}), need)
    names = dict(zip(published.agents["agent_id"], published.agents["name"].astype("str"), strict=True))
    groups: dict[tuple[str, ...], int] = {}
    for skills, time in sheet.supply.get(number, {}).items():
        group = tuple(one for one in skills if one in need)
        groups[group] = groups.get(group, 0) + time
    parts = {group: found.given.get((group, queue), 0) / time for group, time in groups.items() if time}
    able = (agent for agent in case.agents if queue in sheet.served(agent, number)[0])
    rows = (_present(agent, sheet, number, queue, parts) for agent in able)
    present = [replace(row, name=names[row.agent_id]) for row in rows if row is not None]
    present.sort(key=lambda one: (-one.on_this, one.agent_id))
    whole = sheet.length * sheet.unit
    needed = need[queue] / whole if queue in need else None
    return Attendance(queue, sheet.start_of(number), needed, tuple(present))


def _present(
    agent: Agent, sheet: Sheet, number: int, queue: str, parts: Mapping[tuple[str, ...], float]
) -> Present | None:
    """Return the agent in an interval, still without name; None without a shift then."""
    window: Span = (sheet.start_of(number), sheet.start_of(number + 1))
    segments = [
        segment
        for shift in (*agent.history, *agent.shifts)
        for segment in shift.segments
        if common([segment.span], [window])
    ]
    if not segments:
        return None
    spans = [segment.span for segment in segments if segment.activity == "on_queue"]
    share = elapsed(common(spans, [window])) / (window[1] - window[0])
    skills, units = sheet.served(agent, number)
    worth = units / sheet.unit
    open_skills = tuple(one for one in skills if one in sheet.needs.get(number, {}))
    on_this = share * worth * parts.get(open_skills, 0.0) if queue in open_skills else 0.0
    away = tuple(dict.fromkeys(one.activity for one in segments if one.activity != "on_queue"))
    return Present(agent.agent_id, "", skills, share, worth, on_this, away)


def _line(one: Present) -> str:
    words = []
    if one.on_queue < 1:
        words.append(f"{one.on_queue:.0%} of the interval on queue")
    if one.away:
        words.append(f"in {', '.join(one.away)}")
    if one.worth != 1:
        words.append(f"counts as {one.worth:g}")
    if len(one.skills) > 1:
        part = one.on_this / (one.on_queue * one.worth) if one.on_queue * one.worth else 0.0
        words.append(f"{part:.0%} of it here, skills {one_line(';'.join(one.skills))}")
    told = f"  ({', '.join(words)})" if words else ""
    return f"{one.on_this:5.2f}  {one.agent_id} {one_line(one.name)}{told}"

"""Who works otherwise than published: one row an agent and date, with the clock times before and after."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wfm.conform import conform, empty
from wfm.localtime import zone
from wfm.schedule.agents import Agent
from wfm.schedule.further_rules import Span, shift_spans
from wfm.schedule.problem import Problem
from wfm.schedule.search import Search
from wfm.schedule.solver import Tour
from wfm.schedule.tour import OFF
from wfm.tables import CHANGES

DAY_OFF = "off"


def changed_shifts_table(search: Search) -> pd.DataFrame:
    """Return CHANGES by date and agent; by `reason` time off for shifts that leave struck, else repair."""
    problem, rows = search.problem, []
    for agent, tour in zip(search.agents, search.state.tours, strict=True):
        was = agent.facts.previous
        now = {} if tour is None else _spans(agent, tour)
        for day in sorted(was.keys() | now.keys()):
            if was.get(day) != now.get(day):
                reason = "time off" if _struck(agent, was.get(day)) else "repair"
                clocks = (_clocks(problem, agent, spans.get(day)) for spans in (was, now))
                rows.append((agent.facts.agent_id, pd.Timestamp(problem.dates[day]), *clocks, reason))
    return conform(pd.DataFrame(rows, columns=CHANGES.names), CHANGES) if rows else empty(CHANGES)


def _spans(agent: Agent, tour: Tour) -> dict[int, Span]:
    days = np.flatnonzero(tour.types != OFF).tolist()
    return dict(zip(days, shift_spans(agent, tour.types), strict=True))


def _struck(agent: Agent, span: Span | None) -> bool:
    return span is not None and any(a.begin < span[1] and a.end > span[0] for a in agent.facts.absences)


def _clocks(problem: Problem, agent: Agent, span: Span | None) -> str:
    if span is None:
        return DAY_OFF
    clock = zone(problem.config.sites[agent.facts.site].timezone)
    first, last = (problem.grid.moment(minute).tz_convert(clock) for minute in span)
    return f"{first:%H:%M}-{last:%H:%M}"

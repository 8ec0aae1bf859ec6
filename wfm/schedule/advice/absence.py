"""May this agent have leave on this date? The effect on coverage and rules if the shift is not worked.

The leave is a whole day, credited as docs/rules/availability_and_leave.md says; `verify` judges the roster
without the shift.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from wfm.config import employed
from wfm.conform import conform
from wfm.localtime import day_bounds
from wfm.schedule.advice.effect import SMALLEST, Effect, effect
from wfm.schedule.advice.published import Published
from wfm.schedule.verify.case import Agent
from wfm.schedule.verify.leave import leave_day
from wfm.tables import TIME_OFF


@dataclass(frozen=True)
class Absence:
    """The answer: `off_anyway` says why the date has no shift (empty: it has one, and there is an effect)."""

    agent_id: str
    date: date
    tolerance_h: float
    off_anyway: str
    effect: Effect | None

    @property
    def approved(self) -> bool:
        """Whether no rule is newly broken and understaffing grows by no more than the tolerance."""
        if self.effect is None:
            return True
        return not self.effect.broken and self.effect.growth_h <= self.tolerance_h + SMALLEST


def ask_leave(
    published: Published, agent_id: str, day: date, tolerance_h: float = 0.0, *, paid: bool = True
) -> Absence:
    """Return whether an agent may be on leave on a whole date; UsageError for unknown names and dates."""
    published.check_agent(agent_id)
    published.check_date(day)
    agent = next((one for one in published.case().agents if one.agent_id == agent_id), None)
    reason = "" if agent is None else _off_anyway(agent, day)
    if agent is None or reason:
        return Absence(agent_id, day, tolerance_h, reason or "is in no site or contract", None)
    without = published.changed(
        without_shift(published.roster, agent_id, day),
        with_time_off(published.time_off, agent_id, day_bounds(day, agent.timezone), paid=paid),
    )
    return Absence(agent_id, day, tolerance_h, "", effect(published.judged(), without.judged()))


def _off_anyway(agent: Agent, day: date) -> str:
    if agent.shift_on(day) is not None:
        return ""
    if not employed(agent.start_date, agent.end_date, day):
        return "is not employed"
    return "is on leave already" if leave_day(agent, day) else "has a day off"


def without_shift(roster: pd.DataFrame, agent_id: str, day: date) -> pd.DataFrame:
    """Return ROSTER without the shift of an agent and date."""
    gone = (roster["agent_id"] == agent_id) & (roster["shift_date"] == pd.Timestamp(day))
    return roster[~gone].reset_index(drop=True)


def with_time_off(
    table: pd.DataFrame | None, agent_id: str, span: tuple[object, object], *, paid: bool
) -> pd.DataFrame:
    """Return TIME_OFF with one more row; one of the same agent and start gives way to the longer."""
    row = {"agent_id": agent_id, "start": span[0], "end": span[1], "kind": "leave", "paid": paid}
    added = conform(pd.DataFrame([row]), TIME_OFF)
    if table is None or table.empty:
        return added
    both = pd.concat([table, added]).sort_values("end", kind="stable")
    return conform(both.drop_duplicates(["agent_id", "start"], keep="last"), TIME_OFF)

"""One change of one agent's date: the segments worked afterwards, and the time off that goes with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import pandas as pd

from wfm.conform import conform
from wfm.localtime import zone
from wfm.schedule.advice.absence import with_time_off, without_shift
from wfm.schedule.advice.published import Published
from wfm.schedule.verify.case import Agent, Segment, Shift, TimeOff
from wfm.schedule.verify.spans import Span
from wfm.tables import ROSTER

OFF = "off"


@dataclass(frozen=True)
class Change:
    """`after` is empty for a day off; `leave` is unpaid time off that goes with it."""

    kind: str
    agent_id: str
    date: date
    after: tuple[Segment, ...]
    leave: Span | None = None

    @property
    def paid(self) -> timedelta:
        """Paid time other than leave."""
        paid = (segment for segment in self.after if segment.paid and segment.activity != "leave")
        return sum((segment.end - segment.start for segment in paid), timedelta())

    @property
    def order(self) -> tuple[object, ...]:
        """By what equals are told apart: agent, date, start, end."""
        ends = (self.after[0].start, self.after[-1].end) if self.after else ()
        return self.agent_id, self.date, ends, len(self.after), self.leave or ()


def changed_agent(agent: Agent, change: Change) -> Agent:
    """Return the agent after the change."""
    others = [shift for shift in agent.shifts if shift.date != change.date]
    if change.after:
        others.append(_shift(agent, change.date, change.after))
    off = () if change.leave is None else (TimeOff(*change.leave, paid=False),)
    in_order = sorted(others, key=lambda shift: shift.date)
    return replace(agent, shifts=tuple(in_order), time_off=(*agent.time_off, *off))


def changed_tables(published: Published, agent: Agent, change: Change) -> Published:
    """Return roster and time off after the change."""
    roster = without_shift(published.roster, change.agent_id, change.date)
    if change.after:
        roster = conform(pd.concat([roster, _rows(agent, change)]), ROSTER)
    off = published.time_off
    if change.leave is not None:
        off = with_time_off(off, change.agent_id, change.leave, paid=False)
    return published.changed(roster, off)


def span_text(agent: Agent, shift: Shift | None) -> str:
    """Return `08:00-16:30` by the clock of the site, or `off`."""
    return OFF if shift is None else f"{agent.clock(shift.start)}-{agent.clock(shift.end)}"


def shift_text(agent: Agent, segments: Sequence[Segment]) -> str:
    """Return the shift and all in it that is not time on queue, or `off`."""
    if not segments:
        return OFF
    within = [
        f"{segment.activity} {agent.clock(segment.start)}-{agent.clock(segment.end)}"
        for segment in segments
        if segment.activity != "on_queue"
    ]
    return ", ".join([f"{agent.clock(segments[0].start)}-{agent.clock(segments[-1].end)}", *within])


def on_queue(segments: Sequence[Segment]) -> list[Span]:
    """Return the time on queue."""
    return [segment.span for segment in segments if segment.activity == "on_queue"]


def _shift(agent: Agent, day: date, segments: tuple[Segment, ...]) -> Shift:
    start, end = segments[0].start, segments[-1].end
    return Shift(day, agent.site, start, end, _local(start, agent), _local(end, agent), segments)


def _local(moment: datetime, agent: Agent) -> datetime:
    return moment.astimezone(zone(agent.timezone)).replace(tzinfo=None)


def _rows(agent: Agent, change: Change) -> pd.DataFrame:
    rows = [
        {
            "agent_id": change.agent_id,
            "start": segment.start,
            "shift_date": pd.Timestamp(change.date),
            "activity": segment.activity,
            "end": segment.end,
            "paid": segment.paid,
            "site": agent.site,
        }
        for segment in change.after
    ]
    return conform(pd.DataFrame(rows), ROSTER)

"""Possible voluntary time off where nobody is missing: unpaid leave at an end of a shift, or all of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from wfm.localtime import day_bounds
from wfm.schedule.advice.change import Change
from wfm.schedule.advice.desk import Desk
from wfm.schedule.advice.drawing import breaks_of, draw, fixed_of
from wfm.schedule.advice.extra import MINUTE
from wfm.schedule.verify.case import Agent, Segment, Shift
from wfm.schedule.verify.spans import Span, common, overlap


class Spare:
    """Changes that take an agent off queue without anybody missing."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def changes(self, agent: Agent, day: date) -> Iterator[Change]:
        """Yield the time off that an agent could have on a date, whole or part of the shift."""
        shift = agent.shift_on(day)
        if shift is None:
            return
        if day not in agent.fixed and self._spared(agent, shift, shift.span):
            yield from self._whole(agent, day)
        step = agent.contract.shift_step_min * MINUTE
        for at_end in (False, True):
            leave = step
            while leave < shift.length:
                span = (shift.end - leave, shift.end) if at_end else (shift.start, shift.start + leave)
                if not self._spared(agent, shift, span):
                    break
                yield from self._part(agent, shift, span)
                leave += step

    def _whole(self, agent: Agent, day: date) -> Iterator[Change]:
        leave = day_bounds(day, agent.timezone)
        if not _begins_there(agent, leave):
            yield Change("time_off", agent.agent_id, day, (), leave)

    def _part(self, agent: Agent, shift: Shift, leave: Span) -> Iterator[Change]:
        fixed = fixed_of(shift)
        if any(overlap(segment.span, leave) for segment in fixed) or _begins_there(agent, leave):
            return
        absent = Segment(*leave, "leave", paid=False)
        segments = draw(agent.contract, *shift.span, [*fixed, absent], breaks_of(shift))
        if segments is not None and any(segment.activity == "on_queue" for segment in segments):
            yield Change("time_off", agent.agent_id, shift.date, segments, leave)

    def _spared(self, agent: Agent, shift: Shift, leave: Span) -> bool:
        """Return whether nobody is missing more if the agent is not on queue in this time."""
        gone = common(shift.spans_of("on_queue"), [leave])
        return self.desk.sheet.growth(self.desk.sheet.shares(agent, (), gone)) <= 0


def _begins_there(agent: Agent, leave: Span) -> bool:
    """Return whether other time off begins at the same moment: the table has one row for each."""
    return any(row.start == leave[0] for row in agent.time_off)

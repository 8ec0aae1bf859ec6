"""Possible overtime where somebody is missing: longer shifts, and call-ins on days off."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from wfm.config import Contract, employed
from wfm.localtime import exists, instant_of_minute
from wfm.schedule.advice.change import Change
from wfm.schedule.advice.desk import Desk
from wfm.schedule.advice.drawing import breaks_of, draw, fixed_of
from wfm.schedule.verify.case import Agent, Segment, Shift
from wfm.schedule.verify.spans import Span, overlap

MINUTE = timedelta(minutes=1)

Shape = tuple[Segment, ...] | None


class Extra:
    """Changes that put an agent on queue where the sheet lacks some; shapes of shifts are drawn once."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._shapes: dict[tuple[str, str, date, int, int], Shape] = {}

    def changes(self, agent: Agent, day: date) -> Iterator[Change]:
        """Yield longer shifts, or call-ins, of an agent on a date."""
        if day in agent.fixed or not employed(agent.start_date, agent.end_date, day):
            return
        shift = agent.shift_on(day)
        if shift is None:
            yield from self._call_ins(agent, day)
        else:
            yield from self._longer(agent, shift)

    def _longer(self, agent: Agent, shift: Shift) -> Iterator[Change]:
        longest = timedelta(hours=agent.contract.shift_hours[1])
        more = step = agent.contract.shift_step_min * MINUTE
        while shift.length + more <= longest:
            earlier, later = (shift.start - more, shift.start), (shift.end, shift.end + more)
            if self._starts(agent, shift, more):
                yield from self._drawn(agent, shift, earlier, (earlier[0], shift.end))
            yield from self._drawn(agent, shift, later, (shift.start, later[1]))
            more += step

    def _starts(self, agent: Agent, shift: Shift, earlier: timedelta) -> bool:
        """Return whether a shift may start so much earlier, by the clock."""
        local = shift.local_start - earlier
        minute = (local - datetime.combine(shift.date, datetime.min.time())) // MINUTE
        return minute in starts_of(agent.contract) and exists(local, agent.timezone)

    def _drawn(self, agent: Agent, shift: Shift, added: Span, whole: Span) -> Iterator[Change]:
        if not self._lacks(added) or _off(agent, added):
            return
        segments = draw(agent.contract, *whole, fixed_of(shift), breaks_of(shift))
        if segments is not None:
            yield Change("overtime", agent.agent_id, shift.date, segments)

    def _call_ins(self, agent: Agent, day: date) -> Iterator[Change]:
        spans = agent.availability.spans_of(day.weekday())
        shortest, longest = (round(hours * 60) for hours in agent.contract.shift_hours)
        for start in starts_of(agent.contract):
            if not any(first <= start < last for first, last in spans):
                continue
            for length in range(shortest, longest + 1, agent.contract.shift_step_min):
                segments = self._shape(agent, day, start, length)
                if segments is not None and not _off(agent, (segments[0].start, segments[-1].end)):
                    yield Change("call_in", agent.agent_id, day, segments)

    def _shape(self, agent: Agent, day: date, start: int, length: int) -> Shape:
        """Return a new shift of a contract; None where nobody is missing or its breaks find no place."""
        key = (self.desk.contract_names[agent.agent_id], agent.timezone, day, start, length)
        if key not in self._shapes:
            begin = instant_of_minute(day, start, agent.timezone)
            whole = (begin, begin + length * MINUTE)
            self._shapes[key] = draw(agent.contract, *whole, (), ()) if self._lacks(whole) else None
        return self._shapes[key]

    def _lacks(self, span: Span) -> bool:
        """Return whether somebody is missing in an interval of the span."""
        return any(self.desk.sheet.lack.get(number) for number, _ in self.desk.sheet.pieces([span]))


def starts_of(contract: Contract) -> list[int]:
    """Return the starts of a contract, minutes after midnight."""
    windows = contract.start_windows()
    return sorted({m for first, last in windows for m in range(first, last + 1, contract.start_step_min)})


def _off(agent: Agent, span: Span) -> bool:
    return any(overlap(row.span, span) for row in agent.time_off)

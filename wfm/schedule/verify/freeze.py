"""The published period: on the first dates of the horizon the shifts of the roster before stay.

It holds for agents whom the roster before has on any date of the horizon. A date is released by a pin, by any
time off on it (or in the shift that would stay), and after the last day of employment. Breaks may move.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from wfm.localtime import day_bounds
from wfm.schedule.verify.case import Agent, Case
from wfm.schedule.verify.pins import differences
from wfm.schedule.verify.spans import Span, overlap
from wfm.schedule.verify.violation import Violation


def frozen_shifts(agent: Agent, dates: Sequence[date]) -> dict[date, Span | None]:
    """Return what stays on each of these dates: start and end by the wall clock, None for a day off."""
    if not agent.planned:
        return {}
    return {day: _clocks(agent, day) for day in dates if not _released(agent, day)}


def freeze(agent: Agent, _: Case) -> Iterator[Violation]:
    """A frozen date has the shift of the roster before, and a day off stays one."""
    yield from differences(agent, agent.frozen, "freeze", "frozen")


def _clocks(agent: Agent, day: date) -> Span | None:
    shift = agent.planned.get(day)
    return None if shift is None else (shift.local_start, shift.local_end)


def _released(agent: Agent, day: date) -> bool:
    begin, end = day_bounds(day, agent.timezone)
    shift = agent.planned.get(day)
    whole = (begin, end if shift is None else max(end, shift.end))
    left = agent.end_date is not None and day > agent.end_date
    return left or day in agent.pins or any(overlap(whole, row.span) for row in agent.time_off)

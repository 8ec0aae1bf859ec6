"""Rotations: the days of a pattern that are off, and the windows in which its shifts start."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from wfm.config import FREE, OFF, employed
from wfm.schedule.verify.case import Agent, Case, Shift
from wfm.schedule.verify.leave import leave_day
from wfm.schedule.verify.violation import MINUTE, Violation


def pattern(agent: Agent, case: Case) -> Iterator[Violation]:
    """Every date has what the agent's rotation says; one line a date."""
    for day in case.horizon.dates:
        text = pattern_fault(agent, case, day, agent.shift_on(day))
        if text:
            yield Violation(agent.agent_id, day, "pattern", text)


def pattern_fault(agent: Agent, case: Case, day: date, shift: Shift | None) -> str:
    """Return how a shift (or none) on a date differs from the rotation; empty if it does not.

    A code asks for nothing on a whole leave day, nor outside employment.
    """
    name, code = agent.contract.pattern, cell(agent, case, day)
    if code == OFF:
        return f"a shift from {agent.clock(shift.start)}, {name} has a day off" if shift else ""
    excused = leave_day(agent, day) or not employed(agent.start_date, agent.end_date, day)
    if name is None or code == FREE or excused:
        return ""
    rotation = case.config.patterns[name]
    wanted = f"{name} has {code} ({rotation.codes[code]})"
    if shift is None:
        return f"off, {wanted}"
    earliest, latest = rotation.window(code)
    at = shift.local_start - datetime.combine(shift.local_start, datetime.min.time())
    inside = earliest * MINUTE <= at <= latest * MINUTE
    return "" if inside else f"start {agent.clock(shift.start)}, {wanted}"


def cell(agent: Agent, case: Case, day: date) -> str:
    """Return the code of the agent's rotation for a date; free where it has none."""
    name = agent.contract.pattern
    return FREE if name is None else case.config.patterns[name].cell(day, agent.pattern_week)

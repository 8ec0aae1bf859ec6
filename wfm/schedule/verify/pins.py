"""Pins: a shift with these clock times, or none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from wfm.schedule.verify.case import Agent, Case
from wfm.schedule.verify.spans import Span
from wfm.schedule.verify.violation import Violation


def pins(agent: Agent, case: Case) -> Iterator[Violation]:
    """A pinned date has exactly the pinned shift; `off` has none. Pins outside the horizon have no effect."""
    inside = {day: times for day, times in agent.pins.items() if day in case.horizon}
    yield from differences(agent, inside, "pins", "pinned")


def differences(agent: Agent, fixed: Mapping[date, Span | None], rule: str, word: str) -> Iterator[Violation]:
    """Yield a violation of `rule` for each date whose shift differs from the one fixed by the wall clock."""
    for day, times in fixed.items():
        shift = agent.shift_on(day)
        found = None if shift is None else (shift.local_start, shift.local_end)
        if found != times:
            yield Violation(agent.agent_id, day, rule, f"{_shown(found)}, {word} {_shown(times)}")


def _shown(times: Span | None) -> str:
    return "off" if times is None else f"{times[0]:%H:%M}-{times[1]:%H:%M}"

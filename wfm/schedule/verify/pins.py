"""Pins: a shift with these clock times, or none."""

from __future__ import annotations

from collections.abc import Iterator

from wfm.schedule.verify.case import Agent, Case
from wfm.schedule.verify.spans import Span
from wfm.schedule.verify.violation import Violation


def pins(agent: Agent, case: Case) -> Iterator[Violation]:
    """A pinned date has exactly the pinned shift; `off` has none. Pins outside the horizon have no effect."""
    for day, pinned in agent.pins.items():
        if day not in case.horizon:
            continue
        shift = agent.shift_on(day)
        found = None if shift is None else (shift.local_start, shift.local_end)
        if found != pinned:
            text = f"{_shown(found)}, pinned {_shown(pinned)}"
            yield Violation(agent.agent_id, day, "pins", text)


def _shown(times: Span | None) -> str:
    return "off" if times is None else f"{times[0]:%H:%M}-{times[1]:%H:%M}"

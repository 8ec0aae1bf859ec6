"""Breaks: exactly those of the contract for a shift of this length, in order, each starting in its window."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from wfm.config import Break
from wfm.schedule.verify.case import Agent, Segment, Shift
from wfm.schedule.verify.violation import MINUTE, Violation, hours_text, minutes_text


def breaks(agent: Agent) -> Iterator[Violation]:
    """Every break is the contract's; where number or order is wrong, nothing more is said."""
    for shift in agent.shifts:
        wanted = [b for b in agent.contract.breaks if timedelta(hours=b.min_shift_hours) <= shift.length]
        found = [segment for segment in shift.segments if segment.activity in ("break", "lunch")]
        if [b.activity for b in wanted] != [segment.activity for segment in found]:
            has, wants = _listed([s.activity for s in found]), _listed([b.activity for b in wanted])
            text = f"{has} in a shift of {hours_text(shift.length)}, the contract has {wants}"
            yield Violation(agent.agent_id, shift.date, "breaks", text)
            continue
        for rule, segment in zip(wanted, found, strict=True):
            for fault in _faults(agent, shift, rule, segment):
                text = f"{segment.activity} at {agent.clock(segment.start)} {fault}"
                yield Violation(agent.agent_id, shift.date, "breaks", text)


def _listed(activities: list[str]) -> str:
    return ", ".join(activities) or "no break"


def _faults(agent: Agent, shift: Shift, rule: Break, segment: Segment) -> Iterator[str]:
    length, after = segment.end - segment.start, segment.start - shift.start
    step_min = agent.contract.break_step_min
    if length != rule.minutes * MINUTE:
        yield f"is {minutes_text(length)} long, not {rule.minutes} min"
    if segment.paid != rule.paid:
        yield f"is {'paid' if segment.paid else 'unpaid'}, the contract says otherwise"
    if not rule.from_min * MINUTE <= after <= rule.to_min * MINUTE:
        yield f"starts {minutes_text(after)} into the shift, allowed {rule.from_min} to {rule.to_min} min"
    elif after % (step_min * MINUTE):
        yield f"starts {minutes_text(after)} into the shift, not on the {step_min} min grid"

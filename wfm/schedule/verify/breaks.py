"""Breaks: exactly those of the contract for a shift of this length, in order, each starting in its window.

Time between breaks is neither too long (`longest_stretch_h`) nor too short (`break_spacing_min`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import pairwise

from wfm.config import Break
from wfm.schedule.verify.case import Agent, Segment, Shift
from wfm.schedule.verify.leave import exact, exact_hours
from wfm.schedule.verify.violation import MINUTE, Violation, hours_text, minutes_text


def breaks(agent: Agent) -> Iterator[Violation]:
    """Every break is the contract's; where number or order is wrong, nothing more is said."""
    for shift in agent.shifts:
        wanted = [b for b in agent.contract.breaks if timedelta(hours=b.min_shift_hours) <= shift.length]
        found = breaks_of(shift)
        if [b.activity for b in wanted] != [segment.activity for segment in found]:
            has, wants = _listed([s.activity for s in found]), _listed([b.activity for b in wanted])
            text = f"{has} in a shift of {hours_text(shift.length)}, the contract has {wants}"
            yield Violation(agent.agent_id, shift.date, "breaks", text)
            continue
        for rule, segment in zip(wanted, found, strict=True):
            for fault in _faults(agent, shift, rule, segment):
                text = f"{segment.activity} at {agent.clock(segment.start)} {fault}"
                yield Violation(agent.agent_id, shift.date, "breaks", text)


def longest_stretch_h(agent: Agent) -> Iterator[Violation]:
    """No stretch of a shift without a break is longer than `longest_stretch_h`."""
    yield from long_stretches(agent, agent.shifts, agent.contract.longest_stretch_h, "longest_stretch_h")


def long_stretches(
    agent: Agent, shifts: Iterable[Shift], most_h: float | None, rule: str
) -> Iterator[Violation]:
    """Yield a violation of `rule` for each stretch longer than `most_h`, if there is such a bound.

    Stretches run from the start of the shift, and from each break, to the next break, or the end.
    """
    if most_h is None:
        return
    for shift in shifts:
        found = breaks_of(shift)
        begins = [shift.start, *(segment.end for segment in found)]
        ends = [*(segment.start for segment in found), shift.end]
        for begin, end in zip(begins, ends, strict=True):
            if exact_hours(end - begin) > exact(most_h):
                text = f"{hours_text(end - begin)} from {agent.clock(begin)} without a break"
                yield Violation(agent.agent_id, shift.date, rule, f"{text}, at most {hours_text(most_h)}")


def break_spacing_min(agent: Agent) -> Iterator[Violation]:
    """From the end of a break to the start of the next pass at least `break_spacing_min`."""
    least = agent.contract.break_spacing_min * MINUTE
    for shift in agent.shifts if least else ():
        for earlier, later in pairwise(breaks_of(shift)):
            if later.start - earlier.end < least:
                text = (
                    f"{minutes_text(later.start - earlier.end)} between breaks ending "
                    f"{agent.clock(earlier.end)} and starting {agent.clock(later.start)}"
                )
                text += f", at least {minutes_text(least)}"
                yield Violation(agent.agent_id, shift.date, "break_spacing_min", text)


def breaks_of(shift: Shift) -> list[Segment]:
    """Return breaks and lunches, by start."""
    return [segment for segment in shift.segments if segment.activity in ("break", "lunch")]


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

"""Rules of one shift: its segments, date and site, when it starts, how long it is, and the availability."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from wfm.hours import WEEK_MIN, WeeklyHours, clock
from wfm.localtime import instant
from wfm.schedule.verify.case import DAY, Agent, Segment, Shift
from wfm.schedule.verify.leave import exact, exact_hours
from wfm.schedule.verify.violation import MINUTE, Violation, hours_text, minutes_text


def segments(agent: Agent) -> Iterator[Violation]:
    """Segments tile the shift without gap or overlap."""
    for shift in agent.shifts:
        for earlier, later in pairwise(shift.segments):
            if earlier.end != later.start:
                word = "gap" if earlier.end < later.start else "overlap"
                text = (
                    f"{word} between {earlier.activity} until {agent.clock(earlier.end)} "
                    f"and {later.activity} from {agent.clock(later.start)}"
                )
                yield Violation(agent.agent_id, shift.date, "segments", text)


def activity(agent: Agent) -> Iterator[Violation]:
    """Time on queue is paid, and there is some in every shift."""
    for shift in agent.shifts:
        for segment in shift.segments:
            fault = _activity_fault(segment)
            if fault:
                stretch = f"{segment.activity} {agent.clock(segment.start)}-{agent.clock(segment.end)}"
                yield Violation(agent.agent_id, shift.date, "activity", f"{stretch} {fault}")
        if not shift.spans_of("on_queue"):
            yield Violation(agent.agent_id, shift.date, "activity", "a shift without time on queue")


def _activity_fault(segment: Segment) -> str:
    return "is unpaid" if segment.activity == "on_queue" and not segment.paid else ""


def belonging(agent: Agent) -> Iterator[Violation]:
    """A shift belongs to the agent's site, to the date on which it starts, and to the time of employment."""
    for shift in agent.shifts:
        if shift.site != agent.site:
            text = f"rostered at '{shift.site}', the agent's site is '{agent.site}'"
            yield Violation(agent.agent_id, shift.date, "site", text)
        if shift.local_start.date() != shift.date:
            text = f"the shift starts on {shift.local_start:%Y-%m-%d %H:%M} in {agent.timezone}"
            yield Violation(agent.agent_id, shift.date, "shift_date", text)
        if agent.start_date is not None and shift.date < agent.start_date:
            text = f"a shift before the first day of employment {agent.start_date}"
            yield Violation(agent.agent_id, shift.date, "start_date", text)
        if agent.end_date is not None and shift.date > agent.end_date:
            text = f"a shift after the last day of employment {agent.end_date}"
            yield Violation(agent.agent_id, shift.date, "end_date", text)


def starts(agent: Agent) -> Iterator[Violation]:
    """A shift starts in a window of `starts`, on its step, never at the second of two equal clock times."""
    step = agent.contract.start_step_min * MINUTE
    for shift in agent.shifts:
        at = shift.local_start - datetime.combine(shift.local_start, datetime.min.time())
        inside = [
            earliest
            for earliest, latest in agent.contract.start_windows()
            if earliest * MINUTE <= at <= latest * MINUTE
        ]
        shown = agent.clock(shift.start)
        if not inside:
            text = f"start {shown}, allowed {', '.join(agent.contract.starts)}"
            yield Violation(agent.agent_id, shift.date, "starts", text)
        elif all((at - earliest * MINUTE) % step for earliest in inside):
            text = f"start {shown} is not on the {minutes_text(step)} step from {clock(inside[0])}"
            yield Violation(agent.agent_id, shift.date, "start_step_min", text)
        if instant(shift.local_start, agent.timezone) != shift.start:
            text = f"start {shown} is the second {shown} of a clock change, only the first is a start"
            yield Violation(agent.agent_id, shift.date, "starts", text)


def shift_hours(agent: Agent) -> Iterator[Violation]:
    """A shift is `shift_hours` long, elapsed, on the step of lengths."""
    shortest, longest = (timedelta(hours=hours) for hours in agent.contract.shift_hours)
    step = agent.contract.shift_step_min * MINUTE
    for shift in agent.shifts:
        if not shortest <= shift.length <= longest:
            limit = f"{hours_text(shortest)} to {hours_text(longest)}"
            text = f"{hours_text(shift.length)} from {agent.clock(shift.start)}, allowed {limit}"
            yield Violation(agent.agent_id, shift.date, "shift_hours", text)
        elif (shift.length - shortest) % step:
            steps = f"{hours_text(shortest)} and steps of {minutes_text(step)}"
            text = f"{hours_text(shift.length)} from {agent.clock(shift.start)}, allowed {steps}"
            yield Violation(agent.agent_id, shift.date, "shift_step_min", text)


def day_hours(agent: Agent) -> Iterator[Violation]:
    """No shift has more paid hours than `day_hours`."""
    yield from many_paid_hours(agent, agent.shifts, agent.contract.day_hours, "day_hours")


def many_paid_hours(
    agent: Agent, shifts: Iterable[Shift], most_h: float | None, rule: str
) -> Iterator[Violation]:
    """Yield a violation of `rule` for each shift with more paid hours than `most_h`, if that is given."""
    for shift in shifts:
        hours = exact_hours(shift.paid)
        if most_h is not None and hours > exact(most_h):
            text = f"{hours_text(hours)} paid, at most {hours_text(most_h)}"
            yield Violation(agent.agent_id, shift.date, rule, text)


def availability(agent: Agent) -> Iterator[Violation]:
    """The whole shift lies inside one availability span, by the wall clock of the site."""
    if agent.availability.always:
        return
    for shift in agent.shifts:
        if not _inside(agent.availability, shift):
            text = f"{agent.clock(shift.start)}-{agent.clock(shift.end)} is not inside the availability"
            yield Violation(agent.agent_id, shift.date, "availability", text)


def _inside(hours: WeeklyHours, shift: Shift) -> bool:
    midnight = datetime.combine(shift.date, datetime.min.time())
    monday = midnight - shift.date.weekday() * DAY
    first, last = shift.local_start - monday, shift.local_end - monday
    return any(start * MINUTE <= first and last <= end * MINUTE for start, end in _weeks_joined(hours))


def _weeks_joined(hours: WeeklyHours) -> list[tuple[int, int]]:
    """Return the open minutes from the Monday before to the Monday after next, joined across weeks."""
    joined: list[tuple[int, int]] = []
    for start, end in (
        (s + w * WEEK_MIN, e + w * WEEK_MIN) for w in (-1, 0, 1) for s, e in hours.open_minutes()
    ):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined

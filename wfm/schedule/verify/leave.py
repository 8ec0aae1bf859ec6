"""Time off: whole leave days, what they credit in a week, and leave segments inside shifts.

A date is a whole leave day if time off covers the whole local date, or every availability span that begins on
it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from wfm.config import Contract, employed
from wfm.localtime import day_bounds, instant_of_minute
from wfm.schedule.verify.case import DAY, Agent, Segment, TimeOff
from wfm.schedule.verify.spans import Span, common, covers, elapsed, overlap
from wfm.schedule.verify.violation import Violation

HOUR_US = 3_600_000_000


@dataclass(frozen=True)
class Credit:
    """What the leave of a week counts for: hours paid and unpaid, and whole days."""

    paid_h: Fraction
    unpaid_h: Fraction
    days: int


def exact(number: float) -> Fraction:
    """Return the decimal number that the configuration shows: 7.6 is 38/5, not its binary neighbour."""
    return Fraction(str(number))


def exact_hours(length: timedelta) -> Fraction:
    """Return a length in hours, exactly."""
    return Fraction(length // timedelta(microseconds=1), HOUR_US)


def hours_of_leave_day(contract: Contract) -> Fraction:
    """Return the hours that a whole leave day credits."""
    if contract.leave_day_hours is not None:
        return exact(contract.leave_day_hours)
    most_days = contract.days_per_week[1]
    return exact(contract.week_hours[1]) / most_days if most_days else Fraction(0)


def leave_day(agent: Agent, day: date) -> list[TimeOff]:
    """Return the rows of time off that make this date a whole leave day; none if it is not one."""
    whole_date = [day_bounds(day, agent.timezone)]
    for stretches in (whole_date, spans_beginning_on(agent, day)):
        if stretches and all(covers((row.span for row in agent.time_off), stretch) for stretch in stretches):
            return [row for row in agent.time_off if any(overlap(row.span, stretch) for stretch in stretches)]
    return []


def spans_beginning_on(agent: Agent, day: date) -> list[Span]:
    """Return the availability spans that begin on this date; they may end on the next."""
    return [
        (instant_of_minute(day, start, agent.timezone), instant_of_minute(day, end, agent.timezone))
        for start, end in agent.availability.spans_of(day.weekday())
    ]


def credit(agent: Agent, week_start: date) -> Credit:
    """Return the credit of the week from `week_start`."""
    if not agent.time_off:
        return Credit(Fraction(0), Fraction(0), 0)
    days = 0
    paid_h = unpaid_h = Fraction(0)
    for day in (week_start + number * DAY for number in range(7)):
        if not employed(agent.start_date, agent.end_date, day):
            continue
        rows = leave_day(agent, day)
        if not rows:
            paid, unpaid = _partial_leave(agent, day)
        elif spans_beginning_on(agent, day) and days < agent.contract.days_per_week[1]:
            days += 1
            whole = hours_of_leave_day(agent.contract)
            is_paid = any(row.paid for row in rows)
            paid, unpaid = (whole, Fraction(0)) if is_paid else (Fraction(0), whole)
        else:
            continue
        paid_h += paid
        unpaid_h += unpaid
    return Credit(paid_h, unpaid_h, days)


def _partial_leave(agent: Agent, day: date) -> tuple[Fraction, Fraction]:
    """Return paid and unpaid hours off on this date inside the availability, at most a leave day's together.

    The tail of a span that began on a whole leave day is part of that day, and is not credited again.
    """
    spans = spans_beginning_on(agent, day)
    if not leave_day(agent, day - DAY):
        spans += spans_beginning_on(agent, day - DAY)
    on_this_date = common([day_bounds(day, agent.timezone)], spans)
    most = hours_of_leave_day(agent.contract)
    paid = min(most, _hours_off(on_this_date, (row for row in agent.time_off if row.paid)))
    together = min(most, _hours_off(on_this_date, agent.time_off))
    return paid, together - paid


def _hours_off(stretches: list[Span], rows: Iterable[TimeOff]) -> Fraction:
    return exact_hours(elapsed(common(stretches, (row.span for row in rows))))


def time_off(agent: Agent) -> Iterator[Violation]:
    """No shift on a whole leave day; in other shifts the time off, and nothing else, is leave."""
    for shift in agent.shifts:
        if leave_day(agent, shift.date):
            text = f"a shift from {agent.clock(shift.start)} on a day of leave"
            yield Violation(agent.agent_id, shift.date, "time_off", text)
            continue
        for segment in shift.segments:
            fault = _leave_fault(agent, segment)
            if fault:
                stretch = f"{segment.activity} {agent.clock(segment.start)}-{agent.clock(segment.end)}"
                yield Violation(agent.agent_id, shift.date, "time_off", f"{stretch} {fault}")


def _leave_fault(agent: Agent, segment: Segment) -> str:
    """Return what is wrong between a segment and the time off; a moment is paid if any row covering it is."""
    off = common([segment.span], (row.span for row in agent.time_off))
    paid_off = common([segment.span], (row.span for row in agent.time_off if row.paid))
    if segment.activity != "leave":
        clocks = (f"{agent.clock(start)}-{agent.clock(end)}" for start, end in off)
        return f"overlaps time off {', '.join(clocks)}" if off else ""
    if not covers(off, segment.span):
        return "without time off"
    if segment.paid and not covers(paid_off, segment.span):
        return "is paid, the time off is not"
    return "is unpaid, the time off is paid" if paid_off and not segment.paid else ""

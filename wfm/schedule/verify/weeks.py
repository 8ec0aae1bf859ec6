"""Hours and days of a week, after the credit of leave; a shift belongs to the week in which it starts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from fractions import Fraction

from wfm.config import employed
from wfm.errors import count_of
from wfm.schedule.verify.case import DAY, WEEK, Agent, Case, Shift
from wfm.schedule.verify.leave import Credit, credit, exact, exact_hours
from wfm.schedule.verify.violation import Violation, hours_text

Limits = tuple[Fraction, Fraction]


def week_hours(agent: Agent, case: Case) -> Iterator[Violation]:
    """Paid hours other than leave lie between min and max of `week_hours`, lowered by leave.

    Where there may be overtime, the rule `overtime_hours` judges what lies above the max.
    """
    for week_start in case.horizon.week_starts:
        hours = paid_hours(agent.shifts, week_start)
        least, most = hour_limits(agent, week_start)
        limit = _broken(hours, least, most)
        if limit and not (hours > most and agent.contract.overtime_hours):
            text = f"{hours_text(hours)} paid, {limit} {hours_text(least if hours < least else most)}"
            text += reasons(agent, week_start, credit(agent, week_start))
            yield Violation(agent.agent_id, week_start, "week_hours", text)


def overtime_hours(agent: Agent, case: Case) -> Iterator[Violation]:
    """Paid hours exceed the max of `week_hours`, lowered by leave, by at most `overtime_hours`."""
    extra = exact(agent.contract.overtime_hours)
    if not extra:
        return
    for week_start in case.horizon.week_starts:
        if overtime_of(agent, week_start) > extra:
            hours, most = paid_hours(agent.shifts, week_start), hour_limits(agent, week_start)[1]
            text = f"{hours_text(hours)} paid, at most {hours_text(most)} and {hours_text(extra)} of overtime"
            text += reasons(agent, week_start, credit(agent, week_start))
            yield Violation(agent.agent_id, week_start, "overtime_hours", text)


def days_per_week(agent: Agent, case: Case) -> Iterator[Violation]:
    """Shifts of a week number between min and max of `days_per_week`, lowered by whole leave days."""
    for week_start in case.horizon.week_starts:
        shifts = sum(week_start <= shift.date < week_start + WEEK for shift in agent.shifts)
        least, most = day_limits(agent, week_start)
        limit = _broken(Fraction(shifts), least, most)
        if limit:
            text = f"{count_of(shifts, 'shift')}, {limit} {float(least if shifts < least else most):g}"
            text += _in_brackets(agent, week_start, 7, _leave_in_days(credit(agent, week_start)))
            yield Violation(agent.agent_id, week_start, "days_per_week", text)


def hour_limits(agent: Agent, week_start: date) -> Limits:
    """Return the least and most paid hours of a week: the min pro rata of employment, then less leave."""
    least, most = (exact(limit) for limit in agent.contract.week_hours)
    leave = credit(agent, week_start)
    least = least * Fraction(employed_days(agent, week_start), 7) - leave.paid_h - leave.unpaid_h
    return max(Fraction(0), least), max(Fraction(0), most - leave.paid_h)


def day_limits(agent: Agent, week_start: date) -> Limits:
    """Return the least and most shifts of a week: the min pro rata of employment, then less leave days."""
    least, most = agent.contract.days_per_week
    leave_days = credit(agent, week_start).days
    pro_rata = least * Fraction(employed_days(agent, week_start), 7)
    return max(Fraction(0), pro_rata - leave_days), Fraction(max(0, most - leave_days))


def paid_hours(shifts: Iterable[Shift], first: date, weeks: int = 1) -> Fraction:
    """Return the paid hours other than leave of the shifts that start in the weeks from `first`."""
    inside = (shift.paid for shift in shifts if first <= shift.date < first + weeks * WEEK)
    return exact_hours(sum(inside, timedelta()))


def overtime_of(agent: Agent, week_start: date) -> Fraction:
    """Return the paid hours of a week beyond the max of `week_hours`, lowered by leave."""
    most = hour_limits(agent, week_start)[1]
    return max(Fraction(0), paid_hours(agent.shifts, week_start) - most)


def employed_days(agent: Agent, first: date, days: int = 7) -> int:
    """Return how many dates from `first` are days of employment."""
    dates = (first + number * DAY for number in range(days))
    return sum(employed(agent.start_date, agent.end_date, day) for day in dates)


def _broken(number: Fraction, least: Fraction, most: Fraction) -> str:
    if number < least:
        return "at least"
    return "at most" if number > most else ""


def reasons(agent: Agent, first: date, leave: Credit, days: int = 7) -> str:
    """Return why the limits of hours are not the contract's: employment of these days, and leave."""
    return _in_brackets(agent, first, days, _leave_in_hours(leave))


def _in_brackets(agent: Agent, first: date, days: int, leave: Iterable[str]) -> str:
    at_work = employed_days(agent, first, days)
    found = [f"employed {at_work} of {count_of(days, 'day')}"] if at_work < days else []
    found += leave
    return f" ({', '.join(found)})" if found else ""


def _leave_in_hours(leave: Credit) -> Iterator[str]:
    if leave.paid_h:
        yield f"{hours_text(leave.paid_h)} of paid leave"
    if leave.unpaid_h:
        yield f"{hours_text(leave.unpaid_h)} of unpaid leave"


def _leave_in_days(leave: Credit) -> Iterator[str]:
    if leave.days:
        yield count_of(leave.days, "leave day")

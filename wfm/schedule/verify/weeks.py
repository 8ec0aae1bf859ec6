"""Hours and days of a week, after the credit of leave; a shift belongs to the week in which it starts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from fractions import Fraction

from wfm.config import employed
from wfm.schedule.verify.case import DAY, WEEK, Agent, Case
from wfm.schedule.verify.leave import Credit, credit, exact, exact_hours
from wfm.schedule.verify.violation import Violation, count_text, hours_text

Limits = tuple[Fraction, Fraction]


def week_hours(agent: Agent, case: Case) -> Iterator[Violation]:
    """Paid hours other than leave lie between min and max of `week_hours`, lowered by leave."""
    for week_start in case.horizon.week_starts:
        shifts = [shift for shift in agent.shifts if week_start <= shift.date < week_start + WEEK]
        hours = exact_hours(sum((shift.paid for shift in shifts), timedelta()))
        least, most = hour_limits(agent, week_start)
        limit = _broken(hours, least, most)
        if limit:
            text = f"{hours_text(hours)} paid, {limit} {hours_text(least if hours < least else most)}"
            text += _reasons(agent, week_start, _leave_in_hours(credit(agent, week_start)))
            yield Violation(agent.agent_id, week_start, "week_hours", text)


def days_per_week(agent: Agent, case: Case) -> Iterator[Violation]:
    """Shifts of a week number between min and max of `days_per_week`, lowered by whole leave days."""
    for week_start in case.horizon.week_starts:
        shifts = sum(week_start <= shift.date < week_start + WEEK for shift in agent.shifts)
        least, most = day_limits(agent, week_start)
        limit = _broken(Fraction(shifts), least, most)
        if limit:
            text = f"{count_text(shifts, 'shift')}, {limit} {float(least if shifts < least else most):g}"
            text += _reasons(agent, week_start, _leave_in_days(credit(agent, week_start)))
            yield Violation(agent.agent_id, week_start, "days_per_week", text)


def hour_limits(agent: Agent, week_start: date) -> Limits:
    """Return the least and most paid hours of a week: the min pro rata of employment, then less leave."""
    least, most = (exact(limit) for limit in agent.contract.week_hours)
    leave = credit(agent, week_start)
    least = least * _employed_share(agent, week_start) - leave.paid_h - leave.unpaid_h
    return max(Fraction(0), least), max(Fraction(0), most - leave.paid_h)


def day_limits(agent: Agent, week_start: date) -> Limits:
    """Return the least and most shifts of a week: the min pro rata of employment, then less leave days."""
    least, most = agent.contract.days_per_week
    leave_days = credit(agent, week_start).days
    pro_rata = least * _employed_share(agent, week_start)
    return max(Fraction(0), pro_rata - leave_days), Fraction(max(0, most - leave_days))


def _employed_share(agent: Agent, week_start: date) -> Fraction:
    days = (week_start + number * DAY for number in range(7))
    return Fraction(sum(employed(agent.start_date, agent.end_date, day) for day in days), 7)


def _broken(number: Fraction, least: Fraction, most: Fraction) -> str:
    if number < least:
        return "at least"
    return "at most" if number > most else ""


def _reasons(agent: Agent, week_start: date, leave: Iterable[str]) -> str:
    """Return why the limits of this week are not the contract's."""
    share = _employed_share(agent, week_start)
    reasons = [f"employed {share * 7} of 7 days"] if share < 1 else []
    reasons += leave
    return f" ({', '.join(reasons)})" if reasons else ""


def _leave_in_hours(leave: Credit) -> Iterator[str]:
    if leave.paid_h:
        yield f"{hours_text(leave.paid_h)} of paid leave"
    if leave.unpaid_h:
        yield f"{hours_text(leave.unpaid_h)} of unpaid leave"


def _leave_in_days(leave: Credit) -> Iterator[str]:
    if leave.days:
        yield count_text(leave.days, "leave day")

"""Hours on average: `average_week_hours` in every `average_weeks` weeks in a row that are known in full."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from wfm.errors import count_of
from wfm.schedule.verify.case import WEEK, Agent, Case
from wfm.schedule.verify.leave import Credit, credit, exact
from wfm.schedule.verify.violation import Violation, hours_text
from wfm.schedule.verify.weeks import employed_days, paid_hours, reasons


def average_week_hours(agent: Agent, case: Case) -> Iterator[Violation]:
    """One line for every run of weeks with too few or too many hours, on the first date of its last week."""
    if agent.contract.average_week_hours is None:
        return
    weeks = agent.contract.average_weeks
    for last in case.horizon.week_starts:
        first = last - (weeks - 1) * WEEK
        if first < case.known_from:
            continue
        hours = paid_hours((*agent.history, *agent.shifts), first, weeks)
        least, most = average_limits(agent, first)
        if not least <= hours <= most:
            limit = f"at least {hours_text(least)}" if hours < least else f"at most {hours_text(most)}"
            text = f"{hours_text(hours)} paid in {count_of(weeks, 'week')} from {first}, {limit}"
            text += reasons(agent, first, _credit(agent, first), days=7 * weeks)
            yield Violation(agent.agent_id, last, "average_week_hours", text)


def average_limits(agent: Agent, first: date) -> tuple[Fraction, Fraction]:
    """Return the least and most paid hours of the weeks from `first`: the min pro rata, then less leave."""
    weeks, leave = agent.contract.average_weeks, _credit(agent, first)
    least, most = (weeks * exact(limit) for limit in agent.contract.average_week_hours or (0, 0))
    least = least * Fraction(employed_days(agent, first, 7 * weeks), 7 * weeks)
    return max(Fraction(0), least - leave.paid_h - leave.unpaid_h), max(Fraction(0), most - leave.paid_h)


def _credit(agent: Agent, first: date) -> Credit:
    """Return the leave of all weeks of the run together."""
    found = [credit(agent, first + number * WEEK) for number in range(agent.contract.average_weeks)]
    return Credit(
        sum((week.paid_h for week in found), Fraction(0)),
        sum((week.unpaid_h for week in found), Fraction(0)),
        sum(week.days for week in found),
    )

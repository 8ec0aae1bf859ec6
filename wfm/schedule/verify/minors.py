"""Rules for agents under age, `[minors]`; each is reported as `minors.KEY`.

A shift is judged by the age on its date, a week by that on its first date.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from fractions import Fraction

from wfm.config import age_on
from wfm.errors import count_of
from wfm.schedule.verify.breaks import breaks_of, long_stretches
from wfm.schedule.verify.case import WEEK, Agent, Case, Shift
from wfm.schedule.verify.goals import overlaps_night
from wfm.schedule.verify.leave import credit, exact, exact_hours
from wfm.schedule.verify.rest import short_rests
from wfm.schedule.verify.shifts import many_paid_hours
from wfm.schedule.verify.violation import MINUTE, Violation, hours_text, minutes_text
from wfm.schedule.verify.weeks import paid_hours, reasons


def is_minor(agent: Agent, case: Case, day: date) -> bool:
    """Return whether the agent is under age on a date; one without a birth date never is."""
    age = age_on(agent.birth_date, day)
    return age is not None and age < case.config.minors.under_age


def night(agent: Agent, case: Case) -> Iterator[Violation]:
    """No shift overlaps the night, by the wall clock."""
    span = case.config.minors.night
    for shift in _shifts(agent, case):
        if span is not None and overlaps_night(shift, span):
            text = f"{agent.clock(shift.start)}-{agent.clock(shift.end)} overlaps {span}"
            yield Violation(agent.agent_id, shift.date, "minors.night", text)


def day_hours(agent: Agent, case: Case) -> Iterator[Violation]:
    """No shift has more paid hours."""
    most_h = case.config.minors.day_hours
    yield from many_paid_hours(agent, _shifts(agent, case), most_h, "minors.day_hours")


def longest_stretch_h(agent: Agent, case: Case) -> Iterator[Violation]:
    """No stretch of a shift without a break is longer."""
    most_h = case.config.minors.longest_stretch_h
    yield from long_stretches(agent, _shifts(agent, case), most_h, "minors.longest_stretch_h")


def breaks(agent: Agent, case: Case) -> Iterator[Violation]:
    """The breaks of a long shift are together as long as every entry wants; one line a shift."""
    for shift in _shifts(agent, case):
        taken = sum((segment.end - segment.start for segment in breaks_of(shift)), timedelta())
        least = least_break_min(agent, case, shift.date, shift.length) * MINUTE
        if taken < least:
            text = f"{minutes_text(taken)} of breaks in a shift of {hours_text(shift.length)}"
            yield Violation(
                agent.agent_id, shift.date, "minors.breaks", f"{text}, at least {minutes_text(least)}"
            )


def least_break_min(agent: Agent, case: Case, day: date, length: timedelta) -> int:
    """Return how many minutes of breaks a shift of a date must have for the agent's age."""
    if not is_minor(agent, case, day):
        return 0
    entries = case.config.minors.breaks
    return max((e.minutes for e in entries if exact_hours(length) > exact(e.over_hours)), default=0)


def rest_h(agent: Agent, case: Case) -> Iterator[Violation]:
    """Before and after a shift of a minor lies a longer rest."""
    least_h = case.config.minors.rest_h
    if least_h is not None:
        yield from short_rests(
            agent, case, least_h, "minors.rest_h", lambda shift: is_minor(agent, case, shift.date)
        )


def week_hours(agent: Agent, case: Case) -> Iterator[Violation]:
    """A week has no more paid hours, less the credit of paid leave; overtime makes no difference."""
    for week_start in case.horizon.week_starts:
        hours, most = paid_hours(agent.shifts, week_start), most_week_hours(agent, case, week_start)
        if most is not None and hours > most:
            leave = credit(agent, week_start)
            text = f"{hours_text(hours)} paid, at most {hours_text(most)}{reasons(agent, week_start, leave)}"
            yield Violation(agent.agent_id, week_start, "minors.week_hours", text)


def most_week_hours(agent: Agent, case: Case, week_start: date) -> Fraction | None:
    """Return the most paid hours that the agent's age allows in a week; None without such a bound."""
    most_h = case.config.minors.week_hours
    if most_h is None or not is_minor(agent, case, week_start):
        return None
    return max(Fraction(0), exact(most_h) - credit(agent, week_start).paid_h)


def days_per_week(agent: Agent, case: Case) -> Iterator[Violation]:
    """A week has no more shifts, whatever the leave."""
    most = case.config.minors.days_per_week
    for week_start in case.horizon.week_starts:
        shifts = sum(week_start <= shift.date < week_start + WEEK for shift in agent.shifts)
        if most is not None and shifts > most and is_minor(agent, case, week_start):
            text = f"{count_of(shifts, 'shift')}, at most {most}"
            yield Violation(agent.agent_id, week_start, "minors.days_per_week", text)


def _shifts(agent: Agent, case: Case) -> list[Shift]:
    return [shift for shift in agent.shifts if is_minor(agent, case, shift.date)]


RULES: tuple[Callable[[Agent, Case], Iterator[Violation]], ...] = (
    night,
    day_hours,
    longest_stretch_h,
    breaks,
    rest_h,
    week_hours,
    days_per_week,
)

"""The shifts that an agent may work on a date, and the bounds of one shift in whole minutes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

from wfm.hours import DAY_MIN
from wfm.localtime import exists, instant, zone
from wfm.schedule.verify.activities import OFF_PHONE
from wfm.schedule.verify.case import Agent, Case, Segment, Shift
from wfm.schedule.verify.leave import exact, leave_day
from wfm.schedule.verify.minors import is_minor, night
from wfm.schedule.verify.pattern import pattern_fault
from wfm.schedule.verify.shifts import availability, belonging
from wfm.schedule.verify.spans import overlap
from wfm.schedule.verify.violation import MINUTE


def rest_min(agent: Agent, case: Case, day: date) -> int:
    """Return the rest after a shift of a date in whole minutes, rounded up."""
    minors_h = case.config.minors.rest_h if is_minor(agent, case, day) else None
    return max(math.ceil(exact(hours) * 60) for hours in (agent.contract.rest_h, minors_h or 0))


def longest_stretch_min(agent: Agent, case: Case, day: date) -> int:
    """Return the longest time without a break in a shift of a date, whole minutes."""
    minors_h = case.config.minors.longest_stretch_h if is_minor(agent, case, day) else None
    return _least_min(agent.contract.longest_stretch_h, minors_h)


def most_paid_min(agent: Agent, case: Case, day: date) -> int:
    """Return the most paid minutes of a shift of a date."""
    minors_h = case.config.minors.day_hours if is_minor(agent, case, day) else None
    return _least_min(agent.contract.day_hours, minors_h)


def _least_min(*hours: float | None) -> int:
    """Return the least of some bounds in whole minutes, rounded down; without any, more than a shift has."""
    return min((math.floor(exact(bound) * 60) for bound in hours if bound is not None), default=2 * DAY_MIN)


def legal_shifts(agent: Agent, case: Case, day: date) -> Iterator[Shift]:
    """Yield the shifts that no rule of one shift forbids, breaks and paid hours aside."""
    fixed = agent.fixed
    if leave_day(agent, day) or (day in fixed and fixed[day] is None):
        return
    earliest = _rested_from(agent, case)
    placed = off_phone(agent)
    for shift in _shifts_of_contract(agent, day):
        rested = earliest is None or shift.start >= earliest
        as_fixed = fixed.get(day) in (None, (shift.local_start, shift.local_end))
        if rested and as_fixed and _holds(shift, placed) and not _forbidden(agent, case, shift):
            yield shift


def off_phone(agent: Agent) -> dict[date, list[Segment]]:
    """Return trainings, meetings and coaching where the roster has them, by date of the shift."""
    placed = {s.date: [part for part in s.segments if part.activity in OFF_PHONE] for s in agent.shifts}
    return {day: parts for day, parts in placed.items() if parts}


def _rested_from(agent: Agent, case: Case) -> datetime | None:
    """Return from when on the agent is rested from the last shift before the horizon."""
    last = max(agent.history, key=lambda shift: shift.end, default=None)
    return None if last is None else last.end + rest_min(agent, case, last.date) * MINUTE


def _forbidden(agent: Agent, case: Case, shift: Shift) -> bool:
    alone = replace(agent, shifts=(shift,))
    broken = (*belonging(alone), *availability(alone), *night(alone, case))
    return bool(broken or pattern_fault(agent, case, shift.date, shift))


def _shifts_of_contract(agent: Agent, day: date) -> Iterator[Shift]:
    contract, clock = agent.contract, zone(agent.timezone)
    windows = contract.start_windows()
    starts = {s for first, last in windows for s in range(first, last + 1, contract.start_step_min)}
    shortest, longest = (round(hours * 60) for hours in contract.shift_hours)
    for minute in sorted(starts):
        local = datetime.combine(day, datetime.min.time()) + minute * MINUTE
        if not exists(local, agent.timezone):
            continue
        start = instant(local, agent.timezone)
        for length in range(shortest, longest + 1, contract.shift_step_min):
            end = start + length * MINUTE
            yield Shift(day, agent.site, start, end, local, end.astimezone(clock).replace(tzinfo=None), ())


def _holds(shift: Shift, placed: dict[date, list[Segment]]) -> bool:
    """Return whether the off-phone work of the date lies inside the shift, and all other work outside."""
    return all(
        shift.start <= part.start and part.end <= shift.end
        if day == shift.date
        else not overlap(shift.span, part.span)
        for day, parts in placed.items()
        for part in parts
    )

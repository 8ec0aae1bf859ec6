"""The goals of one agent or site: how often each is missed, before its weight.

Clock times are the site's; an interval of the night and the window of a request are wall clock too.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import pairwise

from wfm.config import Schedule
from wfm.hours import parse_clock, parse_span
from wfm.schedule.verify.case import DAY, Agent, Case, Request, Shift
from wfm.schedule.verify.leave import leave_day
from wfm.schedule.verify.spans import overlap
from wfm.schedule.verify.violation import HOUR, MINUTE
from wfm.schedule.verify.weeks import overtime_of

START_TOLERANCE = 30 * MINUTE


def paid_at_mean_cost(agent: Agent, mean_cost: float) -> float:
    """Return paid hours other than leave times cost / mean cost; 0 where nobody costs anything."""
    hours = sum((shift.paid for shift in agent.shifts), timedelta()) / HOUR
    return hours * relative_cost(agent, mean_cost)


def overtime_at_mean_cost(agent: Agent, case: Case) -> float:
    """Return what hours beyond the max of a week cost more than others, in paid hours at mean cost."""
    hours = float(sum(overtime_of(agent, week_start) for week_start in case.horizon.week_starts))
    return hours * (agent.contract.overtime_price - 1) * relative_cost(agent, case.mean_cost)


def relative_cost(agent: Agent, mean_cost: float) -> float:
    """Return cost / mean cost of an hour; 0 where nobody costs anything."""
    return agent.cost_per_hour / mean_cost if mean_cost else 0.0


def requests_missed(agent: Agent, case: Case) -> float:
    """Return the sum of the weights of the requests not met, dates of the horizon only."""
    return sum(r.weight for r in agent.requests if r.date in case.horizon and is_missed(r, agent))


def is_missed(request: Request, agent: Agent) -> bool:
    """Return whether a request is not met; a day off misses prefer_shift, unless it is a day of leave."""
    shift = agent.shift_on(request.date)
    if shift is None:
        return request.kind == "prefer_shift" and not leave_day(agent, request.date)
    first, last = at_clock(request.date, request.start_min), at_clock(request.date, request.end_min)
    match request.kind:
        case "day_off":
            return True
        case "prefer_start":
            return abs(shift.local_start - first) > START_TOLERANCE
        case "prefer_shift":
            return shift.local_start < first or shift.local_end > last
        case _:  # avoid_shift
            return overlap((shift.local_start, shift.local_end), (first, last))


def at_clock(day: date, minute: int) -> datetime:
    """Return the wall-clock time `minute` minutes after midnight of `day`."""
    return datetime.combine(day, datetime.min.time()) + minute * MINUTE


def unpopular_above_mean(agents: Iterable[Agent], case: Case) -> int:
    """Return how many unpopular shifts of one site's agents lie above their mean, rounded up."""
    weekend = case.config.centre.weekend_numbers
    counts = [
        sum(is_unpopular(shift, case.config.schedule, weekend) for shift in agent.shifts) for agent in agents
    ]
    if not counts:
        return 0
    mean_rounded_up = -(-sum(counts) // len(counts))
    return sum(max(0, count - mean_rounded_up) for count in counts)


def is_unpopular(shift: Shift, schedule: Schedule, weekend: frozenset[int]) -> bool:
    """Return whether a shift ends late, overlaps a night or starts on a weekend day."""
    return (
        shift.local_end > at_clock(shift.date, parse_clock(schedule.late_after))
        or overlaps_night(shift, schedule.night)
        or shift.date.weekday() in weekend
    )


def overlaps_night(shift: Shift, night: str) -> bool:
    """Return whether a shift overlaps a span of the wall clock that recurs every night."""
    first, last = parse_span(night)
    evenings = (shift.date + number * DAY for number in (-1, 0, 1))
    nights = ((at_clock(evening, first), at_clock(evening, last)) for evening in evenings)
    return any(overlap((shift.local_start, shift.local_end), night) for night in nights)


def uneven_starts(agent: Agent) -> int:
    """Return the pairs of shifts on consecutive dates whose starts differ by over 60 minutes of the clock."""
    return sum(
        later.date - earlier.date == DAY and abs(later.local_start - earlier.local_start - DAY) > HOUR
        for earlier, later in pairwise(agent.shifts)
    )


def changed_shifts(agent: Agent, case: Case) -> int:
    """Return the dates whose shift is not that of the plan before; shifts struck by time off do not count."""
    if not case.replanned:
        return 0
    changed = 0
    for day in case.horizon.dates:
        before, now = agent.planned.get(day), agent.shift_on(day)
        struck = before is not None and any(overlap(before.span, row.span) for row in agent.time_off)
        changed += not struck and (before and before.span) != (now and now.span)
    return changed

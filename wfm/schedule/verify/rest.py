"""Rest between shifts, and the long rest of every week; shifts before the horizon count as history."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

from wfm.localtime import instant_of_minute
from wfm.schedule.verify.case import WEEK, Agent, Case, Shift
from wfm.schedule.verify.leave import exact, exact_hours
from wfm.schedule.verify.spans import union
from wfm.schedule.verify.violation import Violation, hours_text


def rest_h(agent: Agent, case: Case) -> Iterator[Violation]:
    """Between the end of a shift and the next start lie at least `rest_h` elapsed hours."""
    yield from short_rests(agent, case, agent.contract.rest_h, "rest_h", lambda _: True)


def short_rests(
    agent: Agent, case: Case, least_h: float, rule: str, binds: Callable[[Shift], bool]
) -> Iterator[Violation]:
    """Yield a violation of `rule` for each rest below `least_h` beside a shift that it binds."""
    in_order = sorted((*agent.history, *agent.shifts), key=lambda shift: shift.start)
    for earlier, later in pairwise(in_order):
        rest, pair = later.start - earlier.end, (earlier, later)
        judged = any(shift.date in case.horizon for shift in pair) and any(binds(shift) for shift in pair)
        if judged and exact_hours(rest) < exact(least_h):
            text = (
                f"{hours_text(rest)} between {agent.clock(earlier.end)} and {agent.clock(later.start)}, "
                f"at least {hours_text(least_h)}"
            )
            yield Violation(agent.agent_id, later.date, rule, text)


def weekly_rest_h(agent: Agent, case: Case) -> Iterator[Violation]:
    """Every week, from midnight to midnight, holds a stretch of `weekly_rest_h` without any shift."""
    least_h = agent.contract.weekly_rest_h
    if not least_h:
        return
    at_work = union(shift.span for shift in (*agent.history, *agent.shifts))
    for first in case.horizon.week_starts:
        begin, end = (instant_of_minute(day, 0, agent.timezone) for day in (first, first + WEEK))
        inside = [
            (max(begin, start), min(end, stop)) for start, stop in at_work if start < end and stop > begin
        ]
        free = zip(
            [begin, *(stop for _, stop in inside)], [*(start for start, _ in inside), end], strict=True
        )
        longest = max(stop - start for start, stop in free)
        if exact_hours(longest) < exact(least_h):
            text = f"longest rest of the week {hours_text(longest)}, at least {hours_text(least_h)}"
            yield Violation(agent.agent_id, first, "weekly_rest_h", text)

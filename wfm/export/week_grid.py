"""A plan as week grids, one for each team and week: what every cell says, before any workbook is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from wfm.config import employed
from wfm.export.plan import Person, Plan, employed_in
from wfm.export.sheet_names import visible
from wfm.io.roster_cells import LEAVE, OFF, shift_text
from wfm.localtime import zone
from wfm.schedule.verify.case import Agent, Segment, Shift
from wfm.schedule.verify.leave import credit, exact, exact_hours, leave_day
from wfm.schedule.verify.weeks import hour_limits, paid_hours

RESTS = ("break", "lunch")


@dataclass(frozen=True)
class Line:
    """One agent in one week. `least_h` and `most_h` are paid hours, after leave and with all overtime."""

    agent_id: str
    name: str
    contract: str
    cells: Sequence[str]
    paid_h: float
    leave_h: float
    least_h: float
    most_h: float
    shifts: int


@dataclass(frozen=True)
class Grid:
    """One team in one week; `worked` and `paid_h` are shifts and paid hours by date."""

    team: str
    site: str
    timezone: str
    dates: Sequence[date]
    lines: Sequence[Line]
    worked: Sequence[int]
    paid_h: Sequence[float]


def week_grids(plan: Plan) -> list[Grid]:
    """Return the grids by site, team and week; agents without a team make one of their site."""
    order = {name: number for number, name in enumerate(plan.config.sites)}
    groups: dict[tuple[int, str], list[Person]] = {}
    for person in plan.people:
        groups.setdefault((order[person.agent.site], person.team), []).append(person)
    grids = [
        _grid(plan, sorted(groups[key], key=lambda person: (person.name, person.agent.agent_id)), week)
        for key in sorted(groups)
        for week in plan.horizon.week_starts
    ]
    return [grid for grid in grids if grid.lines]


def _grid(plan: Plan, people: Sequence[Person], week: date) -> Grid:
    dates = [week + timedelta(days=number) for number in range(7)]
    site = people[0].agent.site
    here = [person for person in people if employed_in(person, dates[0], dates[-1])]
    shifts = [shift for person in here for shift in person.agent.shifts]
    return Grid(
        team=people[0].team,
        site=site,
        timezone=plan.config.sites[site].timezone,
        dates=dates,
        lines=[_line(person, dates) for person in here],
        worked=[sum(shift.date == day and is_work(shift) for shift in shifts) for day in dates],
        paid_h=[
            float(sum((exact_hours(shift.paid) for shift in shifts if shift.date == day), Fraction(0)))
            for day in dates
        ],
    )


def _line(person: Person, dates: Sequence[date]) -> Line:
    agent, week = person.agent, dates[0]
    least, most = hour_limits(agent, week)
    leave = credit(agent, week)
    by_date = {shift.date: shift for shift in agent.shifts}
    return Line(
        agent_id=agent.agent_id,
        name=visible(person.name),
        contract=visible(person.contract),
        cells=[_cell(agent, by_date.get(day), day) for day in dates],
        paid_h=float(paid_hours(agent.shifts, week)),
        leave_h=float(leave.paid_h + leave.unpaid_h),
        least_h=float(least),
        most_h=float(most + exact(agent.contract.overtime_hours)),
        shifts=sum(day in by_date and is_work(by_date[day]) for day in dates),
    )


def is_work(shift: Shift) -> bool:
    """Return whether there is a shift: leave alone makes none."""
    return any(segment.activity != LEAVE for segment in shift.segments)


def _cell(agent: Agent, shift: Shift | None, day: date) -> str:
    if shift is None or not is_work(shift):
        return _without_shift(agent, shift, day)
    rests = " \u00b7 ".join(f"{_clock(agent, one)[:5]}" for one in shift.segments if one.activity in RESTS)
    others = [
        f"{one.activity} {_clock(agent, one)}"
        for one in shift.segments
        if one.activity not in (*RESTS, "on_queue")
    ]
    return "\n".join([shift_text(shift.local_start, shift.local_end), *([rests] if rests else []), *others])


def _without_shift(agent: Agent, shift: Shift | None, day: date) -> str:
    if shift is not None:
        return "\n".join(f"{LEAVE} {_clock(agent, segment)}" for segment in shift.segments)
    if not employed(agent.start_date, agent.end_date, day):
        return ""
    return LEAVE if leave_day(agent, day) else OFF


def _clock(agent: Agent, segment: Segment) -> str:
    local = zone(agent.timezone)
    return shift_text(segment.start.astimezone(local), segment.end.astimezone(local))

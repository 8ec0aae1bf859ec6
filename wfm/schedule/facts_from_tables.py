"""Each agent's facts, from the tables of agents, time off, requests and pins and from the previous roster."""

from __future__ import annotations

import difflib
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from math import isnan
from typing import TypedDict, cast

import pandas as pd
from pandas.api.typing import NaTType

from wfm.config import Config, Contract, employed
from wfm.errors import DataError, Fault
from wfm.hours import DAY_MIN, parse_clock, parse_hours, parse_span
from wfm.localtime import instant_of_minute
from wfm.schedule.facts import Absence, Facts, Pin, Request, WeekBefore
from wfm.schedule.grades import GradeReader
from wfm.schedule.history import first_known, previous_shifts, run_before, weeks_known
from wfm.schedule.horizon import Day, Grid
from wfm.schedule.hours_before import paid_by_week, weeks_before
from wfm.schedule.inputs import Inputs
from wfm.schedule.leave import leave_days
from wfm.schedule.minors import is_minor
from wfm.schedule.sites import site_days
from wfm.schedule.weekends import weekends_worked


class _AgentRow(TypedDict):
    """A row of AGENTS; what is empty is NaN or NaT."""

    agent_id: str
    site: str
    contract: str
    skills: str
    availability: str | float
    start_date: pd.Timestamp | NaTType
    end_date: pd.Timestamp | NaTType
    cost_per_hour: float
    birth_date: pd.Timestamp | NaTType
    proficiency: float
    pattern_week: int
    week_hours_min: float
    week_hours_max: float


@dataclass(frozen=True)
class Setting:
    """What agents are placed in: dates and local days on the grid, queues by position."""

    config: Config
    dates: Sequence[date]
    grid: Grid
    days: Mapping[str, Sequence[Day]]
    queues: Sequence[str]

    @property
    def index(self) -> dict[date, int]:
        """Position of each date in the horizon."""
        return {day: position for position, day in enumerate(self.dates)}


def collect_facts(inputs: Inputs, setting: Setting) -> list[Facts]:
    """Return the facts of every agent, in the order of the table; `inputs.agents` has its sites filled in."""
    reader = _Reader(inputs, setting)
    return [reader.facts_of(cast(_AgentRow, row)) for row in inputs.agents.to_dict("records")]


def without_effect(inputs: Inputs, dates: Sequence[date]) -> list[str]:
    """Return a warning for every agent that is not in agents, and for every pin outside the horizon."""
    known = set(inputs.agents["agent_id"])
    tables = {"time_off": inputs.time_off, "requests": inputs.requests, "pins": inputs.pins}
    warnings = [
        f"{name}: agent {agent} is not in agents; no effect{_nearest(agent, known)}"
        for name, table in tables.items()
        for agent in sorted(set(table["agent_id"]) - known)
    ]
    pins = zip(inputs.pins["agent_id"], inputs.pins["date"], strict=True)
    outside = [
        f"pins: {agent} {when.date()} lies outside the horizon; no effect"
        for agent, when in pins
        if agent in known and when.date() not in dates
    ]
    late = int((~inputs.requests["date"].dt.date.isin(list(dates))).sum())
    return warnings + outside + ([f"requests: {late} outside the horizon; no effect"] if late else [])


def _nearest(agent: str, known: set[str]) -> str:
    near = difflib.get_close_matches(agent, sorted(known), n=1)
    return f" (did you mean {near[0]}?)" if near else ""


class _Reader:
    """The tables, taken apart by agent."""

    def __init__(self, inputs: Inputs, setting: Setting) -> None:
        self.setting, self.index, self.first_day = setting, setting.index, setting.dates[0]
        self.mean_cost = float(inputs.agents["cost_per_hour"].mean())
        self.absences = _by_agent(inputs.time_off)
        self.requests = _by_agent(inputs.requests)
        self.pins = _by_agent(inputs.pins)
        self.frozen = inputs.frozen
        self.shifts = previous_shifts(inputs.previous, setting.grid)
        self.compare = any(day in self.index for shifts in self.shifts.values() for day in shifts)
        self.weeks_known = weeks_known(inputs.previous, self.first_day)
        self.first_known = first_known(inputs.previous, self.first_day)
        self.paid_before = paid_by_week(inputs.previous, self.first_day)
        self.grades = GradeReader(setting.grid, setting.dates, setting.queues)

    def facts_of(self, row: _AgentRow) -> Facts:
        """Return the facts of one row of AGENTS."""
        setting, name, config = self.setting, str(row["agent_id"]), self.setting.config
        availability = row["availability"]
        text = availability if isinstance(availability, str) else ""
        timezone = config.sites[row["site"]].timezone
        contract = own_contract(config.contracts[row["contract"]], row)
        first_day, birth_date = _date(row["start_date"]), _date(row["birth_date"])
        shifts = self.shifts.get(name, {})
        before = {day: span for day, span in shifts.items() if day < self.first_day}
        run = run_before(before, self.first_day)
        facts = Facts(
            agent_id=name,
            site=str(row["site"]),
            contract_name=str(row["contract"]),
            contract=contract,
            grades=self.grades.grades(
                str(row["skills"]), float(row["proficiency"]), contract, first_day, timezone
            ),
            availability=parse_hours(text),
            availability_text=text,
            first_day=first_day,
            last_day=_date(row["end_date"]),
            cost_ratio=float(row["cost_per_hour"]) / self.mean_cost if self.mean_cost else 0.0,
            open_spans=tuple(_open_spans(text, timezone, setting.grid, day) for day in setting.dates),
            eve_spans=_open_spans(text, timezone, setting.grid, self.first_day - timedelta(days=1)),
            absences=_absences(self.absences.get(name), setting.grid, setting.days[row["site"]]),
            pins=_pins(self.pins.get(name), self.index, self.frozen),
            requests=_requests(self.requests.get(name), self.index),
            last_end=max((end for _, end in before.values()), default=None),
            run_before=run,
            run_known=self.first_day - timedelta(days=run) > self.first_known,
            minor=tuple(is_minor(birth_date, day, config.minors) for day in setting.dates),
            minor_eve=is_minor(birth_date, max(before, default=self.first_day), config.minors),
            minors=config.minors,
            pattern=None if contract.pattern is None else config.patterns[contract.pattern],
            pattern_week=int(row["pattern_week"]),
            most_changes=config.schedule.max_changed_shifts_per_agent,
            weekends_worked_before=weekends_worked(before, self.first_day, setting.config),
            weekends_known_before=self.weeks_known,
            previous={self.index[day]: span for day, span in shifts.items() if day in self.index},
            compare_previous=self.compare,
        )
        eve_of_run = self.first_day - timedelta(days=run + 1)
        return replace(
            facts,
            weeks_before=self._weeks_before(facts, timezone),
            run_known=facts.run_known and not self._absent_on(facts, eve_of_run, timezone),
        )

    def _weeks_before(self, facts: Facts, timezone: str) -> tuple[WeekBefore, ...]:
        """Return the weeks before the horizon that a reference period can reach, as far as they are known."""
        if facts.contract.average_week_hours is None:
            return ()
        weeks = min(self.weeks_known, facts.contract.average_weeks - 1)
        dates = [self.first_day - timedelta(days=step) for step in range(7 * weeks, 0, -1)]
        return weeks_before(*self._at(facts, dates, timezone), self.paid_before) if dates else ()

    def _absent_on(self, facts: Facts, day: date, timezone: str) -> bool:
        """Return whether a date before the horizon is a whole day of leave, or outside employment."""
        if not employed(facts.first_day, facts.last_day, day):
            return True
        return facts.agent_id in self.absences and leave_days(*self._at(facts, [day], timezone))[0].whole

    def _at(self, facts: Facts, dates: Sequence[date], timezone: str) -> tuple[Facts, list[Day]]:
        """Return the facts with the spans and absences of dates before the horizon, and those dates."""
        days, grid, text = (
            site_days(timezone, dates, self.setting.grid),
            self.setting.grid,
            facts.availability_text,
        )
        then = replace(
            facts,
            open_spans=tuple(_open_spans(text, timezone, grid, day) for day in dates),
            eve_spans=_open_spans(text, timezone, grid, dates[0] - timedelta(days=1)),
            absences=_absences(self.absences.get(facts.agent_id), grid, days),
        )
        return then, days


def own_contract(contract: Contract, row: _AgentRow) -> Contract:
    """Return the contract with the hours that the agent's row has in place of it; DataError if they cross."""
    least, most = contract.week_hours
    least = least if isnan(row["week_hours_min"]) else float(row["week_hours_min"])
    most = most if isnan(row["week_hours_max"]) else float(row["week_hours_max"])
    if (least, most) == contract.week_hours:
        return contract
    if least > most:
        problem = f"agent {row['agent_id']}: at least {least:g} and at most {most:g} hours a week"
        hint = f"the contract {row['contract']} has week_hours {list(contract.week_hours)}"
        raise DataError([Fault(problem, column="week_hours_min, week_hours_max")], source="agents", hint=hint)
    return contract.model_copy(update={"week_hours": (least, most)})


def _by_agent(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {str(name): rows for name, rows in table.groupby("agent_id")}


def _date(stamp: pd.Timestamp | NaTType) -> date | None:
    return None if isinstance(stamp, NaTType) else stamp.date()


def _open_spans(text: str, timezone: str, grid: Grid, day: date) -> tuple[tuple[int, int], ...]:
    def minute(clock_min: int) -> int:
        return grid.minute(instant_of_minute(day, clock_min, timezone))

    return tuple((minute(first), minute(last)) for first, last in parse_hours(text).spans_of(day.weekday()))


def _absences(rows: pd.DataFrame | None, grid: Grid, days: Sequence[Day]) -> tuple[Absence, ...]:
    if rows is None:
        return ()
    spans = [
        Absence(grid.minute(start), -(-int((end - grid.origin).total_seconds()) // 60), bool(paid))
        for start, end, paid in zip(rows["start"], rows["end"], rows["paid"], strict=True)
    ]
    first, last = days[0].begin - DAY_MIN, days[-1].end + DAY_MIN
    return disjoint([span for span in spans if span.end > first and span.begin < last])


def disjoint(absences: Sequence[Absence]) -> tuple[Absence, ...]:
    """Return the same time off without overlaps, sorted; a minute is paid if any row covering it is."""
    edges = sorted({edge for absence in absences for edge in (absence.begin, absence.end)})
    pieces: list[Absence] = []
    for begin, end in pairwise(edges):
        covering = [absence for absence in absences if absence.begin <= begin and absence.end >= end]
        if not covering:
            continue
        paid = any(absence.paid for absence in covering)
        if pieces and pieces[-1].end == begin and pieces[-1].paid == paid:
            pieces[-1] = Absence(pieces[-1].begin, end, paid)
        else:
            pieces.append(Absence(begin, end, paid))
    return tuple(pieces)


def _pins(
    rows: pd.DataFrame | None, index: Mapping[date, int], frozen: Container[tuple[str, pd.Timestamp]]
) -> tuple[Pin, ...]:
    if rows is None:
        return ()
    cells = zip(rows["agent_id"], rows["date"], rows["shift_start"], rows["shift_end"], strict=True)
    return tuple(
        Pin(index[when.date()], when.date(), _pinned_span(str(start), str(end)), (agent, when) in frozen)
        for agent, when, start, end in cells
        if when.date() in index
    )


def _pinned_span(start: str, end: str) -> tuple[int, int] | None:
    return None if start.strip().lower() == "off" else parse_span(f"{start}-{end}")


def _requests(rows: pd.DataFrame | None, index: Mapping[date, int]) -> tuple[Request, ...]:
    if rows is None:
        return ()
    cells = zip(rows["date"], rows["kind"], rows["value"], rows["weight"], strict=True)
    return tuple(
        Request(index[when.date()], str(kind), _wish(str(kind), str(text)), float(weight))
        for when, kind, text, weight in cells
        if when.date() in index
    )


def _wish(kind: str, text: str) -> tuple[int, int]:
    """Return the minutes of a request's value: nothing, a clock time, or a span."""
    if kind == "day_off":
        return 0, 0
    return (parse_clock(text), 0) if kind == "prefer_start" else parse_span(text)

"""The roster problem as plain data: agents, their rules and goals, requirements and sites on one grid.

Built from tables and configuration once; nothing in it knows of files, clocks or solvers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.config import Config, Contract, Weights
from wfm.errors import DataError, Fault
from wfm.hours import DAY_MIN, WEEKDAYS, parse_clock, parse_hours, parse_span
from wfm.localtime import day_bounds, instant_of_minute, to_local
from wfm.schedule.agents import Absence, Facts, Pin, Request, Shifts, build_shifts
from wfm.schedule.catalogue import Catalogue, build_catalogue, contract_minutes, shift_lengths
from wfm.schedule.coverage import Cuts, build_cuts
from wfm.schedule.horizon import Grid, build_grid, horizon_dates, rows_in_horizon
from wfm.schedule.rules import Day

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Inputs:
    """The tables of one run, conformed; absent ones are empty."""

    requirements: pd.DataFrame
    agents: pd.DataFrame
    time_off: pd.DataFrame
    requests: pd.DataFrame
    pins: pd.DataFrame
    previous: pd.DataFrame


@dataclass(frozen=True)
class SiteLimits:
    """Seats and presence of one site; `watched` marks the slots in which presence is due."""

    name: str
    seats: int | None
    min_present: int
    watched: NDArray[np.bool_]


@dataclass(frozen=True)
class Problem:
    """Everything the search, the bound and the read-back need. N intervals, G skill groups."""

    config: Config
    weights: Weights
    dates: list[date]
    grid: Grid
    requirements: pd.DataFrame
    facts: list[Facts]
    shifts: list[Shifts]
    groups: list[frozenset[int]]
    group_of: NDArray[np.int64]
    cuts: Cuts
    required: Floats
    days: Mapping[str, list[Day]]
    weekends: list[tuple[int, ...]]
    sites: list[SiteLimits]
    site_of: NDArray[np.int64]
    history: list[tuple[int, int, int, int]]
    warnings: list[str]

    @property
    def price_scale(self) -> float:
        """Objective per interval and agent: the contract weighs 15 minutes."""
        return self.grid.interval_min / 15


def build_problem(inputs: Inputs, config: Config, first_day: date, weeks: int) -> Problem:
    """Return the problem of a horizon; DataError where tables name what the configuration does not know."""
    agents = with_site(inputs.agents, config)
    dates = horizon_dates(first_day, weeks)
    rows = rows_in_horizon(inputs.requirements, dates, config)
    used = {name: config.contracts[name] for name in sorted(agents["contract"].unique())}
    grid = build_grid(
        rows, dates, config, [m for contract in used.values() for m in contract_minutes(contract)]
    )
    queues = sorted(rows["queue"].unique())
    required = _required(rows, queues, grid)
    warnings = _unserved(agents, queues)
    days = {name: site_days(site.timezone, dates, grid) for name, site in config.sites.items()}
    shifts = _shifts(agents, used, dates, grid, config)
    weekends = whole_weekends(dates, config)
    facts = _facts(inputs, agents, queues, dates, grid, config, days, warnings)
    skills = [frozenset(fact.skills) for fact in facts]
    groups = sorted(set(skills), key=sorted)
    cuts = build_cuts(groups, required)
    names = list(config.sites)
    return Problem(
        config=config,
        weights=config.schedule.weights,
        dates=dates,
        grid=grid,
        requirements=rows,
        facts=facts,
        shifts=[shifts[fact.contract_name, fact.site] for fact in facts],
        groups=groups,
        group_of=np.array([groups.index(skill) for skill in skills], dtype=np.int64),
        cuts=cuts,
        required=required.sum(axis=0),
        days=days,
        weekends=weekends,
        sites=_site_limits(config, agents, rows, queues, grid),
        site_of=np.array([names.index(fact.site) for fact in facts], dtype=np.int64),
        history=_history_on_queue(inputs.previous, facts, groups, names, first_day, grid),
        warnings=warnings,
    )


def with_site(agents: pd.DataFrame, config: Config) -> pd.DataFrame:
    """Return agents with their site filled in; DataError where a site, contract or skill does not exist."""
    agents = agents.assign(site=agents["site"].fillna(config.only_site or ""))
    faults: list[Fault] = []
    for agent in agents.itertuples():
        if agent.site not in config.sites:
            faults.append(
                Fault(f"agent {agent.agent_id}: unknown site", column="site", value=str(agent.site))
            )
        if agent.contract not in config.contracts:
            fault = Fault(
                f"agent {agent.agent_id}: unknown contract", column="contract", value=str(agent.contract)
            )
            faults.append(fault)
        for skill in skills_of(str(agent.skills)):
            if skill not in config.queues:
                faults.append(Fault(f"agent {agent.agent_id}: unknown skill", column="skills", value=skill))
    if faults:
        raise DataError(faults, source="agents", hint="name sites, contracts and queues of wfm.toml")
    return agents


def skills_of(text: str) -> list[str]:
    """Return the queues of a `;`-list, best first."""
    return [piece.strip() for piece in text.split(";") if piece.strip()]


def site_days(timezone: str, dates: Sequence[date], grid: Grid) -> list[Day]:
    """Return the local days of a zone on the grid."""
    bounds = [day_bounds(when, timezone) for when in dates]
    return [
        Day(when, grid.minute(begin), grid.minute(end))
        for when, (begin, end) in zip(dates, bounds, strict=True)
    ]


def whole_weekends(dates: Sequence[date], config: Config) -> list[tuple[int, ...]]:
    """Return, per week of the horizon, the day indices of the weekend that begins in it; () if it ends outside."""
    weekend = config.centre.weekend_numbers
    found: list[tuple[int, ...]] = []
    for first in range(0, len(dates), 7):
        begins = [
            index
            for index in range(first, first + 7)
            if dates[index].weekday() in weekend
            and ((dates[index] - timedelta(days=1)).weekday() not in weekend or len(weekend) == 7)
        ]
        days: list[int] = []
        for begin in begins[:1]:
            index = begin
            while (dates[begin] + timedelta(days=index - begin)).weekday() in weekend and len(days) < 7:
                days.append(index)
                index += 1
        found.append(tuple(days) if days and days[-1] < len(dates) else ())
    return found


def _required(rows: pd.DataFrame, queues: Sequence[str], grid: Grid) -> Floats:
    required = np.zeros((len(queues), grid.intervals))
    starts = grid.interval_starts()
    at = starts.get_indexer(pd.DatetimeIndex(rows["interval_start"]))
    number = rows["queue"].map({name: index for index, name in enumerate(queues)}).to_numpy()
    required[number.astype(np.int64), at] = rows["agents_to_schedule"].to_numpy()
    return required


def _unserved(agents: pd.DataFrame, queues: Sequence[str]) -> list[str]:
    served = {skill for text in agents["skills"].unique() for skill in skills_of(str(text))}
    return [f"queue {name}: no agent has this skill" for name in queues if name not in served]


def _shifts(
    agents: pd.DataFrame, contracts: Mapping[str, Contract], dates: list[date], grid: Grid, config: Config
) -> dict[tuple[str, str], Shifts]:
    found: dict[tuple[str, str], Shifts] = {}
    for name, site in sorted(set(zip(agents["contract"], agents["site"], strict=True))):
        contract = contracts[name]
        zone = config.sites[site].timezone
        if not shift_lengths(contract):
            fault = Fault("no shift length has room for its breaks", column=f"contracts.{name}.breaks")
            raise DataError([fault], source="wfm.toml", hint="widen the windows of the breaks, or the shifts")
        catalogue = build_catalogue(name, contract, site, zone, dates, grid)
        unpopular = unpopular_shifts(catalogue, dates, config).reshape(len(dates), -1)
        found[name, site] = build_shifts(catalogue, unpopular, grid.slot_min, contract.break_step_min)
    return found


def unpopular_shifts(catalogue: Catalogue, dates: Sequence[date], config: Config) -> NDArray[np.bool_]:
    """Return which (date, start, length) end late, touch the night or start on a weekend."""
    start = catalogue.starts[None, :, None]
    end = catalogue.local_end
    late = end > parse_clock(config.schedule.late_after)
    first, last = parse_span(config.schedule.night)
    night = np.zeros(end.shape, dtype=bool)
    for shift in (-DAY_MIN, 0, DAY_MIN):
        night |= (start < last + shift) & (end > first + shift)
    weekend = np.array([day.weekday() in config.centre.weekend_numbers for day in dates])
    return late | night | weekend[:, None, None]


def _facts(
    inputs: Inputs,
    agents: pd.DataFrame,
    queues: Sequence[str],
    dates: list[date],
    grid: Grid,
    config: Config,
    days: Mapping[str, list[Day]],
    warnings: list[str],
) -> list[Facts]:
    mean_cost = float(agents["cost_per_hour"].mean())
    index = {day: position for position, day in enumerate(dates)}
    absences = _by_agent(inputs.time_off)
    requests = _by_agent(inputs.requests)
    pins = _by_agent(inputs.pins)
    shifts = _previous_shifts(inputs.previous, grid)
    inside = any(day in index for shift in shifts.values() for day in shift)
    known = _weeks_known(inputs.previous, dates[0])
    warnings += _unknown_agents(inputs, set(agents["agent_id"]))
    found: list[Facts] = []
    for agent in agents.itertuples():
        name = str(agent.agent_id)
        zone = config.sites[agent.site].timezone
        text = "" if pd.isna(agent.availability) else str(agent.availability)
        before = {day: span for day, span in shifts.get(name, {}).items() if day < dates[0]}
        found.append(
            Facts(
                agent_id=name,
                site=str(agent.site),
                contract_name=str(agent.contract),
                contract=config.contracts[agent.contract],
                skills=tuple(
                    queues.index(skill) for skill in skills_of(str(agent.skills)) if skill in queues
                ),
                availability=parse_hours(text),
                availability_text=text,
                first_day=None if pd.isna(agent.start_date) else agent.start_date.date(),
                last_day=None if pd.isna(agent.end_date) else agent.end_date.date(),
                cost_ratio=float(agent.cost_per_hour) / mean_cost if mean_cost else 0.0,
                open_spans=_open_spans(text, zone, dates, grid),
                absences=_absences(absences.get(name), grid, days[agent.site]),
                pins=_pins(pins.get(name), index, warnings),
                requests=_requests(requests.get(name), index),
                last_end=max((end for _, end in before.values()), default=None),
                run_before=_run_before(before, dates[0]),
                weekends_worked_before=_weekends_worked(before, dates[0], config),
                weekends_known_before=known,
                previous={index[day]: span for day, span in shifts.get(name, {}).items() if day in index},
                compare_previous=inside,
            )
        )
    return found


def _by_agent(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {str(name): rows for name, rows in table.groupby("agent_id")}


def _unknown_agents(inputs: Inputs, known: set[str]) -> list[str]:
    tables = {"time_off": inputs.time_off, "requests": inputs.requests, "pins": inputs.pins}
    return [
        f"{name}: agent {agent} is not in agents; no effect"
        for name, table in tables.items()
        for agent in sorted(set(table["agent_id"]) - known)
    ]


def _open_spans(
    text: str, timezone: str, dates: Sequence[date], grid: Grid
) -> tuple[tuple[tuple[int, int], ...], ...]:
    hours = parse_hours(text)
    return tuple(
        tuple(
            (
                grid.minute(instant_of_minute(day, first, timezone)),
                grid.minute(instant_of_minute(day, last, timezone)),
            )
            for first, last in hours.spans_of(day.weekday())
        )
        for day in dates
    )


def _absences(rows: pd.DataFrame | None, grid: Grid, days: Sequence[Day]) -> tuple[Absence, ...]:
    if rows is None:
        return ()
    spans = [Absence(grid.minute(row.start), -(-int((row.end - grid.origin).total_seconds()) // 60), bool(row.paid))
             for row in rows.itertuples()]  # fmt: skip
    last = days[-1].end + DAY_MIN
    return tuple(span for span in spans if span.end > days[0].begin and span.begin < last)


def _pins(rows: pd.DataFrame | None, index: Mapping[date, int], warnings: list[str]) -> tuple[Pin, ...]:
    if rows is None:
        return ()
    found: list[Pin] = []
    for row in rows.itertuples():
        day = row.date.date()
        if day not in index:
            warnings.append(f"pins: {row.agent_id} {day} lies outside the horizon; no effect")
        elif str(row.shift_start).strip().lower() == "off":
            found.append(Pin(index[day], None))
        else:
            found.append(Pin(index[day], parse_span(f"{row.shift_start}-{row.shift_end}")))
    return tuple(found)


def _requests(rows: pd.DataFrame | None, index: Mapping[date, int]) -> tuple[Request, ...]:
    if rows is None:
        return ()
    found: list[Request] = []
    for row in rows.itertuples():
        day = row.date.date()
        if day not in index:
            continue
        if row.kind == "day_off":
            span = (0, 0)
        elif row.kind == "prefer_start":
            span = (parse_clock(str(row.value)), 0)
        else:
            span = parse_span(str(row.value))
        found.append(Request(index[day], str(row.kind), span, float(row.weight)))
    return tuple(found)


def _previous_shifts(previous: pd.DataFrame, grid: Grid) -> dict[str, dict[date, tuple[int, int]]]:
    """Return begin and end (minutes of the grid) of every shift of the previous roster, by agent and date."""
    found: dict[str, dict[date, tuple[int, int]]] = {}
    spans = previous.groupby(["agent_id", "shift_date"]).agg(begin=("start", "min"), end=("end", "max"))
    for (agent, day), row in spans.iterrows():
        found.setdefault(str(agent), {})[day.date()] = (grid.minute(row["begin"]), grid.minute(row["end"]))
    return found


def _weeks_known(previous: pd.DataFrame, first_day: date) -> int:
    if previous.empty or previous["shift_date"].min().date() >= first_day:
        return 0
    return (first_day - previous["shift_date"].min().date()).days // 7


def _run_before(before: Mapping[date, object], first_day: date) -> int:
    run = 0
    while first_day - timedelta(days=run + 1) in before:
        run += 1
    return run


def _weekends_worked(before: Mapping[date, object], first_day: date, config: Config) -> frozenset[int]:
    """Return the weeks before the horizon (-1, -2, ...) in whose weekend a shift started."""
    weekend = config.centre.weekend_numbers
    worked: set[int] = set()
    for day in before:
        if day.weekday() in weekend:
            begin = day
            while (begin - timedelta(days=1)).weekday() in weekend and len(weekend) < len(WEEKDAYS):
                begin -= timedelta(days=1)
            worked.add((begin - first_day).days // 7)
    return frozenset(worked)


def _site_limits(
    config: Config, agents: pd.DataFrame, rows: pd.DataFrame, queues: Sequence[str], grid: Grid
) -> list[SiteLimits]:
    starts = grid.interval_starts()
    limits: list[SiteLimits] = []
    for name, site in config.sites.items():
        texts = agents.loc[agents["site"] == name, "skills"].unique()
        served = {skill for text in texts for skill in skills_of(str(text))} & set(queues)
        opens = rows.loc[rows["queue"].isin(served), "interval_start"].unique()
        watched = np.repeat(np.isin(starts.to_numpy(), opens.to_numpy()), grid.slots_per_interval)
        limits.append(SiteLimits(name, site.seats, site.min_present, watched))
    return limits


def _history_on_queue(
    previous: pd.DataFrame,
    facts: Sequence[Facts],
    groups: Sequence[frozenset[int]],
    sites: Sequence[str],
    first_day: date,
    grid: Grid,
) -> list[tuple[int, int, int, int]]:
    """Return (group, site, begin slot, end slot) of on-queue time that shifts before the horizon bring into it."""
    group = {fact.agent_id: groups.index(frozenset(fact.skills)) for fact in facts}
    site = {fact.agent_id: sites.index(fact.site) for fact in facts}
    rows = previous[
        (previous["shift_date"] < pd.Timestamp(first_day))
        & (previous["activity"] == "on_queue")
        & (previous["end"] > pd.Timestamp(grid.origin))
        & previous["agent_id"].isin(group)
    ]
    found = []
    for row in rows.itertuples():
        begin = max(0, grid.minute(row.start)) // grid.slot_min
        found.append((group[row.agent_id], site[row.agent_id], begin, grid.minute(row.end) // grid.slot_min))
    return found


def local_clock(grid: Grid, minutes: Sequence[int], timezone: str) -> pd.Series:
    """Return the wall clock of minutes of the grid."""
    moments = pd.Series(pd.Timestamp(grid.origin) + pd.to_timedelta(list(minutes), unit="min"))
    return to_local(moments, timezone)

"""The planner's files: each read as its table, in the right wall clock, its names and clock times checked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import pandas as pd

from wfm.config import Config
from wfm.conform import Zones
from wfm.errors import ConfigError, DataError, Fault
from wfm.hours import parse_clock, parse_span
from wfm.io import workbook_pins
from wfm.io.tables import read_cells, read_table
from wfm.tables import (
    ACTIVITY_TABLE,
    AGENTS,
    PINS,
    REQUESTS,
    ROSTER,
    TIME_OFF,
    Table,
)

OFF = "off"  # in shift_start of a pin: no shift on this date
SPANS = ("prefer_shift", "avoid_shift")  # requests whose value is HH:MM-HH:MM

Cells = dict[str, str]
Wrong = tuple[str, str, str]  # column, problem, remedy


def queue_zones(config: Config) -> Zones:
    """Return whose wall clock the stamps of queue tables show."""
    return Zones(
        "queue",
        config.queue_zones,
        config.centre.timezone,
        config.import_.ambiguous,
        config.import_.nonexistent,
    )


def site_zones(config: Config) -> Zones:
    """Return whose wall clock the stamps of a roster show."""
    return Zones("site", config.site_zones, config.centre.timezone)


def agent_zones(config: Config, agents: pd.DataFrame) -> Zones:
    """Return whose wall clock the stamps of an agent's rows show."""
    sites = agents["site"].fillna(config.only_site or "")
    names = {
        agent: config.sites[site].timezone for agent, site in zip(agents["agent_id"], sites, strict=True)
    }
    return Zones("agent_id", names, config.centre.timezone)


def read_queue_table(path: Path, table: Table, config: Config) -> pd.DataFrame:
    """Return a table keyed by queue; DataError names queues that the configuration does not have."""
    if not config.queues:
        raise ConfigError([Fault("no queue is configured", "add [queues.NAME] to wfm.toml", column="queues")])
    return read_table(path, table, queue_zones(config), {"queue": config.queues})


def read_agents(path: Path, config: Config) -> pd.DataFrame:
    """Return AGENTS; DataError names unknown sites, contracts and skills, or says that there is no agent."""
    known: dict[str, Collection[str]] = {
        "site": config.sites,
        "contract": config.contracts,
        "skills": config.queues,
    }
    agents = read_table(path, AGENTS, known=known)
    if agents.empty:
        raise DataError([Fault("no agents", "give it one row for each agent", str(path))])
    return agents


def read_roster(path: Path, config: Config) -> pd.DataFrame:
    """Return ROSTER."""
    return read_table(path, ROSTER, site_zones(config), {"site": config.sites})


def read_time_off(path: Path | None, config: Config, agents: pd.DataFrame) -> pd.DataFrame | None:
    """Return TIME_OFF, or None without a path."""
    return None if path is None else read_table(path, TIME_OFF, agent_zones(config, agents))


def read_requests(path: Path | None) -> pd.DataFrame | None:
    """Return REQUESTS, or None without a path; DataError for a value that does not fit its kind."""
    return None if path is None else _read_checked(path, REQUESTS, _wrong_in_request)


def read_pins(path: Path | None) -> pd.DataFrame | None:
    """Return PINS, or None without a path; DataError for clock times that cannot be read.

    A workbook is a plan that `wfm export` wrote: the cells edited since then are the pins.
    """
    if path is not None and workbook_pins.is_workbook(path):
        return workbook_pins.read_workbook_pins(path)
    return None if path is None else _read_checked(path, PINS, _wrong_in_pin)


def read_activities(path: Path | None, config: Config, agents: pd.DataFrame) -> pd.DataFrame | None:
    """Return ACTIVITY_TABLE, or None without a path; stamps without offset are local to the centre."""
    known = {"agents": set(agents["agent_id"])}
    zones = Zones(default=config.centre.timezone)
    return None if path is None else read_table(path, ACTIVITY_TABLE, zones, known)


def read_optional(path: Path | None, table: Table, config: Config) -> pd.DataFrame | None:
    """Return a table keyed by queue, or None without a path."""
    return None if path is None else read_queue_table(path, table, config)


def _read_checked(path: Path, table: Table, wrong: Callable[[Cells], Wrong | None]) -> pd.DataFrame:
    """Return `table`, refused with its faults and those that `wrong` finds in a row, together."""
    faults = list(_faults(path, table, wrong))
    try:
        frame = read_table(path, table)
    except DataError as error:
        if not faults:
            raise
        every = sorted([*error.faults, *faults], key=lambda fault: fault.row or 0)
        raise DataError(every, source=str(path), hint=error.hint) from error
    if faults:
        raise DataError(faults, source=str(path))
    return frame


def _faults(path: Path, table: Table, wrong: Callable[[Cells], Wrong | None]) -> Iterator[Fault]:
    for row, cells in _rows(path, table):
        found = wrong(cells)
        if found is not None:
            column, problem, remedy = found
            yield Fault(problem, remedy, "", row, column, cells.get(column, ""))


def _rows(path: Path, table: Table) -> Iterator[tuple[int, Cells]]:
    """Yield the line of each row and its cells as text, empty ones as ''."""
    if path.is_dir() or path.suffix == ".parquet":
        frame = read_table(path, table)
        lines = [position + 2 for position in range(len(frame))]
    else:
        frame, found = read_cells(path)
        lines = found.tolist()
    texts = frame.astype("str").fillna("")
    for line, row in zip(lines, texts.to_dict("records"), strict=True):
        yield line, {str(name): str(value).strip() for name, value in row.items()}


def _wrong_in_request(cells: Cells) -> Wrong | None:
    kind, value = cells.get("kind", ""), cells.get("value", "")
    if kind == "day_off":
        return ("value", "a day off has no value", "leave it empty") if value else None
    if kind == "prefer_start":
        return _unreadable("value", parse_clock, value, "HH:MM")
    return _unreadable("value", parse_span, value, "HH:MM-HH:MM") if kind in SPANS else None


def _wrong_in_pin(cells: Cells) -> Wrong | None:
    start, end = cells.get("shift_start", ""), cells.get("shift_end", "")
    if start.lower() == OFF:
        return ("shift_end", "a day off has no end", "leave it empty") if end else None
    return _unreadable("shift_start", parse_clock, start, f"HH:MM, or {OFF}") or _unreadable(
        "shift_end", parse_clock, end, "HH:MM"
    )


def _unreadable(column: str, parse: Callable[[str], object], text: str, remedy: str) -> Wrong | None:
    try:
        parse(text)
    except ValueError:
        return column, "cannot be read" if text else "empty", f"write {remedy}"
    return None

"""Rows of the tables as plain objects, by agent: shifts, time off, pins, requests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from wfm.errors import Fault
from wfm.hours import parse_clock, parse_span
from wfm.localtime import zone
from wfm.schedule.verify.case import Request, Segment, Shift, TimeOff
from wfm.schedule.verify.goals import at_clock
from wfm.schedule.verify.spans import Span


@dataclass(frozen=True)
class Row:
    """A row of the roster, read."""

    agent_id: str
    date: date
    site: str
    segment: Segment


def roster_rows(roster: pd.DataFrame) -> list[Row]:
    """Return the rows of a roster in its order."""
    columns = (
        roster["agent_id"],
        roster["shift_date"].dt.date,
        roster["site"],
        _moments(roster["start"]),
        _moments(roster["end"]),
        roster["activity"],
        roster["paid"],
    )
    return [
        Row(str(agent_id), day, str(site), Segment(start, end, str(activity), bool(paid)))
        for agent_id, day, site, start, end, activity, paid in zip(*columns, strict=True)
    ]


def shifts(roster: pd.DataFrame | None, zones: Mapping[str, str]) -> dict[str, list[Shift]]:
    """Return the shifts of each agent of `zones` (its time zone) by date; a shift is all rows of one date."""
    if roster is None:
        return {}
    grouped: dict[tuple[str, date], list[Row]] = defaultdict(list)
    for row in roster_rows(roster):
        if row.agent_id in zones:
            grouped[row.agent_id, row.date].append(row)
    found: dict[str, list[Shift]] = defaultdict(list)
    for (agent_id, day), rows in sorted(grouped.items(), key=lambda item: item[0]):
        found[agent_id].append(_shift(day, rows, zones[agent_id]))
    return found


def _shift(day: date, rows: list[Row], timezone: str) -> Shift:
    segments = tuple(sorted((row.segment for row in rows), key=lambda segment: segment.start))
    start, end = segments[0].start, max(segment.end for segment in segments)
    sites = sorted({row.site for row in rows})
    return Shift(day, ", ".join(sites), start, end, _local(start, timezone), _local(end, timezone), segments)


def _local(moment: datetime, timezone: str) -> datetime:
    return moment.astimezone(zone(timezone)).replace(tzinfo=None)


def time_off(table: pd.DataFrame | None) -> dict[str, list[TimeOff]]:
    """Return the absences of each agent."""
    found: dict[str, list[TimeOff]] = defaultdict(list)
    if table is not None:
        columns = (table["agent_id"], _moments(table["start"]), _moments(table["end"]), table["paid"])
        for agent_id, start, end, paid in zip(*columns, strict=True):
            found[str(agent_id)].append(TimeOff(start, end, bool(paid)))
    return found


def pins(table: pd.DataFrame | None, faults: list[Fault]) -> dict[str, dict[date, Span | None]]:
    """Return the pins of each agent by date: wall-clock start and end, or None for `off`."""
    found: dict[str, dict[date, Span | None]] = defaultdict(dict)
    if table is None:
        return found
    columns = (table["agent_id"], table["date"].dt.date, table["shift_start"], table["shift_end"].fillna(""))
    for agent_id, day, start, end in zip(*columns, strict=True):
        if start == "off":
            found[str(agent_id)][day] = None
            continue
        try:
            first, last = parse_span(f"{start}-{end}")
        except ValueError as error:
            faults.append(_fault("pins", "shift_start", agent_id, day, error))
        else:
            found[str(agent_id)][day] = (at_clock(day, first), at_clock(day, last))
    return found


def requests(table: pd.DataFrame | None, faults: list[Fault]) -> dict[str, list[Request]]:
    """Return the requests of each agent."""
    found: dict[str, list[Request]] = defaultdict(list)
    if table is None:
        return found
    columns = (
        table["agent_id"],
        table["date"].dt.date,
        table["kind"],
        table["value"].fillna(""),
        table["weight"],
    )
    for agent_id, day, kind, value, weight in zip(*columns, strict=True):
        try:
            first, last = _window(str(kind), str(value))
        except ValueError as error:
            faults.append(_fault("requests", "value", agent_id, day, error))
        else:
            found[str(agent_id)].append(Request(day, str(kind), first, last, float(weight)))
    return found


def _window(kind: str, value: str) -> tuple[int, int]:
    if kind == "day_off":
        return 0, 0
    if kind == "prefer_start":
        return parse_clock(value), parse_clock(value)
    return parse_span(value)


def _fault(source: str, column: str, agent_id: str, day: date, error: ValueError) -> Fault:
    return Fault(f"agent {agent_id} on {day}: {error}", source=source, column=column)


def _moments(column: pd.Series) -> pd.Series:
    moments: pd.Series = column.dt.to_pydatetime()
    return moments

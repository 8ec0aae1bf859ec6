"""The published period stays: shifts and days off of the previous roster become pins.

Frozen are the first days of the horizon, for agents the previous roster has on any date of the horizon. A
date with time off is not frozen (the absence is news), nor one that the planner pinned. Breaks stay free.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

import pandas as pd

from wfm.config import Config
from wfm.conform import conform
from wfm.localtime import day_bounds, zone
from wfm.schedule.inputs import Inputs, with_site
from wfm.tables import PINS

Span = tuple[datetime, datetime]


def with_freeze(inputs: Inputs, config: Config, dates: Sequence[date], frozen: int) -> Inputs:
    """Return the inputs with pins added for the first `frozen` dates of the horizon."""
    return with_frozen_dates(inputs, config, dates, dates[: max(0, frozen)])


def with_frozen_dates(
    inputs: Inputs, config: Config, dates: Sequence[date], frozen: Sequence[date], *, everybody: bool = False
) -> Inputs:
    """Return the inputs with pins added for some dates of the horizon.

    `everybody`: who has no shift at all in the previous roster stays off on those dates too.
    """
    horizon = pd.Timestamp(dates[0]), pd.Timestamp(dates[-1])
    inside = inputs.previous[inputs.previous["shift_date"].between(*horizon)]
    if not frozen or inside.empty:
        return inputs
    agents = with_site(inputs.agents, config)
    if not everybody:
        agents = agents[agents["agent_id"].isin(inside["agent_id"])]
    planned, absences = _spans(inside), _absences(inputs.time_off)
    pinned = set(zip(inputs.pins["agent_id"], inputs.pins["date"], strict=True))
    stamps = [pd.Timestamp(day) for day in frozen]
    rows = []
    for agent, site, last in zip(agents["agent_id"], agents["site"], agents["end_date"], strict=True):
        timezone = config.sites[site].timezone
        for stamp in stamps:
            shift = planned.get((agent, stamp))
            begin, end = day_bounds(stamp.date(), timezone)
            whole = (begin, end if shift is None else max(end, shift[1]))
            struck = any(start < whole[1] and until > whole[0] for start, until in absences.get(agent, ()))
            if (agent, stamp) not in pinned and not stamp > last and not struck:
                rows.append((agent, stamp, *_clocks(shift, timezone)))
    if not rows:
        return inputs
    added = conform(pd.DataFrame(rows, columns=PINS.names), PINS)
    pins = conform(pd.concat([inputs.pins, added], ignore_index=True), PINS)
    return replace(inputs, pins=pins, frozen=inputs.frozen | {(row[0], row[1]) for row in rows})


def _spans(roster: pd.DataFrame) -> dict[tuple[str, pd.Timestamp], Span]:
    """Return start and end of every shift, by agent and date."""
    found: dict[tuple[str, pd.Timestamp], Span] = {}
    names = ("agent_id", "shift_date", "start", "end")
    for agent, stamp, start, end in zip(*(roster[name] for name in names), strict=True):
        first, last = found.get((agent, stamp), (start, end))
        found[agent, stamp] = min(first, start), max(last, end)
    return found


def _absences(time_off: pd.DataFrame) -> dict[str, list[Span]]:
    found: dict[str, list[Span]] = {}
    for agent, start, end in zip(time_off["agent_id"], time_off["start"], time_off["end"], strict=True):
        found.setdefault(agent, []).append((start, end))
    return found


def _clocks(shift: Span | None, timezone: str) -> tuple[str, str]:
    if shift is None:
        return "off", ""
    start, end = (moment.astimezone(zone(timezone)) for moment in shift)
    return f"{start:%H:%M}", f"{end:%H:%M}"

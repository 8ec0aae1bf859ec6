"""The published period stays: shifts and days off of the previous roster become pins.

Frozen are the first days of the horizon, for agents the previous roster has on any date of the horizon. A
date with time off is not frozen (the absence is news), nor one that the planner pinned. Breaks stay free.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pandas as pd

from wfm.config import Config
from wfm.conform import conform
from wfm.localtime import day_bounds, to_local
from wfm.schedule.inputs import Inputs, with_site
from wfm.tables import PINS


def with_freeze(inputs: Inputs, config: Config, dates: Sequence[date], frozen: int) -> Inputs:
    """Return the inputs with pins added for the first `frozen` dates of the horizon."""
    horizon = pd.Timestamp(dates[0]), pd.Timestamp(dates[-1])
    inside = inputs.previous[inputs.previous["shift_date"].between(*horizon)]
    if frozen <= 0 or inside.empty:
        return inputs
    agents = with_site(inputs.agents, config)
    agents = agents[agents["agent_id"].isin(inside["agent_id"])]
    spans = inside.groupby(["agent_id", "shift_date"]).agg(start=("start", "min"), end=("end", "max"))
    pinned = set(zip(inputs.pins["agent_id"], inputs.pins["date"], strict=True))
    rows = []
    for agent, site, last in zip(agents["agent_id"], agents["site"], agents["end_date"], strict=True):
        zone = config.sites[site].timezone
        absences = inputs.time_off[inputs.time_off["agent_id"] == agent]
        for stamp in (pd.Timestamp(day) for day in dates[:frozen]):
            shift = spans.loc[(agent, stamp)] if (agent, stamp) in spans.index else None
            released = (agent, stamp) in pinned or stamp > last or _struck(absences, shift, stamp, zone)
            if not released:
                rows.append((agent, stamp, *_clocks(shift, zone)))
    if not rows:
        return inputs
    added = conform(pd.DataFrame(rows, columns=PINS.names), PINS)
    return replace(inputs, pins=conform(pd.concat([inputs.pins, added], ignore_index=True), PINS))


def _struck(absences: pd.DataFrame, shift: pd.Series | None, stamp: pd.Timestamp, zone: str) -> bool:
    begin, end = day_bounds(stamp.date(), zone)
    last = end if shift is None else max(pd.Timestamp(end), shift["end"])
    return bool(((absences["start"] < last) & (absences["end"] > begin)).any())


def _clocks(shift: pd.Series | None, zone: str) -> tuple[str, str]:
    if shift is None:
        return "off", ""
    start, end = to_local(pd.Series([shift["start"], shift["end"]]), zone).dt.strftime("%H:%M")
    return str(start), str(end)

"""What the roster before, or the plan to stay near, says of each agent.

Shifts are (begin, end) in minutes of the grid by local date; a shift before the horizon can reach into it.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from wfm.schedule.horizon import Grid

Span = tuple[int, int]


def previous_shifts(previous: pd.DataFrame, grid: Grid) -> dict[str, dict[date, Span]]:
    """Return every shift of the previous roster, by agent and date."""
    found: dict[str, dict[date, Span]] = {}
    by_shift = previous.groupby(["agent_id", "shift_date"], as_index=False)
    spans = by_shift.agg(begin=("start", "min"), end=("end", "max"))
    columns = (spans[name] for name in ("agent_id", "shift_date", "begin", "end"))
    for agent, day, begin, end in zip(*columns, strict=True):
        found.setdefault(str(agent), {})[day.date()] = (grid.minute(begin), grid.minute(end))
    return found


def first_known(previous: pd.DataFrame, first_day: date) -> date:
    """Return the first date of which it is known who worked: the horizon's, or that of the history."""
    first: date = first_day if previous.empty else min(first_day, previous["shift_date"].min().date())
    return first


def weeks_known(previous: pd.DataFrame, first_day: date) -> int:
    """Return how many whole weeks before the horizon the previous roster covers."""
    return (first_day - first_known(previous, first_day)).days // 7


def run_before(worked: Container[date], first_day: date) -> int:
    """Return how many days in a row were worked up to the day before the horizon."""
    run = 0
    while first_day - timedelta(days=run + 1) in worked:
        run += 1
    return run


@dataclass(frozen=True)
class Carried:
    """A segment (slots) of a shift before the horizon that reaches into it; agent and site by position."""

    agent: int
    site: int
    begin: int
    end: int
    on_queue: bool


def carried_over(
    previous: pd.DataFrame, places: Mapping[str, tuple[int, int]], first_day: date, grid: Grid
) -> list[Carried]:
    """Return what earlier shifts bring into the horizon.

    `places` tells the position and site of each agent; time of agents that it does not know is left out.
    """
    rows = previous[
        (previous["shift_date"] < pd.Timestamp(first_day))
        & (previous["end"] > pd.Timestamp(grid.origin))
        & previous["agent_id"].isin(places)
    ]
    columns = (rows[name] for name in ("agent_id", "start", "end", "activity"))
    return [
        Carried(
            *places[agent],
            max(0, grid.minute(start)) // grid.slot_min,
            grid.minute(end) // grid.slot_min,
            activity == "on_queue",
        )
        for agent, start, end, activity in zip(*columns, strict=True)
    ]

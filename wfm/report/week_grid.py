"""The roster as words: who works when, the paid hours of the week against the contract, and unpopular shifts.

It stands for the Gantt where that cannot be seen, and shows how evenly unpopular shifts are spread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from wfm.config import Config
from wfm.localtime import week_start_of
from wfm.report import wording
from wfm.report.shifts import SiteRoster, contract_hours

MOST_WEEKS = 4


@dataclass(frozen=True)
class AgentWeek:
    """One agent in one week; `shifts` has a text for each of the seven days."""

    name: str
    team: str
    contract: str
    shifts: Sequence[str]
    paid: str
    shift_count: int
    unpopular: int


@dataclass(frozen=True)
class SiteWeek:
    """One week of a site."""

    title: str
    days: Sequence[str]
    agents: Sequence[AgentWeek]
    totals: Sequence[str]
    paid: str
    shift_count: int
    unpopular: int
    unpopular_mean: str


def site_weeks(site: SiteRoster, config: Config) -> list[SiteWeek]:
    """Return the weeks, from the centre's first day of the week, in which shifts of the site start."""
    first_day = config.centre.week_start_number
    weeks = sorted({week_start_of(day.date(), first_day) for day in site.days})
    return [_week(site, config, begin) for begin in weeks[:MOST_WEEKS]]


def _week(site: SiteRoster, config: Config, begin: date) -> SiteWeek:
    days = pd.date_range(begin, periods=7, freq="D")
    shifts = site.shifts[site.shifts["shift_date"].isin(days)]
    people = _employed(site.people, days).sort_values(["team", "name"], kind="stable")
    sums = shifts.groupby("agent_id").agg(
        paid_h=("paid_h", "sum"), shift_count=("paid_h", "size"), unpopular=("unpopular", "sum")
    )
    rows = people.join(sums).fillna({"paid_h": 0.0, "shift_count": 0, "unpopular": 0})
    cells = _cells(site, days)
    at_work = shifts.groupby("shift_date").size().reindex(days, fill_value=0)
    return SiteWeek(
        title=f"Week of {wording.day_span(days[0].date(), days[-1].date())}",
        days=[wording.day(day.date()) for day in days],
        agents=[
            AgentWeek(
                name=wording.printable(row["name"]),
                team=wording.printable(row["team"]),
                contract=contract_hours(row["contract"], config),
                shifts=[cells.get((agent_id, day), "") for day in days],
                paid=wording.hours(row["paid_h"]),
                shift_count=int(row["shift_count"]),
                unpopular=int(row["unpopular"]),
            )
            for agent_id, row in zip(rows.index, rows.to_dict("records"), strict=True)
        ],
        totals=[wording.number(count) for count in at_work],
        paid=wording.hours(float(shifts["paid_h"].sum())),
        shift_count=len(shifts),
        unpopular=int(shifts["unpopular"].sum()),
        unpopular_mean=wording.number(shifts["unpopular"].sum() / max(1, len(people)), 2),
    )


def _cells(site: SiteRoster, days: pd.DatetimeIndex) -> dict[tuple[Any, Any], str]:
    """Return what to print for each agent and date: clock times of the shift, or that there is only leave."""
    segments = site.segments[site.segments["shift_date"].isin(days)]
    leave = segments[segments["activity"] == "leave"]
    cells = dict.fromkeys(zip(leave["agent_id"], leave["shift_date"], strict=True), "leave")
    shifts = site.shifts[site.shifts["shift_date"].isin(days)]
    texts = shifts["begin_local"] + wording.EN_DASH + shifts["end_local"]
    return cells | dict(zip(zip(shifts["agent_id"], shifts["shift_date"], strict=True), texts, strict=True))


def _employed(people: pd.DataFrame, days: pd.DatetimeIndex) -> pd.DataFrame:
    """Return who is employed on at least one of the days."""
    begun = people["start_date"].isna() | (people["start_date"] <= days[-1])
    not_gone = people["end_date"].isna() | (people["end_date"] >= days[0])
    return people[begun & not_gone]

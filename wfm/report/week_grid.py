"""The roster as words: who works when, the paid hours of the week against the contract, and unpopular shifts.

It stands for the Gantt where that cannot be seen, and shows how evenly unpopular shifts are spread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

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
    on_leave = site.segments[site.segments["shift_date"].isin(days) & (site.segments["activity"] == "leave")]
    cells: dict[tuple[str, pd.Timestamp], str] = {
        (row.agent_id, row.shift_date): "leave" for row in on_leave.itertuples()
    }
    for row in shifts.itertuples():
        cells[row.agent_id, row.shift_date] = f"{row.begin_local}{wording.EN_DASH}{row.end_local}"
    people = _employed(site.people, days).sort_values(["team", "name"], kind="stable")
    sums = shifts.groupby("agent_id").agg(
        paid_h=("paid_h", "sum"), shift_count=("paid_h", "size"), unpopular=("unpopular", "sum")
    )
    sums = sums.reindex(people.index).fillna(0)
    agents = [
        AgentWeek(
            name=wording.printable(person.name),
            team=wording.printable(person.team),
            contract=contract_hours(person.contract, config),
            shifts=[cells.get((agent_id, day), "") for day in days],
            paid=wording.hours(own.paid_h),
            shift_count=int(own.shift_count),
            unpopular=int(own.unpopular),
        )
        for agent_id, person, own in zip(
            people.index, people.itertuples(index=False), sums.itertuples(index=False), strict=True
        )
    ]
    at_work = shifts.groupby("shift_date").size().reindex(days, fill_value=0)
    return SiteWeek(
        title=f"Week of {wording.day_span(days[0].date(), days[-1].date())}",
        days=[wording.day(day.date()) for day in days],
        agents=agents,
        totals=[wording.number(count) for count in at_work],
        paid=wording.hours(sums["paid_h"].sum()),
        shift_count=len(shifts),
        unpopular=int(shifts["unpopular"].sum()),
        unpopular_mean=wording.number(shifts["unpopular"].sum() / max(1, len(people)), 2),
    )


def _employed(people: pd.DataFrame, days: pd.DatetimeIndex) -> pd.DataFrame:
    """Return who is employed on at least one of the days."""
    begun = people["start_date"].isna() | (people["start_date"] <= days[-1])
    not_gone = people["end_date"].isna() | (people["end_date"] >= days[0])
    return people[begun & not_gone]

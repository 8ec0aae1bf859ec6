"""The roster as a Gantt: one fold for each day of a site, its teams below each other, one row for each agent.

Bars are minutes elapsed since the site's midnight, so that a shift has its true length on clock-change days
too; the labels of the axis are what the clock on the wall shows. Each activity of a team and day is one
path.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from wfm.localtime import instant_of_minute, zone
from wfm.report import paths, wording
from wfm.report.chart import Mark
from wfm.report.shifts import SiteRoster
from wfm.tables import ACTIVITIES

MOST_DAYS = 14
ROW = 18  # CSS pixels, the same in style.css
AXIS_STEP_MIN = 120
# Top and height of a bar within its row: activities differ in shape or pattern too, not only in colour.
TOPS = {"on_queue": 3, "break": 6, "lunch": 8, "training": 3, "meeting": 3, "coaching": 9, "leave": 3}
HEIGHTS = {"on_queue": 12, "break": 6, "lunch": 3, "training": 12, "meeting": 6, "coaching": 6, "leave": 12}


@dataclass(frozen=True)
class TeamRows:
    """The rows of one team on one day, and how many shifts they are in words."""

    team: str
    note: str
    names: Sequence[str]
    marks: Sequence[Mark]
    height: float


@dataclass(frozen=True)
class GanttDay:
    """One day of a site; `width` is in minutes, one label of the axis stands for two hours."""

    title: str
    note: str
    axis: Sequence[str]
    width: float
    grid: Sequence[float]
    teams: Sequence[TeamRows]


@dataclass(frozen=True)
class GanttSite:
    """A site with its days."""

    name: str
    number: int
    timezone: str
    days: Sequence[GanttDay]
    days_left_out: int


def gantt(site: SiteRoster) -> GanttSite:
    """Return the Gantt of the first days of a site's roster."""
    days = site.days[:MOST_DAYS]
    shown = site.segments[site.segments["shift_date"].isin(days)]
    begin = math.floor(shown["begin_min"].min() / AXIS_STEP_MIN) * AXIS_STEP_MIN
    end = math.ceil(shown["end_min"].max() / AXIS_STEP_MIN) * AXIS_STEP_MIN
    parts: Iterable[tuple[Any, pd.DataFrame]] = shown.groupby("shift_date", sort=True)
    return GanttSite(
        name=wording.printable(site.name),
        number=site.number,
        timezone=site.timezone,
        days=[_day(when, rows, site, begin, end) for when, rows in parts],
        days_left_out=len(site.days) - len(days),
    )


@dataclass(frozen=True)
class ActivityKey:
    """An activity in the legend: its words, and its bar as path data."""

    css: str
    words: str
    path: str


def activities_in(sites: Sequence[SiteRoster]) -> list[ActivityKey]:
    """Return the activities that occur, in the order of the contract, for the legend."""
    seen: set[str] = set().union(*(site.segments["activity"].unique() for site in sites))
    return [
        ActivityKey(
            css=f"a-{activity}",
            words=activity.replace("_", " "),
            path=f"M0 {TOPS[activity]}h16v{HEIGHTS[activity]}h-16z",
        )
        for activity in ACTIVITIES
        if activity in seen
    ]


def _day(when: pd.Timestamp, rows: pd.DataFrame, site: SiteRoster, begin: int, end: int) -> GanttDay:
    people = _people_of_day(rows, site.people)
    rows = rows.assign(team=rows["agent_id"].map(people["team"]))
    bars = _bars(rows, rows["agent_id"].map(people["top"]), begin)
    at_work = rows[rows["activity"] != "leave"].groupby("team")["agent_id"].nunique()
    midnight = instant_of_minute(when.date(), 0, site.timezone)
    labels = range(begin, end, AXIS_STEP_MIN)
    return GanttDay(
        title=wording.day(when.date()),
        note=f"{wording.counted(int(at_work.sum()), 'shift')}, {wording.hours(rows['paid_h'].sum())} paid",
        axis=[f"{(midnight + timedelta(minutes=m)).astimezone(zone(site.timezone)):%H:%M}" for m in labels],
        width=end - begin,
        grid=[minute - begin for minute in labels],
        teams=[
            TeamRows(
                team=wording.printable(team),
                note=wording.counted(at_work.get(team, 0), "shift"),
                names=[wording.printable(name) for name in members["name"]],
                marks=[
                    Mark(f"a-{activity}", "".join(bars[str(team), activity]))
                    for activity in ACTIVITIES
                    if (str(team), activity) in bars
                ],
                height=float(len(members) * ROW),
            )
            for team, members in people.groupby("team", sort=False)
        ],
    )


def _people_of_day(rows: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Return who works on a day, by team, then by start; `top` is the upper edge of the row in its team."""
    first = rows.groupby("agent_id")["begin_min"].min()
    at_work = people.loc[first.index, ["name", "team"]].assign(first=first)
    at_work = at_work.sort_values(["team", "first", "name"], kind="stable")
    return at_work.assign(top=at_work.groupby("team", sort=False).cumcount() * ROW)


def _bars(rows: pd.DataFrame, tops: pd.Series, begin: int) -> dict[tuple[str, str], list[str]]:
    """Return the bars of each team and activity; `tops` are the upper edges of the agents' rows."""
    drawn = paths.single_boxes(
        (rows["begin_min"] - begin).to_numpy(),
        (tops + rows["activity"].map(TOPS)).to_numpy(),
        (rows["end_min"] - rows["begin_min"]).to_numpy(),
        np.array([HEIGHTS[str(activity)] for activity in rows["activity"]], dtype=np.float64),
    )
    bars = defaultdict(list)
    for team, activity, bar in zip(rows["team"], rows["activity"], drawn, strict=True):
        bars[str(team), str(activity)].append(bar)
    return dict(bars)

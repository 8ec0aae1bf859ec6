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
from wfm.report.paths import Scale
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
    begin, end = span_of(shown)
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
    people = people_of_day(rows, site.people)
    rows = rows.assign(team=rows["agent_id"].map(people["team"]))
    bars = bars_of(rows, rows["agent_id"].map(people["top"]), Scale(begin, end, 0, end - begin))
    at_work = rows[rows["activity"] != "leave"].groupby("team")["agent_id"].nunique()
    labels = range(begin, end, AXIS_STEP_MIN)
    return GanttDay(
        title=wording.day(when.date()),
        note=f"{wording.counted(int(at_work.sum()), 'shift')}, {wording.hours(rows['paid_h'].sum())} paid",
        axis=clocks(when, labels, site.timezone),
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


def span_of(segments: pd.DataFrame) -> tuple[int, int]:
    """Return the minutes between which all segments lie, in whole steps of the axis."""
    begin = math.floor(segments["begin_min"].min() / AXIS_STEP_MIN) * AXIS_STEP_MIN
    return begin, math.ceil(segments["end_min"].max() / AXIS_STEP_MIN) * AXIS_STEP_MIN


def clocks(when: pd.Timestamp, minutes: Iterable[int], timezone: str) -> list[str]:
    """Return what the clock on the wall shows so many minutes after the midnight of a date."""
    midnight = instant_of_minute(when.date(), 0, timezone)
    return [f"{(midnight + timedelta(minutes=m)).astimezone(zone(timezone)):%H:%M}" for m in minutes]


def people_of_day(rows: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Return who works on a day, by team, then by start; `top` is the upper edge of the row in its team."""
    first = rows.groupby("agent_id")["begin_min"].min()
    at_work = people.loc[first.index, ["name", "team"]].assign(first=first)
    at_work = at_work.sort_values(["team", "first", "name"], kind="stable")
    return at_work.assign(top=at_work.groupby("team", sort=False).cumcount() * ROW)


def bars_of(rows: pd.DataFrame, tops: pd.Series, across: Scale) -> dict[tuple[str, str], list[str]]:
    """Return the bars of each team and activity; `tops` are the upper edges of the agents' rows."""
    left = across(rows["begin_min"].to_numpy())
    activities = rows["activity"].tolist()
    drawn = paths.single_boxes(
        left,
        tops.to_numpy() + np.array([TOPS[activity] for activity in activities], dtype=np.float64),
        across(rows["end_min"].to_numpy()) - left,
        np.array([HEIGHTS[activity] for activity in activities], dtype=np.float64),
    )
    bars = defaultdict(list)
    for team, activity, bar in zip(rows["team"].tolist(), activities, drawn, strict=True):
        bars[team, activity].append(bar)
    return dict(bars)

"""The roster as a Gantt: one fold for each day of a site, its teams below each other, one row for each agent.

Bars are minutes elapsed since the site's midnight, so that a shift has its true length on clock-change days too; the
labels of the axis are what the clock on the wall shows. Each activity of a team and day is one path.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pandas as pd

from wfm.localtime import instant_of_minute, zone
from wfm.report import paths, wording
from wfm.report.charts import Mark
from wfm.report.shifts import SiteRoster
from wfm.tables import ACTIVITIES

MOST_DAYS = 14
ROW = 18  # CSS pixels, the same in style.css
AXIS_STEP_MIN = 120
THIN = frozenset({"break", "lunch"})  # drawn as a low bar, so that they differ in shape and not only in colour


@dataclass(frozen=True)
class TeamRows:
    """The rows of one team on one day."""

    team: str
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
    parts = shown.groupby("shift_date", sort=True)
    return GanttSite(
        name=wording.printable(site.name),
        number=site.number,
        timezone=site.timezone,
        days=[_day(when, rows, site, begin, end) for when, rows in parts],
        days_left_out=len(site.days) - len(days),
    )


def activities_in(sites: Sequence[SiteRoster]) -> list[str]:
    """Return the activities that occur, in the order of the contract, for the legend."""
    seen: set[str] = set().union(*(site.segments["activity"].unique() for site in sites))
    return [activity for activity in ACTIVITIES if activity in seen]


def _day(when: pd.Timestamp, rows: pd.DataFrame, site: SiteRoster, begin: int, end: int) -> GanttDay:
    people = site.people.loc[rows["agent_id"].unique(), ["name", "team"]]
    people = people.assign(first=rows.groupby("agent_id")["begin_min"].min())
    people = people.sort_values(["team", "first", "name"], kind="stable")
    count = rows.loc[rows["activity"] != "leave", "agent_id"].nunique()
    midnight = instant_of_minute(when.date(), 0, site.timezone)
    labels = range(begin, end, AXIS_STEP_MIN)
    return GanttDay(
        title=wording.day(when.date()),
        note=f"{wording.counted(count, 'shift')}, {wording.hours(rows['paid_h'].sum())} paid",
        axis=[f"{(midnight + timedelta(minutes=m)).astimezone(zone(site.timezone)):%H:%M}" for m in labels],
        width=end - begin,
        grid=[minute - begin for minute in labels],
        teams=[_team(str(team), members, rows, begin) for team, members in people.groupby("team", sort=False)],
    )


def _team(team: str, members: pd.DataFrame, rows: pd.DataFrame, begin: int) -> TeamRows:
    place = pd.Series(np.arange(len(members)) * ROW, index=members.index)
    own = rows[rows["agent_id"].isin(members.index)]
    marks = []
    for activity in ACTIVITIES:
        part = own[own["activity"] == activity]
        if part.empty:
            continue
        inset = 6.0 if activity in THIN else 3.0
        x = part["begin_min"].to_numpy() - begin
        y = place.loc[part["agent_id"]].to_numpy() + inset
        width = (part["end_min"] - part["begin_min"]).to_numpy()
        marks.append(Mark(f"a-{activity}", paths.boxes(x, y, width, np.full(len(part), ROW - 2 * inset))))
    return TeamRows(
        team=wording.printable(team),
        names=[wording.printable(name) for name in members["name"]],
        marks=marks,
        height=float(len(members) * ROW),
    )

"""The Gantt: each segment of the roster is one bar, at its agent's row and at its minutes, under its team."""

from __future__ import annotations

import re
from collections import Counter

import pandas as pd

from tests.report.centre import config_of, run_of
from wfm.report.gantt import HEIGHTS, MOST_DAYS, ROW, TOPS, gantt
from wfm.report.shifts import SiteRoster, site_rosters
from wfm.report.wording import NBSP

CONFIG = config_of(["billing"])
BAR = re.compile(r"M(-?[\d.]+) ([\d.]+)h([\d.]+)v([\d.]+)h-[\d.]+z")

Bar = tuple[str, str, float, float]  # agent, activity, minutes from midnight to start and to end


def sites_of(days: int) -> list[SiteRoster]:
    run = run_of(CONFIG, agents=30, weeks=max(1, days // 7), rostered_days=days)
    assert run.roster is not None
    return site_rosters(run.roster, run.agents, CONFIG)


def drawn(site: SiteRoster) -> list[Counter[Bar]]:
    """Return what the picture of each day shows, read back from its paths."""
    begin = int(site.segments["begin_min"].min() // 120) * 120
    found = []
    for day in gantt(site).days:
        bars: Counter[Bar] = Counter()
        for team in day.teams:
            assert team.height == len(team.names) * ROW
            for mark in team.marks:
                activity = mark.css.removeprefix("a-")
                for left, top, width, height in BAR.findall(mark.path):
                    row = (float(top) - TOPS[activity]) / ROW
                    assert row == int(row)
                    assert float(height) == HEIGHTS[activity]
                    first = float(left) + begin
                    bars[team.names[int(row)], activity, first, first + float(width)] += 1
        found.append(bars)
    return found


def test_every_segment_is_drawn_once_at_its_place_in_the_row_of_its_agent() -> None:
    for site in sites_of(7):
        names = site.people["name"]
        wanted = [
            Counter(
                (str(names[row["agent_id"]]), str(row["activity"]), row["begin_min"], row["end_min"])
                for row in rows.to_dict("records")
            )
            for _, rows in site.segments.groupby("shift_date")
        ]
        assert drawn(site) == wanted


def test_agents_stand_under_their_team_by_the_start_of_their_shift() -> None:
    (site, _) = sites_of(7)
    day = gantt(site).days[0]
    first = site.segments[site.segments["shift_date"] == site.days[0]].groupby("agent_id")["begin_min"].min()
    people = site.people.loc[first.index].assign(first=first)
    for team in day.teams:
        own = people[people["team"] == team.team]
        assert list(team.names) == list(own.sort_values(["first", "name"])["name"])
        worked = site.segments[
            (site.segments["shift_date"] == site.days[0]) & (site.segments["activity"] != "leave")
        ]["agent_id"].unique()
        assert team.note.split(NBSP)[0] == str(own.index.isin(worked).sum())


def test_a_long_roster_shows_its_first_days_and_counts_the_rest() -> None:
    (site, _) = sites_of(21)
    found = gantt(site)
    assert len(found.days) == MOST_DAYS
    assert found.days_left_out == len(site.days) - MOST_DAYS
    assert isinstance(site.days[0], pd.Timestamp)

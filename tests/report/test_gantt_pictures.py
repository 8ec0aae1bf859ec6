"""The roster as pictures: each segment is one bar beside its agent's name, in one picture of its day."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise

import pandas as pd
import pytest

from tests.report.centre import config_of, rostered
from wfm.report.chart import Chart
from wfm.report.gantt import HEIGHTS, ROW, TOPS
from wfm.report.gantt_pictures import MOST_ROWS, gantt_charts
from wfm.report.shifts import SiteRoster, site_rosters

CONFIG = config_of(["billing"])
BAR = re.compile(r"M(-?[\d.]+) ([\d.]+)h([\d.]+)v([\d.]+)h-[\d.]+z")
ROUNDING_MIN = 0.2  # a tenth of a user unit, of 638 for at most 20 hours


def site_of(agents: int, teams: int) -> SiteRoster:
    people, roster = rostered(CONFIG, agents=agents, days=2, teams=teams)
    return site_rosters(roster, people, CONFIG)[0]


def minutes_of(chart: Chart) -> tuple[float, float]:
    """Return the minute at the left edge of the axis, and minutes per user unit, read from its labels."""
    first, last = chart.x_ticks[0], chart.x_ticks[-1]
    begin, end = (int(tick.text[:2]) * 60 + int(tick.text[3:]) for tick in (first, last))
    return begin - first.at * (end - begin) / (last.at - first.at), (end - begin) / (last.at - first.at)


def bars(chart: Chart) -> Counter[tuple[str, str, int, int]]:
    """Return name, activity, first and last minute of each bar, minutes rounded to quarters of an hour."""
    zero, scale = minutes_of(chart)
    names = {round(tick.at): tick.text for tick in chart.y_ticks if not tick.heading}
    found: Counter[tuple[str, str, int, int]] = Counter()
    for mark in chart.marks:
        activity = mark.css.removeprefix("a-")
        for left, top, width, height in BAR.findall(mark.path):
            assert float(height) == HEIGHTS[activity]
            span = [zero + scale * x for x in (float(left), float(left) + float(width))]
            quarters = [round(minute / 15) * 15 for minute in span]
            assert span == pytest.approx(quarters, abs=2 * ROUNDING_MIN)
            name = names[round(float(top) - TOPS[activity] + ROW / 2)]
            found[name, activity, quarters[0], quarters[1]] += 1
    return found


@pytest.mark.parametrize(("agents", "teams"), [(30, 4), (160, 1), (160, 7)])
def test_every_segment_is_one_bar_of_its_day(agents: int, teams: int) -> None:
    site = site_of(agents, teams)
    drawn: dict[str, Counter[tuple[str, str, int, int]]] = {}
    for kind, chart in gantt_charts(site):
        day = kind[:6]
        assert sum(not tick.heading for tick in chart.y_ticks) <= MOST_ROWS
        drawn[day] = drawn.get(day, Counter()) + bars(chart)
    names = site.people["name"]
    for number, when in enumerate(site.days, start=1):
        rows = site.segments[site.segments["shift_date"] == when]
        wanted = Counter(
            (str(names[row["agent_id"]]), str(row["activity"]), int(row["begin_min"]), int(row["end_min"]))
            for row in rows.to_dict("records")
        )
        assert drawn[f"day-{number:02d}"] == wanted


def test_a_team_is_divided_only_if_no_picture_holds_it() -> None:
    for teams in (2, 7):
        pictures_of: dict[tuple[str, str], int] = Counter()
        site = site_of(160, teams)
        for kind, chart in gantt_charts(site):
            for tick in chart.y_ticks:
                if tick.heading:
                    pictures_of[kind[:6], tick.text.rpartition(" (")[0]] += 1
        at_work = site.segments.groupby("shift_date")["agent_id"].unique()
        for number, when in enumerate(site.days, start=1):
            sizes = site.people.loc[at_work[pd.Timestamp(when)], "team"].value_counts()
            for team, size in sizes.items():
                assert pictures_of[f"day-{number:02d}", str(team)] == -(-size // MOST_ROWS)


def test_labels_do_not_lie_on_each_other_nor_outside() -> None:
    for _, chart in gantt_charts(site_of(60, 3)):
        places = [tick.at for tick in chart.y_ticks]
        assert all(below - above == pytest.approx(ROW) for above, below in pairwise(places))
        assert 0 < places[0] < places[-1] < chart.frame.bottom


@pytest.mark.parametrize("letter", ["W", "i", "\u4e2d", "@"], ids=["wide", "narrow", "chinese", "sign"])
def test_a_label_stays_inside_the_picture_whatever_its_letters(letter: str) -> None:
    """A letter of Arial at 11 user units is at most 11 wide, an ordinary one below 6.2."""
    site = site_of(4, 1)
    site.people["name"] = letter * 300
    width = {"W": 10.4, "i": 2.5, "\u4e2d": 11.0, "@": 11.2, "\u2026": 11.0}
    for _, chart in gantt_charts(site):
        for tick in chart.y_ticks:
            if not tick.heading:
                assert tick.text.startswith(letter)
                assert sum(width[one] for one in tick.text) <= chart.frame.left - 5

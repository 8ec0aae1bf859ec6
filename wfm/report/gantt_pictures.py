"""The roster by team and day as pictures: a day of a site fills as many as its agents need.

The bars are those of the page (wfm/report/gantt.py). A picture takes at most MOST_ROWS agents, whole teams as
far as they fit, so that it can be read on a slide.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from unicodedata import east_asian_width

import pandas as pd

from wfm.report import paths, wording
from wfm.report.chart import Chart, Frame, Mark, Tick
from wfm.report.gantt import AXIS_STEP_MIN, MOST_DAYS, ROW, bars_of, clocks, people_of_day, span_of
from wfm.report.paths import Scale
from wfm.report.shifts import SiteRoster
from wfm.tables import ACTIVITIES

MOST_ROWS = 40  # agents in one picture
LONGEST_LABEL = 20  # letters beside a row
WIDE_LETTERS = frozenset("MW@%mw\u2014")
WIDTH, LEFT, TOP = 800.0, 140.0, 4.0


@dataclass(frozen=True)
class Block:
    """Agents of one team in one picture: `people` as `people_of_day` gives them."""

    team: str
    people: pd.DataFrame

    @property
    def rows(self) -> int:
        """Rows of the picture that it takes: the team's name, and one for each agent."""
        return len(self.people) + 1


def gantt_charts(site: SiteRoster) -> Iterator[tuple[str, Chart]]:
    """Yield the charts of the first days of a site's roster, each with its kind (`day-01`, or `day-01-2`)."""
    days = site.days[:MOST_DAYS]
    span = span_of(site.segments[site.segments["shift_date"].isin(days)])
    for number, when in enumerate(days, start=1):
        rows = site.segments[site.segments["shift_date"] == when]
        pages = _pages(people_of_day(rows, site.people))
        for page, blocks in enumerate(pages, start=1):
            kind = f"day-{number:02d}" if len(pages) == 1 else f"day-{number:02d}-{page}"
            part = "" if len(pages) == 1 else f", {page} of {len(pages)}"
            yield kind, _chart(site, when, blocks, span, (f"site-{site.number}-{kind}", part))


def _pages(people: pd.DataFrame) -> list[list[Block]]:
    """Return the teams of each picture; only a team that fits no picture is divided."""
    pages: list[list[Block]] = []
    room = 0
    for team, members in people.groupby("team", sort=False):
        for first in range(0, len(members), MOST_ROWS):
            block = Block(str(team), members.iloc[first : first + MOST_ROWS])
            if len(block.people) > room:
                pages.append([])
                room = MOST_ROWS
            pages[-1].append(block)
            room -= len(block.people)
    return pages


def _chart(
    site: SiteRoster,
    when: pd.Timestamp,
    blocks: Sequence[Block],
    span: tuple[int, int],
    names: tuple[str, str],
) -> Chart:
    anchor, part = names
    begin, end = span
    frame = Frame(
        WIDTH, TOP + ROW * sum(block.rows for block in blocks) + 26, left=LEFT, top=TOP, right_gap=22
    )
    across = Scale(begin, end, frame.left, frame.right)
    marks, labels, edges = _drawn(site, when, blocks, across)
    ticks = range(begin, end + 1, AXIS_STEP_MIN)
    return Chart(
        anchor=anchor,
        title=f"shifts of {wording.day(when.date())}{part}",
        description=f"One row an agent, by team and start of the shift. Times in {site.timezone}.",
        unit="",
        frame=frame,
        marks=[Mark("divider", paths.rules(edges, 4, frame.right, across=True)), *marks],
        x_ticks=[
            Tick(float(across(minute)), text)
            for minute, text in zip(ticks, clocks(when, ticks, site.timezone), strict=True)
        ],
        y_ticks=labels,
        dividers=paths.rules(across(pd.Index(ticks).to_numpy()).tolist(), TOP, frame.bottom, across=False),
    )


def _drawn(
    site: SiteRoster, when: pd.Timestamp, blocks: Sequence[Block], across: Scale
) -> tuple[list[Mark], list[Tick], list[float]]:
    """Return the bars by activity, the labels of the rows, and the upper edge of each team."""
    rows = site.segments[site.segments["shift_date"] == when]
    bars: dict[str, list[str]] = defaultdict(list)
    labels, edges, top = [], [], TOP
    for block in blocks:
        edges.append(top)
        heads = [f"{_label(block.team, LONGEST_LABEL - 6)} ({len(block.people)})"]
        heads += [_label(name, LONGEST_LABEL) for name in block.people["name"]]
        labels += [Tick(top + ROW * (at + 0.5), text, heading=at == 0) for at, text in enumerate(heads)]
        tops = pd.Series([top + ROW * at for at in range(1, block.rows)], index=block.people.index)
        own = rows[rows["agent_id"].isin(block.people.index)].assign(team=block.team)
        for (_, activity), drawn in bars_of(own, own["agent_id"].map(tops), across).items():
            bars[activity] += drawn
        top += ROW * block.rows
    marks = [Mark(f"a-{one}", "".join(bars[one])) for one in ACTIVITIES if one in bars]
    return marks, labels, edges


def _label(name: str, most: int) -> str:
    """Return a name that fits beside its row: cut after `most` letters, of which wide ones count double."""
    shown = wording.unturned(name)
    for at, letter in enumerate(shown):
        most -= 2 if letter in WIDE_LETTERS or east_asian_width(letter) in "WF" else 1
        if most < 0:
            return f"{shown[:at]}\u2026"
    return shown

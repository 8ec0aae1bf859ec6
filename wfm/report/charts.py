"""The curves of one queue: day totals, the first week within the day, and scheduled against required.

A chart is plain data (path strings, tick labels, words for those who cannot see it);
templates/charts.html.j2 draws it. Times of day are wall clock of the queue. Coordinates are SVG user units,
one of them a CSS pixel at full width.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from wfm.hours import DAY_MIN, clock
from wfm.report import paths, wording
from wfm.report.paths import Floats, Scale
from wfm.report.selection import QueueRows

HISTORY_DAYS = 56
WEEK_DAYS = 7


@dataclass(frozen=True)
class Tick:
    """A label on an axis."""

    at: float
    text: str


@dataclass(frozen=True)
class Mark:
    """One drawn path; `css` names what it is, and the style sheet says how that looks."""

    css: str
    path: str


@dataclass(frozen=True)
class Frame:
    """Where the chart stands in its picture."""

    width: float
    height: float
    left: float = 46
    top: float = 20
    right_gap: float = 6
    bottom_gap: float = 22

    @property
    def right(self) -> float:
        """Right edge of the plot."""
        return self.width - self.right_gap

    @property
    def bottom(self) -> float:
        """Lower edge of the plot."""
        return self.height - self.bottom_gap


@dataclass(frozen=True)
class Chart:
    """A picture and the words that stand for it; `anchor` is unique on the page and never made of a name."""

    anchor: str
    title: str
    description: str
    unit: str
    frame: Frame
    marks: Sequence[Mark]
    x_ticks: Sequence[Tick]
    y_ticks: Sequence[Tick] = field(default_factory=tuple)
    dividers: str = ""

    @property
    def grid(self) -> str:
        """Horizontal rules at the ticks, as path data."""
        return paths.rules([tick.at for tick in self.y_ticks], self.frame.left, self.frame.right, across=True)


WIDE = Frame(620, 200, top=24)
SMALL = Frame(270, 132, left=30, top=22, right_gap=4)


def day_chart(queue: QueueRows) -> Chart | None:
    """Return bars of day totals: recent history, then the forecast with its 80 % and 95 % ranges."""
    past = queue.history.groupby("date")["offered"].sum()
    ahead = _day_totals(queue)
    if ahead.empty:
        return None
    first = ahead["date"].min() - pd.Timedelta(days=HISTORY_DAYS)
    past = past[(past.index >= first) & (past.index < ahead["date"].min())]
    begin = past.index.min() if len(past) else ahead["date"].min()
    count = (ahead["date"].max() - begin).days + 1
    across = Scale(0, count, WIDE.left, WIDE.right)
    highest = max(
        float(past.max()) if len(past) else 0.0, float(ahead[["offered", "offered_p975"]].max().max())
    )
    up, y_ticks = _vertical(highest, WIDE)
    step = (WIDE.right - WIDE.left) / count
    marks = [
        Mark("history-bar", _bars(across(_days(past.index, begin)), past.to_numpy(), step, up)),
        Mark(
            "forecast-bar", _bars(across(_days(ahead["date"], begin)), ahead["offered"].to_numpy(), step, up)
        ),
    ]
    middle = across(_days(ahead["date"], begin) + 0.5)
    if ahead["offered_p975"].notna().any():
        marks += [
            Mark("range-95", _ranges(middle, ahead["offered_p025"], ahead["offered_p975"], step * 0.14, up)),
            Mark("range-80", _ranges(middle, ahead["offered_p10"], ahead["offered_p90"], step * 0.3, up)),
        ]
    return Chart(
        anchor=f"queue-{queue.number}-days",
        title=f"Contacts per day: the last {len(past)} days of history and {len(ahead)} days ahead",
        description=_day_words(past, ahead),
        unit="contacts per day",
        frame=WIDE,
        marks=marks,
        x_ticks=_date_ticks(begin, count, across),
        y_ticks=y_ticks,
    )


def week_chart(queue: QueueRows, week: pd.DatetimeIndex) -> Chart | None:
    """Return expected contacts per interval of one week, with bands, over the same weekdays a week before."""
    ahead = queue.forecast[queue.forecast["date"].isin(week)]
    if ahead.empty:
        return None
    back = pd.Timedelta(days=WEEK_DAYS)
    before = queue.history[queue.history["date"].isin(week - back)]
    span = _open_span(ahead, queue.interval_min)
    before = before[before["minute"].between(span[0], span[1] - 1)]
    highest = max(float(ahead["offered_p975"].max()), float(before["offered"].max()) if len(before) else 0.0)
    up, y_ticks = _vertical(highest, WIDE)
    x, pieces = _week_places(ahead, week, span, queue.interval_min)
    x_before, pieces_before = _week_places(before, week - back, span, queue.interval_min)
    level = {name: up(ahead[name].to_numpy()) for name in ahead.columns if name.startswith("offered")}
    marks = [
        Mark("band-95", paths.area(x, level["offered_p025"], level["offered_p975"], pieces)),
        Mark("band-80", paths.area(x, level["offered_p10"], level["offered_p90"], pieces)),
        Mark("history-line", paths.line(x_before, up(before["offered"].to_numpy()), pieces_before)),
        Mark("forecast-line", paths.line(x, level["offered"], pieces)),
    ]
    edges = Scale(0, WEEK_DAYS, WIDE.left, WIDE.right)(np.arange(WEEK_DAYS + 1.0))
    return Chart(
        anchor=f"queue-{queue.number}-week",
        title=f"Contacts per {queue.interval_min} minutes in the week from {wording.day(week[0])}",
        description=_week_words(ahead, queue),
        unit=f"contacts per {queue.interval_min} min",
        frame=WIDE,
        marks=[mark for mark in marks if mark.path],
        x_ticks=[
            Tick(float(a + b) / 2, wording.day(d)) for a, b, d in zip(edges, edges[1:], week, strict=False)
        ],
        y_ticks=y_ticks,
        dividers=paths.rules(edges[1:-1].tolist(), WIDE.top, WIDE.bottom, across=False),
    )


def staffing_charts(queue: QueueRows, week: pd.DatetimeIndex) -> list[Chart]:
    """Return a small chart for each open day of the week: scheduled agents against the requirement."""
    coverage = queue.coverage[queue.coverage["date"].isin(week)]
    if coverage.empty:
        return []
    span = _open_span(coverage, queue.interval_min)
    up, y_ticks = _vertical(
        float(coverage[["agents_to_schedule", "agents_scheduled"]].max().max()), SMALL, most=3
    )
    across = Scale(span[0], span[1], SMALL.left, SMALL.right)
    ticks = [Tick(float(across(m)), clock(m)) for m in clock_ticks(span, most=4)]
    days: Iterable[tuple[Any, pd.DataFrame]] = coverage.groupby("date")
    return [
        Chart(
            anchor=f"queue-{queue.number}-staffing-{index}",
            title=wording.day(when.date()),
            description=_staffing_words(rows, queue),
            unit="agents",
            frame=SMALL,
            marks=_staffing_marks(rows, queue.interval_min, across, up),
            x_ticks=ticks,
            y_ticks=y_ticks,
        )
        for index, (when, rows) in enumerate(days, start=1)
    ]


def clock_ticks(span: tuple[float, float], most: int) -> list[int]:
    """Return round clock minutes inside the span, at most about `most` of them."""
    step = next(h * 60 for h in (1, 2, 3, 4, 6, 12, 24) if (span[1] - span[0]) / (h * 60) <= most)
    first = int(-(-span[0] // step)) * step
    return list(range(first, int(span[1]) + 1, step))


def _staffing_marks(rows: pd.DataFrame, interval_min: int, across: Scale, up: Scale) -> list[Mark]:
    left = across(rows["minute"].to_numpy())
    right = across(rows["minute"].to_numpy() + interval_min)
    needed, there = up(rows["agents_to_schedule"].to_numpy()), up(rows["agents_scheduled"].to_numpy())
    pieces = paths.runs(rows["minute"].diff().ne(interval_min).to_numpy())
    ground = np.full(len(rows), float(up(0)))
    return [
        Mark("scheduled-area", paths.step_area(left, right, ground, there, pieces)),
        Mark("missing-area", paths.step_area(left, right, np.maximum(there, needed), needed, pieces)),
        Mark("required-line", paths.staircase(left, right, needed, pieces)),
    ]


def _vertical(highest: float, frame: Frame, most: int = 4) -> tuple[Scale, list[Tick]]:
    steps = paths.round_steps(highest, most)
    up = Scale(0, steps[-1], frame.bottom, frame.top)
    digits = 0 if steps[1] >= 1 else 1 if steps[1] >= 0.1 else 2
    return up, [Tick(float(up(step)), wording.number(step, digits)) for step in steps]


def _day_totals(queue: QueueRows) -> pd.DataFrame:
    """Return the day totals; where the run has none, the sums of the intervals, without bands."""
    if len(queue.days) or queue.forecast.empty:
        return queue.days
    sums = queue.forecast.groupby("date")[["offered"]].sum().reset_index()
    return sums.reindex(columns=queue.days.columns)


def _days(dates: pd.Series | pd.Index, begin: pd.Timestamp) -> Floats:
    return ((pd.DatetimeIndex(dates) - begin) / pd.Timedelta(days=1)).to_numpy(dtype=float)


def _bars(x: Floats, values: Floats, step: float, up: Scale) -> str:
    top = up(values)
    width = np.full(len(x), step * 0.76)
    return paths.boxes(x + step * 0.12, top, width, float(up(0)) - top)


def _ranges(middle: Floats, low: pd.Series, high: pd.Series, width: float, up: Scale) -> str:
    top = up(high.to_numpy())
    return paths.boxes(middle - width / 2, top, np.full(len(middle), width), up(low.to_numpy()) - top)


def _date_ticks(begin: pd.Timestamp, count: int, across: Scale) -> list[Tick]:
    """Label Mondays, as many as there is room for."""
    mondays = [offset for offset in range(count) if (begin + pd.Timedelta(days=offset)).weekday() == 0]
    every = max(1, -(-len(mondays) // 12))
    return [
        Tick(float(across(offset + 0.5)), wording.short_day((begin + pd.Timedelta(days=offset)).date()))
        for offset in mondays[::every]
    ]


def _open_span(rows: pd.DataFrame, interval_min: int) -> tuple[float, float]:
    """Return the wall-clock minutes between which any row lies, in whole hours."""
    first = float(rows["minute"].min()) // 60 * 60
    last = -(-(float(rows["minute"].max()) + interval_min) // 60) * 60
    return first, min(last, float(DAY_MIN))


def _week_places(
    rows: pd.DataFrame, week: pd.DatetimeIndex, span: tuple[float, float], interval_min: int
) -> tuple[Floats, list[tuple[int, int]]]:
    """Return the middles of the intervals in a row of seven day panels, and the unbroken pieces."""
    panels = Scale(0, WEEK_DAYS, WIDE.left, WIDE.right)
    within = (rows["minute"].to_numpy() + interval_min / 2 - span[0]) / (span[1] - span[0])
    x = panels(_days(rows["date"], week[0]) + within)
    same_piece = rows["local"].diff().eq(pd.Timedelta(minutes=interval_min)) & rows["date"].diff().eq(
        pd.Timedelta(0)
    )
    return x, paths.runs(~same_piece.to_numpy())


def _day_words(past: pd.Series, ahead: pd.DataFrame) -> str:
    (busiest,) = ahead.nlargest(1, "offered").to_dict("records")
    history = f"History: mean {wording.number(past.mean())} contacts a day. " if len(past) else ""
    return (
        f"{history}Expected: mean {wording.number(ahead['offered'].mean())} a day, most on "
        f"{wording.day(busiest['date'].date())} with {wording.number(busiest['offered'])}. "
        "The table of numbers below has every day."
    )


def _week_words(ahead: pd.DataFrame, queue: QueueRows) -> str:
    peaks = ahead.loc[ahead.groupby("date")["offered"].idxmax()]
    words = (
        f"{wording.day(row['date'].date())}: peak {wording.number(row['offered'], 1)} at {row['local']:%H:%M}"
        for row in peaks.to_dict("records")
    )
    return "; ".join(words) + f". Times in {queue.timezone}."


def _staffing_words(rows: pd.DataFrame, queue: QueueRows) -> str:
    needed, there = rows["agents_to_schedule"], rows["agents_scheduled"]
    missing_h = float(-rows["net_staffing"].clip(upper=0).sum()) * queue.interval_h
    return (
        f"Required at most {wording.number(needed.max())} agents, scheduled at most "
        f"{wording.number(there.max(), 1)}; {wording.hours(missing_h)} missing. Times in {queue.timezone}."
    )

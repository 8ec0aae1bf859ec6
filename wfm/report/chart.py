"""What every chart is made of: marks, ticks, axes, and the words that stand for the picture.

A chart is plain data (path strings, tick labels); templates/charts.html.j2 draws it. Coordinates are SVG user
units, one of them a CSS pixel at full width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from wfm.hours import DAY_MIN, clock
from wfm.report import paths, wording
from wfm.report.paths import Floats, Scale


@dataclass(frozen=True)
class Tick:
    """A label on an axis; a heading stands out from the other labels."""

    at: float
    text: str
    heading: bool = False


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
class NumberTable:
    """Rows of text under column heads, the numbers of a picture; the first cell of a row is its head."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


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
MOST_DAY_TICKS = 12


def vertical_axis(highest: float, frame: Frame, most: int = 4) -> tuple[Scale, list[Tick]]:
    """Return the scale from zero to a round number not below `highest`, and its ticks."""
    steps = paths.round_steps(highest, most)
    up = Scale(0, steps[-1], frame.bottom, frame.top)
    digits = 0 if steps[1] >= 1 else 1 if steps[1] >= 0.1 else 2
    return up, [Tick(float(up(step)), wording.number(step, digits)) for step in steps]


def clock_axis(span: tuple[float, float], across: Scale, most: int) -> list[Tick]:
    """Return ticks at round hours inside the span of clock minutes, at most about `most` of them."""
    step = next(h * 60 for h in (1, 2, 3, 4, 6, 12, 24) if (span[1] - span[0]) / (h * 60) <= most)
    first = int(-(-span[0] // step)) * step
    return [Tick(float(across(minute)), clock(minute)) for minute in range(first, int(span[1]) + 1, step)]


def day_axis(begin: pd.Timestamp, count: int, across: Scale) -> list[Tick]:
    """Return ticks below days from `begin`: every day of a week, else Mondays, at most MOST_DAY_TICKS."""
    dates = pd.date_range(begin, periods=count, freq="D")
    if count <= 7:
        return [Tick(float(across(at + 0.5)), wording.day(when.date())) for at, when in enumerate(dates)]
    mondays = np.flatnonzero(dates.day_of_week == 0)
    every = max(1, -(-len(mondays) // MOST_DAY_TICKS))
    return [Tick(float(across(at + 0.5)), wording.short_day(dates[at].date())) for at in mondays[::every]]


def open_span(rows: pd.DataFrame, interval_min: int) -> tuple[float, float]:
    """Return the wall-clock minutes between which any row lies, in whole hours."""
    first = float(rows["minute"].min()) // 60 * 60
    last = -(-(float(rows["minute"].max()) + interval_min) // 60) * 60
    return first, min(last, float(DAY_MIN))


def days_since(begin: pd.Timestamp, dates: pd.Series | pd.Index) -> Floats:
    """Return whole days from `begin` to each date."""
    return ((pd.DatetimeIndex(dates) - begin) / pd.Timedelta(days=1)).to_numpy(dtype=float)

"""Net staffing by day and time of day: a map of seven classes, and the same numbers as a table.

The classes are numbers of agents around zero that grow with the queue, printed in the legend; colours go from
orange (missing) over neutral to blue (surplus), which colour-blind readers tell apart, and missing is hatched
too. On the day on which the clock repeats an hour, the map shows the worse of the two passes, the table both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfm.hours import clock
from wfm.report import paths, wording
from wfm.report.chart import Chart, Frame, Mark, NumberTable, Tick, clock_axis
from wfm.report.paths import Scale
from wfm.report.selection import BALANCED_AGENTS, QueueRows

MOST_DAYS = 42
ROW = 19.0
LEFT = 76.0
WIDTH = 960.0
CLASSES = ("missing-3", "missing-2", "missing-1", "balanced", "surplus-1", "surplus-2", "surplus-3")
BALANCED = CLASSES.index("balanced")


@dataclass(frozen=True)
class HeatMap:
    """The map, its legend as (css, text), and its numbers."""

    chart: Chart
    legend: Sequence[tuple[str, str]]
    numbers: NumberTable
    days_left_out: int


def heat_map(queue: QueueRows) -> HeatMap | None:
    """Return the map of a queue's rostered days; None where it has no coverage."""
    coverage = queue.coverage
    if coverage.empty:
        return None
    days = pd.DatetimeIndex(coverage["date"].unique()).sort_values()
    shown = coverage[coverage["date"].isin(days[:MOST_DAYS])]
    grid = shown.pivot_table(index="date", columns="minute", values="net_staffing", aggfunc="min")
    edges = _edges(queue)
    return HeatMap(
        chart=_chart(queue, grid, edges),
        legend=_legend(edges),
        numbers=_numbers(queue, shown),
        days_left_out=max(0, len(days) - MOST_DAYS),
    )


def _edges(queue: QueueRows) -> list[float]:
    """Return the edges of the classes, agents away from zero: a fortieth of the peak, at least one."""
    peak = float(queue.coverage["agents_to_schedule"].max())
    unit = max(1.0, float(np.ceil(peak / 40)))
    return [BALANCED_AGENTS, unit, 3 * unit]


def _legend(edges: list[float]) -> list[tuple[str, str]]:
    near, far = wording.number(edges[1]), wording.number(edges[2])
    texts = (
        f"more than {far} missing",
        f"{near} to {far} missing",
        f"up to {near} missing",
        "balanced",
        f"up to {near} over",
        f"{near} to {far} over",
        f"more than {far} over",
    )
    return list(zip(CLASSES, texts, strict=True))


def _chart(queue: QueueRows, grid: pd.DataFrame, edges: list[float]) -> Chart:
    first = float(grid.columns.min()) // 60 * 60
    last = float(grid.columns.max()) + queue.interval_min
    frame = Frame(WIDTH, 8 + ROW * len(grid) + 20, left=LEFT, top=4, right_gap=20, bottom_gap=24)
    across = Scale(first, last, frame.left, frame.right)
    tops = frame.top + ROW * np.arange(len(grid), dtype=np.float64)
    x = across(grid.columns.to_numpy(dtype=float))
    width = across(grid.columns.to_numpy(dtype=float) + queue.interval_min) - x
    net = grid.to_numpy()
    kinds = BALANCED + np.sign(net) * np.searchsorted(edges, np.abs(net))
    marks = []
    for kind, css in enumerate(CLASSES):
        row, column = np.nonzero((kinds == kind) & ~np.isnan(net))
        if len(row):
            heights = np.full(len(row), ROW - 2)
            marks.append(Mark(css, paths.boxes(x[column], tops[row], width[column], heights)))
    return Chart(
        anchor=f"queue-{queue.number}-net",
        title="Net staffing by day and time of day",
        description=f"Scheduled minus required agents, {queue.timezone} time; the table below has them all.",
        unit="",
        frame=frame,
        marks=marks,
        x_ticks=clock_axis((first, last), across, most=12),
        y_ticks=[
            Tick(frame.top + ROW * row + ROW / 2 - 1, wording.day(when.date()))
            for row, when in enumerate(grid.index)
        ],
    )


def _numbers(queue: QueueRows, shown: pd.DataFrame) -> NumberTable:
    texts = shown.assign(text=[wording.signed(net, 1) for net in shown["net_staffing"]])
    grid = texts.pivot_table(index="minute", columns="date", values="text", aggfunc=" / ".join)
    return NumberTable(
        caption=f"Scheduled minus required agents by start of the interval, {queue.timezone} time",
        heads=["Time", *(wording.day(when.date()) for when in pd.DatetimeIndex(grid.columns))],
        rows=[
            [clock(int(minute)), *("" if pd.isna(cell) else str(cell) for cell in cells)]
            for minute, cells in zip(grid.index, grid.to_numpy(), strict=True)
        ],
    )

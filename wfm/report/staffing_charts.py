"""Scheduled agents against the requirement, a small chart for each open day of a week."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from wfm.report import paths, wording
from wfm.report.chart import Chart, Frame, Mark, clock_axis, open_span, vertical_axis
from wfm.report.paths import Scale
from wfm.report.selection import QueueRows

SMALL = Frame(270, 132, left=30, top=22, right_gap=16)  # half a clock time beyond the last tick


def staffing_charts(queue: QueueRows, week: pd.DatetimeIndex) -> list[Chart]:
    """Return the charts, all with the same axes; none where the queue has no coverage in the week."""
    coverage = queue.coverage[queue.coverage["date"].isin(week)]
    if coverage.empty:
        return []
    span = open_span(coverage, queue.interval_min)
    most = float(coverage[["agents_to_schedule", "agents_scheduled"]].max().max())
    up, y_ticks = vertical_axis(most, SMALL, most=3)
    across = Scale(span[0], span[1], SMALL.left, SMALL.right)
    x_ticks = clock_axis(span, across, most=4)
    days: Iterable[tuple[Any, pd.DataFrame]] = coverage.groupby("date")
    return [
        Chart(
            anchor=f"queue-{queue.number}-staffing-{index}",
            title=wording.day(when.date()),
            description=_words(rows, queue),
            unit="agents",
            frame=SMALL,
            marks=_marks(rows, queue.interval_min, across, up),
            x_ticks=x_ticks,
            y_ticks=y_ticks,
        )
        for index, (when, rows) in enumerate(days, start=1)
    ]


def _marks(rows: pd.DataFrame, interval_min: int, across: Scale, up: Scale) -> list[Mark]:
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


def _words(rows: pd.DataFrame, queue: QueueRows) -> str:
    needed, there = rows["agents_to_schedule"], rows["agents_scheduled"]
    missing_h = float(-rows["net_staffing"].clip(upper=0).sum()) * queue.interval_h
    return (
        f"Required at most {wording.number(needed.max())} agents, scheduled at most "
        f"{wording.number(there.max(), 1)}; {wording.hours(missing_h)} missing. Times in {queue.timezone}."
    )

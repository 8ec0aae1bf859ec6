"""Simulated service of a queue: how its days vary, its course within a week, and the days in numbers.

Live queues show their service level, deferred ones the share of work done by its deadline. All of it is what
`wfm simulate` counted: ranges of days over the replications, bands of intervals their 95 % confidence.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from wfm.report import paths, wording
from wfm.report.chart import (
    WIDE,
    Chart,
    Mark,
    NumberTable,
    day_axis,
    days_since,
    open_span,
    vertical_axis,
)
from wfm.report.paths import Scale
from wfm.report.selection import QueueRows, first_week
from wfm.report.week_chart import DIVIDERS, PANELS, WEEK_DAYS, places

THIN = 2.0  # height of a mark that has no extent, user units
UNIT = "% of contacts"
FIGURES: Mapping[str, Callable[[float], str]] = {  # of the summary, in the order of the sentence
    "within_deadline": lambda share: f"{wording.percent(share)} done by the deadline",
    "days_met": lambda share: f"every promise kept on {wording.percent(share, 0)} of days",
    "asa_s": lambda wait_s: f"mean wait {wording.seconds(wait_s)}",
    "abandonment": lambda share: f"{wording.percent(share)} abandoned",
}


@dataclass(frozen=True)
class Service:
    """The simulated service of a queue in words, as pictures and as numbers; a chart without rows is None.

    `course` and `promise` are legends: what the chart of the week draws, and the promise if there is one.
    """

    words: str
    days: Chart | None
    week: Chart | None
    numbers: NumberTable | None
    course: list[tuple[str, str]]
    promise: list[tuple[str, str]]


def service(queue: QueueRows) -> Service | None:
    """Return the simulated service of a queue; None where it was not simulated."""
    if queue.simulation.empty and queue.simulated_days.empty and not queue.simulated:
        return None
    return Service(
        words=_words(queue.simulated),
        days=_day_chart(queue),
        week=_week_chart(queue),
        numbers=_numbers(queue),
        course=[("service-line", "mean of the replications")]
        + ([] if _is_deferred(queue) else [("service-band", "95 % confidence")]),
        promise=[] if _promised(queue) is None else [("target-line", "promised")],
    )


def _words(stated: Mapping[str, Any]) -> str:
    """Return the figures of the summary over the whole simulated time as one sentence."""
    parts = []
    if stated.get("service_level") is not None:
        half, promised = stated.get("service_level_half_width"), stated.get("service_level_target")
        within = "" if half is None else f" \u00b1{wording.NBSP}{wording.number(half * 100, 1)}"
        beside = "" if promised is None else f" where {wording.percent(promised, 0)} is promised"
        variant = stated.get("service_level_variant", "offered")
        parts.append(
            f"Service level {wording.percent(stated['service_level'])}{within}{beside} "
            f"(variant \u201c{variant}\u201d)"
        )
    parts += [words(stated[key]) for key, words in FIGURES.items() if stated.get(key) is not None]
    return wording.printable(f"{'; '.join(parts)}.", wording.LONGEST_TEXT) if parts else ""


def _is_deferred(queue: QueueRows) -> bool:
    return queue.settings is not None and queue.settings.deferred


def _promised(queue: QueueRows) -> float | None:
    return queue.settings.service_level if queue.settings and not queue.settings.deferred else None


def _target_mark(queue: QueueRows, up: Scale) -> list[Mark]:
    promised = _promised(queue)
    if promised is None:
        return []
    return [Mark("target-line", paths.rules([float(up(promised * 100))], WIDE.left, WIDE.right, across=True))]


def _day_chart(queue: QueueRows) -> Chart | None:
    """Return a box from the 10 % to the 90 % quantile of each day's service level, its median marked."""
    days = queue.simulated_days[queue.simulated_days["service_level_p50"].notna()]
    if days.empty:
        return None
    begin = days["date"].min()
    count = (days["date"].max() - begin).days + 1
    across = Scale(0, count, WIDE.left, WIDE.right)
    up, y_ticks = vertical_axis(100, WIDE, most=5)
    at = days_since(begin, days["date"])
    left, right = across(at + 0.3), across(at + 0.7)
    top, low = (up(days[f"service_level_{name}"].to_numpy() * 100) for name in ("p90", "p10"))
    middle = up(days["service_level_p50"].to_numpy() * 100) - THIN / 2
    thin = np.full(len(days), THIN)
    (worst,) = days.nsmallest(1, "service_level_p10").to_dict("records")
    return Chart(
        anchor=f"queue-{queue.number}-service-days",
        title="Simulated service level of each day",
        description=(
            f"Worst on {wording.day(worst['date'].date())}: one day in ten is at "
            f"{wording.percent(worst['service_level_p10'])} or below."
        ),
        unit=UNIT,
        frame=WIDE,
        marks=[
            Mark("service-range", paths.boxes(left, top, right - left, np.maximum(low - top, THIN))),
            Mark("service-middle", paths.boxes(left, middle, right - left, thin)),
            *_target_mark(queue, up),
        ],
        x_ticks=day_axis(begin, count, across),
        y_ticks=y_ticks,
    )


def _week_chart(queue: QueueRows) -> Chart | None:
    """Return the service of each interval of the first simulated week with its confidence band."""
    measure = "within_deadline" if _is_deferred(queue) else "service_level"
    known = queue.simulation[queue.simulation[measure].notna()]
    week = first_week(known["date"])
    rows = known[known["date"].isin(week)]
    if rows.empty:
        return None
    up, y_ticks = vertical_axis(100, WIDE, most=5)
    x, pieces = places(rows, week, open_span(rows, queue.interval_min), queue.interval_min)
    level = up(rows[measure].to_numpy() * 100)
    marks = [Mark("service-line", paths.line(x, level, pieces)), *_target_mark(queue, up)]
    if measure == "service_level":
        # A lone replication has no confidence interval: its band is as thin as the line.
        low, high = (
            up(rows[name].fillna(rows[measure]).to_numpy() * 100)
            for name in ("service_level_low", "service_level_high")
        )
        marks.insert(0, Mark("service-band", paths.area(x, low, high, pieces)))
    return Chart(
        anchor=f"queue-{queue.number}-service-week",
        title=f"Simulated within the week from {wording.day(week[0])}",
        description=_lowest(rows, measure, queue),
        unit=UNIT if measure == "service_level" else "% done by the deadline",
        frame=WIDE,
        marks=marks,
        x_ticks=day_axis(week[0], WEEK_DAYS, PANELS),
        y_ticks=y_ticks,
        dividers=DIVIDERS,
    )


def _lowest(rows: pd.DataFrame, measure: str, queue: QueueRows) -> str:
    worst = rows.loc[rows.groupby("date")[measure].idxmin()]
    words = (
        f"{wording.day(row['date'].date())}: lowest {wording.percent(row[measure])} at {row['local']:%H:%M}"
        for row in worst.to_dict("records")
    )
    return "; ".join(words) + f". Times in {queue.timezone}."


def _numbers(queue: QueueRows) -> NumberTable | None:
    if queue.simulated_days.empty:
        return None
    done = _done_by_day(queue)
    return NumberTable(
        caption=f"Means over the replications, {queue.timezone} dates; 8 of 10 such days lie in the range",
        heads=["Date", "Contacts", *_heads(done)],
        rows=[
            [
                wording.day(row["date"].date()),
                wording.number(row["offered"]),
                *(_cells(row) if done is None else [wording.percent(done.get(row["date"], math.nan))]),
            ]
            for row in queue.simulated_days.to_dict("records")
        ],
    )


def _heads(done: pd.Series | None) -> list[str]:
    if done is not None:
        return ["Done by the deadline"]
    return ["Service level", "Range", "Promises kept", "Mean wait", "Abandoned"]


def _cells(row: Mapping[Hashable, Any]) -> list[str]:
    low, high = row["service_level_p10"], row["service_level_p90"]
    span = (
        wording.EN_DASH
        if math.isnan(low)
        else f"{wording.number(low * 100, 1)}{wording.EN_DASH}{wording.percent(high)}"
    )
    return [
        wording.percent(row["service_level"]),
        span,
        wording.percent(row["met"], 0),
        wording.seconds(row["asa_s"]),
        wording.percent(row["abandonment"]),
    ]


def _done_by_day(queue: QueueRows) -> pd.Series | None:
    """Return what share of each day's deferred work is done in time, sum over sum; None for a live queue."""
    if not _is_deferred(queue):
        return None
    due = queue.simulation[queue.simulation["within_deadline"].notna()]
    sums = due.assign(done=due["within_deadline"] * due["offered"]).groupby("date")[["done", "offered"]].sum()
    return sums["done"] / sums["offered"].where(sums["offered"] > 0)

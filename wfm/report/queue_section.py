"""One queue's part of the page: what it promises, its curves, its map of net staffing and its models."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from wfm.config import Queue
from wfm.report import wording
from wfm.report.chart import Chart, NumberTable
from wfm.report.day_chart import day_chart
from wfm.report.heatmap import HeatMap, heat_map
from wfm.report.selection import QueueRows, first_week
from wfm.report.service_charts import Service, service
from wfm.report.staffing_charts import staffing_charts
from wfm.report.week_chart import week_chart


@dataclass(frozen=True)
class QueueSection:
    """What is printed of one queue; a part that the run cannot give is None or empty."""

    name: str
    number: int
    timezone: str
    facts: Sequence[tuple[str, str]]
    days: Chart | None
    day_numbers: NumberTable | None
    week: Chart | None
    staffing: Sequence[Chart]
    heat: HeatMap | None
    service: Service | None


def queue_section(queue: QueueRows) -> QueueSection:
    """Return the part of the page about one queue."""
    return QueueSection(
        name=wording.printable(queue.name),
        number=queue.number,
        timezone=queue.timezone,
        facts=_facts(queue),
        days=day_chart(queue),
        day_numbers=_day_numbers(queue),
        week=week_chart(queue, first_week(queue.forecast["date"])),
        staffing=staffing_charts(queue, first_week(queue.coverage["date"])),
        heat=heat_map(queue),
        service=service(queue),
    )


def targets(queue: Queue) -> str:
    """Return what a queue promises, in words, the variant of the service level named."""
    words = []
    if queue.service_level is not None:
        words.append(
            f"{wording.percent(queue.service_level, 0)} within {wording.seconds(queue.answer_within_s)} "
            f"(service level of the variant \u201c{queue.service_level_variant}\u201d)"
        )
    if queue.asa_s is not None:
        words.append(f"mean wait at most {wording.seconds(queue.asa_s)}")
    if queue.max_abandonment is not None:
        words.append(f"abandonment at most {wording.percent(queue.max_abandonment)}")
    if queue.max_occupancy is not None:
        words.append(f"occupancy at most {wording.percent(queue.max_occupancy, 0)}")
    if queue.max_blocking is not None:
        words.append(f"blocking at most {wording.percent(queue.max_blocking)}")
    if queue.deferred and queue.deadline_h is not None:
        words.append(f"done within {queue.deadline_h:g}{wording.NBSP}working hours")
    return ", ".join(words)


def _facts(queue: QueueRows) -> list[tuple[str, str]]:
    facts = [("Times", queue.timezone)]
    if queue.settings is not None:
        facts = [
            ("Channel", queue.settings.channel),
            ("Target", targets(queue.settings)),
            ("Open", queue.settings.hours or "always"),
            *facts,
        ]
    ahead = queue.forecast
    if len(ahead):
        weights = ahead["offered"] if ahead["offered"].sum() > 0 else ahead["offered"] + 1
        aht_s = float((ahead["aht_s"] * weights).sum() / weights.sum())
        models = ", ".join(sorted({str(model) for model in ahead["model"].dropna().unique()}))
        facts += [("Handle time", f"{wording.seconds(aht_s)} expected"), ("Model", wording.printable(models))]
    return facts


def _day_numbers(queue: QueueRows) -> NumberTable | None:
    if queue.days.empty:
        return None
    return NumberTable(
        caption=f"Expected contacts per day, {queue.timezone} dates",
        heads=["Date", "Expected", "80 % range", "95 % range"],
        rows=[
            [
                wording.day(row["date"].date()),
                wording.number(row["offered"]),
                _range(row["offered_p10"], row["offered_p90"]),
                _range(row["offered_p025"], row["offered_p975"]),
            ]
            for row in queue.days.to_dict("records")
        ],
    )


def _range(low: float, high: float) -> str:
    if math.isnan(low) or math.isnan(high):
        return wording.EN_DASH
    return f"{wording.number(low)}{wording.EN_DASH}{wording.number(high)}"

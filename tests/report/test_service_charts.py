"""Simulated service: what is drawn is read back from the paths, figures of days against sums by hand."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pytest

from tests.report.centre import config_of, run_of
from wfm.config import Config, build_config
from wfm.conform import conform
from wfm.io.run_folder import RunTables
from wfm.report import render
from wfm.report.chart import WIDE, Chart
from wfm.report.selection import queue_rows
from wfm.report.service_charts import Service, service
from wfm.report.wording import NBSP
from wfm.tables import SIMULATED_DAYS, SIMULATION

CONFIG = config_of(["billing"])
NINE = pd.Timestamp("2026-03-02T09:00+01:00")
COUNTS = ("offered", "attempts", "handled", "abandoned", "turned_away", "backlog")


def days_of(**columns: Any) -> pd.DataFrame:
    days = pd.DataFrame({"queue": "billing", "date": pd.date_range("2026-03-02", periods=2), **columns})
    return conform(days, SIMULATED_DAYS)


def intervals_of(columns: dict[str, Any], queue: str = "billing") -> pd.DataFrame:
    count = len(next(iter(columns.values())))
    starts = pd.date_range(NINE, periods=count, freq="15min")
    frame = pd.DataFrame({"queue": queue, "interval_start": starts, "agents": 5.0})
    return conform(frame.assign(**{**dict.fromkeys(COUNTS, 10.0), **columns}), SIMULATION)


def service_of(run: RunTables, config: Config = CONFIG) -> Service:
    (rows,) = queue_rows(run, config)
    found = service(rows)
    assert found is not None
    return found


def share(y: float) -> float:
    """Return the fraction that stands at a height of a chart whose axis goes from 0 to 100 %."""
    return (WIDE.bottom - y) / (WIDE.bottom - WIDE.top)


def path_of(chart: Chart | None, css: str) -> str:
    assert chart is not None
    (path,) = (mark.path for mark in chart.marks if mark.css == css)
    return path


def test_the_box_of_a_day_reaches_from_its_tenth_to_its_ninetieth_percentile() -> None:
    quantiles = {"service_level_p10": [0.7, 0.4], "service_level_p50": 0.8, "service_level_p90": [0.9, 0.95]}
    chart = service_of(RunTables(simulated_days=days_of(offered=10.0, service_level=0.8, **quantiles))).days
    boxes = re.findall(r"M[\d.]+ ([\d.]+)h[\d.]+v([\d.]+)", path_of(chart, "service-range"))
    tops = [share(float(top)) for top, _ in boxes]
    bottoms = [share(float(top) + float(height)) for top, height in boxes]
    assert tops == pytest.approx([0.9, 0.95], abs=0.001)
    assert bottoms == pytest.approx([0.7, 0.4], abs=0.001)
    middles = re.findall(r"M[\d.]+ ([\d.]+)h[\d.]+v([\d.]+)", path_of(chart, "service-middle"))
    assert [share(float(y) + float(h) / 2) for y, h in middles] == pytest.approx([0.8, 0.8], abs=0.001)
    assert chart is not None
    assert "Tue 3" in chart.description
    assert f"40.0{NBSP}%" in chart.description


def test_the_promise_is_a_line_at_its_height_and_absent_without_a_promise() -> None:
    levels = {"service_level_p10": 0.7, "service_level_p50": 0.8, "service_level_p90": 0.9}
    run = RunTables(simulated_days=days_of(offered=10.0, service_level=0.8, **levels))
    (y,) = re.findall(r"M[\d.]+ ([\d.]+)H", path_of(service_of(run).days, "target-line"))
    assert share(float(y)) == pytest.approx(0.8, abs=0.001)
    document = {"centre": {"timezone": "Europe/Berlin"}, "queues": {"billing": {"asa_s": 20}}}
    without = service_of(run, build_config(document))
    assert without.days is not None
    assert [mark.css for mark in without.days.marks] == ["service-range", "service-middle"]
    assert without.promise == []


def test_the_course_of_a_week_goes_through_every_interval_within_its_band() -> None:
    levels = [0.9, 0.5, 0.75]
    band = {"service_level_low": [0.8, 0.4, 0.7], "service_level_high": [1.0, 0.6, 0.8]}
    chart = service_of(RunTables(simulation=intervals_of({"service_level": levels, **band}))).week
    heights = re.findall(r"[ML][\d.]+ ([\d.]+)", path_of(chart, "service-line"))
    assert [share(float(y)) for y in heights] == pytest.approx(levels, abs=0.001)
    around = [share(float(y)) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", path_of(chart, "service-band"))]
    assert around == pytest.approx([1.0, 0.6, 0.8, 0.7, 0.4, 0.8], abs=0.001)
    assert chart is not None
    assert chart.description == (f"Mon 2{NBSP}Mar: lowest 50.0{NBSP}% at 09:15. Times in Europe/Berlin.")


def test_an_interval_without_a_contact_leaves_a_hole_in_the_line() -> None:
    chart = service_of(RunTables(simulation=intervals_of({"service_level": [0.9, None, 0.8, 0.7]}))).week
    assert path_of(chart, "service-line").count("M") == 2


def test_deferred_work_is_shown_by_what_is_done_in_time_sum_over_sum() -> None:
    queue = {"channel": "email", "deadline_h": 8, "hours": "Mon-Fri 08:00-18:00"}
    document = {"centre": {"timezone": "Europe/Berlin"}, "queues": {"mail": queue}}
    config = build_config(document)
    simulation = intervals_of({"within_deadline": [1.0, 0.5, None], "offered": [30.0, 10.0, 7.0]}, "mail")
    days = days_of(offered=40.0).assign(queue="mail")
    found = service_of(RunTables(simulation=simulation, simulated_days=days), config)
    assert found.days is None
    assert found.week is not None
    assert [mark.css for mark in found.week.marks] == ["service-line"]
    assert found.numbers is not None
    assert found.numbers.rows[0][-1] == f"87.5{NBSP}%"  # 35 of 40: what is due after the end is not counted
    assert found.numbers.rows[1][-1] == "\u2013"


def test_the_sentence_gives_what_the_summary_says_beside_what_was_promised() -> None:
    figures = {
        "service_level": 0.8296,
        "service_level_half_width": 0.0084,
        "service_level_variant": "answered",
        "service_level_target": 0.8,
        "days_met": 0.6979,
        "asa_s": 5.82,
        "abandonment": 0.0788,
    }
    run = RunTables(
        simulation=intervals_of({"service_level": [0.8]}),
        summary={"simulation": {"queues": {"billing": figures}}},
    )
    assert service_of(run).words.replace(NBSP, " ") == (
        "Service level 83.0 % \u00b1 0.8 where 80 % is promised (variant \u201canswered\u201d); "
        "every promise kept on 70 % of days; mean wait 6 s; 7.9 % abandoned."
    )


def test_a_queue_that_was_not_simulated_says_so() -> None:
    run = run_of(CONFIG, agents=6, weeks=1)
    bare = RunTables(coverage=run.coverage, forecast=run.forecast)
    (rows,) = queue_rows(bare, CONFIG)
    assert service(rows) is None
    assert "This queue was not simulated." in render(bare, CONFIG)
    assert "This queue was not simulated." not in render(run, CONFIG)

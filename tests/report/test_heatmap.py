"""The map of net staffing: every interval in the class of its number, and the same numbers in the table."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from tests.report.centre import config_of
from tests.report.test_outlook import coverage_of
from wfm.io.run_folder import RunTables
from wfm.report.heatmap import CLASSES, HeatMap, heat_map
from wfm.report.selection import queue_rows

CONFIG = config_of(["billing"])


def map_of(coverage: pd.DataFrame) -> HeatMap:
    (rows,) = queue_rows(RunTables(coverage=coverage), CONFIG)
    found = heat_map(rows)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("net", "css"),
    [
        pytest.param(-3.5, "missing-3", id="more than three missing"),
        pytest.param(-3.0, "missing-2", id="three missing"),
        pytest.param(-1.5, "missing-2", id="one and a half missing"),
        pytest.param(-1.0, "missing-1", id="one missing"),
        pytest.param(-0.1, "missing-1", id="a tenth missing"),
        pytest.param(0.0, "balanced", id="even"),
        pytest.param(0.1, "surplus-1", id="a tenth over"),
        pytest.param(1.0, "surplus-1", id="one over"),
        pytest.param(3.0, "surplus-2", id="three over"),
        pytest.param(9.0, "surplus-3", id="nine over"),
    ],
)
def test_each_number_of_agents_has_its_class(net: float, css: str) -> None:
    assert [mark.css for mark in map_of(coverage_of([net])).chart.marks] == [css]


def test_every_interval_is_drawn_once() -> None:
    nets = [float(number % 11 - 5) for number in range(40)]
    marks = map_of(coverage_of(nets)).chart.marks
    assert sum(len(re.findall("M", mark.path)) for mark in marks) == 40
    assert {mark.css for mark in marks} <= set(CLASSES)


def test_the_table_has_the_numbers_of_the_map() -> None:
    numbers = map_of(coverage_of([-2.0, 0.0, 1.5])).numbers
    assert list(numbers.heads) == ["Time", "Mon 2\u00a0Mar"]
    assert [list(row) for row in numbers.rows] == [
        ["09:00", "\u22122.0"],
        ["09:15", "0.0"],
        ["09:30", "+1.5"],
    ]


def test_the_repeated_hour_shows_its_worse_pass_on_the_map_and_both_in_the_table() -> None:
    start = pd.Timestamp("2026-10-25T02:00+02:00")
    found = map_of(coverage_of([1.0, 1.0, 1.0, 1.0, -5.0, 1.0, 1.0, 1.0], start=start))
    assert ["02:00", "+1.0 / \u22125.0"] in [list(row) for row in found.numbers.rows]
    by_class = {mark.css: len(re.findall("M", mark.path)) for mark in found.chart.marks}
    assert by_class == {"missing-3": 1, "surplus-1": 3}

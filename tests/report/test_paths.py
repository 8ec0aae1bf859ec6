"""Path data say what the numbers say: read back, they give the same points, areas and steps."""

from __future__ import annotations

import itertools
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfm.report import paths

Point = tuple[float, float]


def polygons(path: str) -> list[list[Point]]:
    """Read path data with M, L, H, V, h, v and z back as lists of points."""
    found: list[list[Point]] = []
    x = y = 0.0
    for command, text in re.findall(r"([MLHVhvZz])([^MLHVhvZz]*)", path):
        numbers = [float(number) for number in text.split()]
        match command:
            case "M" | "L":
                x, y = numbers
            case "H":
                (x,) = numbers
            case "V":
                (y,) = numbers
            case "h":
                x += numbers[0]
            case "v":
                y += numbers[0]
            case _:
                continue
        if command == "M":
            found.append([])
        found[-1].append((x, y))
    return found


def surface(points: list[Point]) -> float:
    """Return the area of a polygon by the shoelace formula."""
    x, y = np.array(points).T
    return float(abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2)


tenths = st.integers(0, 5000).map(lambda number: number / 10)


@given(high=st.floats(1e-3, 1e7), most=st.integers(2, 6))
def test_round_steps_reach_the_value_and_not_far_beyond(high: float, most: int) -> None:
    steps = paths.round_steps(high, most)
    gaps = np.diff(steps)
    assert steps[0] == 0
    assert steps[-1] >= high * (1 - 1e-9)
    assert steps[-2] < high
    assert len(steps) <= most + 1
    assert gaps == pytest.approx(gaps[0])
    assert f"{gaps[0]:.0e}"[0] in "125"


@given(sides=st.lists(st.tuples(tenths, tenths, tenths, tenths), min_size=1, max_size=8))
def test_boxes_cover_width_times_height(sides: list[tuple[float, float, float, float]]) -> None:
    x, y, width, height = np.array(sides).T
    found = polygons(paths.boxes(x, y, width, height))
    assert [surface(box) for box in found] == pytest.approx([w * h for _, _, w, h in sides], abs=1e-6)
    assert [box[0] for box in found] == [(a, b) for a, b, _, _ in sides]


@given(levels=st.lists(tenths, min_size=1, max_size=30))
def test_a_staircase_read_back_has_every_level_over_its_interval(levels: list[float]) -> None:
    left = np.arange(0, 10 * len(levels), 10, dtype=np.float64)
    (points,) = polygons(paths.staircase(left, left + 10, np.array(levels), [(0, len(levels))]))
    for start, level in zip(left, levels, strict=True):
        spans = [
            (a, b)
            for a, b in itertools.pairwise(points)
            if a[1] == b[1] == level and a[0] <= start and b[0] >= start + 10
        ]
        assert spans


@given(levels=st.lists(st.tuples(tenths, tenths), min_size=1, max_size=20))
def test_the_area_between_two_staircases_is_the_sum_of_its_differences(
    levels: list[tuple[float, float]],
) -> None:
    left = np.arange(0, 10 * len(levels), 10, dtype=np.float64)
    low, high = np.array([(min(pair), max(pair)) for pair in levels]).T
    (points,) = polygons(paths.step_area(left, left + 10, low, high, [(0, len(levels))]))
    assert surface(points) == pytest.approx(float((high - low).sum() * 10), abs=1e-6)


def test_a_line_is_lifted_between_its_pieces() -> None:
    x, y = np.arange(5.0), np.arange(5.0) * 2
    assert polygons(paths.line(x, y, [(0, 2), (2, 5)])) == [
        [(0, 0), (1, 2)],
        [(2, 4), (3, 6), (4, 8)],
    ]
    assert paths.line(x[:0], y[:0], []) == ""


@pytest.mark.parametrize(
    ("breaks", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param([True], [(0, 1)], id="one"),
        pytest.param([True, False, False], [(0, 3)], id="unbroken"),
        pytest.param([False, False, True, True], [(0, 2), (2, 3), (3, 4)], id="two breaks"),
    ],
)
def test_runs_split_at_the_breaks(breaks: list[bool], expected: list[tuple[int, int]]) -> None:
    assert paths.runs(np.array(breaks, dtype=bool)) == expected

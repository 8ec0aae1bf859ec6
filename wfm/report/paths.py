"""Geometry of the charts: scales, round axis steps, and SVG path data made of numbers alone.

Coordinates are SVG user units with one decimal. A series is one path, whatever the number of its points: a
page of a hundred charts stays small.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Scale:
    """A linear map from values `low`..`high` to coordinates `start`..`stop`."""

    low: float
    high: float
    start: float
    stop: float

    def __call__(self, values: float | Floats) -> Floats:
        """Return coordinates; an empty range maps to `start`."""
        span = (self.high - self.low) or 1.0
        return self.start + (np.asarray(values, dtype=float) - self.low) / span * (self.stop - self.start)


def round_steps(high: float, most: int = 4) -> list[float]:
    """Return 0, s, 2s, ... to the first multiple not below `high`; s is 1, 2 or 5 times a power of ten."""
    if not math.isfinite(high) or high <= 0:
        return [0.0, 1.0]
    power = 10.0 ** math.floor(math.log10(high / most))
    step = next(factor * power for factor in (1, 2, 5, 10, 20) if factor * power * most >= high * (1 - 1e-9))
    count = math.ceil(round(high / step, 9))
    return [step * index for index in range(count + 1)]


def runs(breaks: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return half-open index ranges; `breaks[i]` starts a new range at i."""
    if len(breaks) == 0:
        return []
    starts = np.flatnonzero(np.concatenate([[True], breaks[1:]]))
    return list(zip(starts.tolist(), [*starts[1:].tolist(), len(breaks)], strict=True))


def texts(values: Floats) -> list[str]:
    """Return coordinates with at most one decimal; zero has no sign."""
    return [f"{value:g}" for value in (np.round(values, 1) + 0.0).tolist()]


def line(x: Floats, y: Floats, pieces: Sequence[tuple[int, int]] | None = None) -> str:
    """Return one path through the points, lifted between the pieces."""
    points = [f"{a} {b}" for a, b in zip(texts(x), texts(y), strict=True)]
    whole = [(0, len(points))] if pieces is None else pieces
    return "".join("M" + "L".join(points[first:stop]) for first, stop in whole)


def area(x: Floats, low: Floats, high: Floats, pieces: Sequence[tuple[int, int]] | None = None) -> str:
    """Return closed areas between two curves, one for each piece."""
    parts = []
    for first, stop in [(0, len(x))] if pieces is None else pieces:
        part = slice(first, stop)
        around_x = np.concatenate([x[part], x[part][::-1]])
        around_y = np.concatenate([high[part], low[part][::-1]])
        parts.append(line(around_x, around_y) + "Z")
    return "".join(parts)


def staircase(left: Floats, right: Floats, y: Floats, pieces: Sequence[tuple[int, int]]) -> str:
    """Return steps: each value holds from its left to its right edge; equal neighbours are merged."""
    starts, ends, levels = texts(left), texts(right), texts(y)
    parts = []
    for first, stop in pieces:
        parts.append(f"M{starts[first]} {levels[first]}")
        for index in range(first, stop):
            if index > first and levels[index] != levels[index - 1]:
                parts.append(f"V{levels[index]}")
            if index + 1 == stop or levels[index + 1] != levels[index]:
                parts.append(f"H{ends[index]}")
    return "".join(parts)


def step_area(
    left: Floats, right: Floats, low: Floats, high: Floats, pieces: Sequence[tuple[int, int]]
) -> str:
    """Return closed areas between two staircases, one for each piece."""
    parts = []
    for first, stop in pieces:
        part = slice(first, stop)
        x = np.column_stack([left[part], right[part]]).ravel()
        parts.append(area(x, np.repeat(low[part], 2), np.repeat(high[part], 2)))
    return "".join(parts)


def boxes(x: Floats, y: Floats, width: Floats, height: Floats) -> str:
    """Return rectangles as one path."""
    return "".join(single_boxes(x, y, width, height))


def single_boxes(x: Floats, y: Floats, width: Floats, height: Floats) -> list[str]:
    """Return rectangles, a path each; any of them joined are one path."""
    sides = zip(texts(x), texts(y), texts(width), texts(height), texts(-width), strict=True)
    return [f"M{a} {b}h{w}v{h}h{back}z" for a, b, w, h, back in sides]


def rules(positions: Sequence[float], start: float, stop: float, *, across: bool) -> str:
    """Return parallel lines at `positions`: horizontal ones if `across`, else vertical."""
    if across:
        return "".join(f"M{start:g} {p}H{stop:g}" for p in texts(np.asarray(positions, dtype=float)))
    return "".join(f"M{p} {start:g}V{stop:g}" for p in texts(np.asarray(positions, dtype=float)))

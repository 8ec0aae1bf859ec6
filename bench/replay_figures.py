"""Figures of bench/replay.py: ratios of sums with their confidence intervals, by period, and as text."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.special import stdtrit

from bench.replay_log import DAYS, Floats
from bench.replay_play import HOURS

GOOD, OF, WAITED, ANSWERED, ABANDONED, ATTEMPTS = range(6)
RATIOS = {"abandonment": (ABANDONED, ATTEMPTS), "asa_s": (WAITED, ANSWERED), "service_level": (GOOD, OF)}


def ratio(figures: Floats, name: str) -> Any:
    """Return a ratio of sums (..., FIGURES)."""
    over, under = (figures[..., column] for column in RATIOS[name])
    return np.divide(over, under, out=np.full(np.shape(over), np.nan), where=under > 0)


def half_width(runs: Floats, name: str) -> float:
    """Return the half-width of the 95 % confidence interval of a ratio of (replications, FIGURES)."""
    over, under = (runs[:, column] for column in RATIOS[name])
    rest = over - over.sum() / under.sum() * under
    return float(stdtrit(len(runs) - 1, 0.975) * rest.std(ddof=1) / math.sqrt(len(runs)) / under.mean())


def whole(runs: Floats, first: int = 0, behind: int = HOURS) -> dict[str, float]:
    """Return the ratios over some hours of (replications, lines, HOURS, FIGURES), with their half-widths."""
    sums = runs.sum(axis=1)[:, first:behind].sum(axis=1)
    found = {name: float(ratio(sums.sum(axis=0), name)) for name in RATIOS}
    return found | {f"{name}_half_width": half_width(sums, name) for name in RATIOS}


def recorded_ratios(figures: Floats) -> dict[str, float]:
    return {name: float(ratio(figures.sum(axis=0), name)) for name in RATIOS}


def periods(runs: Floats, recorded: Floats, shape: tuple[int, int], axis: int) -> list[dict[str, Any]]:
    """Return rows of recorded and simulated ratios, with the range of 95 % of single replications."""
    days = runs.sum(axis=1).reshape(len(runs), DAYS, 24, -1).sum(axis=1 + axis)
    real = recorded.reshape(DAYS, 24, -1).sum(axis=axis)
    rows = []
    for number in range(*shape):
        row: dict[str, Any] = {"number": number, "calls": int(real[number, ATTEMPTS])}
        for name in RATIOS:
            low, high = np.nanquantile(ratio(days[:, number], name), (0.025, 0.975))
            middle = float(ratio(days[:, number].sum(axis=0), name))
            row[name] = (float(ratio(real[number], name)), middle, float(low), float(high))
        rows.append(row)
    return rows


TABLE = "| abandonment | mean wait, s | in 20 s |\n|---|---|---|---|"


def as_text(found: dict[str, Any]) -> str:
    """Return the report for people."""
    lines = [f"{found['calls']} calls to agents, {DAYS} days; after-call time {found['wrap_s']:.1f} s"]
    lines += [f"  agent-hours {name}: {value:.0f}" for name, value in found["hours"].items()]
    mean_s = found["patience"]["mean_s"]
    lines += [f"\nPatience: share still waiting after ... s, measured and exponential (mean {mean_s:.0f} s)"]
    lines += _curves(found["patience"])
    lines += ["\nCustomers: priority 2 is served before priority 1 that came earlier by ... s"]
    lines += _overtaking(found["priority_2_before_1"])
    lines += [f"\n| one thing changed {TABLE}", _row("recorded", found["recorded"])]
    lines += [_row(name, row) for name, row in found["swaps"].items()]
    lines += [f"\n| step by step, plain loop {TABLE}"]
    lines += [_row(name, row) for name, row in found["steps"].items()]
    lines += [_row("recorded", found["recorded"])]
    lines += ["\n| line | calls | abandonment: recorded, up to skills | mean wait |\n|---|---|---|---|"]
    lines += _kinds(found["kinds"])
    held_out = found["held_out"]
    lines += [f"\n| fitted on days 1 to 14: {held_out['away']:.1%} of the time lost {TABLE}"]
    for name in ("recorded_first", "first", "recorded_second", "second"):
        lines += [_row(name, held_out[name])]
    lines += _periods(held_out["second_days"], 1)
    lines += ["\nDay, plain setting: recorded, simulated (95 % of single replications)"]
    lines += _periods(found["days"], 1)
    lines += ["\nHour, plain setting: recorded, simulated (95 % of single replications)"]
    lines += _periods(found["by_hour"], 0)
    return "\n".join(lines)


def _row(name: str, row: dict[str, float]) -> str:
    cells = []
    for ratio_name in RATIOS:
        digits, scale = (1, 1.0) if ratio_name == "asa_s" else (1, 100.0)
        half = row.get(f"{ratio_name}_half_width")
        more = "" if half is None else f" ±{scale * half:.{digits}f}"
        cells.append(f"{scale * row[ratio_name]:.{digits}f}{more}")
    return f"| {name} | {' | '.join(cells)} |"


def _curves(patience: dict[str, Any]) -> Iterator[str]:
    for at, real, plain in zip(*(patience[k] for k in ("seconds", "measured", "exponential")), strict=True):
        yield f"  {at:4d} s  {real:.3f}  {plain:.3f}"


def _overtaking(found: dict[str, Any]) -> Iterator[str]:
    for low, high, share in zip(found["lag_s"], found["lag_s"][1:], found["share"], strict=False):
        yield f"  {low:3d} to {high:3d} s: {share:.1%}"


def _kinds(kinds: dict[str, Any]) -> Iterator[str]:
    for name, row in kinds.items():
        real, ours = row["recorded"], row["skills"]
        yield (
            f"| {name} | {row['calls']} | {real['abandonment']:.1%}, {ours['abandonment']:.1%} "
            f"| {real['asa_s']:.0f}, {ours['asa_s']:.0f} |"
        )


def _periods(rows: list[dict[str, Any]], first: int) -> Iterator[str]:
    for row in rows:
        gone, wait, level = (row[name] for name in RATIOS)
        yield (
            f"  {row['number'] + first:2d} {row['calls']:5d} calls  "
            f"abandoned {gone[0]:5.1%} {gone[1]:5.1%} ({gone[2]:.1%} to {gone[3]:.1%})  "
            f"wait {wait[0]:5.1f} {wait[1]:5.1f} ({wait[2]:.0f} to {wait[3]:.0f})  "
            f"in 20 s {level[0]:5.1%} {level[1]:5.1%} ({level[2]:.0%} to {level[3]:.0%})"
        )
    for name in RATIOS:
        within = np.mean([row[name][2] <= row[name][0] <= row[name][3] for row in rows])
        distance = np.average(
            [abs(row[name][0] - row[name][1]) for row in rows], weights=[r["calls"] for r in rows]
        )
        yield f"  {name}: {within:.0%} of them inside, mean distance {distance:.3g}"

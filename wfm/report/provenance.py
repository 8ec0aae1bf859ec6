"""How the run was computed: status, seed, objective by parts, and everything the manifest says."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wfm.config import Config
from wfm.report import wording
from wfm.report.selection import QueueRows

PART_WORDS = {
    "understaffed": "understaffing",
    "overstaffed": "overstaffing",
    "overtime": "overtime beyond the hours of the contract",
    "paid": "paid hours",
    "request": "requests not met",
    "fairness": "unpopular shifts above the mean",
    "start_consistency": "uneven starts",
    "changed_shift": "shifts changed from the previous plan",
}
MOST_ENTRIES = 200
LEFT_TO_THE_MANIFEST = ("seconds", "peak_memory_mib", "parts", "command", "outputs", "configuration")


@dataclass(frozen=True)
class ObjectivePart:
    """One part of the objective with its weight and share."""

    words: str
    weight: str
    cost: str
    share: str


@dataclass(frozen=True)
class ScoreRow:
    """One model of one queue in the backtest."""

    queue: str
    model: str
    chosen: bool
    cells: Sequence[str]


def objective_parts(summary: Mapping[str, Any], config: Config) -> list[ObjectivePart]:
    """Return the parts of the objective as the summary lists them."""
    parts = {str(name): float(cost) for name, cost in (summary.get("parts") or {}).items()}
    whole = sum(parts.values())
    weights = config.schedule.weights.model_dump()
    return [
        ObjectivePart(
            words=PART_WORDS.get(name, wording.printable(name)),
            weight=f"{weights[name]:g}" if name in weights else wording.EN_DASH,
            cost=wording.number(cost, 1),
            share=wording.percent(cost / whole if whole else None),
        )
        for name, cost in parts.items()
    ]


def figures(summary: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return status, objective, bound, gap and effort with units."""
    units = {
        "status": ("Status", ""),
        "objective": ("Objective", ""),
        "bound": ("Proven lower bound", ""),
        "gap": ("Gap, (objective - bound) / objective", "share"),
        "gap_h": ("Gap in paid hours at mean cost", "h"),
        "seed": ("Seed", ""),
    }
    found = []
    for key, (words, unit) in units.items():
        if summary.get(key) is None:
            continue
        value = summary[key]
        found.append((words.replace("-", wording.MINUS), _figure(key, value, unit)))
    return found


def _figure(key: str, value: Any, unit: str) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return wording.printable(value).replace("_", " ")
    if unit == "share":
        return wording.percent(value, 2)
    if key == "seed":
        return str(value)
    return wording.number(value, 1) + (f"{wording.NBSP}{unit}" if unit else "")


def entries(manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the manifest as (dotted key, value) texts, at most the first MOST_ENTRIES.

    What was measured is left to the manifest itself, so that equal runs have equal pages.
    """
    told = {key: value for key, value in manifest.items() if key not in LEFT_TO_THE_MANIFEST}
    return [entry for entry, _ in zip(_flattened(told, ""), range(MOST_ENTRIES), strict=False)]


def _flattened(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flattened(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and any(isinstance(inner, Mapping | list) for inner in value):
        for index, inner in enumerate(value, start=1):
            yield from _flattened(inner, f"{path}.{index}")
    elif isinstance(value, list):
        yield wording.printable(path), wording.printable(", ".join(map(str, value)), wording.LONGEST_TEXT)
    else:
        yield wording.printable(path), wording.printable(value, wording.LONGEST_TEXT)


def score_rows(queues: Sequence[QueueRows]) -> list[ScoreRow]:
    """Return the backtest, each queue's models from the smallest error up."""
    return [
        _score_row(queue.name, score)
        for queue in queues
        for score in queue.scores.sort_values("wape", kind="stable").to_dict("records")
    ]


def _score_row(queue: str, score: Mapping[Hashable, Any]) -> ScoreRow:
    return ScoreRow(
        queue=wording.printable(queue),
        model=wording.printable(score["model"]),
        chosen=bool(score["chosen"]),
        cells=[
            wording.percent(score["wape"]),
            wording.percent(score["noise_floor"]),
            wording.percent(score["skill"], 0),
            _gain(score["gain"], score["gain_low"], score["gain_high"]),
            wording.percent(score["day_wape"]),
            _bias(score["bias"]),
            wording.percent(score["aht_wape"]),
            wording.percent(score["coverage_80"], 0),
            wording.percent(score["coverage_95"], 0),
            wording.number(score["origins"]),
        ],
    )


def _gain(gain: float, low: float, high: float) -> str:
    if math.isnan(low) or math.isnan(high):
        return _bias(gain)
    return f"{_bias(gain)} ({wording.signed(low * 100, 1)} to {wording.signed(high * 100, 1)})"


def _bias(bias: float) -> str:
    return wording.EN_DASH if math.isnan(bias) else f"{wording.signed(bias * 100, 1)}{wording.NBSP}%"

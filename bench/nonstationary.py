"""Service level of simulated days whose load moves, beside the promise: ours and per-interval Erlang.

    python bench/nonstationary.py [--json] [--contacts N]

Days of twelve hours and four shapes are staffed three ways and simulated event by event (tests/erlang/
day_simulator.py). Figures are root mean squares over intervals and shapes, less the noise of the simulation:
`missed` is simulated service level less target, `foretold` simulated less what the method itself says of its
whole numbers of agents. With few agents the first cannot be small: one agent is worth more than it.
  per interval   each interval in its own steady state
  mean load      the steady state at the mean of the modified offered load
  moving load    the course within the interval, the backlog carried (`wfm.erlang.non_stationary`)
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.erlang.day_simulator import Day, service_levels
from wfm.erlang.models import QueueingModel, performance
from wfm.erlang.non_stationary import staff_moving_load
from wfm.erlang.offered_load import modified_offered_load
from wfm.erlang.targets import Targets, fewest_agents

HOURS = 12
PEAKS = (10, 30, 100, 300, 1000)
AHTS_S = (300, 900, 1800, 3600)


@dataclass(frozen=True)
class Case:
    """A queue on a moving day; patience None: for ever."""

    peak_load: float = 100.0
    aht_s: float = 900.0
    patience_s: float | None = 180.0
    interval_min: int = 15
    answer_within_s: float = 20.0
    service_level: float = 0.8

    @property
    def model(self) -> QueueingModel:
        return QueueingModel("erlang_a", self.patience_s) if self.patience_s else QueueingModel("erlang_c")

    @property
    def targets(self) -> Targets:
        return Targets(service_level=self.service_level, answer_within_s=self.answer_within_s)

    @property
    def interval_s(self) -> float:
        return self.interval_min * 60.0


VARIED = [
    *(
        Case(interval_min=30, aht_s=aht_s, patience_s=patience_s)
        for aht_s in (900, 1800)
        for patience_s in (180, None)
    ),
    *(Case(answer_within_s=within_s) for within_s in (0, 60, 120)),
    *(
        Case(service_level=target, patience_s=patience_s)
        for target in (0.7, 0.9, 0.95)
        for patience_s in (180, None)
    ),
    *(Case(patience_s=patience_s) for patience_s in (60, 300, 900)),
]

Staffed = tuple[np.ndarray, np.ndarray]  # agents, and the service level that the method says they give


def per_interval(case: Case, arrivals: np.ndarray) -> Staffed:
    return _steady(case, arrivals * case.aht_s / case.interval_s)


def mean_load(case: Case, arrivals: np.ndarray) -> Staffed:
    aht_s, follows = np.full(len(arrivals), case.aht_s), np.arange(len(arrivals)) > 0
    return _steady(case, modified_offered_load(arrivals, aht_s, case.interval_s, follows))


def _steady(case: Case, load: np.ndarray) -> Staffed:
    agents = fewest_agents(
        case.model, load * case.interval_s / case.aht_s, case.interval_s, case.aht_s, case.targets
    )
    return agents, performance(case.model, agents, load, case.aht_s, case.targets.answering).service_level


def moving_load(case: Case, arrivals: np.ndarray) -> Staffed:
    aht_s, follows = np.full(len(arrivals), float(case.aht_s)), np.arange(len(arrivals)) > 0
    found = staff_moving_load(case.model, arrivals, aht_s, case.interval_s, follows, case.targets)
    return found.agents, found.performance.service_level


METHODS: dict[str, Callable[[Case, np.ndarray], Staffed]] = {
    "per interval": per_interval,
    "mean load": mean_load,
    "moving load": moving_load,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--contacts", type=float, default=4e5, help="simulated per day shape and method")
    options = parser.parse_args()
    moved = [
        Case(peak, aht_s, patience_s) for patience_s in (180.0, None) for aht_s in AHTS_S for peak in PEAKS
    ]
    report = {
        "by load and handle time": [figures(case, list(METHODS), options.contacts) for case in moved],
        "by promise and patience": [figures(case, ["moving load"], options.contacts) for case in VARIED],
        "us_per_interval": speed(),
    }
    print(json.dumps(report, indent=1) if options.json else as_text(report))


def days(intervals: int) -> dict[str, np.ndarray]:
    """Return the shapes of a day, their highest interval 1."""
    x = (np.arange(intervals) + 0.5) / intervals
    morning, afternoon = np.exp(-(((x - 0.28) / 0.12) ** 2)), 0.85 * np.exp(-(((x - 0.68) / 0.15) ** 2))
    peaks = 0.35 + 0.65 * np.maximum(morning, afternoon)
    shapes = {
        "two peaks": peaks,
        "arch": 0.2 + 0.8 * np.sin(np.pi * x),
        "step": np.where((x > 0.3) & (x < 0.6), 1.0, 0.4),
        "rough": peaks * np.random.default_rng(3).uniform(0.8, 1.2, intervals),
    }
    return {name: shape / shape.max() for name, shape in shapes.items()}


def figures(case: Case, methods: list[str], contacts: float) -> dict[str, float | None]:
    """Return the case with `missed` and `foretold` of each method."""
    found: dict[str, float | None] = dict(vars(case))
    shapes = days(HOURS * 60 // case.interval_min).values()
    for name in methods:
        missed, foretold = zip(
            *(errors(case, METHODS[name], shape, contacts) for shape in shapes), strict=True
        )
        found[f"{name}: missed"] = round(math.sqrt(max(0.0, np.mean(missed))), 4)
        found[f"{name}: foretold"] = round(math.sqrt(max(0.0, np.mean(foretold))), 4)
    return found


def errors(case: Case, method: Callable[[Case, np.ndarray], Staffed], shape: np.ndarray, contacts: float):
    """Return the mean squares of both errors, less the variance of the simulated service level."""
    arrivals = shape * case.peak_load * case.interval_s / case.aht_s
    agents, said = method(case, arrivals)
    patience_s = math.inf if case.patience_s is None else float(case.patience_s)
    day = Day(arrivals, agents, case.interval_s, float(case.aht_s), patience_s, float(case.answer_within_s))
    level, noise = service_levels(day, days=max(40, int(contacts / arrivals.sum())))
    return np.mean((level - case.service_level) ** 2 - noise**2), np.mean((level - said) ** 2 - noise**2)


def speed() -> dict[str, float]:
    """Return CPU microseconds per interval: a thousand days of loads from 1 to 500 erlangs."""
    peaks = np.exp(np.random.default_rng(1).uniform(0.0, math.log(500.0), 1000))
    load = np.outer(peaks, days(48)["two peaks"]).ravel()
    follows = np.arange(len(load)) % 48 > 0
    found = {}
    for case in (Case(patience_s=180.0), Case(patience_s=None)):
        arrivals, aht_s = load * case.interval_s / case.aht_s, np.full(len(load), case.aht_s)
        begin = time.process_time()
        staff_moving_load(case.model, arrivals, aht_s, case.interval_s, follows, case.targets)
        found[case.model.name] = round((time.process_time() - begin) / len(load) * 1e6, 2)
    return found


def as_text(report: dict) -> str:
    lines = []
    for title in ("by load and handle time", "by promise and patience"):
        rows = report[title]
        methods = [name.removesuffix(": missed") for name in rows[0] if name.endswith(": missed")]
        lines += [title, " " * 42 + "".join(f"{name:>20}" for name in methods)]
        lines.append(" load  aht  patience  interval  within target" + "     missed foretold" * len(methods))
        for row in rows:
            patience = "none" if row["patience_s"] is None else f"{row['patience_s']:g}"
            lines.append(
                f"{row['peak_load']:5g} {row['aht_s']:5g} {patience:>8} {row['interval_min']:9}"
                f" {row['answer_within_s']:7g} {row['service_level']:6.2f}"
                + "".join(f"{row[f'{m}: missed']:11.3f}{row[f'{m}: foretold']:9.3f}" for m in methods)
            )
    lines.append(f"CPU microseconds per interval, moving load: {report['us_per_interval']}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()

"""Replay of a real month: the calls of February 1999 played again, and why they differ from the record.

    python bench/replay.py [--replications N] [--plain N] [--json]

Reads anonymous_bank_feb1999_calls.csv.gz in ../shared/data or WFM_SHARED. The plain setting is one line in
which all agents serve all calls, by `wfm.simulate`: numbers of calls and mean handle times per half-hour,
handle times spread as in the log, exponential patience, and agents as the log shows them. Each row of the
second table changes one thing of it. The third table goes from the same setting step by step to all that the
log knows, in a loop of its own (bench/replay_plain.py) that the kernels must agree with. docs/simulation.md
says what the figures mean.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.replay_callers import (
    HEAD_START_S,
    NAMES,
    Known,
    by_line,
    callers,
    lines_of,
    overtaking,
    skills_by_line,
)
from bench.replay_figures import as_text, periods, ratio, recorded_ratios, whole
from bench.replay_log import (
    DAYS,
    Flags,
    Floats,
    Log,
    Spans,
    Turn,
    mean_patience_s,
    present,
    read_log,
    seen,
    skills_of,
    survival,
    turns_of,
    wrap_up_s,
)
from bench.replay_plain import Calls, Random, as_simulated, draw_patience, play_plainly, to_the_second
from bench.replay_play import Setting, counted, hourly, one_line, play

FILE = "anonymous_bank_feb1999_calls.csv.gz"
LEAST_SKILL = 0.01  # of an agent's calls, for a kind to be among its skills
LINE_S = 60.0  # who takes no call while calls of its skills wait so long is away
PAUSE_S = 1800.0  # who takes no call for so long is away, whatever waits
HALF = DAYS // 2 * 24  # hours of the half that is fitted
MOST_AWAY = 0.6
CURVE_S = (10, 20, 30, 60, 120, 240, 400)
LAGS_S = (0, 30, 60, 90, 120, 180, 300)


def log_path() -> Path:
    """Return where the log is, if it is."""
    beside = Path(__file__).resolve().parents[2] / "shared"
    return Path(os.environ.get("WFM_SHARED", beside)) / "data" / FILE


@dataclass(frozen=True)
class Month:
    """The log, and what is estimated from it."""

    log: Log

    @cached_property
    def recorded(self) -> Floats:
        return hourly(self.log)

    @cached_property
    def skills(self) -> Flags:
        return skills_of(self.log, LEAST_SKILL)

    @cached_property
    def turns(self) -> list[Turn]:
        return turns_of(self.log, self.skills)

    @cached_property
    def patience_s(self) -> float:
        return mean_patience_s(self.log)

    @cached_property
    def wrap_s(self) -> float:
        return wrap_up_s(self.turns)

    def present(self, longest_gap_s: float = math.inf, longest_line_s: float = math.inf) -> list[Spans]:
        return present(self.turns, len(self.skills), longest_gap_s, longest_line_s)

    def base(self, **changes: Any) -> Setting:
        """Return the plain setting: nothing in it is fitted to waits or abandonment but patience."""
        setting = one_line(self.log, self.present(longest_line_s=LINE_S), self.patience_s, wrap_s=self.wrap_s)
        return replace(setting, **changes)

    def staffed(self, presence: list[Spans], **changes: Any) -> Setting:
        """Return the plain setting with other agents."""
        takes = np.ones((len(presence), 1), dtype=np.bool_)
        return self.base(presence=presence, takes=takes, **changes)

    def paused(self, away: float) -> Setting:
        """Return agents from first to last call less long pauses, of whose time a share is lost.

        Patience and after-call time are those of the first half. Of the second half only the arrivals, the
        handle times and the begin, the end and the long pauses of each agent's day are used.
        """
        early = Month(self.log.part(self.log.arrived_s < HALF * 3600))
        known = one_line(self.log, [], early.patience_s).lines
        return self.staffed(self.present(longest_gap_s=PAUSE_S), away=away, lines=known, wrap_s=early.wrap_s)


def swaps(month: Month) -> Iterator[tuple[str, Setting]]:
    """Yield the plain setting, and settings that differ from it in one thing each."""
    base, log = month.base(), month.log
    yield "plain setting", base
    yield "agents: on a call in the half-hour", month.staffed(counted(seen(log, 1800.0), 1800.0))
    yield "agents: on a call in the quarter-hour", month.staffed(counted(seen(log, 900.0), 900.0))
    yield "agents: on a call in five minutes", month.staffed(counted(seen(log, 300.0), 300.0))
    yield "agents: from first to last call", month.staffed(month.present())
    yield "agents: the same, less pauses over 30 min", month.staffed(month.present(PAUSE_S))
    yield "agents: also away in pauses over 10 min", month.staffed(month.present(600.0, LINE_S))
    yield "no after-call time", replace(base, wrap_s=0.0)
    yield "handle times: exponential", replace(base, measured=False)
    yield "handle times: one mean for the month", replace(base, aht_from_s=math.inf)
    yield "arrivals: rates of 5 min", replace(base, interval_s=300.0)
    yield "arrivals: rates of 60 min", replace(base, interval_s=3600.0)
    line = np.random.default_rng(1)
    yield "8 lines, strict priority", by_line(log, base, np.ones_like(month.skills), line)
    yield "8 lines, strict priority, skills", by_line(log, base, month.skills, line)


def steps(month: Month, replications: int) -> Iterator[tuple[str, Floats]]:
    """Yield results of the plain loop, from the plain setting to all that the log knows."""
    base, log = month.base(), month.log
    everybody, skilled = (skills_by_line(s) for s in (np.ones_like(month.skills), month.skills))

    def played(draw: Callable[[Random], Calls], takes: Flags) -> Floats:
        return play_plainly(draw, base.presence, takes, replications)

    def by_callers(patience: str, head_start_s: float, takes: Flags) -> Floats:
        return played(callers(log, month.wrap_s, Known(patience, head_start_s)), takes)

    def measured_patience(random: Random) -> Calls:
        calls = to_the_second(base)(random)
        return replace(calls, patience_s=draw_patience(random, log, np.zeros(len(calls.line))))

    yield "as wfm.simulate", played(as_simulated(base), base.takes)
    yield "arrivals to the second", played(to_the_second(base), base.takes)
    yield "and measured patience", played(measured_patience, base.takes)
    yield "and each call's own handle time", by_callers("measured", 0.0, everybody)
    yield "and patience of each line", by_callers("of each line", 0.0, everybody)
    yield "and a head start of 90 s", by_callers("of each line", HEAD_START_S, everybody)
    yield "and skills", by_callers("of each line", HEAD_START_S, skilled)
    yield "and each caller's own patience", by_callers("of each caller", HEAD_START_S, skilled)


def fitted_away(month: Month, replications: int) -> float:
    """Return the share of time lost with which the first half's abandonment is that recorded."""
    wanted = float(ratio(month.recorded[:HALF].sum(axis=0), "abandonment"))
    paused, low, high = month.paused(0.0), 0.0, MOST_AWAY
    for _ in range(8):
        middle = (low + high) / 2
        found = play(replace(paused, away=middle), replications).sum(axis=1)[:, :HALF]
        if ratio(found.sum(axis=(0, 1)), "abandonment") < wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def report(month: Month, replications: int, plain: int) -> dict[str, Any]:
    """Return all figures."""
    log = month.log
    played = {name: play(setting, replications) for name, setting in swaps(month)}
    stepped = dict(steps(month, plain))
    away = fitted_away(month, replications // 2)
    fitted = play(month.paused(away), replications)
    base, best = played["plain setting"], stepped["and skills"]
    line = lines_of(log, np.random.default_rng(0))
    at = np.array(CURVE_S, dtype=np.float64)
    return {
        "calls": len(log.kind),
        "patience": {
            "mean_s": month.patience_s,
            "seconds": CURVE_S,
            "measured": survival(log, at).tolist(),
            "exponential": np.exp(-at / month.patience_s).tolist(),
        },
        "hours": hours(month),
        "wrap_s": month.wrap_s,
        "priority_2_before_1": {"lag_s": LAGS_S, "share": overtaking(log, 2, 1, LAGS_S).tolist()},
        "recorded": recorded_ratios(month.recorded),
        "swaps": {name: whole(runs) for name, runs in played.items()},
        "steps": {name: whole(runs) for name, runs in stepped.items()},
        "kinds": {
            name: {
                "calls": int((line == q).sum()),
                "recorded": recorded_ratios(hourly(log.part(line == q))),
                "skills": recorded_ratios(best[:, q].sum(axis=0)),
            }
            for q, name in enumerate(NAMES)
        },
        "held_out": {
            "away": away,
            "recorded_first": recorded_ratios(month.recorded[:HALF]),
            "first": whole(fitted, 0, HALF),
            "recorded_second": recorded_ratios(month.recorded[HALF:]),
            "second": whole(fitted, HALF),
            "second_days": periods(fitted, month.recorded, (DAYS // 2, DAYS), 1),
        },
        "days": periods(base, month.recorded, (0, DAYS), 1),
        "by_hour": periods(base, month.recorded, (7, 24), 0),
    }


def hours(month: Month) -> dict[str, float]:
    """Return agent-hours: on calls, and present by several rules."""
    rules = {
        "from first to last call": month.present(),
        "less pauses over 30 min": month.present(PAUSE_S),
        "less pauses while calls waited over 60 s": month.present(longest_line_s=LINE_S),
    }
    found = {"on calls": float(month.log.takes_s[month.log.agent >= 0].sum() / 3600)}
    return found | {name: sum(b - a for own in spans for a, b in own) / 3600 for name, spans in rules.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replications", type=int, default=64, help="of wfm.simulate")
    parser.add_argument("--plain", type=int, default=16, help="replications of the plain loop")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not log_path().is_file():
        print(f"skipped: no {log_path()}", file=sys.stderr)
        return
    found = report(Month(read_log(log_path())), options.replications, options.plain)
    print(json.dumps(found, indent=1) if options.json else as_text(found))


if __name__ == "__main__":
    main()

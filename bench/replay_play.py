"""The month of bench/replay.py as a scenario of `wfm.simulate`.

Results are (replications, lines, HOURS, FIGURES), by the hour of arrival.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from bench.replay_log import DAY_S, DAYS, Flags, Floats, Ints, Log, Spans
from wfm.config import build_config
from wfm.conform import empty
from wfm.simulate.crew import staff_of_requirements
from wfm.simulate.demand import demand_of, rules_of
from wfm.simulate.replications import Replications, replicate
from wfm.simulate.scenario import NO_SKILL, Scenario, Staff
from wfm.simulate.span import Span
from wfm.simulate.sums import DAY_FIGURES
from wfm.tables import BACKLOG

HOUR_S = 3600
HOURS = DAYS * 24
ANSWER_WITHIN_S = 20.0
START = pd.Timestamp("1999-02-01", tz="UTC")  # the log's local midnight: no clock changes in February
AWAY_S = 300.0  # how long a short absence lasts


@dataclass(frozen=True)
class Line:
    """Calls that wait in one line: who they are, how patient, and how urgent (the smaller, the sooner)."""

    calls: Log
    patience_s: float
    priority: int = 1


@dataclass(frozen=True)
class Setting:
    """What is played: lines, agents, and how much of the log is kept."""

    lines: Sequence[Line]
    presence: Sequence[Spans]  # per agent
    takes: Flags  # (A, lines) lines that each agent serves
    interval_s: float = 1800.0  # within which the rate of arrivals is constant
    aht_from_s: float = 1800.0  # handle times have the recorded mean of a stretch so long; inf: of the month
    wrap_s: float = 0.0  # after each call
    measured: bool = True  # handle times spread as in the log, not exponentially
    away: float = 0.0  # share of the time on queue that is lost to short absences


def one_line(log: Log, presence: Sequence[Spans], patience_s: float, **changes: Any) -> Setting:
    """Return the simplest setting: all calls in one line, and everybody serves it."""
    setting = Setting([Line(log, patience_s)], presence, np.ones((len(presence), 1), dtype=np.bool_))
    return replace(setting, **changes)


def hourly(log: Log) -> Floats:
    """Return what was recorded: (HOURS, FIGURES)."""
    hour = (log.arrived_s // HOUR_S).astype(np.int64)
    answered = log.answered.astype(np.float64)
    ones = np.ones(len(hour))
    good = answered * (log.wait_s <= ANSWER_WITHIN_S)
    columns = (good, ones, answered * log.wait_s, answered, 1.0 - answered, ones)  # as in wfm.simulate.sums
    assert len(columns) == DAY_FIGURES
    return np.stack([np.bincount(hour, values, minlength=HOURS)[:HOURS] for values in columns], axis=1)


def play(setting: Setting, replications: int, seed: int = 1) -> Floats:
    """Return what wfm.simulate makes of a setting."""
    wanted, variant = Replications(seed, 0, replications), np.zeros(len(setting.lines), dtype=np.int64)
    return replicate(scenario_of(setting), variant, wanted, workers=1).days


def scenario_of(setting: Setting) -> Scenario:
    """Return the scenario; each hour is a day of its own, so that results come by the hour."""
    names = tuple(f"line{number}" for number in range(len(setting.lines)))
    intervals, minutes = int(DAYS * DAY_S / setting.interval_s), int(setting.interval_s / 60)
    span = Span(START, intervals, minutes, names)
    keys, tables, handle = {}, [], {}
    for name, line in zip(names, setting.lines, strict=True):
        keys[name] = {
            "patience_s": line.patience_s,
            "priority": line.priority,
            "service_level": 0.8,
            "answer_within_s": ANSWER_WITHIN_S,
            "handle_time": "exponential",
        }
        columns = {
            "offered": per_interval(line.calls, setting.interval_s),
            "aht_s": aht_s(line.calls, setting),
        }
        tables.append(pd.DataFrame({"queue": name, "interval_start": span.starts(), **columns}))
        handle[name] = line.calls.takes_s[line.calls.answered] + setting.wrap_s
    queues, arrivals = build_config({"centre": {"timezone": "UTC"}, "queues": keys}).queues, pd.concat(tables)
    demand = demand_of(arrivals, arrivals, span, queues, empty(BACKLOG), None)
    hour = (np.arange(intervals) * setting.interval_s // HOUR_S).astype(np.int64)
    rules = rules_of(arrivals, span, queues, handle if setting.measured else {})
    return Scenario(demand._replace(day=np.tile(hour, (len(names), 1))), rules, staff_of(setting))


def per_interval(calls: Log, interval_s: float) -> Ints:
    """Return how many calls come to the queue in each interval."""
    intervals = int(DAYS * DAY_S / interval_s)
    return np.bincount((calls.arrived_s // interval_s).astype(np.int64), minlength=intervals)[:intervals]


def aht_s(calls: Log, setting: Setting) -> Floats:
    """Return the mean handle time of each interval."""
    intervals = int(DAYS * DAY_S / setting.interval_s)
    known = calls.part(calls.answered)
    usual, length_s = known.takes_s.mean(), setting.aht_from_s
    if length_s == math.inf:
        return np.full(intervals, usual + setting.wrap_s)
    at = (known.arrived_s // length_s).astype(np.int64)
    stretches = math.ceil(DAYS * DAY_S / length_s)
    work, count = np.bincount(at, known.takes_s, stretches), np.bincount(at, minlength=stretches)
    mean = np.divide(work, count, out=np.full(len(work), usual), where=count > 0)
    return mean[(np.arange(intervals) * setting.interval_s // length_s).astype(np.int64)] + setting.wrap_s


def staff_of(setting: Setting) -> Staff:
    """Return agents with their stretches, in groups that serve the same lines equally well."""
    kinds, group = np.unique(setting.takes, axis=0, return_inverse=True)
    spans = np.array([span for own in setting.presence for span in own], dtype=np.float64).reshape(-1, 2)
    agents = len(setting.presence)
    return Staff(
        rank=np.where(kinds, 0, NO_SKILL).astype(np.int64),
        group=group.reshape(-1).astype(np.int64),
        first=np.cumsum([0, *(len(own) for own in setting.presence)], dtype=np.int64),
        begin=np.ascontiguousarray(spans[:, 0]),
        end=np.ascontiguousarray(spans[:, 1]),
        shift=np.arange(len(spans), dtype=np.int64),
        sick=np.zeros(agents),
        away=np.full(agents, setting.away),
        away_s=AWAY_S,
    )


def counted(agents: Floats, interval_s: float) -> list[Spans]:
    """Return the stretches of so many agents in each interval, as `wfm simulate` has them of requirements."""
    span = Span(START, len(agents), int(interval_s / 60), ("bank",))
    staff = staff_of_requirements(agents[None, :], span, AWAY_S, {"bank": (0.0, 0.0)})
    spans = list(zip(staff.begin.tolist(), staff.end.tolist(), strict=True))
    return [spans[a:b] for a, b in zip(staff.first[:-1], staff.first[1:], strict=True)]

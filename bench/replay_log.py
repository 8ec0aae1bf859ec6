"""The call log of February 1999 as arrays: calls, agents on the phone, patience; for bench/replay.py.

Times are seconds after midnight of 1 February, local. The calls are those of `wfm import`: no phantoms,
none that hung up inside the voice unit. No id of a caller leaves this file.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.io.intake import take_in
from wfm.io.toml import load_config

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Spans = list[tuple[float, float]]

EXAMPLES = Path(__file__).resolve().parents[1] / "docs" / "examples"
FIRST_DAY = pd.Timestamp("1999-02-01", tz="Asia/Jerusalem")
DAY_S = 86_400
DAYS = 28
KINDS = ("NW", "PS", "NE", "IN", "TT", "PE")  # in order of number: prospects, customers, stock exchange, ...
WRAP_AT_MOST_S = 60  # a longer gap while calls wait is no after-call work


@dataclass(frozen=True)
class Log:
    """One value per call, in the order in which they came to the queue; then one list per agent and day."""

    arrived_s: Floats
    wait_s: Floats
    takes_s: Floats  # 0 for those who hung up
    answered: Flags
    kind: Ints  # number in KINDS
    priority: Ints  # 0 for all who were answered at once: the log has it only of those who waited
    agent: Ints  # -1: none, or unknown

    def part(self, chosen: Flags) -> Log:
        """Return some of the calls."""
        return Log(**{name: values[chosen] for name, values in vars(self).items()})

    @property
    def begins_s(self) -> Floats:
        """When the wait of each ended."""
        return self.arrived_s + self.wait_s


def read_log(path: Path) -> Log:
    """Return the calls that came to the queue, from `wfm import` and the columns that it does not keep."""
    config = load_config(EXAMPLES / "february" / "wfm.toml")
    contacts = take_in([path], config, mapping=EXAMPLES / "anonymous_bank.toml", keep_contacts=True).contacts
    assert contacts is not None
    raw = pd.read_csv(path, usecols=["vru_line", "call_id", "type", "priority"], dtype=str)
    raw["contact_id"] = raw["vru_line"] + "|" + raw["call_id"]
    calls = contacts.merge(
        raw[["contact_id", "type", "priority"]], on="contact_id", how="left", validate="one_to_one"
    )
    calls = calls.sort_values(["arrived_at", "contact_id"])
    answered = (calls["outcome"] == "handled").to_numpy()
    agents = calls["agent_id"].where(answered).astype("category").cat.codes
    return Log(
        arrived_s=(calls["arrived_at"] - FIRST_DAY).dt.total_seconds().to_numpy(np.float64),
        wait_s=calls["wait_s"].to_numpy(np.float64),
        takes_s=np.where(answered, calls["talk_s"].fillna(0.0), 0.0),
        answered=answered,
        kind=calls["type"].map({name: k for k, name in enumerate(KINDS)}).to_numpy(np.int64),
        priority=calls["priority"].to_numpy().astype(np.int64),
        agent=agents.to_numpy(np.int64),
    )


@dataclass(frozen=True)
class Gap:
    """Time between two calls of an agent, and how much of it calls of a kind that it takes were waiting."""

    agent: int
    begin: float
    end: float
    line_s: float


@dataclass(frozen=True)
class Turn:
    """One agent's day: its first call's begin, its last one's end, and the gaps in between."""

    agent: int
    begin: float
    end: float
    gaps: list[Gap]


def skills_of(log: Log, least: float) -> Flags:
    """Return (A, KINDS) which kinds each agent takes: those with at least such a share of its calls."""
    calls = np.zeros((int(log.agent.max()) + 1, len(KINDS)))
    known = log.agent >= 0
    np.add.at(calls, (log.agent[known], log.kind[known]), 1)
    return np.asarray(calls >= least * calls.sum(axis=1, keepdims=True))


def turns_of(log: Log, skills: Flags) -> list[Turn]:
    """Return every agent's days."""
    waiting = np.array([_seconds_with_line(log.part(log.kind == k)) for k in range(len(KINDS))])
    running = {}
    order = np.lexsort((log.begins_s, log.agent))
    order = order[log.agent[order] >= 0]
    begins, ends = log.begins_s[order], (log.begins_s + log.takes_s)[order]
    agent, day = log.agent[order], (log.begins_s[order] // DAY_S).astype(np.int64)
    new = np.flatnonzero(np.diff(agent * 1000 + day, prepend=-1))
    turns = []
    for first, behind in zip(new, [*new[1:], len(order)], strict=True):
        a = int(agent[first])
        if a not in running:
            running[a] = np.concatenate([[0], np.cumsum((waiting[skills[a]] > 0).any(axis=0))])
        until = np.maximum.accumulate(ends[first:behind])
        gaps = [
            Gap(a, begin, end, float(running[a][int(end)] - running[a][int(begin)]))
            for begin, end in zip(until[:-1], begins[first + 1 : behind], strict=True)
            if end > begin
        ]
        turns.append(Turn(a, float(begins[first]), float(until[-1]), gaps))
    return turns


def _seconds_with_line(log: Log) -> Flags:
    """Return for every second of the month whether calls wait."""
    change = np.zeros((DAYS + 1) * DAY_S)
    np.add.at(change, log.arrived_s.astype(np.int64), 1)
    np.add.at(change, log.begins_s.astype(np.int64), -1)
    return np.asarray(np.cumsum(change) > 0)


def wrap_up_s(turns: list[Turn]) -> float:
    """Return the mean gap between two calls while others wait all the time: what a call costs unseen."""
    gaps = [gap.end - gap.begin for turn in turns for gap in turn.gaps if gap.line_s >= gap.end - gap.begin]
    return float(np.mean([gap for gap in gaps if gap <= WRAP_AT_MOST_S]))


def present(turns: list[Turn], agents: int, longest_gap_s: float, longest_line_s: float) -> list[Spans]:
    """Return each agent's stretches: its days, less the gaps in which it was away.

    Away is who takes no call for longer than `longest_gap_s`, or while calls waited longer than
    `longest_line_s`.
    """
    spans: list[Spans] = [[] for _ in range(agents)]
    for turn in turns:
        since = turn.begin
        for gap in turn.gaps:
            if gap.end - gap.begin > longest_gap_s or gap.line_s > longest_line_s:
                spans[turn.agent].append((since, gap.begin))
                since = gap.end
        spans[turn.agent].append((since, turn.end))
    return [[(a, b) for a, b in own if b > a] for own in spans]


def seen(log: Log, interval_s: float) -> Floats:
    """Return (N) how many agents are on a call at any time in each interval."""
    intervals = int(DAYS * DAY_S / interval_s)
    on = np.zeros((int(log.agent.max()) + 1, intervals), dtype=np.bool_)
    for a, begin, end in zip(log.agent, log.begins_s, log.begins_s + log.takes_s, strict=True):
        if a >= 0:
            on[a, int(begin / interval_s) : int(end / interval_s) + 1] = True
    return np.asarray(on.sum(axis=0), dtype=np.float64)


def survival(log: Log, at: Floats) -> Floats:
    """Return the share of callers more patient than `at`, by Kaplan and Meier: an answer hides patience."""
    order = np.lexsort((log.answered, log.wait_s))  # at equal waits those who leave come first
    left = ~log.answered[order]
    at_risk = len(order) - np.arange(len(order))
    share = np.cumprod(1.0 - left / at_risk)
    place = np.searchsorted(log.wait_s[order], at, side="right") - 1
    return np.where(place < 0, 1.0, share[place])


def mean_patience_s(log: Log) -> float:
    """Return the estimate of greatest likelihood of an exponential patience, of which answers hide most."""
    return float(log.wait_s.sum() / (~log.answered).sum())

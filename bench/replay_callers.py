"""The callers of the log by kind and priority, and how the plain loop of bench/replay_plain.py draws them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.replay_log import KINDS, Flags, Floats, Ints, Log, mean_patience_s
from bench.replay_plain import Calls, Draw, Random, draw_patience
from bench.replay_play import Line, Setting

HEAD_START_S = 90.0  # per step of priority: `overtaking` measures it
NAMES = ("NW", "PS 1", "PS 2", "NE 1", "NE 2", "IN", "TT", "PE")
KIND = np.array([KINDS.index(name[:2]) for name in NAMES])  # of each line
STEP = np.array([int(name[3:] or 0) for name in NAMES])  # priority of each line; TT and PE are mixed: 0
WAITED_S = 5.0  # shorter waits say nothing of the order of service
GRADED = (KINDS.index("PS"), KINDS.index("NE"))  # kinds of which nearly all have priority 1 or 2


def lines_of(log: Log, random: Random) -> Ints:
    """Return the line of each call, in NAMES.

    Priority is known of those who waited only. The others get it as often as those of their kind who waited.
    """
    priority = log.priority.copy()
    for kind in GRADED:
        own = log.kind == kind
        known = own & (priority > 0)
        priority[own & ~known] = random.choice(log.priority[known], (own & ~known).sum())
    graded = np.isin(log.kind, GRADED)
    step = np.where(graded, priority, 0)
    found = (log.kind[:, None] == KIND) & (step[:, None] == STEP)
    assert (found.sum(axis=1) == 1).all()
    return found.argmax(axis=1)


def skills_by_line(skills: Flags) -> Flags:
    """Return (A, lines) from (A, KINDS)."""
    return skills[:, KIND]


def by_line(log: Log, setting: Setting, skills: Flags, random: Random) -> Setting:
    """Return the setting with a line for each kind and priority; wfm.simulate knows strict priority alone."""
    line = lines_of(log, random)
    parts = [log.part(line == q) for q in range(len(NAMES))]
    lines = [Line(part, mean_patience_s(part), 3 - int(step)) for part, step in zip(parts, STEP, strict=True)]
    return Setting(**{**vars(setting), "lines": lines, "takes": skills_by_line(skills)})


@dataclass(frozen=True)
class Known:
    """How much of the log a replication of the plain loop keeps, arrivals and handle times apart."""

    patience: str  # exponential, measured, of each line, of each caller
    head_start_s: float = 0.0


def callers(log: Log, wrap_s: float, known: Known) -> Draw:
    """Return how calls are drawn that come as they came and take as long as they took.

    How long those would have taken who hung up is drawn from those of their kind; how long those would have
    waited who were answered, from those of their line who waited longer.
    """

    def draw(random: Random) -> Calls:
        line = lines_of(log, random)
        patience = _patience(log, line, known.patience, random)
        head_start = known.head_start_s * np.where(STEP[line] > 0, STEP[line], log.priority)
        return Calls(log.arrived_s, _takes(log, random) + wrap_s, patience, line, head_start)

    return draw


def _takes(log: Log, random: Random) -> Floats:
    takes = log.takes_s.copy()
    for kind in range(len(KINDS)):
        left = ~log.answered & (log.kind == kind)
        takes[left] = random.choice(log.takes_s[log.answered & (log.kind == kind)], left.sum())
    return takes


def _patience(log: Log, line: Ints, known: str, random: Random) -> Floats:
    calls, nothing = len(log.kind), np.zeros(len(log.kind))
    if known == "exponential":
        return random.exponential(mean_patience_s(log), calls)
    if known == "measured":
        return draw_patience(random, log, nothing)
    waited = log.wait_s if known == "of each caller" else nothing
    patience = np.empty(calls)
    for q in range(len(NAMES)):
        own = line == q
        patience[own] = draw_patience(random, log.part(own), waited[own])
    return np.where(log.answered, patience, log.wait_s) if known == "of each caller" else patience


def overtaking(log: Log, first: int, second: int, edges: Sequence[float]) -> Floats:
    """Return how often a call of priority `first` is served before one of `second` that came earlier.

    Of customers (PS) that waited at the same time, by how much earlier the other came (`edges`, seconds).
    """
    waited = (log.kind == GRADED[0]) & (log.wait_s > WAITED_S)
    mine, other = (np.flatnonzero(waited & (log.priority == p)) for p in (first, second))
    over, pairs = np.zeros(len(edges) - 1), np.zeros(len(edges) - 1)
    for c in mine:
        low = np.searchsorted(log.arrived_s[other], log.arrived_s[c] - edges[-1])
        high = np.searchsorted(log.arrived_s[other], log.arrived_s[c])
        for d in other[low:high]:
            lag = int(np.searchsorted(edges, log.arrived_s[c] - log.arrived_s[d], side="right")) - 1
            sooner = c if log.begins_s[c] < log.begins_s[d] else d
            both = (
                log.begins_s[d] > log.arrived_s[c] + 1
                and abs(log.begins_s[c] - log.begins_s[d]) >= WAITED_S / 2
            )
            if both and log.answered[sooner] and 0 <= lag < len(pairs):
                pairs[lag] += 1
                over[lag] += sooner == c
    return np.divide(over, pairs, out=np.full(len(over), np.nan), where=pairs > 0)

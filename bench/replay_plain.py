"""A plain event loop for bench/replay.py: arrivals to the second, any patience, and a head start in the line.

It shares no code with the kernels of `wfm.simulate`, which know none of the three; where both can play the
same they must agree. Results are (replications, lines, HOURS, FIGURES), as those of bench/replay_play.py.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from bench.replay_log import Flags, Floats, Ints, Log, Spans, mean_patience_s
from bench.replay_play import Setting, hourly, per_interval, scenario_of

Random = np.random.Generator
COMES, ENDS, GOES, ARRIVES, LEAVES = range(5)  # what happens first of what happens at one moment


@dataclass(frozen=True)
class Calls:
    """One value per call, by arrival."""

    arrived_s: Floats
    takes_s: Floats
    patience_s: Floats
    line: Ints  # column of `takes`
    head_start_s: Floats  # it stands in the line as if it had come so much earlier


Draw = Callable[[Random], Calls]


def play_plainly(
    draw: Draw, presence: Sequence[Spans], takes: Flags, replications: int, seed: int = 1
) -> Floats:
    """Return what the plain loop makes of calls drawn anew for each replication."""
    return np.array([_figures(draw(random), presence, takes) for random in streams(replications, seed)])


def streams(replications: int, seed: int) -> list[Random]:
    return [np.random.default_rng([seed, number]) for number in range(replications)]


def _figures(calls: Calls, presence: Sequence[Spans], takes: Flags) -> Floats:
    wait_s, answered = Loop(calls, presence, takes).run()
    none = np.zeros(len(wait_s), dtype=np.int64)
    whole = Log(calls.arrived_s, wait_s, calls.takes_s, answered, none, none, none)
    return np.array([hourly(whole.part(calls.line == q)) for q in range(takes.shape[1])])


class Loop:
    """One replication. A call goes to the agent who is idle longest, an agent takes who stands first."""

    def __init__(self, calls: Calls, presence: Sequence[Spans], takes: Flags) -> None:
        self.arrived, self.takes_s = calls.arrived_s.tolist(), calls.takes_s.tolist()
        self.patience_s, self.line = calls.patience_s.tolist(), calls.line.tolist()
        self.stands = (calls.arrived_s - calls.head_start_s).tolist()
        self.serves: list[list[bool]] = takes.tolist()
        self.wait, self.answered = [0.0] * len(self.arrived), [False] * len(self.arrived)
        self.events = [(t, ARRIVES, c) for c, t in enumerate(self.arrived)]
        for a, own in enumerate(presence):
            self.events += [(begin, COMES, a) for begin, _ in own] + [(end, GOES, a) for _, end in own]
        heapq.heapify(self.events)
        self.here, self.busy = [False] * len(presence), [False] * len(presence)
        self.idle: dict[int, None] = {}  # agents, in the order in which they became so
        self.waiting: dict[int, None] = {}

    def run(self) -> tuple[Floats, Flags]:
        """Return how long each call waits, and which are answered."""
        happens = {
            ARRIVES: self._arrive,
            LEAVES: self._leave,
            ENDS: self._end,
            COMES: self._come,
            GOES: self._go,
        }
        while self.events:
            t, what, number = heapq.heappop(self.events)
            happens[what](number, t)
        return np.array(self.wait), np.array(self.answered)

    def _arrive(self, c: int, t: float) -> None:
        for a in self.idle:
            if self.serves[a][self.line[c]]:
                del self.idle[a]
                self._take(a, c, t)
                return
        self.waiting[c] = None
        heapq.heappush(self.events, (t + self.patience_s[c], LEAVES, c))

    def _leave(self, c: int, _: float) -> None:
        if c in self.waiting:
            del self.waiting[c]
            self.wait[c] = self.patience_s[c]

    def _end(self, a: int, t: float) -> None:
        self.busy[a] = False
        self._look(a, t)

    def _come(self, a: int, t: float) -> None:
        self.here[a] = True
        self._look(a, t)

    def _go(self, a: int, _: float) -> None:
        self.here[a] = False
        self.idle.pop(a, None)

    def _look(self, a: int, t: float) -> None:
        """Let an agent take what it may take, if it is here with empty hands."""
        if not self.here[a] or self.busy[a]:
            return
        own = [(self.stands[c], c) for c in self.waiting if self.serves[a][self.line[c]]]
        if own:
            c = min(own)[1]
            del self.waiting[c]
            self._take(a, c, t)
        else:
            self.idle[a] = None

    def _take(self, a: int, c: int, t: float) -> None:
        self.wait[c], self.answered[c], self.busy[a] = t - self.arrived[c], True, True
        heapq.heappush(self.events, (t + self.takes_s[c], ENDS, a))


def as_simulated(setting: Setting) -> Draw:
    """Return how calls are drawn for the only line of a setting, all as `wfm.simulate` does it."""
    calls, demand, table = setting.lines[0].calls, *_drawn_from(setting)
    offered = per_interval(calls, setting.interval_s)

    def draw(random: Random) -> Calls:
        interval = np.repeat(np.arange(len(offered)), random.poisson(offered))
        arrived = np.sort((interval + random.random(len(interval))) * setting.interval_s)
        return _plain(arrived, demand[interval] * _quantile(random, table, len(interval)), setting, random)

    return draw


def to_the_second(setting: Setting) -> Draw:
    """Return how calls are drawn that come when those of the log came, all else as `wfm.simulate` does it."""
    calls, demand, table = setting.lines[0].calls, *_drawn_from(setting)
    interval = (calls.arrived_s // setting.interval_s).astype(np.int64)

    def draw(random: Random) -> Calls:
        takes = demand[interval] * _quantile(random, table, len(interval))
        return _plain(calls.arrived_s, takes, setting, random)

    return draw


def _drawn_from(setting: Setting) -> tuple[Floats, Floats]:
    """Return the mean handle time of every interval, and the quantiles of what it is multiplied by."""
    scenario = scenario_of(setting)
    return scenario.demand.aht_s[0], scenario.rules.table[0]


def _quantile(random: Random, table: Floats, count: int) -> Floats:
    return np.interp(random.random(count), np.linspace(0.0, 1.0, len(table)), table)


def _plain(arrived: Floats, takes: Floats, setting: Setting, random: Random) -> Calls:
    none = np.zeros(len(arrived), dtype=np.int64)
    patience = random.exponential(setting.lines[0].patience_s, len(arrived))
    return Calls(arrived, takes, patience, none, np.zeros(len(arrived)))


def draw_patience(random: Random, like: Log, waited: Floats) -> Floats:
    """Return patience by Kaplan and Meier, of callers who have waited so long already.

    Beyond the longest wait that was seen it is exponential.
    """
    order = np.lexsort((like.answered, like.wait_s))  # at equal waits those who leave come first
    wait = like.wait_s[order]
    share = np.cumprod(1.0 - ~like.answered[order] / (len(order) - np.arange(len(order))))
    place = np.searchsorted(wait, waited, side="right") - 1
    left = random.random(len(waited)) * np.where(place >= 0, share[np.maximum(place, 0)], 1.0)
    at = np.searchsorted(-share, -left)  # the first wait that no more outlast
    seen = wait[np.minimum(at, len(wait) - 1)] + random.random(len(waited))
    unseen = np.maximum(wait[-1], waited) + random.exponential(mean_patience_s(like), len(waited))
    return np.where(at < len(wait), seen, unseen)

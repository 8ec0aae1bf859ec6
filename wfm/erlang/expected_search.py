"""The fewest agents whose expected measures meet every target, under an uncertain rate or bursts of arrivals.

Expected measures improve with every further agent as those of each rate do. A row begins where the row before
has ended, in deviations of the load. Loads in erlangs, times in seconds.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wfm.erlang.expectation import Situation, expected, situation_of
from wfm.erlang.kernel import kernel
from wfm.erlang.search import Goal, margin_of, meets, next_agents

LOGITS = 1.7  # of a share that is normal, per deviation


class UncertainRows(NamedTuple):
    """Queues to staff, one array element each."""

    load: NDArray[np.float64]
    aht_s: NDArray[np.float64]
    cv: NDArray[np.float64]
    lowest: NDArray[np.float64]  # fewer agents cannot do
    enough: NDArray[np.float64]  # so many surely keep the occupancy


@kernel
def fewest_expected(one: Situation, rows: UncertainRows, goal: Goal, fewest: NDArray[np.int64]) -> None:
    """Fill `fewest`; `one` has model, peakedness and question of every row."""
    safety = 0.5
    for row in range(fewest.size):
        if not rows.load[row] > 0.0:  # unknown loads too
            fewest[row] = 0
            continue
        queue = situation_of(one, rows.load[row], rows.aht_s[row], rows.cv[row])
        work = queue.load * queue.slowdowns[-1] / len(queue.slowdowns)
        deviation = math.sqrt(1.0 + queue.peakedness * work + (queue.cv * work) ** 2)
        first = max(rows.lowest[row], math.floor(work + safety * deviation) + 1.0)
        agents = _bracket(queue, first, rows.lowest[row], LOGITS / deviation, goal, rows.enough[row])
        fewest[row] = int(agents)
        safety = min(max((agents - 0.5 - work) / deviation, -3.0), 3.0)


@kernel
def _bracket(queue: Situation, first: float, lowest: float, slope: float, goal: Goal, enough: float) -> float:
    """Return the fewest agents, by secant steps in logits inside a bracket; `slope` is a guess per agent."""
    low, high, agents = lowest - 1.0, math.inf, first  # fails, meets
    last_agents, last_margin, steps = agents, 0.0, 0
    while high - low > 1.0:
        found = expected(agents, queue)
        if meets(found, goal, agents >= enough):
            high = agents
        else:
            low = agents
        margin = margin_of(found, goal, agents >= enough)
        if agents != last_agents and (margin - last_margin) / (agents - last_agents) > 0.0:
            slope = (margin - last_margin) / (agents - last_agents)
        last_agents, last_margin, steps = agents, margin, steps + 1
        agents = next_agents(low, high, agents, agents - margin / slope, steps)
    return high

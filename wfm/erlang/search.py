"""The smallest number of agents that meets every target, one queue at a time, in compiled code.

All measures improve with every further agent, so that the answer is where the first number meets the targets.
Erlang C walks from a guess by the recursion of Erlang B; the other models take secant steps inside a bracket.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from wfm.erlang.erlang_c import measure_with_head
from wfm.erlang.gamma_ratios import upper
from wfm.erlang.measures import Measures, Question
from wfm.erlang.models import measure

SURE = 1e-15  # shares closer to 0 or 1 than this say nothing about the distance to a target


class Goal(NamedTuple):
    """Bounds on the measures; infinite (service level: minus one) where there is no target."""

    service_level: float
    asa_s: float
    abandonment: float
    occupancy: float
    p_wait: float
    mean_wait_s: float
    blocking: float


class Rows(NamedTuple):
    """Queues to staff, one array element each."""

    load: NDArray[np.float64]
    aht_s: NDArray[np.float64]
    lowest: NDArray[np.float64]  # fewer agents cannot do
    enough: NDArray[np.float64]  # so many keep the occupancy, whatever the waits


@njit(cache=True)
def meets(found: Measures, goal: Goal, occupancy_is_met: bool) -> bool:
    """Return whether every target holds; `occupancy_is_met` when exact arithmetic has said so."""
    return (
        found.service_level >= goal.service_level
        and found.asa_s <= goal.asa_s
        and found.abandonment <= goal.abandonment
        and (occupancy_is_met or found.occupancy <= goal.occupancy)
        and found.p_wait <= goal.p_wait
        and found.mean_wait_s <= goal.mean_wait_s
        and found.blocking <= goal.blocking
    )


@njit(cache=True)
def fewest_patient(
    rows: Rows, asked: Question, goal: Goal, safety: NDArray[np.float64], fewest: NDArray[np.int64]
) -> None:
    """Fill `fewest` for Erlang C; `rows.lowest` already keeps the occupancy, `safety` see `guess_patient`."""
    for row in range(fewest.size):
        load, aht_s = rows.load[row], rows.aht_s[row]
        if load > 0.0:
            lowest = max(rows.lowest[row], math.floor(load) + 1.0)
            guess = guess_patient(load, aht_s, asked.answer_within_s, safety)
            fewest[row] = int(_walk(load, aht_s, max(lowest, guess), lowest, asked, goal))
        else:
            fewest[row] = 0


@njit(cache=True)
def guess_patient(load: float, aht_s: float, within_s: float, safety: NDArray[np.float64]) -> float:
    """Return the agents that square-root staffing suggests.

    `safety` tabulates (agents - load) / sqrt(load) over log2(threshold / aht * sqrt(load)) = -16 ... 16.
    """
    root = math.sqrt(load)
    steps = (len(safety) - 1) / 32.0
    place = (math.log2(within_s / aht_s * root + 1e-9) + 16.0) * steps
    place = min(max(place, 0.0), len(safety) - 1.000001)
    below = int(place)
    beta = safety[below] + (place - below) * (safety[below + 1] - safety[below])
    return float(math.floor(load + beta * root) + 1.0)


@njit(cache=True)
def _walk(load: float, aht_s: float, start: float, lowest: float, asked: Question, goal: Goal) -> float:
    agents = start
    head = upper(agents - 1.0, load)
    if not math.isinf(head) and not meets(measure_with_head(head, agents, load, aht_s, asked), goal, True):
        while True:
            head = 1.0 + head * agents / load
            agents += 1.0
            if meets(measure_with_head(head, agents, load, aht_s, asked), goal, True):
                return agents
    while agents > lowest:
        fewer = (head - 1.0) * load / (agents - 1.0)
        if math.isinf(head):
            fewer = upper(agents - 2.0, load)
        if not meets(measure_with_head(fewer, agents - 1.0, load, aht_s, asked), goal, True):
            break
        head = fewer
        agents -= 1.0
    return agents


@njit(cache=True)
def fewest_of_model(model: int, rows: Rows, asked: Question, goal: Goal, fewest: NDArray[np.int64]) -> None:
    """Fill `fewest` for any model; from `rows.enough` agents on the occupancy is known to be met."""
    for row in range(fewest.size):
        fewest[row] = int(_bracket(model, row, rows, asked, goal)) if rows.load[row] > 0.0 else 0


@njit(cache=True)
def _bracket(model: int, row: int, rows: Rows, asked: Question, goal: Goal) -> float:
    load, aht_s, enough = rows.load[row], rows.aht_s[row], rows.enough[row]
    lowest = rows.lowest[row]
    low, high = lowest - 1.0, math.inf  # fails, meets
    slope = 2.0 / math.sqrt(load + 1.0)
    agents = max(lowest, math.floor(load / len(asked.slowdowns) * asked.slowdowns[-1]) + 1.0)
    last_agents, last_margin, stride = 0.0, math.nan, 1.0 + math.sqrt(load)
    steps = 0
    while high - low > 1.0:
        found = measure(model, agents, load, aht_s, asked)
        margin = _margin(found, goal, agents >= enough)
        if meets(found, goal, agents >= enough):
            high = agents
        else:
            low = agents
        if agents != last_agents and (margin - last_margin) / (agents - last_agents) > 0.0:
            slope = (margin - last_margin) / (agents - last_agents)
        last_agents, last_margin = agents, margin
        root = agents - margin / slope
        steps += 1
        if math.isinf(high):
            stride *= 2.0
            agents = min(max(math.ceil(root), low + 1.0), low + stride)
        elif steps % 4 == 0:
            agents = math.floor(0.5 * (low + high))
        else:
            agents = math.floor(root) if agents == high else math.ceil(root)
        agents = max(low + 1.0, min(agents, high - 1.0))
    return high


@njit(cache=True)
def _margin(found: Measures, goal: Goal, occupancy_is_met: bool) -> float:
    """Return the smallest distance to a target in logits, where it is nearly linear in the agents."""
    margin = 40.0
    if goal.service_level >= 0.0:
        margin = min(margin, _logit(found.service_level) - _logit(goal.service_level))
    if not math.isinf(goal.abandonment):
        margin = min(margin, _logit(goal.abandonment) - _logit(found.abandonment))
    if not math.isinf(goal.p_wait):
        margin = min(margin, _logit(goal.p_wait) - _logit(found.p_wait))
    if not math.isinf(goal.blocking):
        margin = min(margin, _logit(goal.blocking) - _logit(found.blocking))
    if not occupancy_is_met and not math.isinf(goal.occupancy):
        margin = min(margin, _logit(goal.occupancy) - _logit(found.occupancy))
    if not math.isinf(goal.asa_s):
        margin = min(margin, math.log(goal.asa_s / max(found.asa_s, SURE)))
    if not math.isinf(goal.mean_wait_s):
        margin = min(margin, math.log(goal.mean_wait_s / max(found.mean_wait_s, SURE)))
    return margin


@njit(cache=True)
def _logit(share: float) -> float:
    inside = min(max(share, SURE), 1.0 - SURE)
    return math.log(inside / (1.0 - inside))

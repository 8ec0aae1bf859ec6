"""The smallest number of agents that meets every target, one queue at a time, in compiled code.

All measures improve with every further agent, so that the answer is where the first number meets the targets.
Erlang C walks from a guess by the recursion of Erlang B; the other models take secant steps inside a bracket.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wfm.erlang.erlang_c import measure_with_head
from wfm.erlang.gamma_ratios import upper
from wfm.erlang.kernel import kernel
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
    slowdowns: NDArray[np.float64]  # of the model, for every queue
    enough: NDArray[np.float64]  # so many keep the occupancy, whatever the waits


@kernel
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


@kernel
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


@kernel
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


@kernel
def _walk(load: float, aht_s: float, start: float, lowest: float, asked: Question, goal: Goal) -> float:
    head = upper(start - 1.0, load)
    if math.isinf(head) or meets(measure_with_head(head, start, load, aht_s, asked), goal, True):
        return _walk_down(head, load, aht_s, start, lowest, asked, goal)
    return _walk_up(head, load, aht_s, start, asked, goal)


@kernel
def _walk_up(head: float, load: float, aht_s: float, agents: float, asked: Question, goal: Goal) -> float:
    enough = False
    while not enough:
        head = 1.0 + head * agents / load
        agents += 1.0
        enough = meets(measure_with_head(head, agents, load, aht_s, asked), goal, True)
    return agents


@kernel
def _walk_down(
    head: float, load: float, aht_s: float, agents: float, lowest: float, asked: Question, goal: Goal
) -> float:
    while agents > lowest:
        head = upper(agents - 2.0, load) if math.isinf(head) else (head - 1.0) * load / (agents - 1.0)
        if not meets(measure_with_head(head, agents - 1.0, load, aht_s, asked), goal, True):
            break
        agents -= 1.0
    return agents


@kernel
def fewest_of_model(model: int, rows: Rows, asked: Question, goal: Goal, fewest: NDArray[np.int64]) -> None:
    """Fill `fewest` for any model; from `rows.enough` agents on the occupancy is known to be met."""
    for row in range(fewest.size):
        fewest[row] = int(_bracket(model, row, rows, asked, goal)) if rows.load[row] > 0.0 else 0


@kernel
def _bracket(model: int, row: int, rows: Rows, asked: Question, goal: Goal) -> float:
    load, aht_s, enough = rows.load[row], rows.aht_s[row], rows.enough[row]
    low, high = rows.lowest[row] - 1.0, math.inf  # fails, meets
    first, slope = _start(load * rows.slowdowns[-1] / len(rows.slowdowns), aht_s, asked, goal)
    agents = max(low + 1.0, first)
    last_agents, last_margin, steps = agents, 0.0, 0
    while high - low > 1.0:
        found = measure(model, agents, load, aht_s, asked, rows.slowdowns)
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


@kernel
def next_agents(low: float, high: float, agents: float, root: float, steps: int) -> float:
    """Return the next number of agents to try: beside the root, every fourth time halfway."""
    if math.isinf(high):
        stride = 2.0**steps * (1.0 + math.sqrt(agents))
        return float(math.ceil(max(low + 1.0, min(root, low + stride))))
    if steps % 4 == 0:
        return float(math.floor(0.5 * (low + high)))
    inside = max(low + 1.0, min(root, high - 1.0))
    return float(math.floor(inside) if agents == high else math.ceil(inside))


@kernel
def _start(work: float, aht_s: float, asked: Question, goal: Goal) -> tuple[float, float]:
    """Return a first number of agents for `work` full agents, and the logits that one more is worth.

    In the fluid limit the wait ends at the threshold when the share exp(-threshold / patience) stays to be
    served, and about it the wait is normal with the variance patience x aht / agents. Where that deviation
    exceeds the threshold (few agents), square-root staffing is nearer.
    """
    slope = 1.7 / math.sqrt(work + 1.0)
    if goal.service_level <= 0.0 or math.isinf(asked.patience_s):
        return math.floor(work) + 1.0, slope
    square = asked.answer_within_s**2
    fluid = square / (square + asked.patience_s * aht_s / work)
    slope *= 1.0 + fluid * (min(2.0, math.sqrt(asked.patience_s / aht_s)) - 1.0)
    kept = math.exp(-fluid * asked.answer_within_s / asked.patience_s)
    needed = work * kept + _logit(goal.service_level) / slope - 0.3 * math.sqrt(work)  # 0.3: measured
    return max(1.0, math.ceil(max(needed, work * goal.service_level))), slope


@kernel
def margin_of(found: Measures, goal: Goal, occupancy_is_met: bool) -> float:
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


@kernel
def _logit(share: float) -> float:
    inside = min(max(share, SURE), 1.0 - SURE)
    return math.log(inside / (1.0 - inside))

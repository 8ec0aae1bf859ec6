"""Fractional agents, for costing: the real number at which the binding target is met exactly.

Erlang B, C, A and X go on between the whole numbers (`wfm.erlang.continuation`). A chat agent is a person
with slots and cannot be cut: there each measure is interpolated between the two whole numbers, as if both
staffed the interval in turn. Loads in erlangs, times in seconds.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wfm.erlang.expectation import POISSON, Arrivals, Situation, expected, situation_of
from wfm.erlang.kernel import kernel
from wfm.erlang.measures import Measures
from wfm.erlang.models import CHAT, ERLANG_C, NUMBERS, QueueingModel, question
from wfm.erlang.search import Goal
from wfm.erlang.targets import Targets, fewest_agents, goal_of

STEPS = 100
TOLERANCE = 1e-12  # of the agents, relative; absolute below one


class Staffed(NamedTuple):
    """Queues and the fewest agents of each, one array element each."""

    load: NDArray[np.float64]
    aht_s: NDArray[np.float64]
    cv: NDArray[np.float64]
    fewest: NDArray[np.float64]


def fractional_agents(
    model: QueueingModel,
    calls: ArrayLike,
    interval_s: ArrayLike,
    aht_s: ArrayLike,
    targets: Targets,
    fewest: ArrayLike | None = None,
    arrivals: Arrivals = POISSON,
) -> NDArray[np.float64]:
    """Return the real numbers of agents from which on the targets hold, element by element; 0 without calls.

    Each lies between `fewest` less one and `fewest`, the whole numbers (by default of `fewest_agents`).
    Where patient contacts have no target that bounds a wait it is the load itself, which no queue survives.
    Raises ValueError for a target that no number of agents can meet.
    """
    if fewest is None:
        fewest = fewest_agents(model, calls, interval_s, aht_s, targets, arrivals)
    given = (calls, interval_s, aht_s, arrivals.cv, fewest)
    columns = np.broadcast_arrays(*(np.asarray(values, dtype=np.float64) for values in given))
    contacts, length_s, handle_s, cv, highest = (np.array(column).reshape(-1) for column in columns)
    rows = Staffed(contacts * handle_s / length_s, handle_s, cv, highest)
    asked = question(model, targets.answering, with_asa=targets.asa_s is not None)
    slowdowns = np.array(model.slowdowns)
    one = Situation(NUMBERS[model.name], 0.0, 0.0, 0.0, float(arrivals.peakedness), asked, slowdowns)
    agents = np.empty(highest.size)
    _fill(one, rows, goal_of(targets), targets.bounds_waits, agents)
    return agents.reshape(columns[0].shape)


@kernel
def _fill(one: Situation, rows: Staffed, goal: Goal, bounds_waits: bool, agents: NDArray[np.float64]) -> None:
    for row in range(agents.size):
        fewest, queue = rows.fewest[row], situation_of(one, rows.load[row], rows.aht_s[row], rows.cv[row])
        if queue.load <= 0.0 or fewest <= 0.0:
            agents[row] = 0.0
        elif queue.model == CHAT:
            more, less = expected(fewest, queue), expected(fewest - 1.0, queue)
            agents[row] = fewest - 1.0 + _share_of_more(less, more, goal)
        else:
            needs_load = queue.model == ERLANG_C and not (bounds_waits and queue.cv > 0.0)
            low = max(fewest - 1.0, min(queue.load, fewest)) if needs_load else fewest - 1.0
            agents[row] = _begins_to_hold(queue, low, fewest, goal)


@kernel
def _begins_to_hold(queue: Situation, low: float, fewest: float, goal: Goal) -> float:
    """Return where the targets begin to hold, from `low` agents on."""
    below, above = _excess(expected(low, queue), goal), _excess(expected(fewest, queue), goal)
    if below <= 0.0:
        return low
    if above >= 0.0:
        return fewest
    return _crossed(queue, (low, below), (fewest, above), goal)


@kernel
def _crossed(queue: Situation, missed: tuple[float, float], held: tuple[float, float], goal: Goal) -> float:
    """Return the agents at which the excess is 0: bracketed secant steps (Illinois), some of them halfway."""
    (low, below), (high, above) = missed, held
    last = 0.0
    for step in range(STEPS):
        if high - low <= TOLERANCE * max(1.0, high):
            break
        agents = high - above * (high - low) / (above - below)
        if step % 4 == 3 or not low < agents < high:
            agents = 0.5 * (low + high)
        excess = _excess(expected(agents, queue), goal)
        if excess > 0.0:
            low, below, above = agents, excess, 0.5 * above if last > 0.0 else above
        else:
            high, above, below = agents, excess, 0.5 * below if last < 0.0 else below
        last = excess
    return high


@kernel
def _excess(found: Measures, goal: Goal) -> float:
    """Return by how much the worst target is missed, at most 1; not above 0 where all hold."""
    worst = max(goal.service_level - found.service_level, found.abandonment - goal.abandonment)
    worst = max(worst, found.occupancy - goal.occupancy, found.p_wait - goal.p_wait)
    worst = max(worst, found.blocking - goal.blocking)
    worst = max(worst, _later(found.asa_s, goal.asa_s))
    return max(worst, _later(found.mean_wait_s, goal.mean_wait_s))


@kernel
def _later(wait_s: float, bound_s: float) -> float:
    """Return 1 - bound / wait, which an endless wait leaves finite; -1 where there is no bound or no wait."""
    if math.isinf(bound_s) or wait_s <= 0.5 * bound_s:
        return -1.0
    return 1.0 if math.isinf(wait_s) or math.isnan(wait_s) else 1.0 - bound_s / wait_s


@kernel
def _share_of_more(less: Measures, more: Measures, goal: Goal) -> float:
    """Return the share of time with one agent more that brings every mean on target (of waits: 1 / wait)."""
    share = _crossing(-less.service_level, -more.service_level, -goal.service_level)
    share = max(share, _crossing(less.abandonment, more.abandonment, goal.abandonment))
    share = max(share, _crossing(less.occupancy, more.occupancy, goal.occupancy))
    share = max(share, _crossing(less.p_wait, more.p_wait, goal.p_wait))
    share = max(share, _crossing(_speed(less.asa_s), _speed(more.asa_s), _speed(goal.asa_s)))
    return max(share, _crossing(_speed(less.mean_wait_s), _speed(more.mean_wait_s), _speed(goal.mean_wait_s)))


@kernel
def _crossing(less: float, more: float, bound: float) -> float:
    """Return where the line from `less` (at 0) to `more` (at 1) reaches the bound, within 0 and 1."""
    if less <= bound:
        return 0.0
    return min(1.0, (less - bound) / (less - more)) if more < less else 1.0


@kernel
def _speed(wait_s: float) -> float:
    """Return -1 / wait: falls as waits do, and stays finite for an endless one."""
    if wait_s == 0.0:
        return -math.inf
    return 0.0 if math.isinf(wait_s) or math.isnan(wait_s) else -1.0 / wait_s

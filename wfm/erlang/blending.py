"""Blending of inbound contacts with background work by a threshold, and the fewest agents for both.

The policy and its chain are those of `wfm.erlang.blend_chain`: background work begins while more than
`threshold` agents are idle, inbound contacts come first. Load in erlangs, times in seconds, ratios are
fractions. Inbound contacts wait as in Erlang A or C; `background` counts pieces of work (emails, outbound
contacts) in the same interval as `calls`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wfm.erlang.blend_chain import Blended, Policy, measure_blend, without_agents, without_inbound
from wfm.erlang.kernel import kernel
from wfm.erlang.measures import Question
from wfm.erlang.models import Answering, QueueingModel, question
from wfm.erlang.search import Goal, meets
from wfm.erlang.targets import Targets, fewest_agents

ROUNDING = 1e-12  # relative amount by which a sum of floats may miss a bound that it meets


@dataclass(frozen=True)
class Blend:
    """The steady state of blended agents, one array per measure, in the shape of the broadcast arguments.

    All but `occupancy`, which counts all work, and `background_per_s`, the background work begun (and ended)
    when it never runs out, are of the inbound contacts.
    """

    service_level: NDArray[np.float64]
    asa_s: NDArray[np.float64]
    abandonment: NDArray[np.float64]
    occupancy: NDArray[np.float64]
    p_wait: NDArray[np.float64]
    mean_wait_s: NDArray[np.float64]
    queue_length: NDArray[np.float64]
    background_per_s: NDArray[np.float64]


@dataclass(frozen=True)
class Inbound:
    """Inbound contacts of each interval, and how long they are handled (arrays or numbers)."""

    calls: ArrayLike
    interval_s: ArrayLike
    aht_s: ArrayLike


@dataclass(frozen=True)
class Background:
    """Work of each interval that may wait: its pieces, and the handle time of one (arrays or numbers)."""

    contacts: ArrayLike
    aht_s: ArrayLike


class BlendedAgents(NamedTuple):
    """The fewest agents, and the most of them that can be kept free while the background work gets done."""

    agents: NDArray[np.int64]
    threshold: NDArray[np.int64]


def blend(
    model: QueueingModel,
    policy: tuple[ArrayLike, ArrayLike],
    load: ArrayLike,
    aht_s: ArrayLike,
    background_aht_s: ArrayLike | None = None,
    answering: Answering | None = None,
) -> Blend:
    """Return the steady state of (agents, threshold) under `load` erlangs of inbound work, by element.

    Background work has the handle time of the inbound contacts unless `background_aht_s` differs (then an
    approximation). Patient contacts whose load is not below the agents have no steady state: service level 0,
    no background work. A threshold above the agents means all of them. Raises ValueError for models with
    redials, blocking or several contacts at once.
    """
    _check_model(model)
    given = (*policy, load, aht_s, aht_s if background_aht_s is None else background_aht_s)
    columns = np.broadcast_arrays(*(np.asarray(values, dtype=np.float64) for values in given))
    shape = columns[0].shape
    flat = [np.ascontiguousarray(column).reshape(-1) for column in columns]
    table = np.empty((8, flat[0].size))
    asked = question(model, answering or Answering(), with_asa=True)
    _measure_all(flat[0], flat[1], flat[2], flat[3], flat[4], asked, table)
    return Blend(*(row.reshape(shape) for row in table))


def fewest_blended(
    model: QueueingModel, inbound: Inbound, background: Background, targets: Targets
) -> BlendedAgents:
    """Return the fewest agents who keep the inbound targets and do the background work, by element.

    `max_occupancy` bounds all work together, the other targets are those of the inbound contacts, who are
    taken to meet background work without end: what is left over is idle time in their favour. As many agents
    are kept free as the work allows, and never fewer agents are asked for than without background work.
    Raises ValueError for a target that no number of agents can meet.
    """
    _check_model(model)
    given = (inbound.calls, inbound.interval_s, inbound.aht_s, background.contacts, background.aht_s)
    columns = np.broadcast_arrays(*(np.asarray(values, dtype=np.float64) for values in given))
    shape = columns[0].shape
    calls, interval_s, aht_s, pieces, piece_s = (np.ascontiguousarray(c).reshape(-1) for c in columns)
    alone = fewest_agents(model, calls, interval_s, aht_s, targets)
    agents, threshold = np.empty(alone.size, dtype=np.int64), np.empty(alone.size, dtype=np.int64)
    asked = question(model, targets.answering, with_asa=targets.asa_s is not None)
    cap = targets.max_occupancy or 1.0
    work = (calls * aht_s / interval_s, aht_s, pieces / interval_s, piece_s)
    _fewest_all(alone, work, asked, _goal(targets), cap, (agents, threshold))
    return BlendedAgents(agents.reshape(shape), threshold.reshape(shape))


def _goal(targets: Targets) -> Goal:
    """Return the bounds on the inbound contacts; the occupancy is that of all work and judged apart."""

    def bound(value: float | None) -> float:
        return math.inf if value is None else float(value)

    return Goal(
        service_level=-1.0 if targets.service_level is None else float(targets.service_level),
        asa_s=bound(targets.asa_s),
        abandonment=bound(targets.max_abandonment),
        occupancy=math.inf,
        p_wait=bound(targets.max_p_wait),
        mean_wait_s=bound(targets.mean_wait_s),
        blocking=math.inf,
    )


def _check_model(model: QueueingModel) -> None:
    if model.name not in ("erlang_a", "erlang_c"):
        raise ValueError(f"blending knows erlang_a and erlang_c, not {model.name}")


@kernel
def measure(policy: Policy, load: float, aht_s: float, background_aht_s: float, asked: Question) -> Blended:
    """Return the steady state of one interval, the borders included."""
    kept = Policy(policy.agents, min(policy.threshold, policy.agents))
    if load <= 0.0:
        return without_inbound(kept, background_aht_s)
    if kept.agents <= 0.0:
        return without_agents(load, aht_s, asked)
    return measure_blend(kept, load, aht_s, background_aht_s, asked)


@kernel
def _measure_all(
    agents: NDArray[np.float64],
    threshold: NDArray[np.float64],
    load: NDArray[np.float64],
    aht_s: NDArray[np.float64],
    background_aht_s: NDArray[np.float64],
    asked: Question,
    table: NDArray[np.float64],
) -> None:
    for row in range(agents.size):
        policy = Policy(agents[row], threshold[row])
        found = measure(policy, load[row], aht_s[row], background_aht_s[row], asked)
        inbound = found.inbound
        table[0, row] = inbound.service_level
        table[1, row] = inbound.asa_s
        table[2, row] = inbound.abandonment
        table[3, row] = inbound.occupancy
        table[4, row] = inbound.p_wait
        table[5, row] = inbound.mean_wait_s
        table[6, row] = inbound.queue_length
        table[7, row] = found.background_per_s


class _Work(NamedTuple):
    """The work of one interval: inbound erlangs and seconds each, background pieces per second and each."""

    load: float
    aht_s: float
    per_s: float
    piece_s: float


@kernel
def _fewest_all(
    alone: NDArray[np.int64],
    work: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
    asked: Question,
    goal: Goal,
    cap: float,
    found: tuple[NDArray[np.int64], NDArray[np.int64]],
) -> None:
    for row in range(alone.size):
        here = _Work(work[0][row], work[1][row], work[2][row], work[3][row])
        best = _fewest(float(alone[row]), here, asked, goal, cap)
        found[0][row] = int(best.agents)
        found[1][row] = int(best.threshold)


@kernel
def _fewest(alone: float, work: _Work, asked: Question, goal: Goal, cap: float) -> Policy:
    if work.per_s <= 0.0:
        return Policy(alone, alone)
    low, stride = alone - 1.0, 1.0  # too few: background work adds to what needs `alone`
    high = max(alone, float(math.ceil(work.per_s * work.piece_s * (1.0 - ROUNDING))))
    best = Policy(high, _most_kept(high, work, asked))
    while not _keeps(best, work, asked, goal, cap):
        low = high
        high += stride
        stride *= 2.0
        best = Policy(high, _most_kept(high, work, asked))
    while high - low > 1.0:
        agents = float(math.floor(0.5 * (low + high)))
        policy = Policy(agents, _most_kept(agents, work, asked))
        if _keeps(policy, work, asked, goal, cap):
            high, best = agents, policy
        else:
            low = agents
    return best


@kernel
def _most_kept(agents: float, work: _Work, asked: Question) -> float:
    """Return the largest threshold with which the background work is done; -1 if there is none."""
    low, high = -1.0, agents + 1.0  # done (or not even with 0), not done
    while high - low > 1.0:
        threshold = float(math.floor(0.5 * (low + high)))
        found = measure(Policy(agents, threshold), work.load, work.aht_s, work.piece_s, asked)
        if found.background_per_s >= work.per_s * (1.0 - ROUNDING):
            low = threshold
        else:
            high = threshold
    return low


@kernel
def _keeps(policy: Policy, work: _Work, asked: Question, goal: Goal, cap: float) -> bool:
    if policy.threshold < 0.0:
        return False
    inbound = measure(policy, work.load, work.aht_s, work.piece_s, asked).inbound
    busy = work.load * (1.0 - inbound.abandonment) + work.per_s * work.piece_s
    return meets(inbound, goal, True) and busy <= cap * policy.agents * (1.0 + ROUNDING)

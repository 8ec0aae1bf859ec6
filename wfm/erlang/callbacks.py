"""Callbacks: callers who find everybody busy are offered one; who accepts becomes work that waits its turn.

A share `acceptance` of the callers who find all agents busy hangs up and is called back: the line grows by
load x (1 - acceptance), and callbacks are background work of the threshold policy (`wfm.erlang.blend_chain`),
begun while more than `threshold` agents are idle. The steady state is that of a list of callbacks that never
empties: with a real list fewer agents are busy, so that callers meet less waiting and fewer callbacks arise.
The list empties again and again if, and only if, `callback_load` < 1 (the saturated rates decide, as for
every list worked off one by one). Load in erlangs, times in seconds, one handle time for both.
Source: Armony & Maglaras (2004), On customer contact centers with a call-back option, Operations Research 52,
271-292 (the option); the chain is that of Bhulai & Koole (2003) with arrivals that depend on the state.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wfm.erlang.blend_chain import Policy, free_states
from wfm.erlang.kernel import kernel
from wfm.erlang.measures import Question, Wait, service_level
from wfm.erlang.models import Answering, QueueingModel, question
from wfm.erlang.targets import Targets
from wfm.erlang.waiting_line import impatient_line, patient_line

MOST_AGENTS = 100_000
ROUNDING = 1e-12


@dataclass(frozen=True)
class Callers:
    """Load of all callers (erlangs), handle time of calls and callbacks, share that accepts a callback."""

    load: float
    aht_s: float
    acceptance: float


@dataclass(frozen=True)
class Callbacks:
    """The steady state, one array per measure.

    `service_level`, `asa_s` and `abandonment` are of the callers who took no callback, `callback_share` is of
    all callers, `callback_load` is callbacks arising / callbacks the agents could do (infinite: none),
    `occupancy` counts calls and the callbacks that arise.
    """

    agents: NDArray[np.int64]
    threshold: NDArray[np.int64]
    service_level: NDArray[np.float64]
    asa_s: NDArray[np.float64]
    abandonment: NDArray[np.float64]
    occupancy: NDArray[np.float64]
    p_wait: NDArray[np.float64]
    callback_share: NDArray[np.float64]
    callback_load: NDArray[np.float64]


class _State(NamedTuple):
    service_level: float
    asa_s: float
    abandonment: float
    occupancy: float
    p_wait: float
    callback_share: float
    callback_load: float


def callback_performance(
    model: QueueingModel,
    policy: tuple[ArrayLike, ArrayLike],
    callers: Callers,
    answering: Answering | None = None,
) -> Callbacks:
    """Return the steady state of (agents, threshold), by element; agents >= 1, load > 0.

    Without one (patient callers, load x (1 - acceptance) not below the agents) the service level is 0.
    ValueError for other models than erlang_a and erlang_c and for what is out of range.
    """
    _check(model, callers)
    agents, threshold = np.broadcast_arrays(*(np.asarray(part, dtype=np.int64) for part in policy))
    if agents.min(initial=1) < 1 or (threshold < 0).any() or (threshold > agents).any():
        raise ValueError("there is at least one agent, and a threshold between 0 and the agents")
    asked = question(model, answering or Answering(), with_asa=True)
    load, aht_s, acceptance = float(callers.load), float(callers.aht_s), float(callers.acceptance)
    table = np.empty((len(_State._fields), agents.size))
    for row, (n, kept) in enumerate(zip(agents.ravel().tolist(), threshold.ravel().tolist(), strict=True)):
        found = _measure(float(n), float(kept), load, aht_s, acceptance, asked)
        table[:, row] = found
    return Callbacks(agents, threshold, *(row.reshape(agents.shape) for row in table))


def most_kept(
    model: QueueingModel, agents: int, callers: Callers, max_callback_load: float = 0.8
) -> int | None:
    """Return the largest threshold with which callbacks are worked off, None if there is none.

    The callback load falls with every agent kept free while more than the load are busy, then rises: the
    search begins at its minimum.
    """

    def works_off(threshold: int) -> bool:
        found = callback_performance(model, (agents, threshold), callers)
        return bool(found.callback_load <= max_callback_load * (1.0 + ROUNDING))

    low = max(0, agents - math.floor(callers.load) - 1)
    if not works_off(low):
        return None
    high = agents + 1
    while high - low > 1:
        middle = (low + high) // 2
        if middle <= agents and works_off(middle):
            low = middle
        else:
            high = middle
    return low


def fewest_with_callbacks(
    model: QueueingModel, callers: Callers, targets: Targets, max_callback_load: float = 0.8
) -> Callbacks:
    """Return the fewest agents that keep the targets and the callbacks with as many kept free as can be.

    With `max_occupancy` and patience fewer agents may do with fewer kept free, by losing more callers: that
    is no way to keep a bound on work, and is not looked for.

    `max_callback_load` leaves room: at 1 the list of callbacks would never shrink, near it callbacks come
    hours late. `max_occupancy` bounds all work. ValueError where MOST_AGENTS would not do.
    """
    low, high = 0, 1
    best = _kept(model, high, callers, targets, max_callback_load)
    while best is None:
        low, high = high, 2 * high
        if high > MOST_AGENTS:
            raise ValueError(f"more than {MOST_AGENTS:,} agents")
        best = _kept(model, high, callers, targets, max_callback_load)
    while high - low > 1:
        agents = (low + high) // 2
        found = _kept(model, agents, callers, targets, max_callback_load)
        if found is None:
            low = agents
        else:
            high, best = agents, found
    return best


def _kept(
    model: QueueingModel, agents: int, callers: Callers, targets: Targets, max_callback_load: float
) -> Callbacks | None:
    threshold = most_kept(model, agents, callers, max_callback_load)
    if threshold is None:
        return None
    found = callback_performance(model, (agents, threshold), callers, targets.answering)
    bounds = (
        (found.asa_s, targets.asa_s),
        (found.abandonment, targets.max_abandonment),
        (found.occupancy, targets.max_occupancy),
    )
    kept = all(bound is None or value <= bound * (1.0 + ROUNDING) for value, bound in bounds)
    return found if kept and found.service_level >= (targets.service_level or 0.0) else None


def _check(model: QueueingModel, callers: Callers) -> None:
    if model.name not in ("erlang_a", "erlang_c"):
        raise ValueError(f"callbacks know erlang_a and erlang_c, not {model.name}")
    if not (callers.load > 0.0 and callers.aht_s > 0.0 and 0.0 <= callers.acceptance <= 1.0):
        raise ValueError("load and aht_s lie above 0, acceptance between 0 and 1")


@kernel
def _measure(
    agents: float, threshold: float, load: float, aht_s: float, acceptance: float, asked: Question
) -> _State:
    staying = load * (1.0 - acceptance)  # erlangs that join the line while everybody is busy
    patient = math.isinf(asked.patience_s)
    if patient and staying >= agents:
        return _State(0.0, math.inf, 0.0, 1.0, 1.0, acceptance, math.inf)
    head, lowest = free_states(Policy(agents, threshold), load)
    # The chain is one of `staying` throughout if the states with a free agent weigh (1 - acceptance) times.
    if staying <= 0.0:
        p_wait = 1.0 / (1.0 + head * agents / load)
        line = Wait(p_wait, 1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0)
    elif patient:
        line = patient_line(head * (1.0 - acceptance), staying, agents, aht_s, asked)
    else:
        line = impatient_line(head * (1.0 - acceptance), staying, agents, aht_s, asked)
    stayed = 1.0 - acceptance * line.p_wait  # share of the callers
    rarer = (1.0 - acceptance) / stayed if stayed > 0.0 else 0.0  # who wait, of those: p_wait times this
    answered = 1.0 - rarer * (1.0 - line.answered)
    wait = Wait(
        rarer * line.p_wait,
        answered,
        1.0 - rarer * (1.0 - line.answered_in_target),
        rarer * line.still_waiting,
        1.0 - rarer * (1.0 - line.kept),
        rarer * line.abandoned,
        rarer * line.mean_wait_s,
        rarer * line.asa_s * line.answered / answered if answered > 0.0 else math.nan,
    )
    busy = agents - threshold
    possible = busy * (1.0 - line.p_wait) * lowest  # erlangs of callbacks
    if threshold <= 0.0:
        possible = max(0.0, agents - staying * line.answered)
    arising = load * acceptance * line.p_wait
    callback_load = 0.0
    if arising > 0.0:
        callback_load = arising / possible if possible > 0.0 else math.inf
    occupancy = min(1.0, (load * stayed * wait.answered + arising) / agents)
    level = service_level(wait, asked.variant)
    return _State(
        level, wait.asa_s, wait.abandoned, occupancy, line.p_wait, acceptance * line.p_wait, callback_load
    )

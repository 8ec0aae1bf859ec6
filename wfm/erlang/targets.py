"""What a queue promises, and the fewest agents that keep every promise.

Occupancy, stability and the hard limit of abandonment are decided in rational arithmetic of the decimals given
(`wfm.erlang.exact`), everything else by the exact formulas.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from math import inf

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wfm.erlang.exact import above_product, ceil_product, decimal
from wfm.erlang.models import NUMBERS, Answering, QueueingModel, Variant, question
from wfm.erlang.search import Goal, fewest_of_model, fewest_patient

GUESSES = 257  # points of the table of square-root staffing


@dataclass(frozen=True)
class Targets:
    """Promises, None where there is none; a service level is counted as `service_level_variant` says."""

    service_level: float | None = None
    answer_within_s: float = 20.0
    service_level_variant: Variant = "offered"
    short_abandon_s: float = 5.0
    asa_s: float | None = None
    max_abandonment: float | None = None
    max_occupancy: float | None = None
    max_blocking: float | None = None
    max_p_wait: float | None = None
    mean_wait_s: float | None = None  # of all contacts, the abandoned included

    @property
    def answering(self) -> Answering:
        """How the service level is counted."""
        return Answering(self.answer_within_s, self.service_level_variant, self.short_abandon_s)


def fewest_agents(
    model: QueueingModel,
    calls: ArrayLike,
    interval_s: ArrayLike,
    aht_s: ArrayLike,
    targets: Targets,
) -> NDArray[np.int64]:
    """Return the smallest numbers of agents that meet all targets, element by element; none without calls.

    Patient contacts (Erlang C, chat without patience) also need a capacity above the load. At least one agent
    serves any load above 0. Raises ValueError for a target that no number of agents can meet.
    """
    _check_reachable(model, targets)
    columns = np.broadcast_arrays(*(np.asarray(values, dtype=np.float64) for values in (calls, interval_s, aht_s)))
    shape = columns[0].shape
    contacts, seconds, handle_s = (np.ascontiguousarray(column).reshape(-1) for column in columns)
    load = contacts * handle_s / seconds
    lowest = _lowest(model, contacts, seconds, handle_s, targets)
    asked = question(model, targets.answering, with_asa=targets.asa_s is not None)
    fewest = np.empty(load.size, dtype=np.int64)
    if model.name == "erlang_c":
        safety = square_root_staffing(targets.service_level or 0.0)
        fewest_patient(load, handle_s, lowest, asked, _goal(model, targets), safety, fewest)
    else:
        enough = _enough(model, contacts, seconds, handle_s, targets)
        number = NUMBERS[model.name]
        fewest_of_model(number, load, handle_s, lowest, enough, asked, _goal(model, targets), fewest)
    return fewest.reshape(shape)


def _check_reachable(model: QueueingModel, targets: Targets) -> None:
    if targets.service_level is not None and targets.service_level >= 1.0:
        raise ValueError("a service level of 1 is met by no number of agents")
    if model.name == "erlang_b" and targets.max_blocking is None and targets.service_level is None:
        if targets.max_occupancy is None:
            raise ValueError("erlang_b needs max_blocking, a service level or max_occupancy")


def _goal(model: QueueingModel, targets: Targets) -> Goal:
    def bound(value: float | None) -> float:
        return inf if value is None else float(value)

    decided_exactly = model.patient and len(set(model.slowdowns)) == 1 and model.name != "erlang_b"
    occupancy = -1.0 if decided_exactly and targets.max_occupancy is not None else bound(targets.max_occupancy)
    return Goal(
        service_level=-1.0 if targets.service_level is None else float(targets.service_level),
        asa_s=bound(targets.asa_s),
        abandonment=bound(targets.max_abandonment),
        occupancy=occupancy,
        p_wait=bound(targets.max_p_wait),
        mean_wait_s=bound(targets.mean_wait_s),
        blocking=bound(targets.max_blocking),
    )


def _lowest(
    model: QueueingModel,
    calls: NDArray[np.float64],
    interval_s: NDArray[np.float64],
    aht_s: NDArray[np.float64],
    targets: Targets,
) -> NDArray[np.float64]:
    """Return numbers of agents below which no solution can lie."""
    lowest = np.ones(calls.size)
    if model.name in ("erlang_c", "chat") and model.patient:
        lowest = np.maximum(lowest, _stable(model, calls, interval_s, aht_s))
    if model.name == "erlang_c" and targets.max_occupancy is not None:
        lowest = np.maximum(lowest, _enough(model, calls, interval_s, aht_s, targets))
    if model.name in ("erlang_a", "erlang_x") and targets.max_abandonment is not None:
        lost = decimal(targets.max_abandonment)
        redials = decimal(model.redial_probability)
        kept, attempts = 1 - lost, 1 - redials * lost
        served = above_product((calls, aht_s, float(kept)), (interval_s, float(attempts)))
        lowest = np.maximum(lowest, served)
    return lowest


def _stable(
    model: QueueingModel,
    calls: NDArray[np.float64],
    interval_s: NDArray[np.float64],
    aht_s: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Return the fewest agents whose capacity exceeds the load."""
    slots = float(len(model.slowdowns))
    return above_product((calls, aht_s, model.slowdowns[-1]), (interval_s, slots))


def _enough(
    model: QueueingModel,
    calls: NDArray[np.float64],
    interval_s: NDArray[np.float64],
    aht_s: NDArray[np.float64],
    targets: Targets,
) -> NDArray[np.float64]:
    """Return the agents from which on the occupancy cap is met whatever the waits: load / slots <= cap."""
    if targets.max_occupancy is None:
        return np.ones(calls.size)
    slots = float(len(model.slowdowns))
    factors = (calls, aht_s, max(model.slowdowns))
    attempts = 1.0 - model.redial_probability
    return ceil_product(factors, (interval_s, slots, targets.max_occupancy, attempts)).astype(np.float64)


@cache
def square_root_staffing(service_level: float) -> NDArray[np.float64]:
    """Return the safety factor beta that the Halfin-Whitt limit of Erlang C needs, a table of starting guesses.

    Solves w(beta) exp(-beta u) = 1 - service_level with w the limit of P(wait), for log2(u) = -16 ... 16,
    u = threshold / aht * sqrt(load). Source: Halfin & Whitt (1981), Operations Research 29, 567-588.
    """
    slowness = 2.0 ** np.linspace(-16.0, 16.0, GUESSES)
    low, high = np.zeros(GUESSES), np.full(GUESSES, 12.0)
    for _ in range(40):
        beta = 0.5 * (low + high)
        late = _p_wait_limit(beta) * np.exp(-beta * slowness)
        low, high = np.where(late > 1.0 - service_level, beta, low), np.where(late > 1.0 - service_level, high, beta)
    return high


def _p_wait_limit(beta: NDArray[np.float64]) -> NDArray[np.float64]:
    cumulative = np.array([0.5 * math.erfc(-b / math.sqrt(2.0)) for b in beta])
    density = np.exp(-0.5 * beta**2) / math.sqrt(2.0 * math.pi)
    return np.asarray(1.0 / (1.0 + beta * cumulative / density))

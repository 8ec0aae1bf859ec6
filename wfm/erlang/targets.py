"""What a queue promises, and the fewest agents that keep every promise.

Occupancy, stability and the hard limit of abandonment are decided in rational arithmetic of the
decimals given (`wfm.erlang.exact`), everything else by the exact formulas.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from math import inf
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wfm.erlang.capacity import Terms, capacity_table
from wfm.erlang.exact import above_product, ceil_product, decimal
from wfm.erlang.expectation import CERTAIN, POISSON, Arrivals, Situation
from wfm.erlang.expected_search import UncertainRows, fewest_expected
from wfm.erlang.lookup import fewest_by_capacity
from wfm.erlang.measures import Question
from wfm.erlang.models import NUMBERS, Answering, QueueingModel, Variant, question
from wfm.erlang.search import Goal, Rows, fewest_of_model, fewest_patient

COLUMNS_CERTAIN = 33  # handle times in the table where it decides between them
COLUMNS = 17  # where it only guesses
GUESSES = 257  # points of the table of square-root staffing
ROUNDING = 1e-10  # of a share that is a mean over rates: what its integral is good for


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

    @property
    def bounds_waits(self) -> bool:
        """Whether a target fails wherever the queue grows without bound."""
        bounds = (self.service_level, self.asa_s, self.mean_wait_s)
        return any(bound is not None for bound in bounds)


class Work(NamedTuple):
    """What the user gave for each queue, for exact arithmetic."""

    calls: NDArray[np.float64]
    interval_s: NDArray[np.float64]
    aht_s: NDArray[np.float64]


def fewest_agents(
    model: QueueingModel,
    calls: ArrayLike,
    interval_s: ArrayLike,
    aht_s: ArrayLike,
    targets: Targets,
    arrivals: Arrivals = POISSON,
) -> NDArray[np.int64]:
    """Return the smallest numbers of agents that meet all targets, element by element; none without calls.

    Where `arrivals` says that the rate is uncertain the targets hold in expectation. Patient contacts (Erlang
    C, chat without patience) also need a capacity above the load, unless a bounded wait decides. At least one
    agent serves any load above 0. Raises ValueError for a target that no number of agents can meet.
    """
    _check_reachable(model, targets, arrivals)
    given = (calls, interval_s, aht_s, arrivals.cv)
    columns = np.broadcast_arrays(*(np.asarray(values, dtype=np.float64) for values in given))
    *three, cv = (column.reshape(-1) for column in columns)
    work = Work(*three)
    load = work.calls * work.aht_s
    load /= work.interval_s
    if not arrivals.plain:
        uncertain = _fewest_expected(model, work, load, cv, arrivals.peakedness, targets)
        return uncertain.reshape(columns[0].shape)
    aht_s, slowdowns = np.array(work.aht_s), np.array(model.slowdowns)
    rows = Rows(load, aht_s, _lowest(model, work, targets), slowdowns, _enough(model, work, targets))
    asked = question(model, targets.answering, with_asa=targets.asa_s is not None)
    goal = _goal(model, targets)
    fewest = _fewest(model, rows, asked, goal, targets.service_level or 0.0)
    return fewest.reshape(columns[0].shape)


def _fewest(
    model: QueueingModel, rows: Rows, asked: Question, goal: Goal, service_level: float
) -> NDArray[np.int64]:
    number, patient_voice = NUMBERS[model.name], model.name == "erlang_c"
    fewest = np.empty(rows.load.size, dtype=np.int64)
    # With patience a longer handle time also makes patience shorter in proportion: no measure need worsen.
    columns = COLUMNS_CERTAIN if patient_voice else COLUMNS
    terms = Terms(number, rows.slowdowns, asked, goal)
    table = capacity_table(terms, rows, columns=columns)
    if table is not None:
        fewest_by_capacity(table, patient_voice, terms, rows, fewest)
    elif patient_voice:
        fewest_patient(rows, asked, goal, square_root_staffing(service_level), fewest)
    else:
        fewest_of_model(number, rows, asked, goal, fewest)
    return fewest


def _fewest_expected(
    model: QueueingModel,
    work: Work,
    load: NDArray[np.float64],
    cv: NDArray[np.float64],
    peakedness: float,
    targets: Targets,
) -> NDArray[np.int64]:
    """Return the fewest agents under uncertain rates or bursts; a row with neither is as without them."""
    certain = cv < CERTAIN
    lowest = np.where(certain, _lowest(model, work, targets), 1.0)
    if model.endless and not targets.bounds_waits:
        lowest = np.maximum(lowest, _stable(model, work))
    enough = np.where(certain, _enough(model, work, targets), inf)
    asked = question(model, targets.answering, with_asa=targets.asa_s is not None)
    one = Situation(NUMBERS[model.name], 0.0, 0.0, 0.0, float(peakedness), asked, np.array(model.slowdowns))
    rows = UncertainRows(load, np.array(work.aht_s), np.array(cv), lowest, enough)
    fewest = np.empty(load.size, dtype=np.int64)
    fewest_expected(one, rows, loosened(goal_of(targets)), fewest)
    return fewest


def loosened(goal: Goal) -> Goal:
    """Return the goal with shares a rounding apart, so that means over rates meet what they meet exactly."""
    return goal._replace(
        service_level=goal.service_level - ROUNDING,
        abandonment=goal.abandonment + ROUNDING,
        occupancy=goal.occupancy + ROUNDING,
        p_wait=goal.p_wait + ROUNDING,
        blocking=goal.blocking + ROUNDING,
    )


def _check_reachable(model: QueueingModel, targets: Targets, arrivals: Arrivals) -> None:
    means = (targets.asa_s, targets.mean_wait_s)
    uncertain = bool(np.any(np.asarray(arrivals.cv) >= CERTAIN))
    if model.endless and uncertain and any(bound is not None for bound in means):
        raise ValueError("contacts that wait for ever have no expected wait where the rate is uncertain")
    if targets.service_level is not None and targets.service_level >= 1.0:
        raise ValueError("a service level of 1 is met by no number of agents")
    bounds = (targets.max_blocking, targets.service_level, targets.max_occupancy)
    if model.name == "erlang_b" and all(bound is None for bound in bounds):
        raise ValueError("erlang_b needs max_blocking, a service level or max_occupancy")


def goal_of(targets: Targets) -> Goal:
    """Return the bounds on the measures, every one of them decided by floats."""

    def bound(value: float | None, without: float = math.inf) -> float:
        return without if value is None else float(value)

    return Goal(
        service_level=bound(targets.service_level, -1.0),
        asa_s=bound(targets.asa_s),
        abandonment=bound(targets.max_abandonment),
        occupancy=bound(targets.max_occupancy),
        p_wait=bound(targets.max_p_wait),
        mean_wait_s=bound(targets.mean_wait_s),
        blocking=bound(targets.max_blocking),
    )


def _goal(model: QueueingModel, targets: Targets) -> Goal:
    def bound(value: float | None) -> float:
        return inf if value is None else float(value)

    decided_exactly = model.patient and len(set(model.slowdowns)) == 1 and model.name != "erlang_b"
    occupancy = (
        -1.0 if decided_exactly and targets.max_occupancy is not None else bound(targets.max_occupancy)
    )
    return Goal(
        service_level=-1.0 if targets.service_level is None else float(targets.service_level),
        asa_s=bound(targets.asa_s),
        abandonment=bound(targets.max_abandonment),
        occupancy=occupancy,
        p_wait=bound(targets.max_p_wait),
        mean_wait_s=bound(targets.mean_wait_s),
        blocking=bound(targets.max_blocking),
    )


def _lowest(model: QueueingModel, work: Work, targets: Targets) -> NDArray[np.float64]:
    """Return numbers of agents below which no solution can lie."""
    lowest = np.ones(work.calls.size)
    if model.name == "erlang_c" and targets.max_occupancy is not None:
        lowest = np.maximum(lowest, _enough(model, work, targets))
    decided_by_waits = model.name == "erlang_c" and targets.bounds_waits
    if model.name in ("erlang_c", "chat") and model.patient and not decided_by_waits:
        lowest = np.maximum(lowest, _stable(model, work))
    if model.name in ("erlang_a", "erlang_x") and targets.max_abandonment is not None:
        lowest = np.maximum(lowest, _serving(model, work, targets.max_abandonment))
    return lowest


def _stable(model: QueueingModel, work: Work) -> NDArray[np.int64]:
    """Return the fewest agents whose capacity exceeds the load.

    Where a wait is bounded Erlang C itself sees to that: it grows beyond any bound as agents near the load.
    """
    slots = float(len(model.slowdowns))
    return above_product((work.calls, work.aht_s, model.slowdowns[-1]), (work.interval_s, slots))


def _serving(model: QueueingModel, work: Work, max_abandonment: float) -> NDArray[np.int64]:
    """Return the fewest agents who can serve all but the share allowed to abandon, were they never idle."""
    lost, redials = decimal(max_abandonment), decimal(model.redial_probability)
    kept, attempts = float(1 - lost), float(1 - redials * lost)
    return above_product((work.calls, work.aht_s, kept), (work.interval_s, attempts))


def _enough(model: QueueingModel, work: Work, targets: Targets) -> NDArray[np.float64]:
    """Return the agents from which on the occupancy cap is met whatever the waits: load / slots <= cap."""
    if targets.max_occupancy is None:
        return np.ones(work.calls.size)
    slots = float(len(model.slowdowns))
    factors = (work.calls, work.aht_s, max(model.slowdowns))  # redials or not, nobody is served twice
    return ceil_product(factors, (work.interval_s, slots, targets.max_occupancy)).astype(np.float64)


@cache
def square_root_staffing(service_level: float) -> NDArray[np.float64]:
    """Return the safety factors that the Halfin-Whitt limit of Erlang C needs: a table of first guesses.

    Solves w(beta) exp(-beta u) = 1 - service_level with w the limit of P(wait), for log2(u) = -16 ... 16,
    u = threshold / aht * sqrt(load). Source: Halfin & Whitt (1981), Operations Research 29, 567-588.
    """
    slowness = 2.0 ** np.linspace(-16.0, 16.0, GUESSES)
    low, high = np.zeros(GUESSES), np.full(GUESSES, 12.0)
    for _ in range(40):
        beta = 0.5 * (low + high)
        late = _p_wait_limit(beta) * np.exp(-beta * slowness)
        low, high = (
            np.where(late > 1.0 - service_level, beta, low),
            np.where(late > 1.0 - service_level, high, beta),
        )
    return high


def _p_wait_limit(beta: NDArray[np.float64]) -> NDArray[np.float64]:
    cumulative = np.array([0.5 * math.erfc(-b / math.sqrt(2.0)) for b in beta])
    density = np.exp(-0.5 * beta**2) / math.sqrt(2.0 * math.pi)
    return np.asarray(1.0 / (1.0 + beta * cumulative / density))

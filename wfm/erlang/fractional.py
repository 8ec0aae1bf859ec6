"""Fractional agents, for costing: the real number at which the binding target is met exactly.

Erlang B has a continuous extension that keeps its recursion: 1 / B is a times the integral over t > 0 of
exp(-a t) (1 + t)**n, for any real n > -1; Erlang C, A and X follow from it as they do for whole agents. A
chat agent is a person with slots and has no such extension: there each measure is interpolated between the
two whole numbers, as if both staffed the interval in turn.
Loads in erlangs, times in seconds. Source: Jagers & van Doorn (1986), Operations Research Letters 5, 43-46.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wfm.erlang.erlang_a import measure_impatient
from wfm.erlang.erlang_c import measure_with_head
from wfm.erlang.gamma_ratios import lower
from wfm.erlang.kernel import kernel
from wfm.erlang.measures import ABANDONS_IN_TARGET_GOOD, Measures, Question, unstable
from wfm.erlang.models import CHAT, ERLANG_B, ERLANG_C, NUMBERS, QueueingModel, measure, question
from wfm.erlang.search import Goal
from wfm.erlang.targets import Targets, fewest_agents

STEPS = 100
TOLERANCE = 1e-12  # of the agents, relative; absolute below one
FIXED_POINT = 1e-14  # of the attempts, relative
SERIES_BELOW = 2.0  # loads where the series beats the continued fraction
HUGE = 2.0**900


class Staffed(NamedTuple):
    """Queues and the fewest agents of each, one array element each; `slowdowns` of the model."""

    load: NDArray[np.float64]
    aht_s: NDArray[np.float64]
    fewest: NDArray[np.float64]
    slowdowns: NDArray[np.float64]


def fractional_agents(
    model: QueueingModel,
    calls: ArrayLike,
    interval_s: ArrayLike,
    aht_s: ArrayLike,
    targets: Targets,
    fewest: ArrayLike | None = None,
) -> NDArray[np.float64]:
    """Return the real numbers of agents from which on the targets hold, element by element; 0 without calls.

    Each lies between `fewest` less one and `fewest`, the whole numbers (by default of `fewest_agents`).
    Where patient contacts have no target that bounds a wait it is the load itself, which no queue survives.
    Raises ValueError for a target that no number of agents can meet.
    """
    if fewest is None:
        fewest = fewest_agents(model, calls, interval_s, aht_s, targets)
    given = (calls, interval_s, aht_s, fewest)
    columns = np.broadcast_arrays(*(np.asarray(values, dtype=np.float64) for values in given))
    contacts, length_s, handle_s, highest = (np.ascontiguousarray(column).reshape(-1) for column in columns)
    rows = Staffed(contacts * handle_s / length_s, handle_s, highest, np.array(model.slowdowns))
    asked = question(model, targets.answering, with_asa=targets.asa_s is not None)
    agents = np.empty(highest.size)
    _fill(NUMBERS[model.name], rows, asked, goal_of(targets), agents)
    return agents.reshape(columns[0].shape)


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


@kernel
def _fill(model: int, rows: Staffed, asked: Question, goal: Goal, agents: NDArray[np.float64]) -> None:
    for row in range(agents.size):
        load, aht_s, fewest = rows.load[row], rows.aht_s[row], rows.fewest[row]
        if load <= 0.0 or fewest <= 0.0:
            agents[row] = 0.0
        elif model == CHAT:
            more = measure(model, fewest, load, aht_s, asked, rows.slowdowns)
            less = measure(model, fewest - 1.0, load, aht_s, asked, rows.slowdowns)
            agents[row] = fewest - 1.0 + _share_of_more(less, more, goal)
        else:
            agents[row] = _begins_to_hold(model, fewest, load, aht_s, asked, goal)


@kernel
def _begins_to_hold(
    model: int, fewest: float, load: float, aht_s: float, asked: Question, goal: Goal
) -> float:
    """Return where the targets begin to hold: no fewer than the load where contacts are patient."""
    low = max(fewest - 1.0, min(load, fewest)) if model == ERLANG_C else fewest - 1.0
    nobody = measure(model, 0.0, load, aht_s, asked, np.ones(1))
    below = _excess(nobody if low <= 0.0 else measure_between(model, low, load, aht_s, asked), goal)
    above = _excess(measure_between(model, fewest, load, aht_s, asked), goal)
    if below <= 0.0:
        return low
    if above >= 0.0:
        return fewest
    return _crossed(model, (low, below), (fewest, above), load, aht_s, asked, goal)


@kernel
def _crossed(
    model: int,
    missed: tuple[float, float],
    held: tuple[float, float],
    load: float,
    aht_s: float,
    asked: Question,
    goal: Goal,
) -> float:
    """Return the agents at which the excess is 0: bracketed secant steps (Illinois), some of them halfway."""
    (low, below), (high, above) = missed, held
    last = 0.0
    for step in range(STEPS):
        if high - low <= TOLERANCE * max(1.0, high):
            break
        agents = high - above * (high - low) / (above - below)
        if step % 4 == 3 or not low < agents < high:
            agents = 0.5 * (low + high)
        excess = _excess(measure_between(model, agents, load, aht_s, asked), goal)
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


@kernel
def measure_between(model: int, agents: float, load: float, aht_s: float, asked: Question) -> Measures:
    """Return the steady state of Erlang B, C, A or X for any real number of agents > 0 and load > 0."""
    if model == ERLANG_B:
        lost = 1.0 / upper_between(agents, load)
        in_time = 1.0 if asked.variant > ABANDONS_IN_TARGET_GOOD else 1.0 - lost
        return Measures(in_time, 0.0, 0.0, load * (1.0 - lost) / agents, 0.0, 0.0, 0.0, lost, 1.0)
    if model == ERLANG_C:
        if agents <= load:
            return unstable()
        return measure_with_head(upper_between(agents - 1.0, load), agents, load, aht_s, asked)
    attempts = _attempts(agents, load, aht_s, asked) if asked.redial_probability > 0.0 else load
    return _impatient(agents, attempts, aht_s, asked)


@kernel
def _impatient(agents: float, load: float, aht_s: float, asked: Question) -> Measures:
    return measure_impatient(upper_between(agents - 1.0, load), agents, load, aht_s, asked)


@kernel
def _attempts(agents: float, load: float, aht_s: float, asked: Question) -> float:
    """Return the load of first attempts and redials: secant steps on a - p * lost(a) = load.

    What is lost is convex in the attempts, so that steps from below never pass the solution.
    """
    quick = Question(asked.patience_s, asked.redial_probability, 0.0, 0.0, 0, False)
    last, attempts, slope = load, load, 1.0
    missing = asked.redial_probability * load * _impatient(agents, load, aht_s, quick).abandonment
    for _ in range(STEPS):
        if missing <= FIXED_POINT * load:
            break
        last, before = attempts, missing
        attempts += missing / slope
        lost = attempts * _impatient(agents, attempts, aht_s, quick).abandonment
        missing = load + asked.redial_probability * lost - attempts
        slope = max((before - missing) / (attempts - last), 1.0 - asked.redial_probability)
    return attempts


@kernel
def upper_between(n: float, a: float) -> float:
    """Return `upper` of `wfm.erlang.gamma_ratios` for real n > -1: whole steps down, then the integral."""
    total, term, left = 0.0, 1.0, n
    while left >= 1.0:
        total += term
        term *= left / a
        left -= 1.0
        if term < 1e-17 * total and left < a:
            return total
        if term > HUGE:
            return math.inf
    return total + term * _upper_start(left, a)


@kernel
def _upper_start(n: float, a: float) -> float:
    """Return the integral for -1 < n < 1: the full gamma function less the lower, or a continued fraction."""
    if n == 0.0:
        return 1.0
    if n < 0.0:
        return (_upper_start(n + 1.0, a) - 1.0) * a / (n + 1.0) if a < SERIES_BELOW else _fraction(n, a)
    if a >= SERIES_BELOW:
        return _fraction(n, a)
    series, exponent, _ = lower(n + 1.0, a)
    whole = math.gamma(n + 1.0) * math.exp(a - n * math.log(a))
    return whole - a / (n + 1.0) * series * math.exp(exponent)


@kernel
def _fraction(n: float, a: float) -> float:
    """Return the integral by the continued fraction of the incomplete gamma function (DLMF 8.9.2; Lentz)."""
    s = n + 1.0
    b = a + 1.0 - s
    c, d = math.inf, 1.0 / b
    value = d
    for k in range(1, 1000):
        factor = -k * (k - s)
        b += 2.0
        d = 1.0 / (factor * d + b)
        c = b + factor / c
        value *= c * d
        if abs(c * d - 1.0) < 1e-15:
            break
    return value * a

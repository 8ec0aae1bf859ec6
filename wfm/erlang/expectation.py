"""The steady state to be expected when the arrival rate is uncertain, and when arrivals come in bursts.

The rate is G times the forecast's, G gamma distributed with mean 1 and coefficient of variation `cv`. What
calls see counts by calls, so under G's size-biased law, a gamma of shape 1 / cv**2 + 1: of G calls,
G SL(n, a G) are answered in time. Every share is one of expected counts (answered in time over offered, waits
over answered), as the report of many such days has it; occupancy is a mean over time.
Bursts: a stream of peakedness z (variance over mean of the busy agents of an infinite group) is taken for a
Poisson stream of load / z with agents / z, handle time and patience as they are (Hayward's approximation).
Loads in erlangs, times in seconds.
Source: Whitt (2006), Staffing a call center with uncertain arrival rate and absenteeism, Production and
Operations Management 15, 88-102; Steckley, Henderson & Mehrotra (2009), Forecast errors in service systems,
Probability in the Engineering and Informational Sciences 23, 305-332; Fredericks (1980), Congestion in
blocking systems - a simple approximation technique, Bell System Technical Journal 59, 805-827.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wfm.erlang.continuation import measure_between
from wfm.erlang.erlang_x import measure_near
from wfm.erlang.kernel import kernel
from wfm.erlang.measures import (
    EXCLUDING_ABANDONED_IN_TARGET,
    EXCLUDING_SHORT,
    OFFERED,
    VARIANTS,
    Measures,
    Question,
    idle,
)
from wfm.erlang.models import (
    CHAT,
    ERLANG_B,
    ERLANG_X,
    NUMBERS,
    Answering,
    Performance,
    QueueingModel,
    measure,
    performance,
    question,
)

CERTAIN = 1e-7  # a cv below moves no measure by more than its rounding
RARE = 28.0  # logarithm of the density, relative to its peak, where the law of the rate is cut off
TOLERANCE = 1e-7  # of a panel's share by its own, pessimistic estimate: true errors stay below 1e-10
NARROWEST = 1e-4  # panel, relative to the deviation of the rate
CENTRAL = 2.2  # deviations about the peak that make the first panel
ANSWERED: Final = VARIANTS.index("answered")

# Gauss-Kronrod rule of 7 in 15 points (Piessens et al. (1983), QUADPACK), one half from the end inwards.
_POINTS = (
    0.991455371120812639206854697526329,
    0.949107912342758524526189684047851,
    0.864864423359769072789712788640926,
    0.741531185599394439863864773280788,
    0.586087235467691130294144691258401,
    0.405845151377397166906606412076961,
    0.207784955007898467600689403773245,
)
_KRONROD = (
    0.022935322010529224963732008058970,
    0.063092092629978553290700663189204,
    0.104790010322250183839876322541518,
    0.140653259715525918745189590510238,
    0.169004726639267902826583426598550,
    0.190350578064785409913256402421014,
    0.204432940075298892414161999234649,
)
_GAUSS = (
    0.0,
    0.129484966168869693270611432679082,
    0.0,
    0.279705391489276667901467771423780,
    0.0,
    0.381830050505118944950369775488975,
    0.0,
)
POINTS: Final = np.array([-x for x in _POINTS] + [0.0, *reversed(_POINTS)])
KRONROD: Final = np.array([*_KRONROD, 0.209482141084727828012999174891714, *reversed(_KRONROD)])
GAUSS: Final = np.array([*_GAUSS, 0.417959183673469387755102040816327, *reversed(_GAUSS)])

# What is summed, per call: shares of calls, waits in seconds, agents' time.
TERMS: Final = 11
CALLS, COUNTED, IN_TIME, ATTEMPTS, ABANDONED, BLOCKED, WAITED, BUSY, ANSWERED_CALLS, ANSWER_S, WAIT_S = range(
    TERMS
)
CHECKED: Final = BUSY + 1  # the first so many, all of them shares, decide how fine the panels are
STACK: Final = 64


@dataclass(frozen=True)
class Arrivals:
    """How arrivals stray from a Poisson stream at the forecast's rate.

    `cv` is the coefficient of variation of the rate, one for all or one per row; `peakedness` is at least 1.
    """

    cv: ArrayLike = 0.0
    peakedness: float = 1.0

    @property
    def plain(self) -> bool:
        """Whether they are Poisson at the forecast's rate."""
        return self.peakedness == 1.0 and not bool(np.any(np.asarray(self.cv) >= CERTAIN))


POISSON: Final = Arrivals()


class Situation(NamedTuple):
    """One queue without its agents: model by number, load, what is uncertain, what is asked."""

    model: int
    load: float
    aht_s: float
    cv: float
    peakedness: float
    asked: Question
    slowdowns: NDArray[np.float64]


def expected_performance(
    model: QueueingModel,
    agents: ArrayLike,
    load: ArrayLike,
    aht_s: ArrayLike,
    arrivals: Arrivals,
    answering: Answering | None = None,
) -> Performance:
    """Return the expected steady state of `agents` (real numbers too, but for chat), element by element.

    `load` is that of the forecast. Patient contacts are not served at rates above capacity: the expected
    waits are infinite unless such rates are all but impossible (density below exp(-28) of its peak).
    """
    if arrivals.plain:
        return performance(model, agents, load, aht_s, answering)
    given = (agents, load, aht_s, arrivals.cv)
    columns = np.broadcast_arrays(*(np.asarray(values, dtype=np.float64) for values in given))
    flat = [np.array(column).reshape(-1) for column in columns]
    asked = question(model, answering or Answering(), with_asa=True)
    one = Situation(
        NUMBERS[model.name], 0.0, 0.0, 0.0, float(arrivals.peakedness), asked, np.array(model.slowdowns)
    )
    table = np.empty((len(Measures._fields), flat[0].size))
    _measure_rows(one, flat[0], flat[1], flat[2], flat[3], table)
    return Performance(*(row.reshape(columns[0].shape) for row in table))


@kernel
def _measure_rows(
    one: Situation,
    agents: NDArray[np.float64],
    load: NDArray[np.float64],
    aht_s: NDArray[np.float64],
    cv: NDArray[np.float64],
    table: NDArray[np.float64],
) -> None:
    for row in range(agents.size):
        found = expected(agents[row], situation_of(one, load[row], aht_s[row], cv[row]))
        for column in range(len(found)):
            table[column, row] = found[column]


@kernel
def situation_of(one: Situation, load: float, aht_s: float, cv: float) -> Situation:
    """Return a row of many that share model and question."""
    return Situation(one.model, load, aht_s, cv, one.peakedness, one.asked, one.slowdowns)


@kernel
def expected(agents: float, queue: Situation) -> Measures:
    """Return the expected steady state of a real number of agents (chat: a whole one)."""
    if queue.load <= 0.0:
        return idle(agents)
    if queue.cv < CERTAIN:
        return _peaked(agents, queue.load, queue)
    shape = 1.0 / (queue.cv * queue.cv) + 1.0
    peak = 1.0 + queue.cv * queue.cv  # of the density over log G, where G calls count G times
    deviation = 1.0 / math.sqrt(shape)
    capacity = agents * len(queue.slowdowns) / queue.slowdowns[-1]
    full = math.log(capacity / (queue.load * peak)) if agents > 0.0 else -math.inf  # a kink, without patience
    low, high = density_end(shape, -1.0, RARE), density_end(shape, 1.0, RARE)
    edges = np.array([low, -CENTRAL * deviation, CENTRAL * deviation, high, full])
    edges = np.sort(np.minimum(np.maximum(edges, low), high))
    sums = np.zeros(TERMS)
    for place in range(len(edges) - 1):
        if edges[place + 1] > edges[place]:
            _integrate(agents, queue, shape, edges[place], edges[place + 1], sums)
    return _means(sums, queue)


@kernel
def density_end(shape: float, side: float, rare: float) -> float:
    """Return where the density over log G, its peak at 0, has fallen by exp(-rare): Newton steps."""
    fallen = rare / shape
    x = side * math.sqrt(2.0 * fallen)
    for _ in range(12):
        x -= (math.expm1(x) - x - fallen) / math.expm1(x)
    return x


@kernel
def _integrate(
    agents: float, queue: Situation, shape: float, begin: float, end: float, sums: NDArray[np.float64]
) -> None:
    """Add what calls see with log G, relative to its peak, from `begin` to `end`; halved while rough."""
    waiting, found = np.empty((STACK, 2)), np.zeros((2, TERMS))
    waiting[0, 0], waiting[0, 1] = begin, end
    count, deviation = 1, 1.0 / math.sqrt(shape)
    while count > 0:
        count -= 1
        first, last = waiting[count, 0], waiting[count, 1]
        _panel(agents, queue, shape, 0.5 * (first + last), 0.5 * (last - first), found)
        rough = np.max(np.abs(found[0, :CHECKED] - found[1, :CHECKED])) > TOLERANCE * deviation
        if rough and last - first > NARROWEST * deviation and count + 2 <= STACK:
            waiting[count, 0], waiting[count, 1] = first, 0.5 * (first + last)
            waiting[count + 1, 0], waiting[count + 1, 1] = 0.5 * (first + last), last
            count += 2
        else:
            sums += found[0]


@kernel
def _panel(
    agents: float,
    queue: Situation,
    shape: float,
    centre: float,
    half: float,
    found: NDArray[np.float64],
) -> None:
    """Fill both rows of `found`: the sums by the finer rule, and by the coarser (those checked only)."""
    found[:] = 0.0
    terms = np.ones(TERMS)
    for point in range(len(POINTS)):
        x = centre + half * POINTS[point]
        factor = (1.0 + queue.cv * queue.cv) * math.exp(x)
        density = half * math.exp(shape * (x - math.expm1(x)))
        _fill_terms(agents, queue, factor, terms)
        for term in range(TERMS):
            found[0, term] += KRONROD[point] * density * terms[term]
        for term in range(CHECKED):
            found[1, term] += GAUSS[point] * density * terms[term]


@kernel
def _fill_terms(agents: float, queue: Situation, factor: float, terms: NDArray[np.float64]) -> None:
    """Fill in what a call sees when the rate is `factor` times the forecast's; ATTEMPTS holds a guess."""
    load, variant = queue.load * factor, queue.asked.variant
    counts_offered = variant not in (EXCLUDING_SHORT, EXCLUDING_ABANDONED_IN_TARGET)
    whole = queue.peakedness == 1.0 and agents > 0.0 and agents == math.floor(agents)
    if queue.model == ERLANG_X and whole and counts_offered:
        seen = measure_near(terms[ATTEMPTS], agents, load, queue.aht_s, queue.asked)
    else:  # the same again in `_counted`, to the last bit: next to nobody in time is divided by itself
        seen = _peaked(agents, load, queue)
    answered = seen.attempts * (1.0 - seen.abandonment - seen.blocking)
    counted = seen.attempts * _counted(agents, load, queue, seen)
    terms[CALLS] = 1.0
    terms[COUNTED], terms[IN_TIME] = counted, counted * seen.service_level
    terms[ATTEMPTS], terms[ABANDONED] = seen.attempts, seen.attempts * seen.abandonment
    terms[BLOCKED], terms[WAITED] = seen.attempts * seen.blocking, seen.attempts * seen.p_wait
    terms[BUSY] = seen.occupancy / factor
    terms[ANSWERED_CALLS] = answered
    terms[ANSWER_S] = answered * seen.asa_s if answered > 0.0 else 0.0
    terms[WAIT_S] = seen.attempts * seen.mean_wait_s


@kernel
def _counted(agents: float, load: float, queue: Situation, seen: Measures) -> float:
    """Return the share of the attempts that the service level is a share of; see VARIANTS."""
    asked = queue.asked
    if asked.variant == ANSWERED and queue.model != ERLANG_B:
        return 1.0 - seen.abandonment
    if asked.variant not in (EXCLUDING_SHORT, EXCLUDING_ABANDONED_IN_TARGET) or math.isinf(asked.patience_s):
        return 1.0
    if seen.service_level > 0.0:
        plain = Question(
            asked.patience_s, asked.redial_probability, asked.answer_within_s, 0.0, OFFERED, False
        )
        of_offered = Situation(
            queue.model, queue.load, queue.aht_s, queue.cv, queue.peakedness, plain, queue.slowdowns
        )
        return _peaked(agents, load, of_offered).service_level / seen.service_level
    left_within_s = asked.short_abandon_s if asked.variant == EXCLUDING_SHORT else asked.answer_within_s
    return math.exp(-left_within_s / asked.patience_s)  # nobody is answered before


@kernel
def _peaked(agents: float, load: float, queue: Situation) -> Measures:
    """Return the steady state by Hayward's approximation; the formula itself at peakedness 1."""
    crew, z = agents / queue.peakedness, queue.peakedness
    if queue.model == CHAT or crew == math.floor(crew):
        found = measure(queue.model, crew, load / z, queue.aht_s, queue.asked, queue.slowdowns)
    else:
        found = measure_between(queue.model, crew, load / z, queue.aht_s, queue.asked)
    if z == 1.0:
        return found
    return Measures(
        found.service_level,
        found.asa_s,
        found.abandonment,
        found.occupancy,
        found.p_wait,
        found.mean_wait_s,
        found.queue_length * z,
        found.blocking,
        found.attempts,
    )


@kernel
def _means(sums: NDArray[np.float64], queue: Situation) -> Measures:
    """Return expected counts over expected counts."""
    calls, attempts = sums[CALLS], sums[ATTEMPTS]
    line = sums[WAIT_S] / calls * queue.load / queue.aht_s
    return Measures(
        sums[IN_TIME] / sums[COUNTED],
        sums[ANSWER_S] / sums[ANSWERED_CALLS] if sums[ANSWERED_CALLS] > 0.0 else math.nan,
        sums[ABANDONED] / attempts,
        sums[BUSY] / calls,
        sums[WAITED] / attempts,
        sums[WAIT_S] / attempts,
        line,
        sums[BLOCKED] / attempts,
        attempts / calls,
    )

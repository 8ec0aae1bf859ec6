"""The fewest agents per interval under a moving load whose whole day is uncertain, or comes in bursts.

The factor on the rate holds for a day: a busy morning is followed by a busy afternoon, and what has piled up
is carried on. So the course of `wfm.erlang.course` is followed once for each of some factors, all of them
with the same agents; targets hold for the means over these nodes, weighted as in `wfm.erlang.expectation`,
and over time. A new day draws a new factor: each node then begins with the mean of what all have left. Bursts
are taken as everywhere: load and agents over peakedness. Loads in erlangs, times in seconds.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wfm.erlang.course import MEASURES, Curves, Line, Stretch, blend, curves, follow
from wfm.erlang.expectation import ANSWERED, CERTAIN, Arrivals, density_end
from wfm.erlang.kernel import kernel
from wfm.erlang.measures import Measures, idle
from wfm.erlang.models import ERLANG_B, NUMBERS, Performance, QueueingModel, question
from wfm.erlang.non_stationary import NEARLY_EMPTY, MovingStaff
from wfm.erlang.offered_load import modified_offered_load
from wfm.erlang.search import Goal, margin_of, meets, next_agents
from wfm.erlang.targets import Targets, goal_of, loosened

FEWEST_NODES, MOST_NODES, NODES_PER_SWEEP = 32, 192, 16
RARE = 16.0  # logarithm of the density, relative to its peak, where the law of the rate is cut off
LEARNT = 3.0  # deviations at most by which a row starts beside its load
SLOPE = 1.0  # logits per deviation of agents, to begin with

Floats = NDArray[np.float64]

SERVICE_LEVEL, ASA_S, ABANDONMENT, OCCUPANCY, P_WAIT, MEAN_WAIT_S, QUEUE_LENGTH, BLOCKING, ATTEMPTS = range(
    MEASURES
)
BY_CALLS = (ABANDONMENT, P_WAIT, MEAN_WAIT_S, BLOCKING)


class Days(NamedTuple):
    """Intervals in order of time: whether each follows the one before, and whether it begins a day."""

    contiguous: NDArray[np.bool_]
    begins: NDArray[np.bool_]


class UncertainDemand(NamedTuple):
    """Intervals of one queue, one row each, loads over peakedness."""

    steady: Floats  # load that the arrivals of the interval would come to
    aht_s: Floats
    mean_load: Floats  # of the modified offered load
    deviation: Floats  # of the load: chance and rate together
    factors: Floats  # [row, node] on the rate
    weights: Floats  # [row, node] share of the calls
    days: Days
    peakedness: float


class Course(NamedTuple):
    """What all rows share: model and question, their curves, length of an interval, targets."""

    line: Line
    kept: Curves
    interval_s: float
    goal: Goal


def staff_uncertain_load(
    model: QueueingModel,
    offered: Floats,
    aht_s: Floats,
    interval_s: float,
    days: Days,
    targets: Targets,
    arrivals: Arrivals,
) -> MovingStaff:
    """Return the fewest agents that keep all targets in expectation, rows in order of time.

    After a gap the queue starts empty. Raises ValueError for a target that no number of agents can meet.
    """
    z = float(arrivals.peakedness)
    mean_load = modified_offered_load(offered, aht_s, interval_s, days.contiguous) / z
    cv = np.broadcast_to(np.asarray(arrivals.cv, dtype=np.float64), offered.shape)
    factors, weights = nodes_of(cv, float(mean_load.max(initial=0.0)))
    deviation = np.sqrt(1.0 + mean_load + (cv * mean_load) ** 2)
    steady = offered * aht_s / interval_s / z
    demand = UncertainDemand(steady, aht_s, mean_load, deviation, factors, weights, days, z)
    asked = question(model, targets.answering, with_asa=True)
    line = Line(NUMBERS[model.name], asked, np.array(model.slowdowns))
    agents, table = np.empty(len(offered), dtype=np.int64), np.empty((len(offered), MEASURES))
    course = Course(line, curves(model.endless, aht_s), float(interval_s), loosened(goal_of(targets)))
    _staff(demand, course, agents, table)
    return MovingStaff(agents, Performance(*table.T))


def nodes_of(cv: Floats, most_load: float) -> tuple[Floats, Floats]:
    """Return factors on the rate and their shares of the calls, a row for each `cv`; one node if all are 0.

    Equal steps over log G as calls see it, weighted by its density. They are so fine that the load does not
    move by more than about a standard deviation of itself from one to the next: the service level of patient
    contacts falls from all to nothing over a few of those.
    """
    if not (cv >= CERTAIN).any():
        return np.ones((len(cv), 1)), np.ones((len(cv), 1))
    known, place = np.unique(np.maximum(cv, CERTAIN), return_inverse=True)
    shape = 1.0 / known**2 + 1.0
    low, high = ([density_end(each, side, RARE) for each in shape.tolist()] for side in (-1.0, 1.0))
    swept = float(known.max()) * math.sqrt(most_load)  # deviations of the load per deviation of the rate
    steps = np.linspace(0.0, 1.0, int(min(max(FEWEST_NODES, NODES_PER_SWEEP * swept), MOST_NODES)))
    x = np.array(low)[:, None] * (1.0 - steps) + np.array(high)[:, None] * steps
    weights = np.exp(shape[:, None] * (x - np.expm1(x)))
    weights /= weights.sum(axis=1, keepdims=True)
    return ((1.0 + known**2)[:, None] * np.exp(x))[place], weights[place]


@kernel
def _staff(demand: UncertainDemand, course: Course, agents: NDArray[np.int64], table: Floats) -> None:
    line = course.line
    contacts, after = np.zeros(demand.factors.shape[1]), np.zeros(demand.factors.shape[1])
    safety = 0.5
    for row in range(agents.size):
        if not demand.days.contiguous[row] or demand.aht_s[row] <= 0.0:
            contacts[:] = 0.0
        elif demand.days.begins[row]:
            contacts[:] = _mean_left(demand, row - 1, contacts)
        if demand.aht_s[row] <= 0.0 or (demand.steady[row] <= 0.0 and contacts.max() < NEARLY_EMPTY):
            agents[row], contacts[:] = 0, 0.0
            _write(idle(0.0), table[row])
            continue
        work = demand.mean_load[row] * line.slowdowns[-1] / len(line.slowdowns)
        deviation = demand.deviation[row]
        first = max(1.0, math.floor(demand.peakedness * (work + safety * deviation)) + 1.0)
        slope = SLOPE / (demand.peakedness * deviation)
        found = _fewest(demand, row, (first, slope), course, contacts, after, table[row])
        agents[row], contacts[:] = int(found), after
        safety = min(max(((found - 0.5) / demand.peakedness - work) / deviation, -LEARNT), LEARNT)


@kernel
def _fewest(
    demand: UncertainDemand,
    row: int,
    start: tuple[float, float],
    course: Course,
    contacts: Floats,
    after: Floats,
    means: Floats,
) -> float:
    """Return the fewest agents for one row; fill `means`, and `after` with what each node leaves.

    `start` is a number of agents to try and the logits that one more is worth.
    """
    low = math.ceil(demand.peakedness) - 1.0  # curves begin with one agent
    (agents, slope), high = start, math.inf
    agents = max(agents, low + 1.0)
    last_agents, last_margin, steps = agents, 0.0, 0
    while high - low > 1.0:
        found = _expected(demand, row, agents, course, contacts, after)
        if meets(found, course.goal, False):
            high = agents
        else:
            low = agents
        margin = margin_of(found, course.goal, False)
        if agents != last_agents and (margin - last_margin) / (agents - last_agents) > 0.0:
            slope = (margin - last_margin) / (agents - last_agents)
        last_agents, last_margin, steps = agents, margin, steps + 1
        agents = next_agents(low, high, agents, agents - margin / slope, steps)
    _write(_expected(demand, row, high, course, contacts, after), means)
    return high


@kernel
def _expected(
    demand: UncertainDemand, row: int, agents: float, course: Course, contacts: Floats, after: Floats
) -> Measures:
    """Return the means over nodes and time of a row; fill `after` with the contacts each node leaves."""
    crew, aht_s = agents / demand.peakedness, demand.aht_s[row]
    curve = blend(course.kept, course.line, crew, aht_s)
    seen, sums = np.empty(MEASURES), np.zeros(MEASURES)
    of_answered = course.line.asked.variant == ANSWERED and course.line.model != ERLANG_B
    calls, answered, counted, time = 0.0, 0.0, 0.0, 0.0
    for node in range(contacts.size):
        factor, weight = demand.factors[row, node], demand.weights[row, node]
        stretch = Stretch(demand.steady[row] * factor, aht_s, course.interval_s)
        after[node] = follow(curve, 1, contacts[node], stretch, MEASURES, seen).contacts
        level = min(max(seen[SERVICE_LEVEL], 0.0), 1.0)  # beyond the ends of a curve its lines go on
        attempts = weight * seen[ATTEMPTS]
        served = attempts * max(1.0 - seen[ABANDONMENT] - seen[BLOCKING], 0.0)
        share = served if of_answered else attempts
        calls, answered, counted, time = (
            calls + attempts,
            answered + served,
            counted + share,
            time + weight / factor,
        )
        sums[SERVICE_LEVEL] += share * level
        sums[ASA_S] += served * seen[ASA_S] if served > 0.0 else 0.0
        for column in BY_CALLS:
            sums[column] += attempts * seen[column]
        sums[OCCUPANCY] += weight / factor * seen[OCCUPANCY]
        sums[QUEUE_LENGTH] += weight / factor * seen[QUEUE_LENGTH] * demand.peakedness
    return Measures(
        sums[SERVICE_LEVEL] / counted if counted > 0.0 else 0.0,
        sums[ASA_S] / answered if answered > 0.0 else math.nan,
        sums[ABANDONMENT] / calls,
        sums[OCCUPANCY] / time,
        sums[P_WAIT] / calls,
        sums[MEAN_WAIT_S] / calls,
        sums[QUEUE_LENGTH] / time,
        sums[BLOCKING] / calls,
        calls,
    )


@kernel
def _mean_left(demand: UncertainDemand, row: int, contacts: Floats) -> float:
    """Return the contacts that a day leaves on average over its factors."""
    time = demand.weights[row] / demand.factors[row]
    return float((time * contacts).sum() / time.sum())


@kernel
def _write(found: Measures, means: Floats) -> None:
    for column in range(len(found)):
        means[column] = found[column]

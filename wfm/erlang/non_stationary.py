"""The fewest agents per interval under a load that moves, the state of each interval handed to the next.

Targets hold for the averages over the time of an interval, which is what its arrivals see, on the course of
`wfm.erlang.course`. Where the load hardly moves that is the steady state at its mean, and taken for it.
Agents who go off duty finish their contact first. Loads in erlangs, times in seconds.
Method: iterative staffing (Feldman, Mandelbaum, Massey & Whitt (2008), Management Science 54, 324-338) with
that course for their simulation, and forward in time, since an interval sees only what came before.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wfm.erlang.course import (
    MEASURES,
    Curves,
    Line,
    State,
    Stretch,
    blend,
    contacts_in_system,
    curves,
    follow,
    load_ahead,
)
from wfm.erlang.kernel import kernel
from wfm.erlang.measures import Measures, idle
from wfm.erlang.models import ERLANG_B, NUMBERS, Performance, QueueingModel, measure, question
from wfm.erlang.offered_load import modified_offered_load
from wfm.erlang.search import Goal, meets
from wfm.erlang.targets import Targets, fewest_agents, goal_of

NEARLY_EMPTY = 0.05  # contacts left when arrivals have ceased, below which nobody need stay for them
CALM = 0.4  # standard deviations of the load within which it hardly moves
SWEEP, DRIFT = 4.0, 1.5  # the same unit: a load that moves farther needs fewer points of a curve
LEARNING = 0.2  # of what a swept row has needed, for the next
WIDTH = 2.5  # agents worth a whole service level at a load that stands still, in deviations
SERVICE_LEVEL = Measures._fields.index("service_level")
ROUNDING = 1e-9  # of an occupancy, which is an average here


@dataclass(frozen=True)
class MovingStaff:
    """Agents per interval, and what they come to on average over each interval."""

    agents: NDArray[np.int64]
    performance: Performance


class Demand(NamedTuple):
    """Intervals of one queue in order of time, one array element each."""

    steady: NDArray[np.float64]  # load that the arrivals of the interval would come to
    aht_s: NDArray[np.float64]
    contiguous: NDArray[np.bool_]
    mean_load: NDArray[np.float64]  # of the modified offered load
    still: NDArray[np.bool_]  # it hardly moves
    guess: NDArray[np.int64]  # agents for its mean, where it hardly moves


class Work(NamedTuple):
    """Where a search begins."""

    agents: float  # as many as the load
    first: float  # number of agents to try
    deviation: float  # of the load
    width: float  # agents that are worth a whole service level
    swept: bool  # the load moves far
    drifting: bool  # or at least some way


def staff_moving_load(
    model: QueueingModel,
    offered: NDArray[np.float64],
    aht_s: NDArray[np.float64],
    interval_s: float,
    contiguous: NDArray[np.bool_],
    targets: Targets,
) -> MovingStaff:
    """Return the fewest agents that keep all targets on average over each interval, rows in order of time.

    `contiguous[i]` says that interval i follows interval i - 1 without a gap; after a gap the queue starts
    empty. An interval without arrivals still handles what is in service. Raises ValueError for a target that
    no number of agents can meet.
    """
    mean_load = modified_offered_load(offered, aht_s, interval_s, contiguous)
    steady = offered * aht_s / interval_s
    still = np.empty(len(offered), dtype=np.bool_)
    _mark_still(steady, aht_s, float(interval_s), contiguous, mean_load, still)
    calls = mean_load[still] * interval_s / aht_s[still]
    guess = np.zeros(len(offered), dtype=np.int64)
    guess[still] = fewest_agents(model, calls, np.full(calls.size, float(interval_s)), aht_s[still], targets)
    demand = Demand(steady, aht_s, contiguous, mean_load, still, guess)
    asked = question(model, targets.answering, with_asa=True)
    line = Line(NUMBERS[model.name], asked, np.array(model.slowdowns))
    kept = curves(math.isinf(asked.patience_s) and line.model != ERLANG_B, aht_s)
    goal = goal_of(targets)
    goal = goal._replace(occupancy=goal.occupancy * (1.0 + ROUNDING))
    agents, table = np.empty(len(offered), dtype=np.int64), np.empty((len(offered), MEASURES))
    _staff(demand, float(interval_s), line, kept, goal, agents, table)
    return MovingStaff(agents, Performance(*table.T))


@kernel
def _mark_still(
    steady: NDArray[np.float64],
    aht_s: NDArray[np.float64],
    interval_s: float,
    contiguous: NDArray[np.bool_],
    mean_load: NDArray[np.float64],
    still: NDArray[np.bool_],
) -> None:
    load = 0.0
    for row in range(still.size):
        if not contiguous[row] or aht_s[row] <= 0.0:
            load = 0.0
        still[row] = False
        if aht_s[row] > 0.0:
            stretch = Stretch(steady[row], aht_s[row], interval_s)
            still[row] = mean_load[row] > 0.0 and _is_calm(load, mean_load[row], stretch)
            load = load_ahead(load, stretch)


@kernel
def _staff(
    demand: Demand,
    interval_s: float,
    line: Line,
    kept: Curves,
    goal: Goal,
    agents: NDArray[np.int64],
    table: NDArray[np.float64],
) -> None:
    state = State(0.0, 0.0)
    safety, swept_safety = 0.0, 0.0  # deviations above the load, as rows before have needed
    for row in range(agents.size):
        stretch = Stretch(demand.steady[row], demand.aht_s[row], interval_s)
        if not demand.contiguous[row] or stretch.aht_s <= 0.0:
            state = State(0.0, 0.0)
        mean_load = demand.mean_load[row]
        if stretch.steady <= 0.0 and state.contacts < NEARLY_EMPTY:
            agents[row], state = 0, State(0.0, 0.0)
            _write(idle(0.0), table[row])
        elif demand.still[row] and _is_calm(state.load, mean_load, stretch):
            agents[row] = demand.guess[row]
            state = _stand(line, float(agents[row]), mean_load, state.load, stretch, table[row])
        else:
            work = _work(line, state, stretch, goal, (safety, swept_safety))
            agents[row], state = _fewest(line, kept, work, state, stretch, goal, table[row])
            needed = min(max((agents[row] - 0.5 - work.agents) / work.deviation, -3.0), 3.0)
            if work.swept:
                swept_safety += LEARNING * (needed - swept_safety)
            else:
                safety = needed


@kernel
def _is_calm(load: float, mean_load: float, stretch: Stretch) -> bool:
    """Return whether begin and end of the interval are near the mean of the modified offered load."""
    away = max(abs(load - mean_load), abs(load_ahead(load, stretch) - mean_load))
    return away <= CALM * math.sqrt(mean_load)


@kernel
def _stand(
    line: Line, agents: float, mean_load: float, load: float, stretch: Stretch, means: NDArray[np.float64]
) -> State:
    """Fill `means` with the steady state at the mean load, and return the state in the end."""
    found = measure(line.model, agents, mean_load, stretch.aht_s, line.asked, line.slowdowns)
    _write(found, means)
    ahead = load_ahead(load, stretch)
    contacts = contacts_in_system(line, agents, mean_load, found) + ahead - mean_load
    return State(max(0.0, contacts), ahead)


@kernel
def _work(line: Line, before: State, stretch: Stretch, goal: Goal, safety: tuple[float, float]) -> Work:
    """Return where to begin: at the load, without any wait, after the share of the time that matters.

    `safety`, in deviations, is added to it: the second where the load is swept.
    """
    share = goal.service_level if 0.0 < goal.service_level < 1.0 else 0.5
    passed = share if stretch.steady > before.contacts else 1.0 - share
    fade = math.exp(-passed * stretch.interval_s / stretch.aht_s)
    load = stretch.steady + (before.contacts - stretch.steady) * fade
    deviation = math.sqrt(max(1.0, load))
    moved = abs(stretch.steady - load) * stretch.interval_s / stretch.aht_s
    way = abs(stretch.steady - before.contacts) / deviation
    agents = load * line.slowdowns[-1] / len(line.slowdowns)
    first = max(1.0, math.floor(agents + safety[int(way > SWEEP)] * deviation) + 1.0)
    return Work(agents, first, deviation, WIDTH * deviation + moved, way > SWEEP, way > DRIFT)


@kernel
def _fewest(
    line: Line,
    kept: Curves,
    work: Work,
    before: State,
    stretch: Stretch,
    goal: Goal,
    means: NDArray[np.float64],
) -> tuple[int, State]:
    """Return the fewest agents whose averages meet the goal, and the state that they leave; fill `means`.

    Secant steps of the service level inside a bracket, strides doubled and halved for other targets.
    """
    only_level = _asks_level_only(goal)
    wanted = SERVICE_LEVEL + 1 if only_level else MEASURES
    stride = kept.stride if work.swept else 2 if work.drifting else 1
    low, high, agents = 0.0, math.inf, work.first  # low fails, high does
    last_agents, last_margin, slope, tries = agents, 0.0, 1.0 / work.width, 0
    means[:] = 0.0
    while high - low > 1.0:
        curve = blend(kept, line, agents, stretch.aht_s)
        follow(curve, stride, before.contacts, stretch, wanted, means)
        margin = means[SERVICE_LEVEL] - goal.service_level
        enough = meets(_measures(means), goal, False)
        if enough:
            high = agents
        else:
            low = agents
        if agents != last_agents:
            slope = max((margin - last_margin) / (agents - last_agents), 0.2 / work.width)
        last_agents, last_margin, tries = agents, margin, tries + 1
        away = abs(margin) / slope if only_level else 2.0**tries
        agents = _next(low, high, enough, away, tries)
    curve = blend(kept, line, high, stretch.aht_s)
    return int(high), follow(curve, stride, before.contacts, stretch, MEASURES, means)


@kernel
def _next(low: float, high: float, enough: bool, away: float, tries: int) -> float:
    """Return the next number of agents to try: by the root, `away` from the last; every fourth halfway."""
    if math.isinf(high):
        return low + max(1.0, math.ceil(away))
    if low > 0.0 and tries % 4 == 0:
        return math.floor(0.5 * (low + high))
    root = math.floor(high - away) if enough else math.ceil(low + away)
    return float(min(max(root, low + 1.0), high - 1.0))


@kernel
def _asks_level_only(goal: Goal) -> bool:
    waits = min(goal.asa_s, goal.mean_wait_s, goal.p_wait)
    return goal.service_level >= 0.0 and math.isinf(
        min(waits, goal.abandonment, goal.occupancy, goal.blocking)
    )


@kernel
def _measures(means: NDArray[np.float64]) -> Measures:
    return Measures(means[0], means[1], means[2], means[3], means[4], means[5], means[6], means[7], means[8])


@kernel
def _write(found: Measures, means: NDArray[np.float64]) -> None:
    for column in range(means.size):
        means[column] = found[column]

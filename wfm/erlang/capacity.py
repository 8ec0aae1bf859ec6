"""What a number of agents can carry: the inverse of staffing, for many queues with the same targets.

A larger load (same handle time, same agents) makes the wait longer in likelihood ratio, so that no measure
improves. If n agents were once found to carry a load, they carry every smaller one; if they were found to
fail, they fail at every larger one. Such findings, close to the boundary on either side, are kept in a table.
Loads are in erlangs, times in seconds. The table has a row per number of agents, a column per handle time.

Why: the density of the offered wait at t > 0 is proportional to exp((load g(t) - agents t) / aht), g growing
in t, and the weight of not waiting at all falls with the load; every service level, mean wait and share here
is a mean, or a quotient of two, that such a shift can only worsen.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wfm.erlang.kernel import kernel
from wfm.erlang.measures import Question
from wfm.erlang.models import measure
from wfm.erlang.search import Goal, Rows, margin_of, meets

TIGHT = 2e-5  # relative distance between what is carried and what is refused
BUCKETS_PER_ERLANG = 2.0
FEWEST_ROWS = 10_000  # below, the search takes less time than loading the code of the table
WORTH = 6  # rows for which one entry of the table pays


class Terms(NamedTuple):
    """What all queues of a column share: the model by its number, and what is promised."""

    model: int
    slowdowns: NDArray[np.float64]
    asked: Question
    goal: Goal


class Capacity(NamedTuple):
    """Findings for agents 0, 1, ... and the handle times of `nodes`."""

    nodes: NDArray[np.float64]  # ascending, their square roots in equal steps
    carried: NDArray[np.float64]  # [agents, node] found to meet the targets
    refused: NDArray[np.float64]  # [agents, node] found not to; infinite where every load of interest is met
    first: NDArray[
        np.int32
    ]  # [node, bucket of load] fewest agents there or at the next node, for its smallest load
    highest: float  # the largest load of interest


def capacity_table(terms: Terms, rows: Rows, *, columns: int) -> Capacity | None:
    """Return the table that serves `rows`, with at most so many handle times; None where it would not pay."""
    if rows.load.size < FEWEST_ROWS:
        return None
    highest, shortest, longest = _ranges(rows.load, rows.aht_s)
    if highest == 0.0:
        return None
    agents = int(highest * rows.slowdowns[-1] / len(rows.slowdowns) + 8.0 * math.sqrt(highest) + 10.0)
    affordable = rows.load.size // (WORTH * agents)
    count = 1 if shortest == longest else min(columns, affordable)
    if affordable < 1 or (count == 1 and shortest != longest):
        return None
    nodes = np.linspace(math.sqrt(shortest), math.sqrt(longest), count) ** 2
    carried, refused = np.zeros((agents, count)), np.zeros((agents, count))
    filled = _fill(terms, nodes, highest, carried, refused)
    first = _first_agents(carried[:filled], highest)
    return Capacity(nodes, carried[:filled], refused[:filled], first, highest)


@kernel
def _ranges(load: NDArray[np.float64], aht_s: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return the largest load, and the shortest and longest handle time of the rows with load."""
    highest, shortest, longest = 0.0, math.inf, 0.0
    for row in range(load.size):
        if load[row] > 0.0:
            highest = max(highest, load[row])
            shortest, longest = min(shortest, aht_s[row]), max(longest, aht_s[row])
    return highest, shortest, longest


@kernel
def _fill(
    terms: Terms,
    nodes: NDArray[np.float64],
    highest: float,
    carried: NDArray[np.float64],
    refused: NDArray[np.float64],
) -> int:
    """Fill the table from no agent on, until `highest` is carried everywhere; return the rows filled."""
    slopes = np.full(len(nodes), -1.0)
    for agents in range(1, len(carried)):
        enough = True
        for node in range(len(nodes)):
            low = carried[agents - 1, node]
            if low < highest:
                step = low - carried[agents - 2, node] if agents > 1 else 0.5
                found = _boundary(terms, float(agents), nodes[node], low, low + step, slopes[node], highest)
                carried[agents, node], refused[agents, node], slopes[node] = found
            else:
                carried[agents, node], refused[agents, node] = low, math.inf
            enough = enough and carried[agents, node] >= highest
        if enough:
            return agents + 1
    return len(carried)


@kernel
def _boundary(
    terms: Terms, agents: float, aht_s: float, low: float, guess: float, slope: float, highest: float
) -> tuple[float, float, float]:
    """Return a load the agents carry, one little larger they do not, and the slope of the margin there.

    `low` they carry; `slope` is that of the margin of one agent less.
    """
    elsewhere = terms.goal.occupancy < 0.0  # then the cap is a number of agents of each row
    high, load, steps = math.inf, guess, 0
    last_load, last_margin = guess, 0.0
    while low < highest and (math.isinf(high) or high - low > TIGHT * high):
        found = measure(terms.model, agents, load, aht_s, terms.asked, terms.slowdowns)
        margin = margin_of(found, terms.goal, elsewhere)
        if meets(found, terms.goal, elsewhere):
            low = load
        else:
            high = load
        if load != last_load and (margin - last_margin) / (load - last_load) < 0.0:
            slope = (margin - last_margin) / (load - last_load)
        last_load, last_margin, steps = load, margin, steps + 1
        load = _next_load(low, high, load, load - margin / slope, steps)
    return low, high if low < highest else math.inf, slope


@kernel
def _next_load(low: float, high: float, load: float, root: float, steps: int) -> float:
    """Return the next load to try: the root, or just across it once it is near; every sixth time halfway."""
    if math.isinf(high):
        return min(max(root, low * (1.0 + 0.9 * TIGHT), 1e-12), load + 2.0**steps * (1.0 + math.sqrt(load)))
    if steps % 6 == 0:
        return 0.5 * (low + high)
    near = 0.4 * TIGHT * high
    if load == low and root - low < near:
        root = low + 2.0 * near
    elif load == high and high - root < near:
        root = high - 2.0 * near
    return root if low < root < high else 0.5 * (low + high)


@kernel
def _first_agents(carried: NDArray[np.float64], highest: float) -> NDArray[np.int32]:
    buckets = int(highest * BUCKETS_PER_ERLANG) + 1
    first = np.empty((carried.shape[1], buckets), dtype=np.int32)
    for node in range(carried.shape[1]):
        agents = 1
        for bucket in range(buckets):
            while agents < len(carried) - 1 and carried[agents, node] < bucket / BUCKETS_PER_ERLANG:
                agents += 1
            first[node, bucket] = agents
    for node in range(len(first) - 1):
        first[node] = np.minimum(first[node], first[node + 1])
    return first

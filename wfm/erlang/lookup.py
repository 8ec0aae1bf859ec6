"""The fewest agents of many queues by a table of what agents can carry, the open ones by the formulas.

Loads are in erlangs, times in seconds; see `wfm.erlang.capacity` for why the table decides.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wfm.erlang.capacity import BUCKETS_PER_ERLANG, Capacity, Terms
from wfm.erlang.erlang_a import measure_impatient
from wfm.erlang.gamma_ratios import upper
from wfm.erlang.kernel import kernel
from wfm.erlang.models import ERLANG_A, measure
from wfm.erlang.search import Goal, Rows, meets

ROUNDING = 1e-11  # relative distance from a finding below which it says nothing


class Queue(NamedTuple):
    """One row of Rows; `lowest` keeps an occupancy that is decided in exact arithmetic."""

    load: float
    aht_s: float
    lowest: float
    enough: float


class Findings(NamedTuple):
    """What the table says of each row."""

    fewest: NDArray[np.int64]
    enough: NDArray[np.bool_]  # surely so many do
    lowest: NDArray[np.bool_]  # surely fewer do not
    open_rows: NDArray[np.int64]  # positions of the rows where one of the two is not sure


@kernel
def fewest_by_capacity(
    capacity: Capacity, between_nodes: bool, terms: Terms, rows: Rows, fewest: NDArray[np.int64]
) -> None:
    """Fill `fewest`; `between_nodes` says that a longer handle time at the same load improves no measure.

    Where it may, findings decide only at the handle time they were made with. The rows left open are
    evaluated afterwards, so that a processor can work on several at once.
    """
    enough, lowest = np.empty(fewest.size, dtype=np.bool_), np.empty(fewest.size, dtype=np.bool_)
    found = Findings(fewest, enough, lowest, np.empty(fewest.size, dtype=np.int64))
    count = _look_up(capacity, between_nodes, rows, terms.goal, found)
    for row in found.open_rows[:count]:
        queue = Queue(rows.load[row], rows.aht_s[row], _floor(rows, row, terms.goal), rows.enough[row])
        known = lowest[row] or fewest[row] == queue.lowest
        fewest[row] = int(_settled(float(fewest[row]), enough[row], known, queue, terms))


@kernel
def _look_up(capacity: Capacity, between_nodes: bool, rows: Rows, goal: Goal, found: Findings) -> int:
    """Fill the findings from the table; return how many rows are left open."""
    last = len(capacity.nodes) - 1
    first_root = math.sqrt(capacity.nodes[0])
    per_root = last / (math.sqrt(capacity.nodes[-1]) - first_root) if last > 0 else 0.0
    certain, count = between_nodes or last == 0, 0
    for row in range(found.fewest.size):
        load = rows.load[row]
        if not load > 0.0:  # unknown loads too
            found.fewest[row] = 0
            continue
        place = max(0.0, (math.sqrt(rows.aht_s[row]) - first_root) * per_root)
        shorter = min(int(place), last)
        longer = min(shorter + 1, last)
        agents = _guess(capacity, load, shorter, longer, place - shorter)
        enough = certain and load <= capacity.carried[agents, longer] * (1.0 - ROUNDING)
        lowest = certain and load >= capacity.refused[agents - 1, shorter] * (1.0 + ROUNDING)
        found.fewest[row] = max(agents, int(_floor(rows, row, goal)))
        found.enough[row], found.lowest[row], found.open_rows[count] = enough, lowest, row
        count += int(not (enough and lowest))
    return count


@kernel
def _floor(rows: Rows, row: int, goal: Goal) -> float:
    """Return the agents of a row below which no formula need look."""
    if goal.occupancy < 0.0:
        return float(max(rows.lowest[row], rows.enough[row]))
    return float(rows.lowest[row])


@kernel
def _guess(capacity: Capacity, load: float, shorter: int, longer: int, weight: float) -> int:
    """Return the fewest agents by the table, interpolated between two handle times."""
    carried, most = capacity.carried, len(capacity.carried) - 1
    agents = int(capacity.first[shorter, int(load * BUCKETS_PER_ERLANG)])
    for _ in range(2):  # steps without a branch, which no processor could foresee
        agents = min(agents + int(_between(carried[agents], shorter, longer, weight) < load), most)
    while agents < most and _between(carried[agents], shorter, longer, weight) < load:
        agents += 1
    return agents


@kernel
def _between(carried: NDArray[np.float64], shorter: int, longer: int, weight: float) -> float:
    return float(carried[shorter] + weight * (carried[longer] - carried[shorter]))


@kernel
def _settled(agents: float, enough: bool, lowest: bool, queue: Queue, terms: Terms) -> float:
    """Return the fewest agents by evaluation, from a good guess on; known are `enough` and `lowest` of it."""
    if terms.model == ERLANG_A and agents > 1.0 and not enough and not lowest:
        fewer, same = _neighbours_hold(agents, queue, terms)
        if not fewer and same:
            return agents
    if not enough:
        while not _holds(agents, queue, terms):
            agents, lowest = agents + 1.0, True
    if not lowest:
        while agents > queue.lowest and _holds(agents - 1.0, queue, terms):
            agents -= 1.0
    return agents


@kernel
def _neighbours_hold(agents: float, queue: Queue, terms: Terms) -> tuple[bool, bool]:
    """Return whether one agent less and `agents` of Erlang A do, from one sum over their states."""
    head = upper(agents - 2.0, queue.load)
    found = measure_impatient(head, agents - 1.0, queue.load, queue.aht_s, terms.asked)
    if meets(found, terms.goal, agents - 1.0 >= queue.enough):
        return True, True
    head = 1.0 + head * (agents - 1.0) / queue.load
    found = measure_impatient(head, agents, queue.load, queue.aht_s, terms.asked)
    return False, meets(found, terms.goal, agents >= queue.enough)


@kernel
def _holds(agents: float, queue: Queue, terms: Terms) -> bool:
    found = measure(terms.model, agents, queue.load, queue.aht_s, terms.asked, terms.slowdowns)
    return meets(found, terms.goal, agents >= queue.enough)

"""Two-dimensional chains of blended agents, solved numerically: the truth where handle times differ.

States are (inbound contacts in the system, background work in service); rates per second. No shared code.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.linalg import expm_multiply, spsolve


class Centre(NamedTuple):
    """Blended agents with background work without end; `patience_s` may be infinite."""

    agents: int
    threshold: int
    calls_per_s: float
    aht_s: float
    background_aht_s: float
    patience_s: float


def measured(centre: Centre, within_s: float, most: int) -> dict[str, float]:
    """Return service level, p_wait, mean_wait_s, abandonment, occupancy and background_per_s.

    `most` is the number of inbound contacts in the system that is never exceeded.
    """
    states = _states(centre, most)
    share = _stationary(_moves(centre, states, most), len(states))
    inbound, background = np.array(list(states)).T
    busy = np.minimum(inbound, centre.agents - background) + background
    waiting = inbound + background - busy
    lost = float(share @ waiting) / centre.patience_s / centre.calls_per_s
    arrives_busy = {state: share[k] for state, k in states.items() if sum(state) >= centre.agents}
    in_time = 1 - sum(arrives_busy.values()) + _answered_waiting(centre, arrives_busy, within_s)
    return {
        "service_level": in_time,
        "p_wait": sum(arrives_busy.values()),
        "mean_wait_s": float(share @ waiting) / centre.calls_per_s,
        "abandonment": lost,
        "occupancy": float(share @ busy) / centre.agents,
        "background_per_s": float(share @ background) / centre.background_aht_s,
    }


def _states(centre: Centre, most: int) -> dict[tuple[int, int], int]:
    fewest = centre.agents - centre.threshold
    pairs = [(i, j) for j in range(fewest + 1) for i in range(max(0, fewest - j), most + 1)]
    return {pair: number for number, pair in enumerate(pairs)}


def _moves(centre, states, most):
    """Yield (from, to, rate)."""
    fewest = centre.agents - centre.threshold
    for (i, j), number in states.items():
        served = min(i, centre.agents - j)
        if i < most:
            yield number, states[i + 1, j], centre.calls_per_s
        if served:
            begins = int(i - 1 + j < fewest)
            yield number, states[i - 1, j + begins], served / centre.aht_s
        if i > served:
            yield number, states[i - 1, j], (i - served) / centre.patience_s
        if j and i + j - 1 >= fewest:  # else the next piece begins at once
            yield number, states[i, j - 1], j / centre.background_aht_s


def _stationary(moves, size: int):
    moves = list(moves)
    start, end, rate = (np.array(column) for column in zip(*moves, strict=True))
    balance = coo_matrix((rate, (end, start)), shape=(size, size)).tolil()
    out = np.bincount(start, rate, size)
    balance.setdiag(-out)
    balance[0, :] = 1.0
    right = np.zeros(size)
    right[0] = 1.0
    return spsolve(csr_matrix(balance).tocsc(), right)


def _answered_waiting(centre: Centre, found: dict[tuple[int, int], float], within_s: float) -> float:
    """Return the share of arrivals that wait and are answered in time: a tagged contact behind `found`."""
    places = {state: number for number, state in enumerate(found)}
    end = len(places)
    rows, columns, rates = [], [], []

    def move(source: int, target: tuple[int, int], rate: float) -> None:
        rows.append(places.get(target, end))
        columns.append(source)
        rates.append(rate)

    out = np.zeros(end + 1)
    for (i, j), number in places.items():
        served = centre.agents - j
        rate = served / centre.aht_s + (i - served) / centre.patience_s
        if rate:
            move(number, (i - 1, j), rate)
        if j:
            move(number, (i, j - 1), j / centre.background_aht_s)
        out[number] = rate + j / centre.background_aht_s + 1 / centre.patience_s
    flow = coo_matrix((rates, (rows, columns)), shape=(end + 1, end + 1)).tolil()
    flow.setdiag(-out)
    begin = np.array([*found.values(), 0.0])
    return float(expm_multiply(flow.tocsc() * within_s, begin)[end])

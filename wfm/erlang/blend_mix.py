"""The threshold policy with two handle times: the chain of busy agents, and the mix that they work on.

Which of the k busy agents do background work matters to how soon one is free. Exactly that is a chain in two
dimensions; here its mean is followed: m(k), the mean number doing background work while k are busy, obeys
exact balances but for E[j (j - 1) | k], which is taken as k (k - 1) (m(k) / k)**2, as if each busy agent were
one of them independently of the others. States with a line count as one with a mix of its own. With one
handle time this is exact. The fixed point is found by damped iteration from no background work at all, where
a line that is stable without it cannot grow without bound. docs/blending.md has the error, measured.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wfm.erlang.kernel import kernel
from wfm.erlang.measures import Question, Wait
from wfm.erlang.waiting_line import impatient_line, patient_line

CLOSE = 1e-10  # largest change of a share of the busy agents that ends the iteration
MOST_STEPS = 1000
LEAST_STEP, MOST_STEP = 0.02, 4.0  # of the iteration, relative to the change that the balances ask for
LONGER, SHORTER = 1.2, 0.5  # a step goes on as long as the changes keep their direction


class Jobs(NamedTuple):
    """Inbound contacts per second, and the rates at which one agent ends a contact and background work."""

    arrivals_per_s: float
    inbound_per_s: float
    background_per_s: float


class Mixed(NamedTuple):
    """What contacts meet, background work begun per second, and the mean of busy agents."""

    wait: Wait
    begun_per_s: float
    busy: float


@kernel
def measure_mixed(agents: float, threshold: float, jobs: Jobs, asked: Question) -> Mixed:
    """Return the steady state for agents > 0 and contacts that would be stable without background work."""
    kept = int(threshold)
    mix = np.zeros(kept + 2)  # share of the busy agents with background work: agents - kept ... agents, line
    stable_mix, new, change = np.zeros(kept + 2), np.zeros(kept + 2), np.zeros(kept + 2)
    step = 1.0
    found = _balanced(agents, mix, jobs, asked, new)
    for _ in range(MOST_STEPS):
        if found.busy < 0.0:  # too far: a line without bound
            mix[:] = 0.5 * (stable_mix + mix)
        else:
            largest, same_way = _compare(mix, new, change)
            if largest < CLOSE:
                break
            step = min(MOST_STEP, LONGER * step) if same_way else max(LEAST_STEP, SHORTER * step)
            stable_mix[:] = mix
            for k in range(kept + 2):
                mix[k] = min(1.0, max(0.0, mix[k] + step * change[k]))
        found = _balanced(agents, mix, jobs, asked, new)
    return found


@kernel
def _compare(
    mix: NDArray[np.float64], new: NDArray[np.float64], change: NDArray[np.float64]
) -> tuple[float, bool]:
    """Fill `change` with new - mix; return its largest element, and whether it points as the last one did."""
    largest, along = 0.0, 0.0
    for k in range(mix.size):
        now = new[k] - mix[k]
        largest = max(largest, abs(now))
        along += now * change[k]
        change[k] = now
    return largest, along >= 0.0


@kernel
def _rate(mix: float, jobs: Jobs) -> float:
    """Return how often a busy agent ends its work."""
    return jobs.inbound_per_s + mix * (jobs.background_per_s - jobs.inbound_per_s)


@kernel
def _balanced(
    agents: float,
    mix: NDArray[np.float64],
    jobs: Jobs,
    asked: Question,
    new: NDArray[np.float64],
) -> Mixed:
    """Return the steady state under this mix, and fill `new` with the mix that follows; busy -1: unstable."""
    kept, arrivals = mix.size - 2, jobs.arrivals_per_s
    handle_s = 1.0 / _rate(mix[kept + 1], jobs)  # while there is a line
    load = arrivals * handle_s
    patient = math.isinf(asked.patience_s)
    if patient and load >= agents:
        return Mixed(Wait(1.0, 0.0, 0.0, 1.0, 1.0, 0.0, math.inf, math.inf), 0.0, -1.0)
    head, lowest, idle = _free_states(agents, mix, jobs)
    # The line is one of `handle_s` from its first state if those with a free agent weigh `head` times this.
    head *= _rate(mix[kept], jobs) * handle_s
    if patient:
        wait = patient_line(head, load, agents, handle_s, asked)
    else:
        wait = impatient_line(head, load, agents, handle_s, asked)
    free = 1.0 - wait.p_wait
    from_line = arrivals * (wait.answered - free)  # answered after a wait, per second
    no_line = min(wait.p_wait, max(0.0, wait.p_wait - from_line * handle_s / agents))
    leaves = 0.0 if patient else 1.0 / asked.patience_s
    shortened = agents / handle_s + leaves  # rate at which a line of one ends
    line = wait.p_wait - no_line
    of_one = min(1.0, arrivals * no_line / (shortened * line)) if line > 0.0 else 1.0
    _follow(agents, mix, jobs, (of_one * shortened, of_one * ((agents - 1.0) / handle_s + leaves)), new)
    first = agents - kept
    begun = first * _rate(mix[0], jobs) * (lowest * free if kept > 0 else no_line)
    return Mixed(wait, begun, agents - idle * free)


@kernel
def _free_states(agents: float, mix: NDArray[np.float64], jobs: Jobs) -> tuple[float, float, float]:
    """Return the weights of states with a free agent relative to the last, share of the first, mean idle."""
    kept = mix.size - 2
    if kept == 0:
        return 0.0, 0.0, 0.0
    first = agents - kept
    to_last, to_first, idle, weight = 1.0, 1.0, float(kept), 1.0
    for k in range(1, kept):
        ends = (first + k) * _rate(mix[k], jobs)
        to_last = 1.0 + to_last * ends / jobs.arrivals_per_s
        weight *= jobs.arrivals_per_s / ends
        to_first += weight
        idle += weight * (kept - k)
    return to_last, 1.0 / to_first, idle / to_first


@kernel
def _follow(
    agents: float,
    mix: NDArray[np.float64],
    jobs: Jobs,
    line: tuple[float, float],
    new: NDArray[np.float64],
) -> None:
    """Fill `new` from the balances of m(k); `line`: rate at which a line ends, and with others' work only.

    Ratios of neighbours are found from the top down, the shares from the bottom up.
    """
    kept, arrivals = mix.size - 2, jobs.arrivals_per_s
    first = agents - kept
    above = line[1] * arrivals / (jobs.background_per_s + line[1])  # flow back per m(k), from the state above
    for k in range(kept, 0, -1):
        others = (first + k - 1.0) * _rate(mix[k], jobs)
        new[k] = arrivals / (arrivals + others + jobs.background_per_s - above)
        above = others * new[k]
    new[0] = jobs.inbound_per_s / (arrivals + jobs.inbound_per_s - above)
    for k in range(1, kept + 1):
        new[k] *= new[k - 1] * (first + k - 1.0) * _rate(mix[k], jobs) / arrivals
    new[kept + 1] = new[kept] * line[0] / (jobs.background_per_s + line[1])
    for k in range(kept + 2):
        new[k] = min(1.0, new[k])

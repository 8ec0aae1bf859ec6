"""Exact stationary figures of small Markov centres: all states are listed and the balance equations solved.

Everything is exponential. Rates are per second, times in seconds.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.linalg import spsolve


def stationary(start, moves):
    """Return the probability of every state that is reached; `moves(state)` yields rates and next states."""
    number, queue = {start: 0}, [start]
    rows, columns, rates = [], [], []
    for state in queue:
        for rate, following in moves(state):
            if following not in number:
                number[following] = len(queue)
                queue.append(following)
            rows += [number[following], number[state]]
            columns += [number[state]] * 2
            rates += [rate, -rate]
    size = len(queue)
    balance = coo_array((rates, (rows, columns)), shape=(size, size)).tolil()
    balance[0, :] = 1.0  # one equation follows from the others
    probability = spsolve(balance.tocsc(), np.eye(size)[0])
    return dict(zip(queue, probability, strict=True))


def voice(rate, aht_s, patience_s, serves, priority, longest=9):
    """Return the shares per queue of contacts abandoned and answered at once, and the contacts waiting.

    `serves` holds the queues of each agent, all of which it takes at once. A state is the queue that each
    agent serves (-1: idle), the idle agents, longest idle first, and the queues of those in line.
    """

    def moves(state):
        busy, idle, line = state
        for q, arrivals in enumerate(rate):
            a = next((a for a in idle if q in serves[a]), None)
            if a is not None:
                yield arrivals, (_put(busy, a, q), tuple(b for b in idle if b != a), line)
            elif len(line) < longest:
                yield arrivals, (busy, idle, (*line, q))
        for a, q in enumerate(busy):
            if q >= 0:
                yield 1 / aht_s[q], _freed(busy, idle, line, a)
        for place, q in enumerate(line):
            yield 1 / patience_s[q], (busy, idle, line[:place] + line[place + 1 :])

    def _freed(busy, idle, line, a):
        able = [(priority[q], place) for place, q in enumerate(line) if q in serves[a]]
        if not able:
            return _put(busy, a, -1), (*idle, a), line
        place = min(able)[1]
        return _put(busy, a, line[place]), idle, line[:place] + line[place + 1 :]

    agents = len(serves)
    found = stationary(((-1,) * agents, tuple(range(agents)), ()), moves)
    waiting = np.array([sum(p * s[2].count(q) for s, p in found.items()) for q in range(len(rate))])
    at_once = [
        sum(p for s, p in found.items() if any(q in serves[a] for a in s[1])) for q in range(len(rate))
    ]
    assert sum(p for s, p in found.items() if len(s[2]) == longest) < 1e-5, "the line is cut off too early"
    return {
        "abandonment": waiting / np.array(patience_s) / np.array(rate),
        "at_once": np.array(at_once),
        "waiting": waiting,
    }


def _put(busy, a, q):
    return (*busy[:a], q, *busy[a + 1 :])


def chat(rate, aht_s, patience_s, agents, slots, slowdown, longest=40):
    """Return abandonment, the share answered at once, contacts in service and waiting.

    A state is how many contacts the agents hold, fewest first, and the number of those in line.
    """

    def moves(state):
        holds, line = state
        if holds[0] < slots:
            yield rate, (tuple(sorted((holds[0] + 1, *holds[1:]))), 0)
        elif line < longest:
            yield rate, (holds, line + 1)
        for a, held in enumerate(holds):
            if held:
                served = held / (1 + slowdown * (held - 1)) / aht_s
                less = tuple(sorted(_put(holds, a, held - 1)))
                yield served, (holds, line - 1) if line else (less, 0)
        if line:
            yield line / patience_s, (holds, line - 1)

    found = stationary(((0,) * agents, 0), moves)
    waiting = sum(p * line for (_, line), p in found.items())
    return {
        "abandonment": waiting / patience_s / rate,
        "at_once": sum(p for (holds, _), p in found.items() if holds[0] < slots),
        "in_service": sum(p * sum(holds) for (holds, _), p in found.items()),
        "waiting": waiting,
    }

"""Simulated annealing of all agents' shifts, compiled: a break elsewhere, another start or length, exchanges.

Each move is judged by the exact change of the objective and taken if it is better, or with the probability
exp(-change / temperature) if it is worse; all hard rules of the agents hold at every step.
Source: Kirkpatrick, Gelatt & Vecchi (1983), Science 220, 671-680.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from wfm.compiled import entry
from wfm.schedule.exchange import exchange
from wfm.schedule.redraw import redraw
from wfm.schedule.shift_changes import (
    Space,
    Work,
    apply,
    breach_change,
    coverage_change,
    difference,
    own_change,
)
from wfm.schedule.small_moves import breaks_for, kept_with, other_break, other_type
from wfm.schedule.tour import OFF
from wfm.schedule.trade import trade

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BREAK_SHARE = 0.35  # of the moves: one break to another place of its window
EXCHANGE_SHARE = 0.25  # two agents of a kind exchange their shifts of some days
REDRAW_SHARE = 0.02  # one shift is drawn anew, here or on a day off
TRADE_SHARE = 0.04  # the same of two agents, who may trade dates


@entry
def anneal(
    random: np.random.Generator,
    work: Work,
    order: Ints,
    moves: int,
    temperature: float,
    space: Space,
) -> float:
    """Try so many moves of each agent in turn and return by how much the objective changed."""
    plan, costs = work.plan, work.costs
    change, new_offsets = space.change, space.new_offsets
    days = plan.types.shape[1]
    total = 0.0
    for turn in range(order.size * moves):
        a = order[turn // moves]
        d = int(random.random() * days)
        if plan.types[a, d] == OFF:
            continue
        draw = random.random()
        if draw < EXCHANGE_SHARE:
            total += exchange(random, work, a, d, temperature)
            continue
        if draw < EXCHANGE_SHARE + REDRAW_SHARE:
            total += redraw(random, work, a, d, temperature, space)
            continue
        if draw < EXCHANGE_SHARE + REDRAW_SHARE + TRADE_SHARE:
            total += trade(random, work, a, d, temperature, space)
            continue
        if draw < EXCHANGE_SHARE + REDRAW_SHARE + TRADE_SHARE + BREAK_SHARE:
            t, found = plan.types[a, d], other_break(random, work, a, d, new_offsets)
        else:
            t = other_type(random, work, a, d)
            found = t != OFF and breaks_for(random, work, a, d, t, new_offsets)
        if not found:
            continue
        delta = own_change(work, a, d, t)
        low, high = difference(work, a, d, t, new_offsets, change)
        delta += coverage_change(work, a, low, high, change)
        if costs.limited:
            delta += breach_change(work, a, d, t, low, high, change)
        taken = delta <= 0.0 or (temperature > 0.0 and random.random() < math.exp(-delta / temperature))
        if taken and kept_with(work, a, d, t):  # last, for few moves come so far
            total += delta
            apply(work, a, d, t, new_offsets, (low, high), change)
    return total

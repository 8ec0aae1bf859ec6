"""Two agents of any contract draw one shift each anew, on one date or trading a date for another; compiled.

A shift that goes to another date leaves a gap behind; the other agent, who comes the other way, fills it.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from wfm.compiled import kernel
from wfm.schedule.further_moves import keeps_further
from wfm.schedule.redraw import give_drawn, may_move, put, some_date, take
from wfm.schedule.shift_changes import Space, Work
from wfm.schedule.tour import LEGAL, OFF

Ints = NDArray[np.int64]

SAME_DATE = 0.4  # how often both stay on their date


@kernel
def trade(random: np.random.Generator, work: Work, a: int, d: int, temperature: float, space: Space) -> float:
    """Let an agent who works on a date and another draw a shift anew; return the change of the objective."""
    plan, crew = work.plan, work.crew
    e = d if random.random() < SAME_DATE else some_date(random, work, d)
    b = int(random.random() * plan.types.shape[0])
    if b == a or plan.types[b, e] == OFF:
        return 0.0
    if e != d and not (may_move(work, a, d, e) and may_move(work, b, e, d)):
        return 0.0
    old_a, old_b = plan.types[a, d], plan.types[b, e]
    was_a, was_b, now_a = space.old_offsets, space.others_offsets, space.first_offsets
    delta = take(work, a, d, was_a, space)
    delta += take(work, b, e, was_b, space)
    gained = give_drawn(random, work, a, e, crew.paid[a, d, old_a], temperature, space)
    if gained < LEGAL:
        for q in range(now_a.shape[0]):
            now_a[q] = space.new_offsets[q]
        delta += gained
        gained = give_drawn(random, work, b, d, crew.paid[b, e, old_b], temperature, space)
        delta += gained
        taken = delta <= 0.0 or (temperature > 0.0 and random.random() < math.exp(-delta / temperature))
        if taken and keeps_further(work, a) and keeps_further(work, b):
            return float(delta)
        if gained < LEGAL:
            put(work, b, d, plan.types[b, d], space.new_offsets, -1, space)
        put(work, a, e, plan.types[a, e], now_a, -1, space)
    put(work, a, d, old_a, was_a, 1, space)
    put(work, b, e, old_b, was_b, 1, space)
    return 0.0

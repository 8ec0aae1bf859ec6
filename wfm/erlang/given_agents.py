"""What given numbers of agents come to, interval by interval: staffing the other way round.

Each interval in its own steady state, or along the course of a moving load (`wfm.erlang.course`), whatever
the requirements were made with. Loads in erlangs, times in seconds.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wfm.erlang.course import MEASURES, Curves, Line, Stretch, blend, curves, follow
from wfm.erlang.kernel import kernel
from wfm.erlang.measures import Measures, idle
from wfm.erlang.models import ERLANG_B, NUMBERS, Answering, Performance, QueueingModel, performance, question

SHARES: Final = [
    Measures._fields.index(name)
    for name in ("service_level", "abandonment", "occupancy", "p_wait", "blocking")
]


class Intervals(NamedTuple):
    """Intervals of one queue in order of time, one array element each."""

    agents: NDArray[np.float64]
    load: NDArray[np.float64]
    aht_s: NDArray[np.float64]
    follows: NDArray[np.bool_]  # the one before without a gap, after which a queue starts empty


def given_agents(
    model: QueueingModel, intervals: Intervals, interval_s: float, answering: Answering, *, moving: bool
) -> Performance:
    """Return what the agents give, one element per interval.

    `moving`: the load is followed from one interval to the next, and the measures are averages over each
    interval. Otherwise every interval is a steady state of its own.
    """
    agents, load, aht_s, _ = intervals
    if not moving:
        return performance(model, agents, load, aht_s, answering)
    asked = question(model, answering, with_asa=True)
    line = Line(NUMBERS[model.name], asked, np.array(model.slowdowns))
    kept = curves(math.isinf(asked.patience_s) and line.model != ERLANG_B, aht_s)
    table = np.empty((len(load), MEASURES))
    _follow_all(intervals, float(interval_s), line, kept, table)
    for share in SHARES:  # the lines beyond the last points of a curve go on
        table[:, share] = np.clip(table[:, share], 0.0, 1.0)
    return Performance(*table.T)


@kernel
def _follow_all(
    intervals: Intervals, interval_s: float, line: Line, kept: Curves, table: NDArray[np.float64]
) -> None:
    contacts = 0.0
    for row in range(intervals.agents.size):
        agents, aht_s = intervals.agents[row], intervals.aht_s[row]
        if not intervals.follows[row] or aht_s <= 0.0:
            contacts = 0.0
        if agents < 1.0:  # nobody is planned where nobody is left to be served
            contacts = 0.0
            found = idle(0.0)
            for column in range(MEASURES):
                table[row, column] = found[column]
        else:
            curve = blend(kept, line, agents, aht_s)
            stretch = Stretch(intervals.load[row], aht_s, interval_s)
            contacts = follow(curve, 1, contacts, stretch, MEASURES, table[row]).contacts

"""Random small contact centres, with every rule in them and many events at one moment."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import strategies as st

from tests.simulate.small import REST, centre
from wfm.simulate.scenario import BEST_SKILL, EXPONENTIAL, LOGNORMAL, LONGEST_IDLE, MEASURED

INTERVAL_S = 600.0
CHOICES = {
    "patience_s": [math.inf, 0.0, 20.0, 100.0],
    "redial": [0.0, 0.5, 1.0],
    "redial_after_s": [0.0, 30.0, 200.0],
    "routing": [LONGEST_IDLE, BEST_SKILL],
    "priority": [1, 2],
    "overflow_after_s": [0.0, 10.0, 60.0, math.inf],
    "concurrency": [1, 2, 3],
    "slowdown": [0.0, 0.3],
    "deadline_s": [math.inf, 200.0],
    "handle": [EXPONENTIAL, LOGNORMAL, MEASURED],
}


@st.composite
def centres(draw, /, **fixed):
    """Draw a scenario of up to three queues and groups and five agents; `fixed` rules are not drawn."""
    queues, groups, intervals = (draw(st.integers(1, 3)) for _ in range(3))
    end_s = intervals * INTERVAL_S

    def per_queue(choices):
        return draw(st.lists(st.sampled_from(choices), min_size=queues, max_size=queues))

    def per_interval(choices):
        return np.array([per_queue(choices) for _ in range(intervals)]).T

    crew = [
        (draw(st.integers(0, groups - 1)), draw(stretches(int(end_s / 60))))
        for _ in range(draw(st.integers(0, 5)))
    ]
    scenario = centre(
        per_interval([0.0, 0.002, 0.01, 0.03]),
        per_queue([30.0, 100.0, 300.0]),
        [draw(ranks(queues)) for _ in range(groups)],
        crew,
        intervals=intervals,
        interval_s=INTERVAL_S,
        closes=per_interval([math.inf, 300.0, 900.0, end_s]),
        old_queue=draw(st.lists(st.integers(0, queues - 1), max_size=3)),
        worked=np.cumsum([0.0, *draw(st.tuples(*[st.sampled_from([0.0, INTERVAL_S])] * intervals))]),
        **{name: per_queue(choices) for name, choices in CHOICES.items() if name not in fixed},
        **fixed,
    )
    if draw(st.booleans()):
        scenario.rules.table[:] = 1.0  # measured handle times are all the same
    return scenario


@st.composite
def ranks(draw, queues):
    """Draw a group's skills: the ranks of the queues."""
    skills = draw(st.permutations(range(queues)))[: draw(st.integers(1, queues))]
    return [skills.index(q) if q in skills else REST for q in range(queues)]


@st.composite
def stretches(draw, minutes):
    """Draw up to three stretches on full minutes: some touch, some are empty or outside the time."""
    edges = sorted(draw(st.lists(st.integers(-5, minutes + 10), max_size=6)))
    return [(60.0 * begin, 60.0 * end) for begin, end in zip(edges[::2], edges[1::2], strict=False)]

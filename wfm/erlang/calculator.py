"""The planner's calculator, `wfm erlang`: one interval of one queue, numbers of agents around the answer."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wfm.config import Queue
from wfm.erlang.choice import model_of, targets_of
from wfm.erlang.models import performance
from wfm.erlang.shrinkage import with_shrinkage
from wfm.erlang.targets import fewest_agents

FEWER, MORE = 3, 5  # rows shown below and above the answer


def calculate(
    queue: Queue, calls: float, interval_s: float, aht_s: float, agents: int | None = None
) -> pd.DataFrame:
    """Return one row per number of agents around the answer, or around `agents` if given.

    Columns: `agents`, the steady state with so many (service_level, asa_s, occupancy, abandonment,
    blocking), `answer` (True in one row), and, the same in every row, offered, aht_s, load, agents_required,
    agents_to_schedule, agents_gross, queue_model, service_level_variant.
    """
    model, targets = model_of(queue), targets_of(queue)
    load = calls * aht_s / interval_s
    required = fewest_agents(model, calls, interval_s, aht_s, targets).reshape(1)
    headcount = with_shrinkage(required, queue.shrinkage, queue.shrinkage_planned, queue.shrinkage_mode)
    centre = int(required[0]) if agents is None else agents
    around = np.arange(max(0, centre - FEWER), centre + MORE + 1)
    steady = performance(model, around, load, aht_s, targets.answering)
    return pd.DataFrame(
        {
            "agents": around,
            "service_level": steady.service_level,
            "asa_s": steady.asa_s,
            "occupancy": steady.occupancy,
            "abandonment": steady.abandonment,
            "blocking": steady.blocking,
            "answer": around == centre,
            "offered": calls,
            "aht_s": aht_s,
            "load": load,
            "agents_required": int(required[0]),
            "agents_to_schedule": int(headcount.agents_to_schedule[0]),
            "agents_gross": int(headcount.agents_gross[0]),
            "queue_model": f"{model.name}/per_interval",
            "service_level_variant": queue.service_level_variant,
        }
    )

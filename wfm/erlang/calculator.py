"""The planner's calculator, `wfm erlang`: one interval of one queue, numbers of agents around the answer.

Loads in erlangs, times in seconds, ratios are fractions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.config import Queue
from wfm.erlang.choice import model_of, targets_of
from wfm.erlang.exact import ceil_product
from wfm.erlang.expectation import expected_performance
from wfm.erlang.fractional import fractional_agents
from wfm.erlang.shrinkage import with_shrinkage
from wfm.erlang.targets import fewest_agents
from wfm.erlang.uncertainty import uncertainty_of
from wfm.errors import UsageError, count_of

MEASURES = ("service_level", "asa_s", "occupancy", "abandonment", "blocking")
FEWER, MORE = 3, 5  # rows shown below and above the answer
MOST_AGENTS = 1_000_000  # beyond this the question is a slip of the pen, and chat would take minutes


def calculate(
    queue: Queue, calls: float, interval_s: float, aht_s: float, agents: int | None = None
) -> pd.DataFrame:
    """Return one row per number of agents around the answer, or around `agents` if given.

    Columns: `agents`, the steady state with so many (service_level, asa_s, occupancy, abandonment,
    blocking), `answer` (True in one row), and, the same in every row, offered, aht_s, load, agents_required,
    agents_fractional, agents_to_schedule, agents_gross, queue_model, service_level_variant, uncertainty_cv,
    quantile (empty unless staffed for), peakedness. The measures are expected ones, or those of the quantile.
    Raises ConfigError for a queue whose model does not fit it, UsageError for more work than MOST_AGENTS do.
    """
    load = calls * aht_s / interval_s
    _check_size(load, queue.max_occupancy)
    found = (_deferred if queue.deferred else _live)(queue, calls, interval_s, aht_s)
    required = np.array([found.required])
    headcount = with_shrinkage(required, queue.shrinkage, queue.shrinkage_planned, queue.shrinkage_mode)
    centre = found.required if agents is None else agents
    around = np.arange(max(0, centre - FEWER), centre + MORE + 1)
    return pd.DataFrame(
        {
            "agents": around,
            **found.steady(around),
            "answer": around == centre,
            "offered": calls,
            "aht_s": aht_s,
            "load": load,
            "agents_required": found.required,
            "agents_fractional": found.fractional,
            "agents_to_schedule": int(headcount.agents_to_schedule[0]),
            "agents_gross": int(headcount.agents_gross[0]),
            "queue_model": found.queue_model,
            "service_level_variant": queue.service_level_variant,
            "uncertainty_cv": queue.uncertainty_cv if queue.uncertainty != "none" else 0.0,
            "quantile": queue.quantile if queue.uncertainty == "quantile" else np.nan,
            "peakedness": queue.peakedness,
        }
    )


@dataclass(frozen=True)
class _Answer:
    required: int
    fractional: float
    queue_model: str
    steady: Callable[[NDArray[np.int64]], dict[str, NDArray[np.float64]]]


def _live(queue: Queue, calls: float, interval_s: float, aht_s: float) -> _Answer:
    model, targets = model_of(queue), targets_of(queue)
    unsure = uncertainty_of(queue, pd.DataFrame({"offered": [calls]}))
    rate, arrivals = calls * unsure.factor, unsure.arrivals
    required = fewest_agents(model, rate, interval_s, aht_s, targets, arrivals)
    fractional = fractional_agents(model, rate, interval_s, aht_s, targets, required, arrivals)

    def steady(agents: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
        load = rate * aht_s / interval_s
        found = expected_performance(model, agents, load, aht_s, arrivals, targets.answering)
        return {name: getattr(found, name) for name in MEASURES}

    name = f"{model.name}/per_interval{unsure.words}"
    return _Answer(int(required[0]), float(fractional[0]), name, steady)


def _deferred(queue: Queue, calls: float, interval_s: float, aht_s: float) -> _Answer:
    """Work that may wait keeps its deadline as soon as the agents can do all of it."""
    load, cap = calls * aht_s / interval_s, queue.max_occupancy or 1.0

    def steady(agents: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
        busy = np.divide(load, agents, out=np.full(agents.size, float(load > 0.0)), where=agents > 0)
        unknown = np.full(agents.size, np.nan)
        return dict.fromkeys(MEASURES, unknown) | {"occupancy": np.minimum(busy, 1.0)}

    required = ceil_product((calls, aht_s), (interval_s, cap))
    return _Answer(int(required), load / cap, "deferred", steady)


def _check_size(load: float, max_occupancy: float | None) -> None:
    if load > MOST_AGENTS:
        problem = f"a load of {load:.3g} erlangs, which is more than {MOST_AGENTS:,} agents can do"
        raise UsageError(problem, hint="check calls, handle time and interval")
    if max_occupancy is not None and load > max_occupancy * MOST_AGENTS:
        quotient = f"{load:.3g} / {max_occupancy:g} = {load / max_occupancy:.3g}"
        problem = f"an occupancy of at most {max_occupancy:g} asks for {count_of(quotient, 'agent')}"
        raise UsageError(problem, hint=f"the calculator goes up to {MOST_AGENTS:,} agents")

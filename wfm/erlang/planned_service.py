"""What the agents of a plan give if contacts or handle times come otherwise: ratios over the whole plan.

The agents stay `agents_required`, the demand is multiplied. A ratio over many intervals is the sum of its
numerators over the sum of its denominators, by the queue's variant of the service level; redials count as
attempts. Demand is taken to come exactly so: an uncertainty that the queue is staffed for has then passed.
Deferred queues have none of these measures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.config import Config, Queue
from wfm.erlang.choice import model_of, targets_of
from wfm.erlang.given_agents import Intervals, given_agents
from wfm.erlang.models import Performance, Variant
from wfm.erlang.rows import contiguous, is_moving

OF_ALL_OFFERED = ("offered", "abandons_in_target_good")  # variants whose denominator is offered


class Given(NamedTuple):
    """What agents give over all intervals, as fractions; NaN where that has no meaning."""

    service_level: float
    abandonment: float
    occupancy: float


def planned_service(
    requirements: pd.DataFrame, config: Config, factors: Mapping[str, float] | None = None
) -> pd.DataFrame:
    """Return the Given of each queue, which is the index, if demand came multiplied by `factors`.

    `factors` are those of `offered` and `aht_s`, 1 where there is none.
    """
    found = {
        str(name): _of_queue(rows, config.queues[str(name)], config.centre.interval_min, factors or {})
        for name, rows in requirements.groupby("queue", sort=True)
    }
    return pd.DataFrame(found.values(), index=pd.Index(found, name="queue"), columns=Given._fields)


def _of_queue(rows: pd.DataFrame, queue: Queue, interval_min: int, factors: Mapping[str, float]) -> Given:
    if queue.deferred:
        return Given(np.nan, np.nan, np.nan)
    offered = rows["offered"].to_numpy(dtype=np.float64) * factors.get("offered", 1.0)
    aht_s = rows["aht_s"].to_numpy(dtype=np.float64) * factors.get("aht_s", 1.0)
    agents = rows["agents_required"].to_numpy(dtype=np.float64)
    load = offered * aht_s / (interval_min * 60.0)
    intervals = Intervals(agents, load, aht_s, contiguous(rows, interval_min))
    moving = is_moving(str(rows["queue_model"].iloc[0]))
    answering, model = targets_of(queue).answering, model_of(queue)

    def measured(variant: Variant) -> Performance:
        asked = replace(answering, variant=variant)
        return given_agents(model, intervals, interval_min * 60.0, asked, moving=moving)

    by_variant = measured(answering.variant)
    in_all = by_variant
    if answering.variant not in OF_ALL_OFFERED:
        in_all = measured("offered")
    return _summed(offered, agents, by_variant, in_all)


def _summed(
    offered: NDArray[np.float64], agents: NDArray[np.float64], own: Performance, of_offered: Performance
) -> Given:
    """Return ratios over all intervals: the sum of numerators over the sum of denominators.

    The numerator of a service level is its own share times its denominator. With the variant that divides by
    all offered at hand, that denominator is the quotient of the two.
    """
    attempts = offered * own.attempts
    counted = np.divide(
        of_offered.service_level,
        own.service_level,
        out=np.ones(len(offered)),
        where=own.service_level > 0.0,
    )
    return Given(
        _ratio(attempts * of_offered.service_level, attempts * counted, empty_ratio=1.0),
        _ratio(attempts * own.abandonment, attempts, empty_ratio=0.0),
        _ratio(agents * own.occupancy, agents, empty_ratio=0.0),
    )


def _ratio(part: NDArray[np.float64], whole: NDArray[np.float64], *, empty_ratio: float) -> float:
    total = float(whole.sum())
    return min(1.0, max(0.0, float(part.sum()) / total)) if total > 0.0 else empty_ratio

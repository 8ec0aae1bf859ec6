"""How the requirement moves with what it rests on, and what the agents of the plan give if it moves.

Each lever is pulled alone, by the steps of [staffing], and the whole forecast is staffed again: volume and
handle time by a share, shrinkage and the target of the service level by points. Open backlog stays as it is.
How the load is taken (`queue_model` of the requirements) stays too, or a handle time that crosses the border
of `load_model = "auto"` would look like a lever.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from math import prod
from typing import NamedTuple

import numpy as np
import pandas as pd

from wfm.config import Config, Queue
from wfm.conform import conform, empty
from wfm.erlang.costing import costs, fte_per_hour, gross_factor, hourly_cost
from wfm.erlang.planned_service import planned_service
from wfm.erlang.rows import is_moving
from wfm.erlang.shrinkage import with_shrinkage
from wfm.erlang.staffing import staff
from wfm.tables import BANDS, SENSITIVITY

HEADCOUNTS = {
    "required_h": "agents_required",
    "scheduled_h": "agents_to_schedule",
    "paid_h": "agents_gross",
}
AMOUNTS = (*HEADCOUNTS, "paid_exact_h", "fte", "cost")
DEMAND = {"volume": ("offered", *BANDS), "aht": ("aht_s",)}
DIGITS = 12  # of a share of the configuration plus a step


class Plan(NamedTuple):
    """What the levers are pulled on: the inputs of `staff`, its result, and the days that it stands for."""

    forecast: pd.DataFrame
    config: Config
    backlog: pd.DataFrame | None
    requirements: pd.DataFrame
    days: pd.Series  # by queue

    @property
    def exact(self) -> bool:
        """Whether agents_fractional are there, and wanted of every change."""
        return bool(self.requirements["agents_fractional"].notna().any())


def sensitivity(
    forecast: pd.DataFrame,
    config: Config,
    requirements: pd.DataFrame,
    backlog: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return SENSITIVITY of REQUIREMENTS, which `staff` made of the same forecast, configuration and backlog.

    A step that leaves no legal share (shrinkage below 0 or of everybody, a target of 0 or 1) has no row, and
    a queue without a service level has none for that lever.
    """
    if requirements.empty:
        return empty(SENSITIVITY)
    costed = costs(requirements, config)
    days = costed[costed["period"] == "total"].set_index("queue")["days"]
    plan = Plan(forecast, _with_load_models(config, requirements), backlog, requirements, days)
    parts = [*_of_demand(plan), *_of_shrinkage(plan), *_of_target(plan)]
    if not parts:
        return empty(SENSITIVITY)
    planned = _amounts(requirements, config, days)
    found = pd.concat(parts).join(planned.add_suffix("_planned"), on="queue")
    changes = {f"{name}_change": found[name] - found[f"{name}_planned"] for name in AMOUNTS}
    return conform(found.assign(**changes), SENSITIVITY)


def _with_load_models(config: Config, requirements: pd.DataFrame) -> Config:
    """Return the configuration with the load model of every live queue as its requirements have it."""
    made = requirements.groupby("queue")["queue_model"].first()
    queues = dict(config.queues)
    for name, model in made.items():
        if not queues[str(name)].deferred:
            load_model = "offered_load" if is_moving(str(model)) else "per_interval"
            queues[str(name)] = queues[str(name)].model_copy(update={"load_model": load_model})
    return config.model_copy(update={"queues": queues})


def _of_demand(plan: Plan) -> Iterator[pd.DataFrame]:
    steps = {"volume": plan.config.staffing.volume_steps, "aht": plan.config.staffing.aht_steps}
    planned = planned_service(plan.requirements, plan.config)
    for lever, columns in DEMAND.items():
        scaled = [name for name in columns if name in plan.forecast]
        for change in _both_ways(steps[lever]):
            other = plan.forecast.assign(**{name: plan.forecast[name] * (1.0 + change) for name in scaled})
            then = staff(other, plan.config, plan.backlog, fractional=plan.exact)
            rows = _rows(plan, plan.config, then, lever, change)
            given = planned_service(plan.requirements, plan.config, {columns[0]: 1.0 + change})
            more = (given - planned)["service_level"].rename("service_level_change")
            yield rows.join(given, on="queue").join(more, on="queue")


def _of_shrinkage(plan: Plan) -> Iterator[pd.DataFrame]:
    """Yield what other shrinkage makes of the same agents required."""
    for lever in ("planned_shrinkage", "unplanned_shrinkage"):
        for change in _both_ways(plan.config.staffing.shrinkage_steps):
            parts, queues = [], dict(plan.config.queues)
            for name, rows in plan.requirements.groupby("queue", sort=True):
                queue = with_other_shrinkage(queues[str(name)], lever, change)
                if queue is not None:
                    queues[str(name)] = queue
                    agents = rows["agents_required"].to_numpy(dtype=np.int64)
                    shares = (queue.shrinkage, queue.shrinkage_planned, queue.shrinkage_mode)
                    parts.append(rows.assign(**with_shrinkage(agents, *shares)._asdict()))
            if parts:
                config = plan.config.model_copy(update={"queues": queues})
                yield _rows(plan, config, pd.concat(parts), lever, change)


def with_other_shrinkage(queue: Queue, lever: str, change: float) -> Queue | None:
    """Return a queue with `change` added to the planned or the unplanned share of its shrinkage.

    Its causes of either kind are put together by shrinkage_mode. None where a share would be negative or
    nobody would be left at work.
    """
    additive = queue.shrinkage_mode == "additive"
    shares = {}
    for kind in ("planned", "unplanned"):
        causes = [
            Decimal(repr(share))
            for cause, share in queue.shrinkage.items()
            if (cause in queue.shrinkage_planned) == (kind == "planned")
        ]
        left = prod((1 - cause for cause in causes), start=Decimal(1))
        shares[kind] = sum(causes, Decimal(0)) if additive else 1 - left
    shares[lever.removesuffix("_shrinkage")] += Decimal(repr(change))
    lost = sum(shares.values()) if additive else max(shares.values())
    if min(shares.values()) < 0 or lost >= 1:
        return None
    causes_now = {kind: float(share) for kind, share in shares.items()}
    return queue.model_copy(update={"shrinkage": causes_now, "shrinkage_planned": ("planned",)})


def _of_target(plan: Plan) -> Iterator[pd.DataFrame]:
    """Yield what other targets need; with a live queue the email that is blended with it may change too."""
    present = plan.requirements["queue"].unique()
    for change in _both_ways(plan.config.staffing.service_level_steps):
        changed = {}
        for name in present:
            queue = plan.config.queues[name]
            target = None if queue.deferred else queue.service_level
            if target is not None and 0.0 < round(target + change, DIGITS) < 1.0:
                level = round(target + change, DIGITS)
                changed[name] = queue.model_copy(update={"service_level": level})
        if changed:
            queues = {**plan.config.queues, **changed}
            config = plan.config.model_copy(update={"queues": queues})
            then = staff(plan.forecast, config, plan.backlog, fractional=plan.exact)
            moved = [name for name, queue in queues.items() if name in changed or queue.blend_with in changed]
            yield _rows(plan, config, then[then["queue"].isin(moved)], "service_level", change)


def _both_ways(steps: tuple[float, ...]) -> list[float]:
    distinct = sorted(set(steps))
    return [-step for step in reversed(distinct)] + distinct


def _rows(plan: Plan, config: Config, then: pd.DataFrame, lever: str, change: float) -> pd.DataFrame:
    """Return the amounts of changed requirements, one row per queue."""
    return _amounts(then, config, plan.days).reset_index().assign(lever=lever, change=change)


def _amounts(requirements: pd.DataFrame, config: Config, days: pd.Series) -> pd.DataFrame:
    """Return the AMOUNTS of each queue, which is the index, as `costs` has them in total."""
    interval_h = config.centre.interval_min / 60.0
    columns = [*HEADCOUNTS.values(), "agents_fractional"]
    agents = requirements.groupby("queue", sort=True)[columns].sum(skipna=False)
    found = pd.DataFrame({name: agents[column] * interval_h for name, column in HEADCOUNTS.items()})
    queues = [config.queues[str(name)] for name in found.index]
    per_hour = fte_per_hour(days[found.index].to_numpy(dtype=np.float64), config)
    return found.assign(
        paid_exact_h=agents["agents_fractional"] * interval_h * [gross_factor(queue) for queue in queues],
        fte=found["paid_h"] * per_hour,
        cost=found["paid_h"] * [hourly_cost(queue, config) for queue in queues],
    )

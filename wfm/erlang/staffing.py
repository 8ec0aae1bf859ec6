"""The stage: forecast in, requirements out. The fewest agents per queue and working interval, with shrinkage.

Live queues keep their targets in every interval (in the steady state of its load, or along the course of a
moving load, see `wfm.erlang.non_stationary`), in expectation where rates are uncertain; deferred ones do
their work by its deadline (`wfm.erlang.deferred`). Queues are independent and staffed side by side.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.config import Config, Queue
from wfm.conform import conform, empty
from wfm.erlang.backlog import deferred_requirements
from wfm.erlang.blended_requirements import blended
from wfm.erlang.choice import model_of, targets_of
from wfm.erlang.expectation import Arrivals, expected_performance
from wfm.erlang.fractional import fractional_agents
from wfm.erlang.models import QueueingModel
from wfm.erlang.non_stationary import MovingStaff, staff_moving_load
from wfm.erlang.offered_load import AHT_OF_INTERVAL, calls_of_mean_load
from wfm.erlang.plausible import check_rows
from wfm.erlang.rows import contiguous
from wfm.erlang.shrinkage import with_shrinkage
from wfm.erlang.targets import Targets, fewest_agents
from wfm.erlang.uncertain_course import Days, staff_uncertain_load
from wfm.erlang.uncertainty import BAND_COLUMNS, uncertainty_of
from wfm.erlang.working import working_mask
from wfm.errors import ConfigError, DataError, Fault
from wfm.localtime import local_dates
from wfm.tables import REQUIREMENTS

COLUMNS = ("queue", "interval_start", "offered", "aht_s", *BAND_COLUMNS)  # that staffing needs, if there


def staff(
    forecast: pd.DataFrame, config: Config, backlog: pd.DataFrame | None = None, *, fractional: bool = False
) -> pd.DataFrame:
    """Return REQUIREMENTS for every working interval of the forecast; `fractional` fills agents_fractional.

    `backlog` is the deferred work open when the forecast begins. Raises ConfigError for a queue that is not
    configured, DataError for rows that cannot be staffed and for backlog of a queue without deferred work.
    """
    forecast = forecast[[name for name in COLUMNS if name in forecast.columns]]
    names = forecast["queue"].unique().tolist()
    _check_queues(names, config)
    _check_backlog(backlog, names, config)
    queues = [(str(name), _in_order(rows)) for name, rows in forecast.groupby("queue", sort=True)]
    check_rows(queues, config)

    def of_queue(item: tuple[str, pd.DataFrame]) -> pd.DataFrame:
        name, rows = item
        return _of_queue(
            rows, config.queues[name], config.centre.interval_min, backlog, fractional=fractional
        )

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:  # compiled code holds no lock
        parts = list(pool.map(of_queue, queues))
    filled = [part for part in parts if len(part)]
    return blended(conform(pd.concat(filled), REQUIREMENTS), config) if filled else empty(REQUIREMENTS)


def _in_order(rows: pd.DataFrame) -> pd.DataFrame:
    if not rows["interval_start"].is_monotonic_increasing:
        rows = rows.sort_values("interval_start")
    return rows.reset_index(drop=True)


def _check_queues(names: list[str], config: Config) -> None:
    unknown = [
        Fault("no such queue", f"add [queues.{name}]", column="queue", value=name)
        for name in names
        if name not in config.queues
    ]
    if unknown:
        raise ConfigError(unknown, hint="every queue of the forecast needs its section in wfm.toml")


def _check_backlog(backlog: pd.DataFrame | None, names: list[str], config: Config) -> None:
    if backlog is None:
        return
    faults = [
        Fault("no deferred work in the forecast", "backlog is of email queues", column="queue", value=name)
        for name in backlog["queue"].unique().tolist()
        if name not in names or not config.queues[name].deferred
    ]
    if faults:
        raise DataError(faults, source="backlog")


def _of_queue(
    rows: pd.DataFrame, queue: Queue, interval_min: int, backlog: pd.DataFrame | None, *, fractional: bool
) -> pd.DataFrame:
    working = working_mask(pd.DatetimeIndex(rows["interval_start"]), queue)
    if queue.deferred:
        own = None if backlog is None else backlog[backlog["queue"] == rows["queue"].iloc[0]]
        found = deferred_requirements(rows, working, queue, interval_min, own)
        if fractional:
            found = found.assign(agents_fractional=found["load"] / (queue.max_occupancy or 1.0))
    else:
        open_rows = rows if working.all() else rows[working].reset_index(drop=True)
        found = _live(open_rows, queue, interval_min, fractional=fractional)
    agents = found["agents_required"].to_numpy(dtype=np.int64)
    headcount = with_shrinkage(agents, queue.shrinkage, queue.shrinkage_planned, queue.shrinkage_mode)
    return found.assign(agents_to_schedule=headcount.agents_to_schedule, agents_gross=headcount.agents_gross)


def _live(rows: pd.DataFrame, queue: Queue, interval_min: int, *, fractional: bool) -> pd.DataFrame:
    model, targets, unsure = model_of(queue), targets_of(queue), uncertainty_of(queue, rows)
    interval_s = interval_min * 60.0
    offered = rows["offered"].to_numpy(dtype=np.float64)
    aht_s = rows["aht_s"].to_numpy(dtype=np.float64)
    calls, arrivals = offered * unsure.factor, unsure.arrivals
    moving = uses_offered_load(queue, offered, aht_s, interval_s)
    if moving:
        days = days_of(rows, queue, interval_min)
        staffed = staff_course(model, calls, aht_s, interval_s, days, targets, arrivals)
        agents, found = staffed.agents, staffed.performance
        if fractional:
            calls = calls_of_mean_load(calls, aht_s, interval_s, days.contiguous)
    else:
        agents = fewest_agents(model, calls, interval_s, aht_s, targets, arrivals)
        load = calls * aht_s / interval_s
        found = expected_performance(model, agents, load, aht_s, arrivals, targets.answering)
    exact = np.full(len(rows), np.nan)
    if fractional:
        exact = fractional_agents(model, calls, interval_s, aht_s, targets, agents, arrivals)
    asa_s = np.where(unsure.endless_waits, np.nan, found.asa_s)
    return pd.DataFrame(
        {
            "queue": rows["queue"],
            "interval_start": rows["interval_start"],
            "offered": offered,
            "aht_s": aht_s,
            "load": offered * aht_s / interval_s,
            "agents_required": agents,
            "agents_fractional": exact,
            "service_level": found.service_level,
            "asa_s": asa_s,
            "occupancy": found.occupancy,
            "abandonment": found.abandonment,
            "queue_model": f"{model.name}/{'offered_load' if moving else 'per_interval'}{unsure.words}",
        }
    )


def staff_course(
    model: QueueingModel,
    calls: NDArray[np.float64],
    aht_s: NDArray[np.float64],
    interval_s: float,
    days: Days,
    targets: Targets,
    arrivals: Arrivals,
) -> MovingStaff:
    """Return the fewest agents along a moving load, by the means over days where its rate is uncertain."""
    if arrivals.plain:
        return staff_moving_load(model, calls, aht_s, interval_s, days.contiguous, targets)
    return staff_uncertain_load(model, calls, aht_s, interval_s, days, targets, arrivals)


def days_of(rows: pd.DataFrame, queue: Queue, interval_min: int) -> Days:
    """Return which rows follow the one before, and which are the first of their local date."""
    dates = local_dates(rows["interval_start"], queue.timezone)
    return Days(contiguous(rows, interval_min), np.asarray(dates != dates.shift()))


def uses_offered_load(
    queue: Queue, offered: NDArray[np.float64], aht_s: NDArray[np.float64], interval_s: float
) -> bool:
    """Return whether a queue is staffed by the non-stationary load; `auto`: when handle times are long."""
    if queue.load_model != "auto":
        return queue.load_model == "offered_load"
    contacts = float(offered.sum())
    return contacts > 0.0 and float((offered * aht_s).sum()) / contacts > AHT_OF_INTERVAL * interval_s

"""Requirements of deferred queues: forecast arrivals and open backlog, levelled over the working intervals.

Contacts that arrive in closed time wait for the next working interval, where their deadline begins to run
(`deadline_h` counts working hours). Backlog whose deadline has passed gets a new one at the plan's start: it
cannot be kept, and a peak in the first interval would keep nothing either.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.config import Queue
from wfm.erlang.deferred import Pieces, agents_for_work, due_interval, level
from wfm.erlang.working import working_mask


def deferred_requirements(
    rows: pd.DataFrame,
    working: NDArray[np.bool_],
    queue: Queue,
    interval_min: int,
    backlog: pd.DataFrame | None,
) -> pd.DataFrame:
    """Return one row per working interval; `load` is the work planned there (erlangs), not its arrivals."""
    interval_s = interval_min * 60.0
    waiting = _waiting(rows, queue, interval_min, backlog)
    pieces = _joined(waiting, _arriving(rows, working, queue, interval_min))
    plan = level(pieces, int(working.sum()))
    agents = agents_for_work(plan.work_s, interval_s, queue.max_occupancy)
    capacity_s = agents * interval_s
    return pd.DataFrame(
        {
            "queue": rows["queue"][working],
            "interval_start": rows["interval_start"][working],
            "offered": rows["offered"][working],
            "aht_s": rows["aht_s"][working],
            "load": plan.work_s / interval_s,
            "agents_required": agents,
            "service_level": np.nan,
            "asa_s": np.nan,
            "occupancy": np.divide(plan.work_s, capacity_s, out=np.zeros(len(agents)), where=agents > 0),
            "abandonment": np.nan,
            "queue_model": "deferred",
        }
    )


def _arriving(rows: pd.DataFrame, working: NDArray[np.bool_], queue: Queue, interval_min: int) -> Pieces:
    released: NDArray[np.int64] = np.cumsum(working) - working  # working intervals before this one
    work_s = (rows["offered"] * rows["aht_s"]).to_numpy(dtype=np.float64)
    return Pieces(work_s, released, due_interval(released, _deadline_h(queue), interval_min))


def _waiting(rows: pd.DataFrame, queue: Queue, interval_min: int, backlog: pd.DataFrame | None) -> Pieces:
    if backlog is None or backlog.empty:
        none = np.zeros(0, dtype=np.int64)
        return Pieces(np.zeros(0), none, none)
    contacts = float(rows["offered"].sum())
    aht_s = (
        float((rows["offered"] * rows["aht_s"]).sum()) / contacts if contacts else float(rows["aht_s"].mean())
    )
    start = rows["interval_start"].iloc[0]
    arrived = -_working_intervals_since(backlog["arrived_at"], start, queue, interval_min)
    due = due_interval(arrived, _deadline_h(queue), interval_min)
    renewed = due_interval(np.zeros_like(arrived), _deadline_h(queue), interval_min)
    order = np.argsort(due, kind="stable")
    work_s = backlog["contacts"].to_numpy(dtype=np.float64) * aht_s
    return Pieces(work_s[order], np.zeros_like(arrived), np.where(due < 0, renewed, due)[order])


def _working_intervals_since(
    arrived_at: pd.Series, start: pd.Timestamp, queue: Queue, interval_min: int
) -> NDArray[np.int64]:
    """Return the working intervals between each arrival and the start of the plan, those begun included."""
    step = pd.Timedelta(minutes=interval_min)
    behind = -((arrived_at - start) // step).to_numpy(dtype=np.int64)
    behind = np.maximum(behind, 0)
    past = pd.DatetimeIndex([start - step * count for count in range(int(behind.max()), 0, -1)], tz="UTC")
    working = working_mask(past, queue) if len(past) else np.zeros(0, dtype=np.bool_)
    from_end = np.concatenate([[0], np.cumsum(working[::-1])])
    return from_end[behind].astype(np.int64)


def _joined(first: Pieces, second: Pieces) -> Pieces:
    return Pieces(
        np.concatenate([first.work_s, second.work_s]),
        np.concatenate([first.released, second.released]),
        np.concatenate([first.due, second.due]),
    )


def _deadline_h(queue: Queue) -> float:
    if queue.deadline_h is None:
        raise ValueError("a deferred queue without deadline_h cannot come from a checked configuration")
    return queue.deadline_h

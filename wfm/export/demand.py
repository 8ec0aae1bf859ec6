"""Forecasts and histories as demand: contacts, contacts handled and handle time per queue and interval.

A forecast is handled in full. A history without `handled` handled what was neither abandoned nor routed away.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from wfm.config import Config
from wfm.errors import DataError, Fault, UsageError, count_of
from wfm.export.request import Request
from wfm.export.whole_numbers import whole
from wfm.io.absent import with_zeros
from wfm.io.csv_reading import open_csv, unreadable_file
from wfm.io.inputs import read_queue_table
from wfm.io.intervals import grid_starts, with_handle_time
from wfm.localtime import to_local, zone
from wfm.tables import FORECAST, HISTORY, Table

# A column that no forecast and no history has, what its table is, and what to do.
WITH_INTERVALS = ("agents_required", "agents_scheduled")
OTHER_TABLES = {
    "agents_required": ("requirements", "name the forecast that they were made from"),
    "agents_scheduled": ("coverage of a roster", "name the forecast that it was made from"),
    "contact_id": ("a log of contacts", "make a history of it first: wfm import"),
    "agent_id": ("a roster or a table of agents", "name a forecast or a history"),
    "date": ("totals of days", "name the forecast itself: the file of wfm forecast -o"),
}
SUMS = ["offered", "handled", "handle_s", "handle_n"]


@dataclass(frozen=True)
class Demand:
    """`rows` are queue, interval_start, offered, handled, aht_s (s; may be empty), sorted by the first two.

    `handle_s` and `handle_n` are the handle time in sum and the contacts that it is of. All numbers are
    floats until `in_whole_contacts`.
    """

    kind: Literal["forecast", "history"]
    rows: pd.DataFrame
    notes: tuple[str, ...] = ()

    @property
    def queues(self) -> list[str]:
        """The queues that have rows, in order."""
        return sorted(self.rows["queue"].unique())


def read_demand(request: Request) -> Demand:
    """Return the demand of a forecast or a history; DataError for any other table and rows off the grid."""
    source = str(request.source)
    table = _table_of(request.source)
    rows = _chosen(read_queue_table(request.source, table, request.config), request)
    if rows.empty:
        raise DataError([Fault("no rows", "there is nothing to export", source)])
    _check_grid(rows, request.config, source)
    if table is FORECAST:
        rows = with_handle_time(rows.reindex(columns=HISTORY.names))
        return Demand("forecast", rows.assign(handled=rows["offered"]))
    unsaid = rows["handled"].isna()
    left = rows["offered"] - rows["abandoned"].fillna(0) - rows["flow_out"].fillna(0)
    note = f"handled not given in {count_of(int(unsaid.sum()), 'interval')}: offered - abandoned - flow_out"
    rows = with_handle_time(rows).assign(handled=rows["handled"].fillna(left.clip(lower=0)))
    return Demand("history", rows, (note,) if unsaid.any() else ())


def _table_of(path: Path) -> Table:
    names = _header(path)
    if "interval_start" in names and "offered_p50" in names:
        return FORECAST
    for column, (what, remedy) in OTHER_TABLES.items():
        if column in names and (column in WITH_INTERVALS) == ("interval_start" in names):
            raise DataError([Fault(f"{what}, neither a forecast nor a history", remedy, str(path))])
    return HISTORY


def _header(path: Path) -> set[str]:
    if not path.is_dir() and path.suffix != ".parquet":
        return set(open_csv(path).names)
    try:
        path.stat()
        return set(pq.ParquetDataset(path).schema.names)
    except (OSError, pa.ArrowException) as error:
        raise unreadable_file(path, error) from error


def _chosen(rows: pd.DataFrame, request: Request) -> pd.DataFrame:
    absent = [queue for queue in request.only if queue not in set(rows["queue"])]
    if absent:
        hint = f"it has {', '.join(sorted(rows['queue'].unique()))}"
        raise UsageError(f"--queue {absent[0]}: {request.source} has no such queue", hint=hint)
    return rows[rows["queue"].isin(request.only)].reset_index(drop=True) if request.only else rows


def _check_grid(rows: pd.DataFrame, config: Config, source: str) -> None:
    """Refuse stamps that begin no interval: what their row covers is not known."""
    minutes = config.centre.interval_min
    for queue, part in rows.groupby("queue"):
        own = config.queues[str(queue)].timezone
        off = part["interval_start"][
            part["interval_start"] != grid_starts(part["interval_start"], own, minutes)
        ]
        if len(off):
            stamps = f"{count_of(len(off), 'stamp')}, the first shown"
            problem = f"queue '{queue}': no interval of {minutes} minutes begins at {stamps}"
            value = off.iloc[0].tz_convert(zone(own)).isoformat()
            remedy = "correct them, or [centre] interval_min"
            raise DataError([Fault(problem, remedy, source, column="interval_start", value=value)])


def in_intervals(demand: Demand, interval_min: int, config: Config) -> Demand:
    """Return the demand in intervals of a multiple of the centre's minutes, on each queue's own grid.

    Contacts are summed; handle time is the mean over the contacts that have one, as in `wfm import`.
    """
    if interval_min == config.centre.interval_min:
        return demand
    zones = config.queue_zones
    parts = [
        rows.assign(interval_start=grid_starts(rows["interval_start"], zones[str(queue)], interval_min))
        for queue, rows in demand.rows.groupby("queue", sort=True)
    ]
    return replace(demand, rows=added_up(pd.concat(parts), ["queue", "interval_start"]))


def added_up(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return one row per key, sorted: contacts and handle time in sum, aht_s their mean.

    Where nobody was handled, aht_s is the plain mean of the rows.
    """
    groups = rows.groupby(keys, sort=True)
    totals = groups[SUMS].sum().assign(aht_s=groups["aht_s"].mean())
    mean = totals["handle_s"] / totals["handle_n"].where(totals["handle_n"] > 0)
    return totals.assign(aht_s=mean.fillna(totals["aht_s"])).reset_index()


def in_whole_contacts(demand: Demand, config: Config, day_zone: str | None = None) -> Demand:
    """Return the demand in whole contacts (int64), totals per queue and day kept, and with no aht_s empty.

    A `day`, a naive local midnight, is added: of `day_zone`, else of each queue's own zone. Handle time comes
    from the row, its sums, or `aht_s` of the queue; it is 0 where nobody was handled. DataError names the
    queues that have none.
    """
    rows = demand.rows.assign(day=_days(demand.rows, config, day_zone))
    groups = np.asarray(rows.groupby(["queue", "day"]).ngroup(), dtype=np.int64)
    rows = rows.assign(
        **{name: whole(rows[name].to_numpy(dtype=np.float64), groups) for name in ("offered", "handled")}
    )
    mean = rows["handle_s"] / rows["handle_n"].where(rows["handle_n"] > 0)
    usual = rows["queue"].map({name: queue.aht_s for name, queue in config.queues.items()}).astype("float64")
    aht_s = rows["aht_s"].fillna(mean).fillna(usual)
    nameless = sorted(rows["queue"][aht_s.isna() & (rows["handled"] > 0)].unique())
    if nameless:
        faults = [
            Fault(f"queue '{name}' has no handle time", f"set [queues.{name}] aht_s") for name in nameless
        ]
        raise DataError(faults)
    return replace(demand, rows=rows.assign(aht_s=aht_s.fillna(0.0)))


def _days(rows: pd.DataFrame, config: Config, day_zone: str | None) -> pd.Series:
    days = [
        to_local(part["interval_start"], day_zone or config.queues[str(queue)].timezone).dt.normalize()
        for queue, part in rows.groupby("queue")
    ]
    every: pd.Series = pd.concat(days)
    return every


def unfinished_days(demand: Demand, config: Config, day_zone: str) -> set[tuple[str, pd.Timestamp]]:
    """Return the queues and days (naive midnights of `day_zone`) that lack an interval of opening hours.

    `demand` is in intervals of the centre. Days around it, on which there is no row, are among them.
    """
    rows = demand.rows[["queue", "interval_start", "offered"]]
    margin = pd.Timedelta(days=2)
    span = (rows["interval_start"].min() - margin, rows["interval_start"].max() + margin)
    every = with_zeros(rows, [span], config)
    absent = every.merge(rows, on=["queue", "interval_start"], how="left", indicator=True)
    absent = absent[(absent["_merge"] == "left_only").to_numpy()].reset_index(drop=True)
    days = absent[["queue"]].assign(day=to_local(absent["interval_start"], day_zone).dt.normalize())
    return set(days.drop_duplicates().itertuples(index=False, name=None))

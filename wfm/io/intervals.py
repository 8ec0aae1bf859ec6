"""Interval rows on the grid of the centre: finer ones summed up, coarser ones refused.

The grid of a queue runs from local midnight in steps of `interval_min`. A row that has its interval for
itself passes unchanged.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import duckdb
import numpy as np
import pandas as pd

from wfm.config import Config
from wfm.conform import conform
from wfm.errors import DataError, Fault
from wfm.io.contacts import Repeated
from wfm.io.rows import Rows
from wfm.localtime import interval_grid
from wfm.tables import HISTORY

COUNTS = (
    "offered",
    "handled",
    "abandoned",
    "short_abandoned",
    "flow_out",
    "answered_in_target",
    "abandoned_in_target",
)
SUMS = ("talk_s", "hold_s", "acw_s", "wait_s")
FEWEST_STARTS = 5  # fewer say nothing about the length of a file's intervals
_NAMES = ", ".join(f'"{name}"' for name in HISTORY.names)


def interval_rows(
    connection: duckdb.DuckDBPyConnection, sources: Sequence[Rows], config: Config
) -> tuple[pd.DataFrame, Repeated]:
    """Return the good rows of interval exports, one per queue and start, and count those that came again.

    Of several rows for one queue, start and part the last counts, in the order of the sources and rows; the
    parts of an interval are rows of their own, which `on_grid` adds up.
    Raises DataError when a file's intervals are longer than the centre's, or when files of different lengths
    overlap. The frame has the columns of HISTORY with `handle_s` (sum) and `handle_n`.
    """
    parts = [_rows_of(connection, rows) for rows in sources]
    lengths = [
        _length(part["interval_start"], rows, config) for part, rows in zip(parts, sources, strict=True)
    ]
    every = pd.concat(
        [
            part.assign(length=length or 0, file=number)
            for number, (part, length) in enumerate(zip(parts, lengths, strict=True))
        ],
        ignore_index=True,
    )
    versions = every.drop_duplicates([*HISTORY.names, "part"])
    newest = every.sort_values("version", kind="stable", na_position="first")
    last = newest.drop_duplicates([*HISTORY.key, "part"], keep="last").sort_index(kind="stable")
    if len({length for length in lengths if length}) > 1:
        _check_overlap(last, sources, config)
    pairs = _pairs(every, last, [str(rows.scan.path) for rows in sources]) if len(last) < len(every) else ()
    repeated = Repeated(len(every) - len(versions), len(versions) - len(last), pairs)
    return with_handle_time(last.drop(columns=["length", "version", "part", "file"])), repeated


def _pairs(every: pd.DataFrame, last: pd.DataFrame, names: Sequence[str]) -> tuple[tuple[str, str, int], ...]:
    """Return which file replaces how many rows of which other one, see `Repeated`."""
    key = [*HISTORY.key, "part"]
    both = every[[*key, "file"]].merge(last[[*key, "file"]], on=key, suffixes=("_early", ""))
    pairs = both.loc[both["file"] != both["file_early"], ["file", "file_early"]].to_numpy().tolist()
    return tuple(
        (names[late], names[early], count) for (late, early), count in Counter(map(tuple, pairs)).items()
    )


def length_of(connection: duckdb.DuckDBPyConnection, rows: Rows, config: Config) -> int:
    """Return the length of an export's intervals in minutes, 0 if it cannot be seen; DataError as above."""
    return _length(_rows_of(connection, rows)["interval_start"], rows, config) or 0


def _rows_of(connection: duckdb.DuckDBPyConnection, rows: Rows) -> pd.DataFrame:
    found = connection.execute(f"FROM {rows.good} SELECT {_NAMES}, version, part ORDER BY record").df()
    starts = pd.to_datetime(found["interval_start"]).dt.tz_localize("UTC").astype("datetime64[us, UTC]")
    return found.assign(queue=found["queue"].astype("str"), interval_start=starts)


def with_handle_time(rows: pd.DataFrame) -> pd.DataFrame:
    """Return interval rows with `handle_s`, their handle time, and `handle_n`, the contacts that have it.

    Without aht_s it is talk, hold and after-contact work; without handled, aht_s is weighted by offered.
    """
    worked = rows[["talk_s", "hold_s", "acw_s"]].sum(axis=1, min_count=1)
    contacts = rows["handled"].fillna(rows["offered"])
    handle_s = (rows["aht_s"] * contacts).fillna(worked)
    return rows.assign(handle_s=handle_s, handle_n=contacts.where(handle_s.notna(), 0))


def on_grid(rows: pd.DataFrame, config: Config) -> pd.DataFrame:
    """Return rows (HISTORY with handle_s and handle_n; aht_s may be absent) as HISTORY on the grid."""
    parts = [_summed(part, str(queue), config) for queue, part in rows.groupby("queue", sort=True)]
    return conform(pd.concat(parts) if parts else pd.DataFrame(columns=HISTORY.names, dtype="str"), HISTORY)


def _summed(rows: pd.DataFrame, queue: str, config: Config) -> pd.DataFrame:
    starts = grid_starts(rows["interval_start"], config.queues[queue].timezone, config.centre.interval_min)
    rows = rows.assign(interval_start=starts)
    alone = ~rows["interval_start"].duplicated(keep=False)
    whole = rows[alone]
    if "aht_s" not in whole:
        whole = whole.assign(aht_s=np.nan)
    whole = whole.assign(aht_s=whole["aht_s"].fillna(_mean_handle_time(whole)))
    if alone.all():
        return whole[HISTORY.names]
    groups = rows[~alone].groupby("interval_start")
    totals = groups[[*COUNTS, *SUMS, "handle_s", "handle_n"]].sum(min_count=1).reset_index()
    totals = totals.assign(queue=queue, aht_s=_mean_handle_time(totals))
    return pd.concat([whole, totals])[HISTORY.names]


def _mean_handle_time(rows: pd.DataFrame) -> pd.Series:
    return rows["handle_s"] / rows["handle_n"].where(rows["handle_n"] > 0)


def grid_starts(instants: pd.Series, timezone: str, interval_min: int) -> pd.Series:
    """Return the start of the local grid interval in which each instant (UTC) lies."""
    margin = timedelta(days=1)
    grid = interval_grid(
        (instants.min() - margin).date(), (instants.max() + margin).date(), timezone, interval_min
    )
    positions = grid.searchsorted(pd.DatetimeIndex(instants), side="right") - 1
    return pd.Series(grid[positions], index=instants.index)


def _length(starts: pd.Series, rows: Rows, config: Config) -> int | None:
    """Return the length of a file's intervals in minutes, None if it cannot be seen.

    Raises DataError for intervals longer than the centre's: how their contacts spread inside is not known.
    """
    stated = rows.source.interval_min
    length = stated or _seen_length(starts)
    wanted = config.centre.interval_min
    if length is None or length <= wanted:
        return length
    remedy = f"set [centre] interval_min = {length}, or export intervals of {wanted} minutes"
    if not stated:
        remedy += f"; if they are merely sparse, say interval_min = {wanted} in the mapping"
    problem = f"intervals of {length} minutes cannot be split into {wanted}"
    raise DataError([Fault(problem, remedy, str(rows.scan.path), column="interval_start")])


def _seen_length(starts: pd.Series) -> int | None:
    """Return the longest step (minutes, at most a day) on which all starts lie; None if they are few."""
    minutes = np.unique(starts.astype("int64").to_numpy() // 60_000_000)
    if len(minutes) < FEWEST_STARTS:
        return None
    return min(math.gcd(*np.diff(minutes).tolist()), 24 * 60)


def _check_overlap(rows: pd.DataFrame, sources: Sequence[Rows], config: Config) -> None:
    """Refuse an interval to which files of different lengths contribute: it would be counted twice."""
    for queue, part in rows.groupby("queue"):
        starts = grid_starts(
            part["interval_start"], config.queues[str(queue)].timezone, config.centre.interval_min
        )
        if (part["length"].groupby(starts).max() > part["length"].groupby(starts).min()).any():
            names = ", ".join(str(source.scan.path) for source in sources)
            problem = f"intervals of different lengths overlap in queue '{queue}'"
            raise DataError([Fault(problem, "import one of the files at a time", names)])

"""Contacts to history: each contact once, booked to the interval of its arrival (DuckDB).

Repeated contact ids are deliveries of the same contact: the last one, in the order of the sources and of
their rows, is taken. Sums of talk, hold and after-contact work are those of handled contacts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import duckdb
import pandas as pd

from wfm.config import Config, Queue
from wfm.io.cells import quoted
from wfm.io.rows import Rows
from wfm.tables import CONTACTS

BUCKET_MIN = 5  # divides every interval length, and every offset from UTC in use since 1972
_ABANDONED = "outcome IN ('abandoned', 'short_abandon')"
_HANDLED = "outcome = 'handled'"
_SUMS = ("talk_s", "hold_s", "acw_s", "wait_s")
_NAMES = ", ".join(f'"{name}"' for name in CONTACTS.names)


@dataclass(frozen=True)
class Repeated:
    """Rows left out because their contact comes again: the same in every column, or in an earlier version."""

    identical: int
    updated: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.identical + self.updated


def pool(connection: duckdb.DuckDBPyConnection, sources: Sequence[Rows]) -> Repeated:
    """Make the view `contacts` of the good rows of every source, each contact once; count the others."""
    parts = [f"FROM {rows.good} SELECT {number} AS source, *" for number, rows in enumerate(sources)]
    connection.execute(f"CREATE OR REPLACE TEMP VIEW pooled AS {' UNION ALL '.join(parts)}")
    # by hash first: eight bytes a row instead of every id; then exactly, among the few
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE repeated AS "
        "FROM pooled SELECT hash(contact_id) AS code GROUP BY code HAVING count(*) > 1"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE deliveries AS FROM pooled "
        f"SELECT source, record, contact_id, hash({_NAMES}) AS version, "
        "row_number() OVER (PARTITION BY contact_id ORDER BY source DESC, record DESC) AS age "
        "WHERE hash(contact_id) IN (FROM repeated)"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP VIEW contacts AS FROM pooled "
        "ANTI JOIN (FROM deliveries WHERE age > 1) USING (source, record)"
    )
    rows, versions, ids = connection.execute(
        "FROM (FROM deliveries SELECT count(*) AS n, count(DISTINCT version) AS v GROUP BY contact_id) "
        "SELECT coalesce(sum(n), 0), coalesce(sum(v), 0), count(*)"
    ).fetchall()[0]
    return Repeated(int(rows - versions), int(versions - ids))


def contacts_table(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Return the view `contacts` as CONTACTS, sorted by contact_id."""
    frame = connection.execute(f"FROM contacts SELECT {_NAMES} ORDER BY contact_id").df()
    for column in CONTACTS.columns:
        if column.kind == "time":
            frame[column.name] = (
                pd.to_datetime(frame[column.name]).dt.tz_localize("UTC").astype("datetime64[us, UTC]")
            )
        elif column.kind == "text":
            frame[column.name] = frame[column.name].astype("str")
    return frame


def arrivals(connection: duckdb.DuckDBPyConnection, config: Config) -> pd.DataFrame:
    """Return counts and sums per queue and 5 minutes of arrival.

    Columns: queue, interval_start (UTC), the counts and sums of HISTORY, handle_s (sum of handle times) and
    handle_n (contacts that have one).
    """
    within = _by_queue(config, lambda queue: queue.answer_within_s)
    short = _by_queue(config, lambda queue: queue.short_abandon_s)
    handle = "coalesce(talk_s, 0) + coalesce(hold_s, 0) + coalesce(acw_s, 0)"
    timed = f"{_HANDLED} AND coalesce(talk_s, hold_s, acw_s) IS NOT NULL"
    bucket_us = BUCKET_MIN * 60 * 1_000_000
    frame = connection.execute(
        f"""
        FROM contacts SELECT
            queue,
            make_timestamp(epoch_us(arrived_at) // {bucket_us} * {bucket_us}) AS interval_start,
            count(*) AS offered,
            count(*) FILTER ({_HANDLED}) AS handled,
            count(*) FILTER ({_ABANDONED}) AS abandoned,
            count(*) FILTER ({_ABANDONED} AND (outcome = 'short_abandon' OR wait_s <= {short}))
                AS short_abandoned,
            count(*) FILTER (outcome = 'flow_out') AS flow_out,
            count(*) FILTER ({_HANDLED} AND wait_s <= {within}) AS answered_in_target,
            count(*) FILTER ({_ABANDONED} AND wait_s <= {within}) AS abandoned_in_target,
            {_exact("talk_s")} FILTER ({_HANDLED}) / 1e6 AS talk_s,
            {_exact("hold_s")} FILTER ({_HANDLED}) / 1e6 AS hold_s,
            {_exact("acw_s")} FILTER ({_HANDLED}) / 1e6 AS acw_s,
            {_exact("wait_s")} FILTER ({_HANDLED}) / 1e6 AS wait_s,
            {_exact(handle)} FILTER ({timed}) / 1e6 AS handle_s,
            count(*) FILTER ({timed}) AS handle_n
        GROUP BY ALL ORDER BY ALL
        """
    ).df()
    frame["queue"] = frame["queue"].astype("str")
    frame["interval_start"] = frame["interval_start"].dt.tz_localize("UTC").astype("datetime64[us, UTC]")
    numbers = [name for name in frame.columns if name not in ("queue", "interval_start")]
    frame = frame.astype(dict.fromkeys(numbers, "float64"))
    for name in _SUMS:
        if frame[name].notna().any():  # else the log does not know this time at all
            frame[name] = frame[name].mask(frame["handled"] == 0, 0.0)
    return frame


def _by_queue(config: Config, setting: Callable[[Queue], float]) -> str:
    cases = " ".join(f"WHEN {quoted(name)} THEN {setting(queue)!r}" for name, queue in config.queues.items())
    return f"CASE queue {cases} END"


def _exact(seconds: str) -> str:
    """Return a sum in whole microseconds: that of floats would depend on the order of the workers."""
    return f"sum(CAST(round(({seconds}) * 1e6) AS HUGEINT))"

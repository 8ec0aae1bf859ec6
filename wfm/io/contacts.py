"""Contacts to history: each contact once, booked to the interval of its arrival (DuckDB).

Repeated contact ids are deliveries of the same contact: the last one, in the order of the sources and of
their rows, is taken. Sums of talk, hold and after-contact work are those of handled contacts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from wfm.config import Config, Queue
from wfm.io.cells import quoted
from wfm.io.compact import Columns, CompactRows
from wfm.io.plain import PlainRows
from wfm.io.plain_arrays import NO_VALUE, ROWS
from wfm.io.plain_cells import BUCKET_US, SECONDS
from wfm.io.repeats import matching, repeated, upper_half
from wfm.io.rows import Rows
from wfm.io.tally import Limits, tally
from wfm.tables import CONTACTS, OUTCOMES

_LONGEST_BUCKET_MIN = 15  # every offset from UTC in use since 1972 is a multiple of it
_ABANDONED = "outcome IN ('abandoned', 'short_abandon')"
_HANDLED = "outcome = 'handled'"
_COUNTED = ", ".join(("queue", "bucket", *(f"{name[:-2]}_us" for name in SECONDS), "outcome"))
_TOP = "CAST(id >> 32 AS UINTEGER)"
_NAMES = ", ".join(f'"{name}"' for name in CONTACTS.names)


@dataclass(frozen=True)
class Repeated:
    """Rows left out because their contact comes again: the same in every column, or in an earlier version.

    `pairs` are (file that holds, file it replaces rows of, number of these rows) of files that overlap, and
    `covered` the intervals of exports for which logs of contacts hold.
    """

    identical: int
    updated: int
    pairs: tuple[tuple[str, str, int], ...] = ()
    covered: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.identical + self.updated

    def __add__(self, other: Repeated) -> Repeated:
        """Return those of both."""
        identical, updated = self.identical + other.identical, self.updated + other.updated
        return Repeated(identical, updated, (*self.pairs, *other.pairs), self.covered + other.covered)


def pool(connection: duckdb.DuckDBPyConnection, sources: Sequence[Rows]) -> Repeated:
    """Find the rows whose contact comes again, keep them in the table `superseded`, and count them."""
    parts = _parts(sources)
    tops = _repeated(connection, sources, parts)
    connection.register("again", pa.table({"top": tops}))
    connection.execute("CREATE OR REPLACE TEMP TABLE repeated AS FROM again")
    connection.unregister("again")
    every = " UNION ALL ".join(f"FROM {part}" for part in parts)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE pooled AS FROM ({every}) WHERE {_TOP} IN (FROM repeated)"
    )
    for number, rows in enumerate(sources):
        if isinstance(rows.plain, CompactRows) and len(tops):
            for found in matching(rows.plain, tops, ROWS.names):
                connection.register("again", _delivered(number, found, list(rows.rule.zones)))
                connection.execute("INSERT INTO pooled FROM again")
                connection.unregister("again")
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE deliveries AS FROM pooled "
        f"SELECT source, record, id, hash({_COUNTED}) AS content, row_number() OVER delivered AS age, "
        "first_value(source) OVER delivered AS holds "
        "WINDOW delivered AS (PARTITION BY id ORDER BY version DESC NULLS LAST, source DESC, record DESC)"
    )
    count, contents, ids = connection.execute(
        "FROM (FROM deliveries SELECT count(*) AS n, count(DISTINCT content) AS c GROUP BY id) "
        "SELECT coalesce(sum(n), 0), coalesce(sum(c), 0), count(*)"
    ).fetchall()[0]
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE superseded AS FROM deliveries SELECT source, record WHERE age > 1"
    )
    replaced = connection.execute(
        "FROM deliveries SELECT holds, source, count(*) WHERE holds <> source GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    names = [str(rows.scan.path) for rows in sources]
    pairs = tuple((names[late], names[early], n) for late, early, n in replaced)
    return Repeated(int(count - contents), int(contents - ids), pairs)


def _repeated(
    connection: duckdb.DuckDBPyConnection, sources: Sequence[Rows], parts: Sequence[str]
) -> NDArray[np.uint32]:
    """Return the upper halves of ids that occur more than once, ascending."""

    def each() -> Iterator[NDArray[np.uint32]]:
        for part in parts:
            found = connection.execute(f"FROM {part} SELECT {_TOP} AS top").fetchnumpy()["top"]
            yield np.asarray(found, dtype=np.uint32)
        for rows in sources:
            if isinstance(rows.plain, CompactRows):
                yield from rows.plain.each(["id"], lambda columns: upper_half(columns["id"]))

    return repeated(each, sum(rows.count() for rows in sources))


def _delivered(source: int, found: Columns, queues: list[str]) -> pa.Table:
    """Return compact rows with the columns of `_parts`."""
    rows = len(found["id"])

    def words(name: str, known: Sequence[str]) -> pa.DictionaryArray:
        return pa.DictionaryArray.from_arrays(found[name].astype(np.int32), pa.array(known, pa.string()))

    durations = {
        f"{name[:-2]}_us": pa.array(found[name].astype(np.int64) * 1000, mask=found[name] == NO_VALUE)
        for name in SECONDS
    }
    return pa.table(
        {
            "source": np.full(rows, source, dtype=np.int32),
            "record": found["record"],
            "version": pa.nulls(rows, pa.float64()),
            "id": found["id"],
            "queue": words("queue", queues),
            "bucket": found["bucket"],
            **durations,
            "outcome": words("outcome", OUTCOMES),
        }
    )


def _parts(sources: Sequence[Rows], without: Sequence[int] = ()) -> list[str]:
    """Return SQL of the good rows of every source, plain ones apart: source, record, version, id, counted.

    Those of the sources `without` lack the superseded ones. Compact rows are not among them.
    """
    found = []
    for number, rows in enumerate(sources):
        which = (
            f"WHERE record NOT IN (FROM superseded SELECT record WHERE source = {number})"
            if number in without
            else ""
        )
        exact = [f"CAST(round({name} * 1e6) AS HUGEINT) AS {name[:-2]}_us" for name in SECONDS]
        bucket = f"epoch_us(arrived_at) // {BUCKET_US} AS bucket"
        counted = ", ".join(("queue", bucket, *exact, "outcome"))
        looked_at = f"{number} AS source, record, version, hash(contact_id) AS id, {counted}"
        found.append(f"(FROM {rows.good} SELECT {looked_at} {which})")
        if isinstance(rows.plain, PlainRows):
            plain = f"{number} AS source, record, NULL::DOUBLE AS version, id, {_COUNTED}"
            found.append(f"(FROM {rows.plain.good} SELECT {plain} {which})")
    return found


def contacts_table(connection: duckdb.DuckDBPyConnection, sources: Sequence[Rows]) -> pd.DataFrame:
    """Return the contacts of sources that were read in full, after `pool`, as CONTACTS, by contact_id."""
    parts = [f"FROM {rows.good} SELECT {number} AS source, *" for number, rows in enumerate(sources)]
    frame = connection.execute(
        f"FROM ({' UNION ALL '.join(parts)}) ANTI JOIN superseded USING (source, record) "
        f"SELECT {_NAMES} ORDER BY contact_id"
    ).df()
    for column in CONTACTS.columns:
        if column.kind == "time":
            frame[column.name] = (
                pd.to_datetime(frame[column.name]).dt.tz_localize("UTC").astype("datetime64[us, UTC]")
            )
        elif column.kind == "text":
            frame[column.name] = frame[column.name].astype("str")
    return frame


def arrivals(connection: duckdb.DuckDBPyConnection, sources: Sequence[Rows], config: Config) -> pd.DataFrame:
    """Return counts and sums per queue and at most 15 minutes of arrival, after `pool`.

    Columns: queue, interval_start (UTC), the counts and sums of HISTORY, handle_s (sum of handle times) and
    handle_n (contacts that have one).
    """
    without: dict[int, NDArray[np.int64]] = {}
    for number in range(len(sources)):
        query = f"FROM superseded SELECT record WHERE source = {number} ORDER BY record"
        without[number] = np.asarray(connection.execute(query).fetchnumpy()["record"], dtype=np.int64)
    found = [
        connection.execute(_counted(part, config)).df().astype({"queue": "str"})
        for part in _parts(sources, [number for number, records in without.items() if len(records)])
    ]
    limits = Limits(
        _settings(config, lambda queue: queue.answer_within_s),
        _settings(config, lambda queue: queue.short_abandon_s),
    )
    found += [
        tally(rows.plain, without[number], limits, _buckets(config)).astype({"queue": "str"})
        for number, rows in enumerate(sources)
        if isinstance(rows.plain, CompactRows)
    ]
    found = [part for part in found if len(part)] or found[:1]
    frame = pd.concat(found)
    if len(found) > 1:
        frame = frame.groupby(["queue", "bucket"]).sum(min_count=1).reset_index()
    frame = frame.sort_values(["queue", "bucket"], ignore_index=True)
    starts = pd.to_datetime(
        frame.pop("bucket").astype("int64") * (_buckets(config) * BUCKET_US), unit="us", utc=True
    )
    numbers = [name for name in frame.columns if name != "queue"]
    frame = frame.astype(dict.fromkeys(numbers, "float64"))
    frame = frame.assign(interval_start=starts.astype("datetime64[us, UTC]"))
    for name in SECONDS:
        frame[name] /= 1e6  # summed in whole microseconds, so that no order of the workers changes a bit
        if frame[name].notna().any():  # else the log does not know this time at all
            frame[name] = frame[name].mask(frame["handled"] == 0, 0.0)
    worked = frame[["talk_s", "hold_s", "acw_s"]].sum(axis=1, min_count=1)
    return frame.assign(handle_s=worked.where(frame["handle_n"] > 0))


def _buckets(config: Config) -> int:
    """Return how many buckets divide the centre's intervals, wherever their day begins."""
    return math.gcd(config.centre.interval_min, _LONGEST_BUCKET_MIN) * 60_000_000 // BUCKET_US


def _counted(contacts: str, config: Config) -> str:
    within = _by_queue(config, lambda queue: queue.answer_within_s)
    short = _by_queue(config, lambda queue: queue.short_abandon_s)
    sums = ", ".join(f"sum({name[:-2]}_us) FILTER ({_HANDLED}) AS {name}" for name in SECONDS)
    return f"""
        FROM {contacts} SELECT
            queue,
            bucket // {_buckets(config)} AS bucket,
            count(*) AS offered,
            count(*) FILTER ({_HANDLED}) AS handled,
            count(*) FILTER ({_ABANDONED}) AS abandoned,
            count(*) FILTER ({_ABANDONED} AND (outcome = 'short_abandon' OR wait_us <= {short}))
                AS short_abandoned,
            count(*) FILTER (outcome = 'flow_out') AS flow_out,
            count(*) FILTER ({_HANDLED} AND wait_us <= {within}) AS answered_in_target,
            count(*) FILTER ({_ABANDONED} AND wait_us <= {within}) AS abandoned_in_target,
            {sums},
            count(*) FILTER ({_HANDLED} AND coalesce(talk_us, hold_us, acw_us) IS NOT NULL) AS handle_n
        GROUP BY ALL
    """


def _by_queue(config: Config, setting: Callable[[Queue], float]) -> str:
    settings = _settings(config, setting)
    if len(set(settings.values())) == 1:
        return repr(next(iter(settings.values())))
    cases = " ".join(f"WHEN {quoted(name)} THEN {value!r}" for name, value in settings.items())
    return f"CASE queue {cases} END"


def _settings(config: Config, setting: Callable[[Queue], float]) -> dict[str, int]:
    """Return a setting of each queue that is in seconds, in microseconds."""
    return {name: round(setting(queue) * 1e6) for name, queue in config.queues.items()}

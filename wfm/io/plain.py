"""The plain rows of a log of contacts, found in one parallel pass: those that need no second look.

A row is plain if every cell reads in the most usual way and passes its check: a known queue, a number within
bounds, a complete ISO time. All others go through `wfm.io.rows`, which knows every form and names every
fault: speed never changes a result, only how it is found. Ids are kept as 64-bit hashes; that two of ten
million different ids share one has a probability of 3 in a million.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from wfm.io.compact import CompactRows
from wfm.io.plain_arrays import PlainArrays
from wfm.io.plain_cells import BUCKET_US, SECONDS, PlainCell, PlainCells
from wfm.io.plain_pass import csv_pass, parquet_pass
from wfm.io.scan import Scan, ascertained
from wfm.io.source import Source
from wfm.io.text_hash import agrees
from wfm.io.wall_clock import ZoneRule, instant_sql
from wfm.tables import CONTACTS

SAMPLE_ROWS = 2_000
FEWEST_PLAIN = 0.5  # of the sample; with fewer the pass would not save time
_ARRIVED = "arrived_at"
_RECORD = "(rowid + 1)"


@dataclass(frozen=True)
class PlainRows:
    """The rows of one source in the table `name`: the plain ones typed, `odd` those that are none.

    Those that turn out not to be plain later have their numbers in the table `name`_more. Durations are in
    milliseconds. Of wall clocks every one of `times` is kept; of instants only the five minutes of arrival.
    """

    connection: duckdb.DuckDBPyConnection
    name: str
    rule: ZoneRule
    times: tuple[str, ...]
    wall_clock: tuple[pd.Timestamp, pd.Timestamp] | None = None  # first and last stamp without offset
    has_more: bool = False

    @property
    def good(self) -> str:
        """SQL of the plain rows: record, id, queue, bucket (5 minutes), durations (us), outcome."""
        durations = [f"CAST({name} AS BIGINT) * 1000 AS {name[:-2]}_us" for name in SECONDS]
        columns = ", ".join(("id", "queue", f"{self._bucket} AS bucket", *durations, "outcome"))
        return f"(FROM {self.name} SELECT {_RECORD} AS record, {columns} WHERE {self._is_plain})"

    def count(self) -> int:
        """Return the number of plain rows."""
        return int(self._fetch("count(*)", self._is_plain)[0])

    def span(self) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
        """Return the first and last arrival, to five minutes, or nothing if there is no plain row."""
        ends = self._fetch(f"min({self._bucket}), max({self._bucket})", self._is_plain)
        first, last = (
            None if end is None else pd.Timestamp(end * BUCKET_US, unit="us", tz="UTC") for end in ends
        )
        return [] if first is None or last is None else [(first, last)]

    def instant(self, time: str) -> str:
        """Return SQL of the instant (naive UTC) of a wall clock, NULL inside a clock change."""
        first, last = self.wall_clock or (pd.Timestamp(0), pd.Timestamp(0))
        return instant_sql(f'"{time}"', "queue", self.rule, first, last)

    def parted(self) -> tuple[PlainRows, list[int]]:
        """Return the rows after every one that is not plain was found, and the numbers of those, ascending.

        That is: those whose cells are not, and those inside a clock change.
        """
        rows = self
        if self.times:
            ends = self._fetch(", ".join(f'min("{time}"), max("{time}")' for time in self.times), "NOT odd")
            stamps = [stamp for stamp in ends if stamp is not None]
            rows = replace(self, wall_clock=(min(stamps), max(stamps))) if stamps else self
        doubts = [
            f'("{time}" IS NOT NULL AND {rows.instant(time)} IS NULL)'
            for time in self.times
            if rows.wall_clock is not None
        ]
        every = f"FROM {self.name} SELECT {_RECORD} AS record"
        more = 0
        if doubts:
            condition = f"NOT odd AND ({' OR '.join(doubts)})"
            self.connection.execute(f"CREATE OR REPLACE TABLE {self.name}_more AS {every} WHERE {condition}")
            more = int(self.connection.execute(f"FROM {self.name}_more SELECT count(*)").fetchall()[0][0])
        found = self.connection.execute(f"{every} WHERE odd").fetchall()
        if more:
            found += self.connection.execute(f"FROM {self.name}_more").fetchall()
        return replace(rows, has_more=more > 0), sorted(row[0] for row in found)

    @property
    def _bucket(self) -> str:
        return f"epoch_us({self.instant(_ARRIVED)}) // {BUCKET_US}" if self.times else "bucket"

    @property
    def _is_plain(self) -> str:
        return f"NOT odd AND {_RECORD} NOT IN (FROM {self.name}_more)" if self.has_more else "NOT odd"

    def _fetch(self, what: str, condition: str) -> tuple[Any, ...]:
        query = f"FROM {self.name} SELECT {what} WHERE {condition}"
        return tuple(self.connection.execute(query).fetchall()[0])


@dataclass(frozen=True)
class _Layout:
    """What is kept of one log: its plain rows, typed."""

    scan: Scan
    source: Source
    cells: tuple[PlainCell, ...]
    included: str
    has_wall_clock: bool

    @property
    def times(self) -> tuple[str, ...]:
        """The times that are kept as they are."""
        every = [cell.column.name for cell in self.cells if cell.column.kind == "time"]
        return tuple(every) if self.has_wall_clock else ()

    def query(self, rows: str) -> str:
        """Return SQL of the columns of `PlainRows.name`."""
        values = [f"{cell.value} AS v{place}" for place, cell in enumerate(self.cells)]
        places = {cell.column.name: place for place, cell in enumerate(self.cells)}
        condition = " AND ".join(self._conditions(places))
        columns = [f"v{places['contact_id']} AS id", f"v{places['queue']} AS queue"]
        columns += [f'v{places[name]} AS "{name}"' for name in self.times]
        if not self.times:
            columns.append(f"TRY_CAST(epoch_us(v{places[_ARRIVED]}) // {BUCKET_US} AS UINTEGER) AS bucket")
        columns += [
            f"v{places[name]} AS {name}" if name in places else f"NULL::INTEGER AS {name}" for name in SECONDS
        ]
        columns.append(f"v{places['outcome']} AS outcome")
        columns.append(f"CASE WHEN {condition} THEN false ELSE true END AS odd")
        return f"FROM (FROM {rows} SELECT *, {', '.join(values)}) SELECT {', '.join(columns)}"

    def _conditions(self, places: dict[str, int]) -> list[str]:
        """Return what holds of a plain row."""
        found = [cell.ok.format(f"v{place}") for place, cell in enumerate(self.cells) if cell.ok != "true"]
        if self.scan.width is not None:
            found.append(f"c{self.scan.width - 1} IS NOT NULL AND c{self.scan.width} IS NULL")
        for rule in CONTACTS.ordered:
            if rule.last in places:
                first, last = places[rule.first], places[rule.last]
                found.append(f"(v{last} IS NULL OR v{last} >= v{first})")
        return [*found, self.included] if self.included else found


def plain_rows(
    connection: duckdb.DuckDBPyConnection, name: str, scan: Scan, source: Source, rule: ZoneRule
) -> tuple[PlainRows | CompactRows, Scan] | None:
    """Return the plain rows of a log of contacts, and a scan of the others; None if few of them look plain.

    Raises duckdb.Error when the file cannot be read.
    """
    if source.table is not CONTACTS or source.latest or not scan.cells:
        return None
    best, share = None, FEWEST_PLAIN
    for has_wall_clock in (False, True):
        layout = _layout(scan, source, rule, has_wall_clock=has_wall_clock)
        if layout is not None:
            sample = layout.query(f"(FROM {scan.sql} LIMIT {SAMPLE_ROWS})")
            found = connection.execute(f"FROM ({sample}) SELECT avg(CAST(NOT odd AS INTEGER))").fetchall()
            plain = found[0][0] or 0.0
            if plain > share:
                best, share = layout, plain
    if best is None:
        return None
    parted = _by_arrow(connection, name, best, rule) if agrees(connection) else None
    return parted or _from_scan(connection, name, replace(best, scan=ascertained(scan)), rule)


def _by_arrow(
    connection: duckdb.DuckDBPyConnection, name: str, layout: _Layout, rule: ZoneRule
) -> tuple[CompactRows, Scan] | None:
    """Return the rows as Arrow reads them; None for a file or mapping that Arrow cannot take."""
    scan, source = layout.scan, layout.source
    arrays = PlainArrays(source, scan.numbers, rule.zones, layout.has_wall_clock)
    try:
        if scan.text is None:
            return parquet_pass(arrays, name, scan, connection)
        return csv_pass(arrays, name, scan) if not source.time_format and source.decimal == "." else None
    except (pa.ArrowException, OSError):
        return None  # told by the reader that knows more


def _layout(scan: Scan, source: Source, rule: ZoneRule, *, has_wall_clock: bool) -> _Layout | None:
    reader = PlainCells(source, scan, tuple(rule.zones), has_wall_clock)
    cells = reader.columns()
    return None if cells is None else _Layout(scan, source, tuple(cells), reader.included(), has_wall_clock)


def _from_scan(
    connection: duckdb.DuckDBPyConnection, name: str, layout: _Layout, rule: ZoneRule
) -> tuple[PlainRows, Scan]:
    connection.execute(f"CREATE OR REPLACE TABLE {name} AS {layout.query(layout.scan.sql)}")
    rows = PlainRows(connection, name, rule, layout.times)
    rows, odd = rows.parted()
    connection.register("wanted", pa.table({"record": pa.array(odd, pa.int64())}))
    sql = f"FROM {layout.scan.numbered} WHERE record IN (FROM wanted)"
    connection.execute(f"CREATE OR REPLACE TABLE {name}_odd AS {sql if odd else f'{sql} LIMIT 0'}")
    connection.unregister("wanted")
    return rows, replace(layout.scan, sql=f"(FROM {name}_odd)", is_numbered=True)

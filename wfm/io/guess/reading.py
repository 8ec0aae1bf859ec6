"""A sample read as an import would read it, with one source of a mapping: rows, faults, what is left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from wfm.io.cells import Cells
from wfm.io.events import join
from wfm.io.rows import Rows
from wfm.io.scan import Scan
from wfm.io.source import Source
from wfm.io.totals import totals_row
from wfm.io.wall_clock import ZoneRule

_ZONE = "UTC"  # has no clock change: a wall clock stays as it stands in the file


@dataclass(frozen=True)
class Reading:
    """What a source makes of a sample.

    `frame` has the canonical columns of the good rows (times naive: UTC where `has_offset`, else the wall
    clock), `queues` every name in it, `refused` file, record, column, value and reason of the others.
    """

    source: Source
    scan: Scan
    frame: pd.DataFrame
    refused: pd.DataFrame
    rows: int
    excluded: int
    queues: tuple[str, ...]
    has_offset: bool
    totals: str | None = None

    @property
    def share(self) -> float:
        """Share of the rows that read without fault: 0 if none is left, 1 if there is none but its header."""
        if self.is_empty:
            return 1.0
        return 1 - len(self.refused) / self.rows if self.rows and len(self.frame) else 0.0

    @property
    def is_empty(self) -> bool:
        """Whether there is no row, read or left out."""
        return not self.rows and not self.excluded


def read_sample(
    connection: duckdb.DuckDBPyConnection, source: Source, found: Scan, folder: Path, name: str
) -> Reading:
    """Return what `source` makes of the sample `found`; DataError if it is no such table at all.

    Lines of an event log count as rows: those that are refused against all of them.
    """
    lines = None
    refused: list[pd.DataFrame] = []
    if source.grain == "event":
        lines = _count(connection, found)
        legs = join(connection, [(source, found)], folder)
        ((source, found),) = legs.parts
        refused.append(legs.refused)
    queues = queues_of(connection, source, found)
    rows = Rows(connection, name, found, source, ZoneRule(dict.fromkeys(queues, _ZONE))).load(in_full=True)
    refused.append(rows.refused())
    names = ", ".join(f'"{name}"' for name in rows.source.table.names)
    frame = connection.execute(f"FROM {rows.good} SELECT {names} ORDER BY record").df()
    lost = pd.concat(refused, ignore_index=True)
    time = "interval_start" if source.grain == "interval" else "arrived_at"
    aware = connection.execute(
        f'FROM {name} SELECT bool_and("{time}.aware") WHERE fault IS NULL AND excluded IS NULL'
    ).fetchall()
    return Reading(
        source=source,
        scan=found,
        frame=frame,
        refused=lost,
        rows=rows.count() if lines is None else lines,
        excluded=sum(rows.excluded().values()),
        queues=queues,
        has_offset=bool(aware[0][0]),
        totals=None if rows.totals is None else rows.totals.warning(),
    )


def queues_of(connection: duckdb.DuckDBPyConnection, source: Source, found: Scan) -> tuple[str, ...]:
    """Return the names of queues in a file, in our words, without rows that are left out and the total."""
    cells = Cells(source, found.numbers, found.types)
    reading = cells.reading(source.table.column("queue"))
    if reading is None:
        return ()
    out = [f"({cells.excluded(rule)})" for rule in source.exclude]
    total = totals_row(connection, found, source, ())
    out += [f"record = {total.record}"] if total is not None else []
    rule = f"NOT coalesce({' OR '.join(out)}, false)" if out else "true"
    cleaned = f"FROM {found.numbered} SELECT record, {', '.join(cells.cleaned())}" if source.headers else ""
    rows = f"FROM ({cleaned}) SELECT DISTINCT CAST({reading.value} AS VARCHAR) AS queue WHERE {rule}"
    return tuple(sorted(row[0] for row in connection.execute(rows).fetchall() if row[0]))


def texts_of(
    connection: duckdb.DuckDBPyConnection, found: Scan, headers: Iterable[str], most: int = 400
) -> list[str]:
    """Return different texts of the first rows under `headers`, those of one row joined by a blank."""
    columns = [f"c{found.numbers[header]}" for header in headers if header in found.numbers]
    if not columns:
        return []
    cells = ", ".join(f"trim(CAST({column} AS VARCHAR))" for column in columns)
    query = (
        f"FROM {found.numbered} SELECT DISTINCT concat_ws(' ', {cells}) AS text "
        f"WHERE text <> '' AND record <= {10 * most} LIMIT {most}"
    )
    return [row[0] for row in connection.execute(query).fetchall()]


def companions(
    connection: duckdb.DuckDBPyConnection, source: Source, found: Scan, header: str
) -> dict[str, str]:
    """Return the commonest text of another `header` for each queue."""
    cells = Cells(source, found.numbers, found.types)
    reading = cells.reading(source.table.column("queue"))
    if reading is None or header not in found.numbers or not source.headers:
        return {}
    own = f"CAST(c{found.numbers[header]} AS VARCHAR)"
    cleaned = f"FROM {found.sql} SELECT {own} AS companion, {', '.join(cells.cleaned())}"
    query = f"FROM ({cleaned}) SELECT {reading.value} AS queue, mode(trim(companion)) GROUP BY ALL"
    return {queue: text for queue, text in connection.execute(query).fetchall() if queue and text}


def _count(connection: duckdb.DuckDBPyConnection, found: Scan) -> int:
    return int(connection.execute(f"FROM {found.sql} SELECT count(*)").fetchall()[0][0])

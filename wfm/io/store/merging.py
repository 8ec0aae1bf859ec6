"""New files into the store, and the history of everything in it.

    store/imports.json                            what was imported, in order
    store/contacts/date=2026-03-02/part.parquet   contacts by the date (UTC) of their arrival
    store/history/date=2026-03-02/part.parquet    rows of interval exports

A partition is replaced as a whole, atomically. The ledger is written last: after a crash the same import does
the same again and ends where it would have ended, because of rows with one key always the same one wins,
that of the later file, in it of the greater `latest`, then the later row.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import pandas as pd

from wfm.config import Config
from wfm.conform import empty
from wfm.errors import DataError, Fault, OutputError, count_of
from wfm.io.atomic import replacing
from wfm.io.cells import quoted
from wfm.io.contacts import Repeated
from wfm.io.intake import Intake, Read, engine, fractions, history_of, known_sources, read_all
from wfm.io.intervals import length_of
from wfm.io.lock import locked
from wfm.io.mapping import canonical
from wfm.io.quarantine import QUARANTINE, quarantined
from wfm.io.rows import Rows
from wfm.io.store.keys import hashed_sql, id_key
from wfm.io.store.ledger import (
    Entry,
    Ledger,
    digest_of,
    read_ledger,
    settings_of,
    spans_of,
    write_ledger,
)
from wfm.tables import CONTACTS, HISTORY

_KEYS = {CONTACTS.name: "contact_id", HISTORY.name: "queue, interval_start, part"}
_TIMES = {CONTACTS.name: "arrived_at", HISTORY.name: "interval_start"}
_HASHED = ("contact_id", "agent_id")
_STORED = {
    CONTACTS.name: canonical(CONTACTS, tuple(CONTACTS.names)),
    HISTORY.name: canonical(HISTORY, tuple(HISTORY.names)).model_copy(update={"parts": ("part",)}),
}
NOTHING = Read((), quarantined(pd.DataFrame(columns=QUARANTINE.names)), 0, {}, ())


def amend(
    folder: Path,
    sources: Sequence[Path],
    config: Config,
    *,
    preset: str | None = None,
    mapping: Path | None = None,
) -> Intake:
    """Take `sources` into the store in `folder`, in their order, and return the history of all of it.

    A file that is known, by its bytes and the settings it was read with, changes nothing. Raises what
    `take_in` raises (nothing is changed then), UsageError without a key in the environment, ConfigError for
    another key, OutputError if the store cannot be written.
    """
    key = id_key()
    known = known_sources(sources, config, preset, mapping)
    settings = settings_of(known, config)
    digests = {path: digest_of(path) for path in sources}
    _make(folder)
    with locked(folder / ".lock"):
        ledger = read_ledger(folder, key)
        unknown = {digest: path for path, digest in digests.items() if not ledger.known(digest, settings)}
        fresh = list(unknown.values())
        read, entries = NOTHING, list[Entry]()
        if fresh:
            with (
                tempfile.TemporaryDirectory(prefix="wfm-import-") as scratch,
                engine(config, Path(scratch)) as connection,
            ):
                read = read_all(connection, fresh, known, config, Path(scratch), in_full=True)
                read.check(config.import_.max_bad_ratio)
                lengths = _lengths(connection, read, ledger, config)
                for rows, path, length in zip(read.rows, fresh, lengths, strict=True):
                    order = len(ledger.entries) + len(entries) + 1
                    entry = Entry(order, path.name, digests[path], settings, rows.source.table.name, length)
                    entries.append(_merged(connection, folder, rows, entry, key))
            ledger = replace(ledger, entries=(*ledger.entries, *entries))
            write_ledger(folder, ledger)
        repeats = [ledger.known(digests[path], settings) for path in sources if path not in fresh]
        history, notes = store_history(folder, ledger, config)
    again = sum(entry.rows_read for entry in repeats if entry is not None)
    kept = sum(entry.rows_kept for entry in entries)
    rows_read = read.count + again
    said = read.warnings(Repeated(0, 0)) if fresh else ()
    return Intake(
        history=history,
        contacts=None,
        quarantine=read.quarantine,
        rows_read=rows_read,
        rows_kept=kept,
        rows_quarantined=len(read.quarantine),
        rows_duplicate=rows_read - kept - len(read.quarantine),
        rows_excluded=sum(read.excluded.values()),
        warnings=(*_said(sources, fresh), *_amended(entries), *notes, *said, *fractions(history)),
        timezone=config.centre.timezone,
    )


def store_history(folder: Path, ledger: Ledger, config: Config) -> tuple[pd.DataFrame, list[str]]:
    """Return HISTORY of everything in the store, and what the user must know of it."""
    tables = [table for table in (CONTACTS, HISTORY) if any((folder / table.name).glob("*/*.parquet"))]
    spans = {table.name: spans_of(ledger.entries, table.name) for table in (CONTACTS, HISTORY)}
    if not tables:
        return empty(HISTORY), []
    with (
        tempfile.TemporaryDirectory(prefix="wfm-import-") as scratch,
        engine(config, Path(scratch)) as connection,
    ):
        paths = [folder / table.name for table in tables]
        read = read_all(connection, paths, _STORED, config, Path(scratch), in_full=False)
        history, _ = history_of(connection, read.rows, config, spans)
    refused = len(read.quarantine)
    return history, [
        f"{count_of(refused, 'row')} of the store cannot be used now (queues not in wfm.toml?)"
    ] if refused else []


def _merged(
    connection: duckdb.DuckDBPyConnection, folder: Path, rows: Rows, entry: Entry, key: bytes
) -> Entry:
    """Merge the good rows of one file into the partitions that they touch; return the entry, counted."""
    table = rows.source.table
    time, unique = _TIMES[table.name], _KEYS[table.name]
    columns = ", ".join(
        f"{hashed_sql(key, column.name)} AS {column.name}"
        if column.name in _HASHED
        else f'CAST("{column.name}" AS TIMESTAMPTZ) AS "{column.name}"'
        if column.kind == "time"
        else f'"{column.name}"'
        for column in table.columns
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE arriving AS FROM {rows.good} SELECT {columns}, "
        f"{entry.order} AS source, record AS source_record, version, part, CAST({time} AS DATE) AS date"
    )
    parts = folder / table.name
    stored = "(FROM arriving LIMIT 0)"
    if any(parts.glob("*/*.parquet")):
        stored = f"read_parquet({quoted(str(parts / '*' / '*.parquet'))}, hive_partitioning = true)"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE touched AS FROM arriving SELECT date UNION "
        f"(FROM {stored} SEMI JOIN arriving USING ({unique}) SELECT date)"
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE merged AS FROM (FROM {stored} SEMI JOIN touched USING (date) "
        "UNION ALL BY NAME FROM arriving) QUALIFY row_number() OVER "
        f"(PARTITION BY {unique} ORDER BY version DESC NULLS LAST, source DESC, source_record DESC) = 1 "
        f"ORDER BY date, {time}, {unique}"
    )
    read = rows.count()
    good, first, last = connection.execute(
        f"FROM arriving SELECT count(*), min({time}::TIMESTAMP), max({time}::TIMESTAMP)"
    ).fetchall()[0]
    kept = connection.execute(f"FROM merged SELECT count(*) WHERE source = {entry.order}").fetchall()[0][0]
    before = connection.execute(f"FROM {stored} SEMI JOIN touched USING (date) SELECT count(*)").fetchall()[
        0
    ][0]
    after = connection.execute("FROM merged SELECT count(*)").fetchall()[0][0]
    for (date,) in connection.execute("FROM touched ORDER BY date").fetchall():
        _write(connection, parts / f"date={date}" / "part.parquet", f"date = DATE '{date}'")
    return replace(
        entry,
        rows_read=read,
        rows_kept=kept,
        rows_quarantined=read - good,
        rows_duplicate=good - kept,
        rows_replaced=before + kept - after,
        first="" if first is None else f"{first.isoformat()}Z",
        last="" if last is None else f"{last.isoformat()}Z",
    )


def _write(connection: duckdb.DuckDBPyConnection, path: Path, condition: str) -> None:
    """Write one partition in place of the old one; one that is empty now is removed."""
    count = connection.execute(f"FROM merged SELECT count(*) WHERE {condition}").fetchall()[0][0]
    if not count:
        path.unlink(missing_ok=True)
        return
    _make(path.parent)
    with replacing(path) as part:
        rows = f"FROM merged SELECT * EXCLUDE (date) WHERE {condition}"
        try:
            connection.execute(f"COPY ({rows}) TO {quoted(str(part))} (FORMAT parquet)")
        except duckdb.IOException as error:
            raise OSError(str(error).splitlines()[0]) from error


def _lengths(connection: duckdb.DuckDBPyConnection, read: Read, ledger: Ledger, config: Config) -> list[int]:
    """Return the interval length of every source in minutes, 0 if it has none or it cannot be seen.

    Raises DataError for an export whose intervals are longer than the centre's, or of another length than
    those in the store: rows of different lengths that overlap would count contacts twice.
    """
    lengths = []
    known = {entry.interval_min for entry in ledger.entries if entry.interval_min}
    for rows in read.rows:
        length = 0 if rows in read.logs else length_of(connection, rows, config)
        known |= {length} if length else set()
        if len(known) > 1:
            found = " and ".join(str(minutes) for minutes in sorted(known))
            problem = f"intervals of {found} minutes cannot be kept in one store"
            raise DataError([Fault(problem, "keep each length in a store of its own", str(rows.scan.path))])
        lengths.append(length)
    return lengths


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem = f"{folder} cannot be made: {error.strerror or error}"
        raise OutputError(problem, hint="name another folder, or check the permissions") from error


def _said(sources: Sequence[Path], fresh: Sequence[Path]) -> Iterator[str]:
    for path in sources:
        if path not in fresh:
            yield f"{path}: in the store already, nothing changed"


def _amended(entries: Sequence[Entry]) -> Iterator[str]:
    for entry in entries:
        if entry.rows_replaced:
            rows = count_of(entry.rows_replaced, "row")
            yield f"{entry.name}: {rows} of earlier files replaced (the later file holds)"

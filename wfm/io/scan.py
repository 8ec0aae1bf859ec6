"""How DuckDB reads a source: a CSV file as text cells under numbered columns, or Parquet with its own types.

Column names of a file never reach SQL as names: header number 3 is `c3`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from wfm.io.cells import quoted
from wfm.io.quotes import OUT_OF_PLACE, are_sound, mend
from wfm.io.sniff import Dialect, is_parquet, sniff, transcode
from wfm.io.tables import unreadable_file

NO_CELL = "\x01"  # no cell is this, so that an empty cell and one that is not there differ


@dataclass(frozen=True)
class Text:
    """The CSV file behind a scan, as UTF-8 (a copy if need be), and a folder for temporary files."""

    path: Path
    dialect: Dialect
    folder: Path


@dataclass(frozen=True)
class Scan:
    """A file that DuckDB can read: the SQL, and the number and type of each header's column.

    `cells` are the columns of the SQL; `is_numbered` says that it has their `record` too; `short_row` says
    what is wrong with a row whose last column is NULL.
    """

    path: Path
    sql: str
    numbers: Mapping[str, int]
    types: Mapping[str, str]
    width: int | None
    complete: bool
    cells: tuple[str, ...] = ()
    is_numbered: bool = False
    text: Text | None = None
    with_record: str = ""
    short_row: str = "fewer cells than the header has columns"

    @property
    def numbered(self) -> str:
        """SQL of the cells with `record`, the number of the data row."""
        if self.is_numbered or self.with_record:
            return self.sql if self.is_numbered else self.with_record
        return f"(FROM {self.sql} SELECT *, row_number() OVER () AS record)"  # by one worker, in order


def scan(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    folder: Path,
    names: tuple[str, ...] = (),
    delimiter: str = "",
) -> Scan:
    """Return how to read the source at `path`, with `folder` for temporary files; DataError if none can.

    `names` are those of the columns of a CSV file without header line.
    """
    if is_parquet(path):
        return _parquet(connection, path)
    return _csv(path, sniff(path, names, delimiter, assume=True), folder)


def ascertained(found: Scan) -> Scan:
    """Return the scan of a CSV file after every byte of it was seen, if that had not been done."""
    if found.text is None or not found.text.dialect.assumed:
        return found
    names = found.text.dialect.header if not found.text.dialect.header_lines else ()
    dialect = sniff(found.path, names, found.text.dialect.delimiter)
    return replace(_csv(found.path, dialect, found.text.folder), numbers=found.numbers, types=found.types)


def _csv(path: Path, dialect: Dialect, folder: Path) -> Scan:
    """Return how DuckDB reads a CSV file; other encodings are first written to `folder` as UTF-8."""
    plain = path
    if dialect.encoding not in ("utf-8", "utf-8-sig"):
        plain = folder / f"{len(list(folder.iterdir()))}.csv"
        transcode(path, dialect, plain)
        dialect = replace(dialect, encoding="utf-8", compressed=False)
    short_row = Scan.short_row
    if dialect.quoted and not are_sound(plain, dialect):
        mended = folder / f"{len(list(folder.iterdir()))}.csv"
        mend(plain, dialect, mended)
        plain, dialect, short_row = mended, replace(dialect, compressed=False), OUT_OF_PLACE
    width = len(dialect.header)
    cells = tuple(f"c{number}" for number in range(width + 1))  # one more catches long rows
    numbers = {name: number for number, name in enumerate(dialect.header) if name}
    text = Text(plain, dialect, folder)
    sql = csv_sql(plain, dialect, cells)
    return Scan(path, sql, numbers, {}, width, dialect.complete, cells, text=text, short_row=short_row)


def csv_sql(path: Path, dialect: Dialect, columns: Sequence[str]) -> str:
    """Return SQL that reads a CSV file in UTF-8 as text cells under the names `columns`."""
    named = ", ".join(f"'{name}': 'VARCHAR'" for name in columns)
    options = {
        "header": "false",
        "skip": str(min(dialect.header_lines, 1)),  # rows: a header with a line break in quotes is one
        "auto_detect": "false",
        "delim": quoted(dialect.delimiter),
        "quote": "'\"'",
        "escape": "'\"'",
        "nullstr": quoted(NO_CELL),
        "null_padding": "true",
        "strict_mode": "false",
        "parallel": "false" if dialect.quoted else "true",  # a line break in quotes ends no row
        "compression": quoted("gzip" if dialect.compressed else "none"),
        "columns": f"{{{named}}}",
    }
    chosen = ", ".join(f"{name} = {value}" for name, value in options.items())
    return f"read_csv({quoted(str(path))}, {chosen})"


def _parquet(connection: duckdb.DuckDBPyConnection, path: Path) -> Scan:
    """Return how DuckDB reads a Parquet file, or every one in a folder."""
    place = str(path / "**" / "*.parquet") if path.is_dir() else str(path)
    try:
        described = connection.execute(f"DESCRIBE FROM read_parquet({quoted(place)})").fetchall()
    except duckdb.Error as error:
        raise unreadable_file(path, error) from error
    names = [str(row[0]) for row in described]
    renamed = ", ".join(f"{_identifier(name)} AS c{number}" for number, name in enumerate(names))
    numbers = {name: number for number, name in enumerate(names)}
    types = {str(row[0]): str(row[1]) for row in described}
    cells = tuple(f"c{number}" for number in range(len(names)))
    sql = f"(FROM read_parquet({quoted(place)}) SELECT {renamed})"
    counted = f"read_parquet({quoted(place)}, file_row_number = true)"
    with_record = f"(FROM {counted} SELECT {renamed}, file_row_number + 1 AS record)"
    if path.is_dir() or "file_row_number" in names:
        with_record = ""
    return Scan(path, sql, numbers, types, None, complete=True, cells=cells, with_record=with_record)


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'

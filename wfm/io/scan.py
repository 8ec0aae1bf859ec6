"""How DuckDB reads a source: a CSV file as text cells under numbered columns, or Parquet with its own types.

Column names of a file never reach SQL as names: header number 3 is `c3`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from wfm.io.cells import quoted
from wfm.io.sniff import Dialect, is_parquet, sniff, transcode
from wfm.io.tables import unreadable_file

NO_CELL = "\x01"  # no cell is this, so that an empty cell and one that is not there differ


@dataclass(frozen=True)
class Scan:
    """A file that DuckDB can read: the SQL, and the number and type of each header's column."""

    path: Path
    sql: str
    numbers: Mapping[str, int]
    types: Mapping[str, str]
    width: int | None
    complete: bool


def scan(connection: duckdb.DuckDBPyConnection, path: Path, folder: Path) -> Scan:
    """Return how to read the source at `path`, with `folder` for temporary files; DataError if none can."""
    return _parquet(connection, path) if is_parquet(path) else _csv(path, sniff(path), folder)


def _csv(path: Path, dialect: Dialect, folder: Path) -> Scan:
    """Return how DuckDB reads a CSV file; other encodings are first written to `folder` as UTF-8."""
    plain = path
    if dialect.encoding not in ("utf-8", "utf-8-sig"):
        plain = folder / f"{len(list(folder.iterdir()))}.csv"
        transcode(path, dialect, plain)
    packed = "gzip" if dialect.compressed and plain == path else "none"
    width = len(dialect.header)
    columns = ", ".join(
        f"'c{number}': 'VARCHAR'" for number in range(width + 1)
    )  # one more catches long rows
    options = {
        "header": "false",
        "skip": str(dialect.header_lines),
        "auto_detect": "false",
        "delim": quoted(dialect.delimiter),
        "quote": "'\"'",
        "escape": "'\"'",
        "nullstr": quoted(NO_CELL),
        "null_padding": "true",
        "strict_mode": "false",
        "parallel": "false" if dialect.quoted else "true",  # a line break in quotes ends no row
        "compression": quoted(packed),
        "columns": f"{{{columns}}}",
    }
    chosen = ", ".join(f"{name} = {value}" for name, value in options.items())
    numbers = {name: number for number, name in enumerate(dialect.header) if name}
    return Scan(path, f"read_csv({quoted(str(plain))}, {chosen})", numbers, {}, width, dialect.complete)


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
    return Scan(
        path, f"(FROM read_parquet({quoted(place)}) SELECT {renamed})", numbers, types, None, complete=True
    )


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'

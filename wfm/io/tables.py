"""Reading and writing the declared tables as CSV or Parquet; both give the same frame.

CSV is UTF-8 with a header, a comma (or a semicolon, seen from the header) between cells, and ISO 8601 stamps
with the offset of the queue's or site's wall clock. `.csv.gz` is CSV compressed; a folder is read as Parquet.
"""

from __future__ import annotations

import gzip
import sys
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from wfm.conform import Zones, conform
from wfm.errors import DataError, UsageError
from wfm.io.atomic import replacing
from wfm.io.csv_reading import CSV_ENDINGS, cells_of, columns_of, open_csv, read_cells, unreadable_file
from wfm.io.csv_writing import csv_bytes, csv_text
from wfm.tables import TEXTS, Table

__all__ = ["csv_text", "read_cells", "read_table", "unreadable_file", "write_table"]

STANDARD_OUTPUT = Path("-")
FASTEST = 1  # of gzip's levels: a file a tenth larger than with the slowest, written nine times as fast


def read_table(
    path: Path,
    table: Table,
    zones: Zones | None = None,
    known: Mapping[str, Collection[str]] | None = None,
) -> pd.DataFrame:
    """Return the file at `path` as `table`; DataError names every fault with its line (see `conform`)."""
    source = str(path)
    if path.is_dir() or path.suffix == ".parquet":
        return conform(_read_parquet(path), table, source=source, zones=zones, known=known)
    file = open_csv(path)
    columns = columns_of(file, table)
    if columns is not None:
        with suppress(DataError):  # told below, with the cells as they stand in the file and their lines
            return conform(columns, table, source=source, zones=zones, known=known)
    cells, lines = cells_of(file)
    return conform(cells, table, source=source, zones=zones, lines=lines, known=known)


def write_table(frame: pd.DataFrame, table: Table, path: Path, zones: Zones | None = None) -> None:
    """Write `frame` atomically, without its empty optional columns; `-` is standard output."""
    absent = [c.name for c in table.columns if c.optional and c.name in frame and frame[c.name].isna().all()]
    frame = frame.drop(columns=absent)
    if path == STANDARD_OUTPUT:
        for piece in csv_bytes(frame, zones):
            sys.stdout.write(str(piece, "utf-8"))
        return
    if path.suffix == ".parquet":
        with replacing(path) as part:
            pq.write_table(_arrow(frame, table), part, compression="zstd")
        return
    if not str(path).endswith(CSV_ENDINGS):
        raise UsageError(
            f"{path}: unknown kind of file", hint="use .csv, .csv.gz, .parquet or - for standard output"
        )
    with replacing(path) as part:
        _write_csv(csv_bytes(frame, zones), part, compressed=path.suffix == ".gz")


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        path.stat()  # pyarrow's own message for a missing file is its name
        frame: pd.DataFrame = pq.read_table(path).to_pandas()
    except (OSError, pa.ArrowException) as error:
        raise unreadable_file(path, error) from error
    return frame


def _arrow(frame: pd.DataFrame, table: Table) -> pa.Table:
    fields = []
    for name in frame.columns:
        if isinstance(frame[name].dtype, pd.DatetimeTZDtype):
            fields.append(pa.field(name, pa.timestamp("us", tz="UTC")))
        elif pd.api.types.is_datetime64_dtype(frame[name].dtype):
            fields.append(pa.field(name, pa.date32()))
        elif name in table.names and table.column(name).kind in TEXTS:
            fields.append(pa.field(name, pa.string()))
        else:
            fields.append(pa.field(name, pa.from_numpy_dtype(frame[name].dtype)))
    return pa.Table.from_pandas(
        frame, schema=pa.schema(fields), preserve_index=False
    ).replace_schema_metadata()


def _write_csv(pieces: Iterable[bytes | memoryview], part: Path, *, compressed: bool) -> None:
    with part.open("wb") as plain:
        if not compressed:
            plain.writelines(pieces)
            return
        with gzip.GzipFile("", "wb", FASTEST, plain, mtime=0) as packed:
            packed.writelines(pieces)

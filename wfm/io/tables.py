"""Reading and writing the declared tables as CSV or Parquet; both give the same frame.

CSV is UTF-8 with a header, a comma (or a semicolon, seen from the header) between cells, and ISO 8601 stamps
with the offset of the queue's or site's wall clock. `.csv.gz` is CSV compressed; a folder is read as Parquet.
"""

from __future__ import annotations

import gzip
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from wfm.conform import Zones, conform
from wfm.errors import DataError, Fault, UsageError
from wfm.io.atomic import replacing
from wfm.localtime import zone
from wfm.tables import Table

STANDARD_OUTPUT = Path("-")
CSV_ENDINGS = (".csv", ".csv.gz")


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
    cells, lines = read_cells(path)
    return conform(cells, table, source=source, zones=zones, lines=lines, known=known)


def read_cells(path: Path) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Return the cells of a CSV file as text (empty: NA) and the line on which each row begins."""
    if not str(path).endswith(CSV_ENDINGS):
        raise UsageError(
            f"{path}: unknown kind of file", hint="use .csv, .csv.gz, .parquet or a folder of Parquet"
        )
    content = _content(path)
    _check_encoding(path, content)
    header = content.split(b"\n", 1)[0]
    if not header.strip():
        raise _unreadable(path, "the file is empty", "give it a header and rows")
    delimiter = ";" if header.count(b";") > header.count(b",") else ","
    quoted = b'"' in content
    wrong: list[pacsv.InvalidRow] = []

    def refuse(row: pacsv.InvalidRow) -> str:
        wrong.append(row)
        return "skip"

    try:
        cells = pacsv.read_csv(
            pa.BufferReader(content),
            read_options=pacsv.ReadOptions(use_threads=False),
            parse_options=pacsv.ParseOptions(
                delimiter=delimiter,
                newlines_in_values=quoted,
                invalid_row_handler=refuse,
                ignore_empty_lines=True,
            ),
            convert_options=_as_text(header, delimiter),
        )
    except pa.ArrowInvalid as error:
        raise _unreadable(path, f"not a readable CSV file: {error}", "save it as CSV in UTF-8") from error
    if wrong:
        raise DataError([_ragged(row) for row in wrong], source=str(path))
    return cells.to_pandas(), _lines(content, cells.num_rows, quoted)


def write_table(frame: pd.DataFrame, table: Table, path: Path, zones: Zones | None = None) -> None:
    """Write `frame` atomically, without its empty optional columns; `-` is standard output."""
    absent = [c.name for c in table.columns if c.optional and c.name in frame and frame[c.name].isna().all()]
    frame = frame.drop(columns=absent)
    if path == STANDARD_OUTPUT:
        csv_text(frame, zones).to_csv(sys.stdout, index=False, lineterminator="\n")
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
        _write_csv(csv_text(frame, zones), part, compressed=path.suffix == ".gz")


def csv_text(frame: pd.DataFrame, zones: Zones | None = None) -> pd.DataFrame:
    """Return the frame with stamps and dates as ISO 8601 text, in the wall clock that `zones` names."""
    names = (zones or Zones()).of(frame)
    columns: dict[str, pd.Series] = {}
    for name in frame.columns:
        values = frame[name]
        if isinstance(values.dtype, pd.DatetimeTZDtype):
            columns[name] = _stamps(values, names)
        elif pd.api.types.is_datetime64_dtype(values.dtype):
            columns[name] = values.dt.strftime("%Y-%m-%d")
        elif pd.api.types.is_bool_dtype(values.dtype):
            columns[name] = values.map({True: "true", False: "false"})
        else:
            columns[name] = values
    return pd.DataFrame(columns)


def _as_text(header: bytes, delimiter: str) -> pacsv.ConvertOptions:
    reader = pacsv.open_csv(
        pa.BufferReader(header + b"\n"), parse_options=pacsv.ParseOptions(delimiter=delimiter)
    )
    types: dict[str, Any] = {name: pa.string() for name in reader.schema.names}
    return pacsv.ConvertOptions(column_types=types, strings_can_be_null=True, null_values=[""])


def _check_encoding(path: Path, content: bytes) -> None:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        fault = Fault(f"not UTF-8 text (byte 0x{content[error.start]:02x})", "save it as CSV UTF-8", row=line)
        raise DataError([fault], source=str(path)) from error


def _content(path: Path) -> bytes:
    try:
        if path.suffix == ".gz":
            with gzip.open(path, "rb") as compressed:
                return compressed.read().removeprefix(b"\xef\xbb\xbf")
        return path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    except (OSError, EOFError) as error:
        raise unreadable_file(path, error) from error


def unreadable_file(path: Path, error: Exception) -> DataError:
    """Return the error of an input that is missing, a folder, damaged or not permitted."""
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return _unreadable(path, f"cannot be read: {reason}", "check the path and the permissions")


def _unreadable(path: Path, problem: str, remedy: str) -> DataError:
    return DataError([Fault(problem, remedy, str(path))])


def _ragged(row: pacsv.InvalidRow) -> Fault:
    problem = f"{row.actual_columns} cells, the header has {row.expected_columns}"
    return Fault(problem, "quote cells that hold the delimiter", row=row.number)


def _lines(content: bytes, rows: int, quoted: bool) -> NDArray[np.int64]:
    """Return the line on which each row begins: blank lines and line breaks inside quotes counted."""
    text = content.rstrip(b"\r\n")
    if not quoted and b"\n\n" not in text and b"\r\n\r\n" not in text:
        return np.arange(rows, dtype=np.int64) + 2
    begins: list[int] = []
    inside = False
    for number, line in enumerate(text.split(b"\n"), start=1):
        if not inside and line.strip():
            begins.append(number)
        inside ^= line.count(b'"') % 2 == 1
    return np.array(begins[1 : rows + 1], dtype=np.int64)


def _stamps(values: pd.Series, names: pd.Series) -> pd.Series:
    texts = pd.Series(pd.NA, index=values.index, dtype="str")
    for name in names.unique():
        rows = (names == name).to_numpy() & values.notna().to_numpy()
        texts[rows] = iso_texts(values[rows], str(name))
    return texts


def iso_texts(instants: pd.Series, timezone: str) -> NDArray[np.str_]:
    """Return instants as ISO 8601 in a wall clock, offset with a colon, microseconds only where needed."""
    utc = instants.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy().astype("datetime64[us]")
    local = instants.dt.tz_convert(zone(timezone)).dt.tz_localize(None).to_numpy().astype("datetime64[us]")
    whole = bool((local == local.astype("datetime64[s]")).all())
    offsets, which = np.unique((local - utc).astype("timedelta64[s]").astype(np.int64), return_inverse=True)
    words = np.array([_offset(int(seconds)) for seconds in offsets], dtype=np.str_)
    return np.strings.add(np.datetime_as_string(local, unit="s" if whole else "us"), words[which])


def _offset(seconds: int) -> str:
    hours, rest = divmod(abs(seconds), 3600)
    text = f"{'-' if seconds < 0 else '+'}{hours:02d}:{rest // 60:02d}"
    return text if rest % 60 == 0 else f"{text}:{rest % 60:02d}"


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
        elif name in table.names and table.column(name).kind in ("text", "hours"):
            fields.append(pa.field(name, pa.string()))
        else:
            fields.append(pa.field(name, pa.from_numpy_dtype(frame[name].dtype)))
    return pa.Table.from_pandas(
        frame, schema=pa.schema(fields), preserve_index=False
    ).replace_schema_metadata()


def _write_csv(texts: pd.DataFrame, part: Path, *, compressed: bool) -> None:
    if compressed:
        with part.open("wb") as plain, gzip.GzipFile("", "wb", fileobj=plain, mtime=0) as packed:
            texts.to_csv(packed, index=False, lineterminator="\n")
        return
    texts.to_csv(part, index=False, lineterminator="\n")

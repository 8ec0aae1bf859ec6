"""CSV files as cells: clean columns straight as numbers, or every cell as text with the line of its row.

UTF-8 with a header, a comma (or a semicolon, seen from the header) between cells; `.csv.gz` is compressed.
"""

from __future__ import annotations

import gzip
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv
from numpy.typing import NDArray

from wfm.errors import DataError, Fault, UsageError, count_of
from wfm.tables import TEXTS, Table

CSV_ENDINGS = (".csv", ".csv.gz")
CATEGORY = pa.dictionary(pa.int32(), pa.string())
ARROW_KINDS = dict.fromkeys(TEXTS, CATEGORY) | {"number": pa.float64(), "integer": pa.float64()}


@dataclass(frozen=True)
class CsvFile:
    """The bytes of a CSV file, known to be UTF-8 with a header, and how its cells are divided."""

    path: Path
    content: bytes
    names: tuple[str, ...]
    delimiter: str
    quoted: bool

    def parsing(self, **options: object) -> pacsv.ParseOptions:
        """Return how Arrow has to take the file apart."""
        return pacsv.ParseOptions(delimiter=self.delimiter, newlines_in_values=self.quoted, **options)


def open_csv(path: Path) -> CsvFile:
    """Return the file at `path`; DataError if it is missing, damaged, empty or not UTF-8."""
    if not str(path).endswith(CSV_ENDINGS):
        raise UsageError(
            f"{path}: unknown kind of file", hint="use .csv, .csv.gz, .parquet or a folder of Parquet"
        )
    content = _content(path)
    _check_encoding(path, content)
    header = io.BytesIO(content).readline().rstrip(b"\n")
    if not header.strip():
        raise _unreadable(path, "the file is empty", "give it a header and rows")
    delimiter = ";" if header.count(b";") > header.count(b",") else ","
    options = pacsv.ParseOptions(delimiter=delimiter)
    try:
        names = pacsv.open_csv(pa.BufferReader(header + b"\n"), parse_options=options).schema.names
    except pa.ArrowInvalid as error:
        raise _no_csv(path, error) from error
    return CsvFile(path, content, tuple(names), delimiter, b'"' in content)


def read_cells(path: Path) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Return the cells of a CSV file as text (empty: NA) and the line on which each row begins."""
    return cells_of(open_csv(path))


def cells_of(file: CsvFile) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Return the cells as text (empty: NA) and the line on which each row begins."""
    wrong: list[pacsv.InvalidRow] = []

    def refuse(row: pacsv.InvalidRow) -> str:
        wrong.append(row)
        return "skip"

    try:
        cells = pacsv.read_csv(
            pa.BufferReader(file.content),
            read_options=pacsv.ReadOptions(use_threads=False),
            parse_options=file.parsing(invalid_row_handler=refuse),
            convert_options=_conversion({name: pa.string() for name in file.names}),
        )
    except pa.ArrowInvalid as error:
        raise _no_csv(file.path, error) from error
    if wrong:
        raise DataError([_ragged(row) for row in wrong], source=str(file.path))
    return cells.to_pandas(), _lines(file, cells.num_rows)


def columns_of(file: CsvFile, table: Table) -> pd.DataFrame | None:
    """Return the declared columns, numbers read as numbers; None if a row or a number cannot be read so.

    Columns that are not declared are there without their cells.
    """
    kinds = {column.name: ARROW_KINDS.get(column.kind, pa.string()) for column in table.columns}
    declared = [name for name in file.names if name in kinds]
    if len(set(file.names)) < len(file.names) or not declared:
        return None
    try:
        columns = pacsv.read_csv(
            pa.BufferReader(file.content),
            parse_options=file.parsing(),
            convert_options=_conversion({name: kinds[name] for name in declared}, only=declared),
        )
    except pa.ArrowInvalid:  # told by the caller from the cells, which say where
        return None
    frame: pd.DataFrame = columns.to_pandas(split_blocks=True)
    if any(frame[name].isna().sum() > columns[name].null_count for name in declared):  # written as `nan`
        return None
    return frame.assign(**{name: None for name in file.names if name not in kinds})


def _conversion(kinds: dict[str, pa.DataType], only: list[str] | None = None) -> pacsv.ConvertOptions:
    return pacsv.ConvertOptions(
        column_types=kinds, strings_can_be_null=True, null_values=[""], include_columns=only
    )


def _check_encoding(path: Path, content: bytes) -> None:
    if content.isascii():
        return
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
    """Return the error of an input that is missing, a folder or not permitted, else damaged."""
    system = getattr(error, "strerror", None)
    reason = system or str(error).strip().partition("\n")[0] or type(error).__name__
    remedy = "check the path and the permissions" if system else "it may be cut or damaged: fetch it again"
    return _unreadable(path, f"cannot be read: {reason}", remedy)


def _unreadable(path: Path, problem: str, remedy: str) -> DataError:
    return DataError([Fault(problem, remedy, str(path))])


def _no_csv(path: Path, error: Exception) -> DataError:
    return _unreadable(path, f"not a readable CSV file: {error}", "save it as CSV in UTF-8")


def _ragged(row: pacsv.InvalidRow) -> Fault:
    problem = f"{count_of(row.actual_columns, 'cell')}, the header has {row.expected_columns}"
    return Fault(problem, "quote cells that hold the delimiter", row=row.number)


def _lines(file: CsvFile, rows: int) -> NDArray[np.int64]:
    """Return the line on which each row begins: blank lines and line breaks inside quotes counted."""
    text = file.content.rstrip(b"\r\n")
    if not file.quoted and b"\n\n" not in text and b"\r\n\r\n" not in text:
        return np.arange(rows, dtype=np.int64) + 2
    begins: list[int] = []
    inside = False
    for number, line in enumerate(text.split(b"\n"), start=1):
        if not inside and line.strip():
            begins.append(number)
        inside ^= line.count(b'"') % 2 == 1
    return np.array(begins[1 : rows + 1], dtype=np.int64)

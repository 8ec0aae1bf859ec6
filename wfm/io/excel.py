"""Workbooks (.xlsx, .xls, .ods): one sheet as a table of texts, which DuckDB then reads like a CSV file.

Titles above the header are skipped: the header is the first row with at least half as many cells as the
widest of the first rows. A date becomes ISO 8601, a time of day or a duration `hh:mm:ss`, and a number is
written without any mark (12.5 as `125e-1`), so that it is the same number whatever marks a mapping gives
for cells that are texts.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path

import duckdb

from wfm.errors import DataError, Fault
from wfm.io.cells import SHEET
from wfm.io.quarantine import looks_like_a_row
from wfm.io.scan import Scan, scan
from wfm.io.tables import unreadable_file

Cell = int | float | str | bool | time | date | datetime | timedelta
FIRST_ROWS = 50
_MAGIC = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # zip (xlsx, ods), OLE (xls)


def is_workbook(head: bytes) -> bool:
    """Return whether a file that begins with `head` may be a workbook."""
    return head.startswith(_MAGIC)


def excel_scan(
    connection: duckdb.DuckDBPyConnection, path: Path, sheets: Iterable[str], folder: Path
) -> Scan:
    """Return how DuckDB reads a workbook: the first of `sheets` it has, else its first sheet with a header.

    DataError when it is damaged or no sheet has a header; temporary files go to `folder`.
    """
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        with CalamineWorkbook.from_path(path) as book:
            wanted = [name for name in sheets if name]
            chosen = [name for name in wanted if name in book.sheet_names] if wanted else book.sheet_names
            for name in chosen:
                rows = book.get_sheet_by_name(name).iter_rows()
                header, above = _header(rows)
                if header:
                    return _written(connection, path, header, chain(above, rows), folder)
            names = ", ".join(book.sheet_names)
    except (CalamineError, PasswordError, OSError, ValueError) as error:
        raise unreadable_file(path, error) from error
    problem = "no sheet has a header" if not wanted else f"no sheet {' or '.join(wanted)} with a header"
    raise DataError([Fault(problem, f"its sheets are {names}: name one as `sheet` in a mapping", str(path))])


def _header(rows: Iterator[list[Cell]]) -> tuple[list[str], list[list[Cell]]]:
    """Return the names of the columns, empty if there are none, and the rows below that were read with it."""
    first = list(islice(rows, FIRST_ROWS))
    widest = max((_filled(row) for row in first), default=0)
    for place, row in enumerate(first):
        if _filled(row) >= max(widest / 2, 2) and all(isinstance(cell, str) for cell in row):
            return [str(cell).strip() for cell in row], first[place + 1 :]
    return [], []


def _filled(row: Sequence[Cell]) -> int:
    return sum(cell != "" for cell in row)


def _written(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    header: list[str],
    rows: Iterable[Sequence[Cell]],
    folder: Path,
) -> Scan:
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice and looks_like_a_row(header):
        raise DataError([Fault("two columns have one name", "its header seems to be a row", str(path))])
    if twice:
        faults = [Fault("two columns have this name", "rename one", column=name) for name in twice]
        raise DataError(faults, source=str(path))
    while not header[-1]:
        header.pop()
    target = folder / f"sheet{len(list(folder.iterdir()))}.csv"
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        for row in rows:
            cells = [_text(cell) for cell in row]
            while len(cells) > len(header) and not cells[-1]:
                cells.pop()
            if any(cells):
                writer.writerow([*cells, *[""] * (len(header) - len(cells))])
        if not file.tell():
            writer.writerow([])  # a file that is empty is no CSV
    found = scan(connection, target, folder, tuple(header), ",")
    return replace(found, path=path, types=dict.fromkeys(found.numbers, SHEET))


def _text(cell: Cell) -> str:
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, int | float):
        return _number(cell)
    if isinstance(cell, time):
        return _clock(timedelta(hours=cell.hour, minutes=cell.minute, seconds=cell.second))
    if isinstance(cell, timedelta):
        return _clock(cell)
    return cell.isoformat(" ") if isinstance(cell, datetime) else str(cell)


def _number(value: float) -> str:
    if value == int(value):
        return str(int(value))
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    return f"{'-' if sign else ''}{''.join(map(str, digits))}e{exponent}"


def _clock(length: timedelta) -> str:
    seconds = round(length.total_seconds())
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"

"""How a text file is written, and what spreadsheets leave in it: serial days (46083.375), a row of sums."""

from __future__ import annotations

import csv
import gzip
import re
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from wfm.errors import DataError
from wfm.io.sniff import Dialect, is_parquet, sniff
from wfm.io.totals import WORDS

SAMPLED_LINES = 200
_SERIAL = re.compile(r"\d{5}([.,]\d+)?")
FIRST_SERIAL, LAST_SERIAL = 25569, 73050  # 1970-01-01 and 2099-12-31, in days since 1899-12-30
_ENCODINGS = {
    "utf-8": "",
    "utf-8-sig": "byte order mark",
    "utf-16": "UTF-16 with byte order mark",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "cp1252": "Windows-1252",
    "latin-1": "Latin-1",
}
_DELIMITERS = {",": "", ";": "semicolons", "\t": "tabs", "|": "pipes"}


@dataclass(frozen=True)
class Form:
    """How a text file is written, which columns hold serial days, and the cells of its last line."""

    path: Path
    dialect: Dialect
    serial_columns: tuple[str, ...]
    last_cells: tuple[str, ...]

    @property
    def traits(self) -> list[str]:
        """What is worth a word: encoding, delimiter, compression."""
        encoding = _ENCODINGS.get(self.dialect.encoding, self.dialect.encoding)
        delimiter = _DELIMITERS.get(self.dialect.delimiter, self.dialect.delimiter)
        return [trait for trait in (encoding, delimiter, "gzip" if self.dialect.compressed else "") if trait]

    def ends_with_totals(self, queues: Collection[str]) -> bool:
        """Return whether the last line is named as a row of sums, by a word that is no queue's name."""
        own = {queue.casefold() for queue in queues}
        return bool({_plain(cell) for cell in self.last_cells}.intersection(WORDS) - own)


def form_of(path: Path) -> Form | None:
    """Return how a text file is written, None for Parquet and for what is no delimited text."""
    try:
        if is_parquet(path):
            return None
        dialect = sniff(path)
        first, last = _ends(path, dialect)
    except DataError:  # the import knows it, or it would have refused it
        return None
    rows = [row for row in first if len(row) == len(dialect.header)]
    serial = [
        name
        for number, name in enumerate(dialect.header)
        if _all_serial([row[number].strip() for row in rows])
    ]
    return Form(path, dialect, tuple(serial), tuple(last))


def _ends(path: Path, dialect: Dialect) -> tuple[list[list[str]], list[str]]:
    """Return the cells of the first rows and of the last line that is not blank."""
    opened = gzip.open if dialect.compressed else open
    with opened(path, "rt", encoding=dialect.encoding, errors="replace", newline="") as lines:
        reader = csv.reader(_without_header(lines, dialect), delimiter=dialect.delimiter)
        first = list(islice(reader, SAMPLED_LINES))
        tail = deque((line for line in lines if line.strip()), maxlen=1)
    last = next(csv.reader(tail, delimiter=dialect.delimiter)) if tail else first[-1] if first else []
    return first, last


def _without_header(lines: Iterator[str], dialect: Dialect) -> Iterator[str]:
    for number, line in enumerate(lines):
        if number >= dialect.header_lines and line.strip():
            yield line


def _plain(cell: str) -> str:
    return cell.strip(" :*-").casefold()


def _all_serial(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell and _plain(cell) not in WORDS]
    return bool(filled) and all(
        _SERIAL.fullmatch(cell) and FIRST_SERIAL <= float(cell.replace(",", ".")) <= LAST_SERIAL
        for cell in filled
    )

"""The beginning of a file (and the end of a long one), as a small file of the same kind.

What a file is can be seen from its first megabyte; the last lines show a totals row and whether the file is
cut. So a gigabyte is guessed as fast as a page. Workbooks are read whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from wfm.errors import DataError, Fault
from wfm.io.cells import quoted
from wfm.io.ending import is_cut_json, is_cut_text
from wfm.io.excel import excel_scan, is_workbook
from wfm.io.json_lines import LONGEST_OBJECT, is_json, json_scan
from wfm.io.scan import Scan, scan
from wfm.io.sniff import DELIMITERS, head_of, is_packed, is_parquet
from wfm.io.tables import unreadable_file

HEAD_BYTES = 1 << 20
TAIL_BYTES = 1 << 16
PARQUET_ROWS = 10_000
TITLE_LINES = 20  # looked at, for a header that stands below titles
_BREAK = b"\n"


@dataclass(frozen=True)
class Sample:
    """A file's `kind` (CSV, JSON, workbook, Parquet), and a small file at `path` that stands for it.

    `is_cut`: the end of the file, which the sample may not have, is one of a file that may be cut.
    """

    source: Path
    path: Path
    kind: str
    is_whole: bool
    has_end: bool
    is_cut: bool = False

    def scanned(self, connection: duckdb.DuckDBPyConnection, folder: Path, headers: list[str]) -> Scan:
        """Return how to read the sample; in JSON `headers` are looked for. DataError if it is no table."""
        try:
            if self.kind == "workbook":
                return excel_scan(connection, self.path, [], folder)
            if self.kind == "JSON":
                return json_scan(connection, self.path, headers)
            return scan(connection, self.path, folder)
        except DataError as error:
            problems = [Fault(fault.problem, fault.remedy, str(self.source)) for fault in error.faults[:1]]
            raise DataError(problems) from error


def sample_of(connection: duckdb.DuckDBPyConnection, path: Path, folder: Path) -> Sample:
    """Return a sample of the file at `path`, kept in `folder`; DataError when it cannot be read."""
    if is_parquet(path):
        return _parquet(connection, path, folder)
    head = head_of(path)
    if is_workbook(head):
        return Sample(path, path, "workbook", is_whole=True, has_end=True)
    kind = "JSON" if is_json(head) else "CSV"
    if not head.strip(b"\x00 \t\r\n"):
        raise DataError([Fault("the file is empty", "give it a header and rows", str(path))])
    if (
        kind == "CSV"
        and b"\x00" in head
        and head[:2] not in (b"\xff\xfe", b"\xfe\xff")
        and not _is_wide(head)
    ):
        raise DataError([Fault("it is no text", "export it as CSV, JSON, xlsx or Parquet", str(path))])
    if len(head) <= HEAD_BYTES:
        return Sample(path, path, kind, is_whole=True, has_end=True)
    small = folder / "sample"
    if kind == "JSON" and not _has_lines(head):
        small.write_text("\n".join(_objects(head[:HEAD_BYTES])) + "\n", encoding="utf-8")
        return Sample(path, small, kind, is_whole=False, has_end=False)
    begin = _whole_lines(head[:HEAD_BYTES])
    end = b"" if is_packed(path) or b'"' in head or b"\x00" in head else _last_lines(path)
    small.write_bytes(begin + end)
    is_cut = not end and (is_cut_json(path, LONGEST_OBJECT) if kind == "JSON" else is_cut_text(path))
    return Sample(path, small, kind, is_whole=False, has_end=bool(end), is_cut=is_cut)


def title_lines(text: str) -> int:
    """Return how many lines stand above the header of a CSV text: titles, which no reader can skip."""
    widths = [max(line.count(mark) for mark in DELIMITERS) for line in text.splitlines()[:TITLE_LINES]]
    if not widths or widths[0] > 0 or max(widths) < 2:
        return 0
    return next(place for place, width in enumerate(widths) if width >= 2)


def _is_wide(head: bytes) -> bool:
    return max(head[0:1000:2].count(0), head[1:1000:2].count(0)) > len(head[:1000]) // 5


def _parquet(connection: duckdb.DuckDBPyConnection, path: Path, folder: Path) -> Sample:
    small = folder / "sample.parquet"
    place = str(path / "**" / "*.parquet") if path.is_dir() else str(path)
    rows = f"FROM read_parquet({quoted(place)}) LIMIT {PARQUET_ROWS}"
    try:
        connection.execute(f"COPY ({rows}) TO {quoted(str(small))} (FORMAT parquet)")
    except duckdb.Error as error:
        raise unreadable_file(path, error) from error
    return Sample(path, small, "Parquet", is_whole=False, has_end=False)


def _whole_lines(head: bytes) -> bytes:
    """Return the lines of a beginning that are complete; none ends inside quotes."""
    wide = b"\x00" in head[:1000]
    mark = (b"\n\x00" if head[1:1000:2].count(0) > head[0:1000:2].count(0) else b"\x00\n") if wide else _BREAK
    cut = head.rfind(mark) + len(mark)
    while head[:cut].count(b'"') % 2 and cut > len(mark):
        cut = head.rfind(mark, 0, cut - len(mark)) + len(mark)
    return head[:cut] if cut >= len(mark) + 1 else head


def _last_lines(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - TAIL_BYTES, HEAD_BYTES))
        end = file.read()
    return end.partition(_BREAK)[2]


def _has_lines(head: bytes) -> bool:
    try:
        return isinstance(json.loads(head.partition(_BREAK)[0]), dict)
    except ValueError:
        return False


def _objects(head: bytes) -> Iterator[str]:
    """Yield the objects of a JSON text that stand in one array or one after the other, each on a line."""
    text = head.decode("utf-8-sig", errors="ignore")
    decoder, place = json.JSONDecoder(), 0
    while (place := _next(text, place)) < len(text):
        try:
            found, place = decoder.raw_decode(text, place)
        except ValueError:
            return
        yield json.dumps(found, ensure_ascii=False)


def _next(text: str, place: int) -> int:
    while place < len(text) and text[place] in " \t\r\n,[":
        place += 1
    return place

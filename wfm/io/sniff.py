"""What kind of file a source is: Parquet or CSV, and of a CSV the encoding, the delimiter and the header.

A CSV may be UTF-8 (with or without byte order mark), UTF-16, Windows-1252 or Latin-1, plain or gzip, with
comma, semicolon, tab or pipe between cells. The whole file is read once, in blocks, for three facts that no
sample can give: whether it is UTF-8 throughout, whether it has quotes, and whether its last line is complete.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from wfm.errors import DataError, Fault
from wfm.io.quarantine import looks_like_a_row
from wfm.io.tables import unreadable_file

DELIMITERS = (",", ";", "\t", "|")
BLOCK = 1 << 22
LARGE = 1 << 26  # bytes; from here on a second reading costs more than the doubt
SAMPLE_LINES = 20
_GZIP, _PARQUET = b"\x1f\x8b", b"PAR1"
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_EIGHT_BIT = ("cp1252", "latin-1")  # Latin-1 reads anything, so it is last


class NotOurColumns(DataError):
    """A file that has no header, or none of our tables: a preset or a mapping may know it."""

    def advised(self, hint: str) -> NotOurColumns:
        """Return the same error with another hint."""
        self.hint = hint
        return self


@dataclass(frozen=True)
class Dialect:
    """How a CSV file is written.

    `complete` says that its last line ends with a line break, `bare_returns` that some end in a mere return.
    `assumed`: that it is UTF-8 without quotes and bare returns was seen of its beginning alone.
    """

    encoding: str
    delimiter: str
    header: tuple[str, ...]
    header_lines: int
    quoted: bool
    complete: bool
    compressed: bool
    bare_returns: bool = False
    assumed: bool = False


def is_parquet(path: Path) -> bool:
    """Return whether `path` is Parquet: a folder, or a file that begins as Parquet does."""
    if path.is_dir():
        return True
    try:
        with path.open("rb") as file:
            return file.read(len(_PARQUET)) == _PARQUET
    except OSError as error:
        raise unreadable_file(path, error) from error


def head_of(path: Path) -> bytes:
    """Return the beginning of a file, unpacked; DataError when it cannot be read."""
    try:
        with open_unpacked(path) as file:
            return file.read(BLOCK)
    except (OSError, EOFError, zlib.error) as error:
        raise unreadable_file(path, error) from error


def is_packed(path: Path) -> bool:
    """Return whether the file at `path` is gzip."""
    return _is_gzip(path)


def sniff(path: Path, names: tuple[str, ...] = (), mark: str = "", *, assume: bool = False) -> Dialect:
    """Return the dialect of a CSV file; DataError when it cannot be read or has no usable header.

    `names` are those of the columns of a file without header line, `mark` is its delimiter, if it is known.
    With `assume` a large file whose beginning is plain is not read to its end: its reader must look.
    """
    try:
        with open_unpacked(path) as file:
            head = file.read(BLOCK)
        compressed = _is_gzip(path)
        assumed = (
            assume and not compressed and path.stat().st_size >= LARGE and is_plain(head[: -len(b"\r\n")])
        )
        if assumed:
            encoding, quoted, complete, bare = "utf-8", False, _ends_line(path), False
        else:
            encoding, quoted, complete, bare = _scan(path, _encoding_of(head))
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise unreadable_file(path, error) from error
    text = head.decode(encoding, errors="ignore")
    if not text.strip():
        raise _unusable(path, "the file is empty", "give it a header and rows")
    if encoding in _EIGHT_BIT and b"\x00" in head:  # nor is it UTF-8
        raise _unusable(path, "it is no text", "export it as CSV, JSON, xlsx or Parquet")
    delimiter = mark or _delimiter_of(text)
    if names:
        return Dialect(encoding, delimiter, names, 0, quoted, complete, compressed, bare, assumed)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    try:
        header = tuple(name.strip() for name in next(reader))
    except csv.Error as error:
        raise _unusable(path, f"the header cannot be read: {error}", "save it as CSV") from error
    _check_header(path, header)
    return Dialect(encoding, delimiter, header, reader.line_num, quoted, complete, compressed, bare, assumed)


def is_plain(block: bytes) -> bool:
    """Return whether a block of whole lines is ASCII without quotes and bare returns."""
    if b'"' in block or not block.isascii():
        return False
    return b"\r" not in block or block.count(b"\r") == block.count(b"\r\n")


def _ends_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) in (b"\n", b"\r")


def transcode(path: Path, dialect: Dialect, target: Path) -> None:
    """Write the file as plain UTF-8 to `target`, for readers that know nothing else."""
    with open_unpacked(path) as source, target.open("w", encoding="utf-8", newline="") as written:
        decoder = codecs.getincrementaldecoder(dialect.encoding)("replace")
        for block in iter(lambda: source.read(BLOCK), b""):
            written.write(decoder.decode(block))
        written.write(decoder.decode(b"", final=True))


@contextmanager
def open_unpacked(path: Path) -> Iterator[BinaryIO]:
    """Open a file to be read, unpacked if it is gzip."""
    if _is_gzip(path):
        with gzip.open(path, "rb") as packed:
            yield packed  # type: ignore[misc]  # GzipFile reads as BinaryIO does
    else:
        with path.open("rb") as plain:
            yield plain


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_GZIP)) == _GZIP


def _encoding_of(head: bytes) -> str:
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    even, odd = head[0:1000:2].count(0), head[1:1000:2].count(0)
    if max(even, odd) > len(head[:1000]) // 5:
        return "utf-16-be" if even > odd else "utf-16-le"
    return "utf-8"


def _scan(path: Path, encoding: str) -> tuple[str, bool, bool, bool]:
    """Return (encoding, has quotes, ends with a line break, has bare returns), from every byte."""
    candidates = [encoding, *_EIGHT_BIT] if encoding == "utf-8" else [encoding]
    decoders = [codecs.getincrementaldecoder(name)() for name in candidates]
    quoted, tail, returns, last = False, b"", 0, ""
    buffer = bytearray(BLOCK)
    with open_unpacked(path) as file:
        while size := file.readinto(buffer):  # type: ignore[attr-defined]  # every file opened here has it
            block = memoryview(buffer)[:size]
            quoted = quoted or buffer.find(b'"', 0, size) >= 0
            returns -= tail[-1:] == b"\r" and buffer[:1] == b"\n"
            if buffer.find(b"\r", 0, size) >= 0:
                returns += buffer.count(b"\r", 0, size) - buffer.count(b"\r\n", 0, size)
            tail = (tail + bytes(block[-2:]))[-2:]
            if encoding == "utf-8" and _is_ascii(block) and not decoders[0].getstate()[0]:
                continue  # the same in every candidate, and eight times as fast to see as to decode
            while len(decoders) > 1 and not _decodes(decoders[0], block):
                decoders, candidates = decoders[1:], candidates[1:]
            if len(decoders) == 1:
                last = decoders[0].decode(block)[-1:] or last  # nothing is left to try
    ends = tail[-1:] in (b"\n", b"\r")
    if candidates[0].startswith("utf-16"):
        ends = last in ("\n", "\r") and not decoders[0].getstate()[0]  # which holds half a character
    return candidates[0], quoted, ends, returns > 0


def _is_ascii(block: memoryview) -> bool:
    return bool(np.frombuffer(block, dtype=np.uint8).max() < 128)


def _decodes(decoder: codecs.IncrementalDecoder, block: memoryview) -> bool:
    try:
        decoder.decode(block)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter_of(text: str) -> str:
    """Return the delimiter that cuts the first lines into the most cells, evenly."""
    lines = text.splitlines(keepends=True)[:SAMPLE_LINES]

    def evenness(delimiter: str) -> tuple[bool, float]:
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        except csv.Error:
            return False, 0
        even = sum(width == widths[0] for width in widths) / len(widths)
        return widths[0] > 1, even * widths[0]

    return max(DELIMITERS, key=evenness)


def _check_header(path: Path, header: tuple[str, ...]) -> None:
    names = [name for name in header if name]
    if not names:
        raise _unusable(path, "the first line has no column names", "give it a header")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice and looks_like_a_row(names):
        remedy = "its first line seems to be a row, not a header"
        raise NotOurColumns([Fault("two columns have one name", remedy, str(path))])
    if twice:
        raise DataError(
            [Fault("two columns have this name", "rename one", row=1, column=name) for name in twice],
            source=str(path),
        )


def _unusable(path: Path, problem: str, remedy: str) -> DataError:
    return DataError([Fault(problem, remedy, str(path))])

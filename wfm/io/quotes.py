"""Quotation marks of a CSV file that are out of place: found, and the lines that have them set apart.

A quote that is never closed would swallow the lines after it, and DuckDB drops what stands between a closing
quote and the next delimiter (`"1"5` is read as 1). Of a record whose quotes are wrong, the line on which it
begins is bad and the next line begins a record again, so that one stray quote costs one row. Quotes inside a
cell that does not begin with one are text.
"""

from __future__ import annotations

import mmap
import re
import shutil
from pathlib import Path

import numpy as np

from wfm.io.sniff import BLOCK, Dialect, open_unpacked

QUOTE = b'"'
OUT_OF_PLACE = "fewer cells than the header has columns, or a quotation mark out of place"
_BREAKS = b"\r\n"
_LINE = re.compile(rb"[^\r\n]*+(\r\n|\r|\n|\Z)")


def are_sound(path: Path, dialect: Dialect) -> bool:
    """Return whether each quote of a UTF-8 file opens or closes a whole cell, or is doubled inside one."""
    edges = np.frombuffer(dialect.delimiter.encode() + _BREAKS + QUOTE, dtype=np.uint8)
    with open_unpacked(path) as file:
        opened, before = 0, b"\n"
        while block := file.read(BLOCK):
            while block.endswith(QUOTE) and (more := file.read(1)):
                block += more
            text = np.frombuffer(before + block + b"\n", dtype=np.uint8)
            places = np.flatnonzero(text[1:-1] == QUOTE[0]) + 1
            opening = (np.arange(len(places)) + opened) % 2 == 0  # a doubled quote closes and opens again
            if not np.isin(text[np.where(opening, places - 1, places + 1)], edges).all():
                return False
            opened, before = (opened + len(places)) % 2, block[-1:]
    return opened == 0


def mend(path: Path, dialect: Dialect, target: Path) -> None:
    """Write a plain copy of a UTF-8 file, each line with a quote out of place as a row of one cell."""
    unpacked = target.with_suffix(".unpacked")
    with open_unpacked(path) as source, unpacked.open("wb") as copy:
        shutil.copyfileobj(source, copy)
    record = _record(dialect.delimiter.encode())
    with (
        unpacked.open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text,
        target.open("wb") as mended,
    ):
        place = _after_header(text, dialect)
        mended.write(text[:place])
        while place < len(text):
            found = record.match(text, place)
            if found:
                mended.write(found[0])
            elif found := _LINE.match(text, place):
                mended.write(b"0" + found[1])
            place = found.end() if found else len(text)
    unpacked.unlink()


def _record(delimiter: bytes) -> re.Pattern[bytes]:
    """Return the pattern of one record with its line break; blanks around a quoted cell are none of it."""
    mark = re.escape(delimiter)
    cell = rb'(?: *+"(?:[^"]++|"")*+" *+|(?! *")[^\r\n%b]*+)' % mark
    return re.compile(rb"%b(?:%b%b)*+(?:\r\n|\r|\n|\Z)" % (cell, mark, cell))


def _after_header(text: mmap.mmap, dialect: Dialect) -> int:
    place = 0
    for _ in range(dialect.header_lines):
        line = _LINE.match(text, place)
        place = line.end() if line else place
    return place

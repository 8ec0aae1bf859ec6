"""Text files that may be cut: one whose last line has no line break is refused as a whole, not believed.

A transfer that stops in the middle leaves such a file, and nothing tells how many lines it lacks, nor whether
the last cell is whole. Of CSV and event logs the last character counts; JSON of one object a line may end
with a whole object. Of a gzip file its content counts. Parquet, workbooks, JSON arrays and gzip itself show
a cut to their readers.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal, TypeVar

from wfm.errors import DataError, Fault, WfmError
from wfm.io.scan import Scan
from wfm.io.sniff import BLOCK, is_packed, open_unpacked, sniff

FinalNewline = Literal["required", "optional"]
CUT = "the file does not end with a line break: its last line may be cut"
WAYS_OUT = (
    "fetch it again; if its last line is whole, end it with a line break, "
    'or set [import] final_newline = "optional"'
)
_Part = TypeVar("_Part")


class CutFile(DataError):
    """A file whose last line may be cut."""


def whole(found: Scan, final_newline: FinalNewline) -> Scan:
    """Return the scan of a file that is not cut, or may end as it likes; else raise CutFile."""
    if final_newline == "required" and not found.complete:
        raise CutFile([cut_fault(found.path)])
    return found


def cut_fault(path: Path) -> Fault:
    """Return what is wrong with a file that is cut."""
    return Fault(CUT, WAYS_OUT, str(path))


def of_whole_files(paths: Iterable[Path], read: Callable[[Path], _Part]) -> list[_Part]:
    """Return what `read` makes of each file; CutFile names every one for which it raises that.

    Any other WfmError of a file is raised only where none is cut: what a cut file lacks may be its end.
    """
    parts: list[_Part] = []
    cut: dict[Fault, None] = {}  # a file that was named twice is cut once
    others: list[WfmError] = []
    for path in paths:
        try:
            parts.append(read(path))
        except CutFile as error:
            cut |= dict.fromkeys(error.faults)
        except WfmError as error:
            others.append(error)
    if cut:
        raise CutFile(cut)
    if others:
        raise others[0]
    return parts


def is_cut_text(path: Path) -> bool:
    """Return whether a CSV file or an event log ends without a line break; DataError if it is unreadable."""
    return not sniff(path, ("line",), ",", assume=True).complete


def is_cut_json(path: Path, longest: int) -> bool:
    """Return whether a file of JSON objects, one a line, ends in a part of one of at most `longest` bytes."""
    tail = _tail(path, longest)
    last = tail.replace(b"\r", b"\n").rpartition(b"\n")[2].strip(b" \t")
    if not last:
        return False
    try:
        return not isinstance(json.loads(last.removeprefix(b"\xef\xbb\xbf")), dict)
    except ValueError:  # also bytes that are no UTF-8
        return True


def _tail(path: Path, most: int) -> bytes:
    """Return the last bytes of a file's content: `most` and some, or a line break alone if it ends so."""
    with open_unpacked(path) as file:
        if not is_packed(path):
            size = path.stat().st_size
            file.seek(max(size - 1, 0))
            if (end := file.read()) in (b"\n", b"\r"):
                return end  # as in nearly every file
            file.seek(max(size - most, 0))
            return file.read()
        blocks = deque(iter(lambda: file.read(BLOCK), b""), maxlen=most // BLOCK + 2)
    return b"".join(blocks)

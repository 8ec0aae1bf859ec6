"""The lines of a CSV file put together byte by byte by a compiled function: twice as fast as by Arrow.

The bytes are the same. Only for large tables of commands that have loaded numba anyway.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit
from numpy.typing import NDArray

from wfm.io.shortest import ROOM, write_number


class Lines:
    """The parts of a table's lines (see `csv_parts`), as arrays that a compiled function reads.

    A cell is the bits of a number, or the place of its text in `begins`; text 0 is the empty one. `after` is
    the character that stands after each number, 0 in a column of texts.
    """

    def __init__(self, parts: list[pa.Array | pa.Scalar]) -> None:
        self.cells: list[NDArray[np.uint64]] = []
        after: list[int] = []
        texts = [b""]
        for part in parts:
            if isinstance(part, pa.Scalar):
                after[-1] = ord(part.as_py())
                continue
            after.append(0)
            if pa.types.is_dictionary(part.type):
                which = pc.add(part.indices.cast(pa.int64()), len(texts)).fill_null(0)
                self.cells.append(which.to_numpy().view(np.uint64))
                texts += [text.encode() for text in part.dictionary.to_pylist()]
            else:
                self.cells.append(part.to_numpy(zero_copy_only=False).view(np.uint64))
        self.after = np.array(after, dtype=np.uint8)
        sizes = np.array([len(text) for text in texts])
        self.begins = np.concatenate(([0], np.cumsum(sizes)))
        self.texts = np.frombuffer(bytearray(b"".join(texts)), dtype=np.uint8)
        self.widest = len(after) * max(int(sizes.max()), ROOM)

    def from_row(self, begin: int, count: int) -> memoryview:
        """Return the lines of `count` rows from `begin` on, fewer at the end of the table."""
        cells = np.stack([column[begin : begin + count] for column in self.cells])
        into = np.empty(cells.shape[1] * self.widest, dtype=np.uint8)
        size = _write_lines(cells, self.after, self.texts, self.begins, into)
        return into.data[:size]


@njit(cache=True, nogil=True)
def _write_lines(
    cells: NDArray[np.uint64],
    after: NDArray[np.uint8],
    texts: NDArray[np.uint8],
    begins: NDArray[np.int64],
    into: NDArray[np.uint8],
) -> int:
    """Write the cells row after row, return how many bytes that makes."""
    at = 0
    columns, rows = cells.shape
    for row in range(rows):
        for column in range(columns):
            cell = cells[column, row]
            if after[column]:
                at = write_number(cell, into, at)
                into[at] = after[column]
                at += 1
                continue
            for place in range(begins[cell], begins[cell + np.uint64(1)]):
                into[at] = texts[place]
                at += 1
    return at

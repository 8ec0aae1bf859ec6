"""A large CSV file in blocks of whole lines, parsed side by side by pyarrow into typed record batches.

Arrow reads a cell strictly or refuses the whole block, so a column in which a block fails is read as text
from then on and cast cell by cell: what is no number or time becomes NULL, and its row is marked `bad`. Lines
with a wrong number of cells are left out, and kept by number. Nobody is told here what is wrong: such rows
are read again, as text, by those who know.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv

from wfm.io.sniff import Dialect, is_plain, open_unpacked

BLOCK = 1 << 22
WORKERS = 2
_BREAK, _PIECE = ord("\n"), 1 << 16
_FREED = 31 << 20  # bytes, just below the most that glibc learns from
_COLUMN = re.compile(r"In CSV column #(\d+)")
_NUMBER = r"^-?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_DAY = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_CLOCK = r"[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"
_SHAPES = {
    pa.float64(): _NUMBER,
    pa.timestamp("us", "UTC"): rf"{_DAY}{_CLOCK}(Z|[+-][0-9]{{2}}:[0-9]{{2}})$",
    pa.timestamp("us"): rf"{_DAY}{_CLOCK}$",
}


Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Block:
    """Whole lines of a file: the good ones as `rows`, the numbers of the others in `broken`.

    Lines are numbered within the block from 1, empty ones left out; there are `count` of them.
    """

    text: bytes
    rows: pa.RecordBatch
    broken: Sequence[int]
    count: int

    def records(self) -> NDArray[np.uint32]:
        """Return the number of the line of each of `rows`."""
        numbers = np.arange(1, self.count + 1, dtype=np.uint32)
        return np.delete(numbers, np.array(self.broken, dtype=np.int64) - 1) if self.broken else numbers

    def lines(self, numbers: Sequence[int]) -> list[bytes]:
        """Return the lines with these numbers, ascending, without their breaks."""
        if not numbers:
            return []
        begins = range(0, len(self.text), _PIECE)
        letters = np.frombuffer(self.text, dtype=np.uint8)
        breaks = (int(np.count_nonzero(letters[begin : begin + _PIECE] == _BREAK)) for begin in begins)
        before = [0, *accumulate(breaks)]
        if before[-1] + (not self.text.endswith(b"\n")) != self.count:  # there are empty lines
            lines = [line for line in self.text.splitlines() if line]
            return [lines[number - 1] for number in numbers]
        return [self._line(number, before) for number in numbers]

    def _line(self, number: int, before: Sequence[int]) -> bytes:
        """Return a line, from the number of line breaks before each piece of the text."""
        piece = bisect_left(before, number) - 1  # in which the line ends, if it has a break
        begin = self.text.rfind(b"\n", 0, piece * _PIECE) + 1
        skipped = number - before[piece] - 1
        line = self.text[begin : (piece + 1) * _PIECE].split(b"\n", skipped + 1)[skipped]
        return line.removesuffix(b"\r")


@dataclass
class Blocks:
    """The rows of a CSV file without quotes; `types` are those of the columns to read, by number.

    `missing` are the texts that say "no value" in columns that are no texts.
    """

    path: Path
    dialect: Dialect
    types: Mapping[int, pa.DataType]
    missing: tuple[str, ...]
    _as_text: set[int] = field(default_factory=set)

    def each(self, work: Callable[[Block], Result]) -> Iterator[Result]:
        """Yield what `work` makes of each block, in order; it is called in several threads.

        Raises pa.ArrowInvalid if the file is none that Arrow can take apart.
        """
        return in_order(lambda text: work(self._parsed(text)), self._texts())

    def _texts(self) -> Iterator[bytes]:
        """Yield blocks of whole lines, without the header."""
        with open_unpacked(self.path) as file:
            for _ in range(self.dialect.header_lines):
                file.readline()
            rest = b""
            while block := file.read(BLOCK):
                end = block.rfind(b"\n") + 1
                if end:
                    yield b"".join((rest, memoryview(block)[:end]))
                    rest = block[end:]
                else:
                    rest += block
            if rest:
                yield rest

    def _parsed(self, text: bytes) -> Block:
        if self.dialect.assumed and not is_plain(text):
            raise pa.ArrowInvalid("not as plain as its beginning")
        while True:
            broken: list[int] = []
            as_text = frozenset(self._as_text)
            try:
                table = self._table(text, as_text, broken)
            except pa.ArrowInvalid as error:
                found = _COLUMN.search(str(error))
                if found is None or int(found[1]) in as_text:
                    raise
                self._as_text.add(int(found[1]))
                continue
            return Block(text, self._typed(table, as_text), broken, len(table) + len(broken))

    def _table(self, text: bytes, as_text: frozenset[int], broken: list[int]) -> pa.Table:
        def leave_out(row: csv.InvalidRow) -> str:
            broken.append(row.number)
            return "skip"

        names = [f"c{number}" for number in range(len(self.dialect.header))]
        kinds = {
            f"c{number}": pa.string() if number in as_text else kind for number, kind in self.types.items()
        }
        return csv.read_csv(
            pa.BufferReader(text),
            csv.ReadOptions(column_names=names, use_threads=False, block_size=len(text) + 1),
            csv.ParseOptions(
                delimiter=self.dialect.delimiter, quote_char=False, invalid_row_handler=leave_out
            ),
            csv.ConvertOptions(
                column_types=kinds,
                include_columns=list(kinds),
                null_values=list(self.missing),
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )

    def _typed(self, table: pa.Table, as_text: frozenset[int]) -> pa.RecordBatch:
        columns = {name: table[name].combine_chunks() for name in table.column_names}
        bad = pa.array(np.zeros(len(table), dtype=bool))
        for number in sorted(as_text):
            name = f"c{number}"
            columns[name], wrong = self._cast(columns[name], self.types[number])
            bad = pc.or_(bad, wrong)
        return pa.RecordBatch.from_pydict({**columns, "bad": bad})

    def _cast(self, texts: pa.Array, kind: pa.DataType) -> tuple[pa.Array, pa.Array]:
        """Return texts as values, and where they are none though they are not missing."""
        told = pc.invert(pc.is_in(texts, pa.array(self.missing, pa.string())))
        usual = pc.and_(told, pc.match_substring_regex(texts, _SHAPES[kind]))
        candidates = pc.if_else(usual, texts, None)
        try:
            values = pc.cast(candidates, kind)
        except pa.ArrowInvalid:  # a date that no calendar has
            real = pa.array([text is not None and _is_date(text) for text in candidates.to_pylist()])
            values = pc.cast(pc.if_else(real, candidates, None), kind)
        return values, pc.and_(told, pc.is_null(values))


def _is_date(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def in_order(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """Yield what `work` makes of each item, in order, with a few at work at a time."""
    bytes(_FREED)  # see mallopt(3): glibc returns less of what is freed to the system from now on, and
    # what it keeps need not be fetched again for the next item, which took a tenth of all the time
    with ThreadPoolExecutor(WORKERS) as pool:
        waiting: deque[Future[Result]] = deque()
        for item in items:
            waiting.append(pool.submit(work, item))
            if len(waiting) > WORKERS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

"""A large CSV file as typed record batches: blocks of whole lines, parsed side by side by pyarrow.

Arrow reads a cell strictly or refuses the whole block, so a column in which a block fails is read as text
from then on and cast cell by cell: what is no number or time becomes NULL, and its row is marked `bad`. Lines
with a wrong number of cells are left out, and kept by number. Nobody is told here what is wrong: such rows
are read again, as text, by those who know.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from wfm.io.sniff import Dialect, is_plain, open_unpacked

BLOCK = 1 << 21
WORKERS = 2
_COLUMN = re.compile(r"In CSV column #(\d+)")
_NUMBER = r"^-?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_DAY = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_CLOCK = r"[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"
_SHAPES = {
    pa.float64(): _NUMBER,
    pa.timestamp("us", "UTC"): rf"{_DAY}{_CLOCK}(Z|[+-][0-9]{{2}}:[0-9]{{2}})$",
    pa.timestamp("us"): rf"{_DAY}{_CLOCK}$",
}


@dataclass
class Blocks:
    """The rows of a CSV file without quotes; `types` are those of the columns to read, by number.

    `missing` are the texts that say "no value" in columns that are no texts. After `batches` has been read to
    its end, `broken` are the numbers of the lines with too few or too many cells, 1 being the first data row.
    """

    path: Path
    dialect: Dialect
    types: Mapping[int, pa.DataType]
    missing: tuple[str, ...]
    broken: list[int] = field(default_factory=list)
    _as_text: set[int] = field(default_factory=set)

    @property
    def schema(self) -> pa.Schema:
        """Schema of the batches: `c3` and so on, `bad`, and `record`, the number of the data row."""
        columns = [(f"c{number}", kind) for number, kind in self.types.items()]
        return pa.schema([*columns, ("bad", pa.bool_()), ("record", pa.int64())])

    def reader(self) -> pa.RecordBatchReader:
        """Return the batches as DuckDB reads them, in the order of the file."""
        return pa.RecordBatchReader.from_batches(self.schema, self.batches())

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the rows in order; pa.ArrowInvalid if the file is none that Arrow can take apart."""
        base = 0
        for table, broken, lines in _in_order(self._parsed, self._texts()):
            self.broken += [base + line for line in broken]
            records = _records(lines, broken) + base
            base += lines
            yield from table.append_column("record", pa.array(records)).cast(self.schema).to_batches()

    def lines(self, records: Sequence[int]) -> Iterator[bytes]:
        """Yield the lines with these numbers, ascending, without their breaks."""
        wanted, base = deque(records), 0
        for text in self._texts():
            if not wanted:
                return
            lines = [line for line in text.splitlines() if line]
            while wanted and wanted[0] <= base + len(lines):
                yield lines[wanted.popleft() - base - 1]
            base += len(lines)

    def _texts(self) -> Iterator[bytes]:
        """Yield blocks of whole lines, without the header."""
        with open_unpacked(self.path) as file:
            for _ in range(self.dialect.header_lines):
                file.readline()
            rest = b""
            while block := file.read(BLOCK):
                end = block.rfind(b"\n") + 1
                if end:
                    yield rest + block[:end]
                    rest = block[end:]
                else:
                    rest += block
            if rest:
                yield rest

    def _parsed(self, text: bytes) -> tuple[pa.Table, list[int], int]:
        """Return the good lines of a block, the numbers of the others in it, and how many lines it has."""
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
            return self._typed(table, as_text), broken, len(table) + len(broken)

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

    def _typed(self, table: pa.Table, as_text: frozenset[int]) -> pa.Table:
        bad = pa.array(np.zeros(len(table), dtype=bool))
        for number in sorted(as_text):
            name = f"c{number}"
            values, wrong = self._cast(table[name].combine_chunks(), self.types[number])
            table = table.set_column(table.column_names.index(name), name, values)
            bad = pc.or_(bad, wrong)
        return table.append_column("bad", bad)

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


def _records(lines: int, broken: list[int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    numbers = np.arange(1, lines + 1)
    return np.delete(numbers, np.array(broken, dtype=np.int64) - 1) if broken else numbers


def _in_order(
    parse: Callable[[bytes], tuple[pa.Table, list[int], int]], texts: Iterable[bytes]
) -> Iterator[tuple[pa.Table, list[int], int]]:
    """Yield what `parse` makes of each text, in order, with a few at work at a time."""
    with ThreadPoolExecutor(WORKERS) as pool:
        waiting: deque[Future[tuple[pa.Table, list[int], int]]] = deque()
        for text in texts:
            waiting.append(pool.submit(parse, text))
            if len(waiting) > WORKERS:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

"""The plain rows of one log of contacts, kept as arrays in a temporary file of uncompressed Arrow batches.

Memory holds one batch at a time, however many rows there are. The columns are those of `ROWS`: the number of
the row, ascending; the hash of the id; queue and outcome by their place in the lists of those known; the five
minutes of arrival; durations in ms, NO_VALUE where there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from wfm.io.blocks import in_order
from wfm.io.plain_arrays import ROWS
from wfm.io.plain_cells import BUCKET_US

AT_ONCE = 1 << 16  # rows of a batch, at least
_LAST_BUCKET = int(np.datetime64("2100-01-02", "us").astype(np.int64)) // BUCKET_US
Columns = Mapping[str, NDArray[Any]]
Result = TypeVar("Result")


@dataclass(frozen=True)
class CompactRows:
    """Plain rows in a file; `buckets` are the five minutes in which one arrived, ascending."""

    path: Path
    rows: int
    buckets: NDArray[np.int64]

    def count(self) -> int:
        """Return the number of rows."""
        return self.rows

    def span(self) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
        """Return the first and last arrival, to five minutes, or nothing if there is no row."""
        if not len(self.buckets):
            return []
        first, last = (
            pd.Timestamp(int(self.buckets[end]) * BUCKET_US, unit="us", tz="UTC") for end in (0, -1)
        )
        return [(first, last)]

    def each(self, names: Sequence[str], work: Callable[[Columns], Result]) -> Iterator[Result]:
        """Yield what `work` makes of the columns `names` of each batch, in order; it is called in threads."""
        return in_order(
            lambda batch: work({name: batch[name].to_numpy() for name in names}), self._batches(names)
        )

    def _batches(self, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        places = [ROWS.get_field_index(name) for name in names]
        options = pa.ipc.IpcReadOptions(included_fields=places, use_threads=False)
        with pa.OSFile(str(self.path)) as file, pa.ipc.open_file(file, options=options) as reader:
            for number in range(reader.num_record_batches):
                yield reader.get_batch(number)


def joined(parts: Sequence[Columns]) -> Columns:
    """Return the rows of all parts, of which there is one at least."""
    if len(parts) == 1:
        return parts[0]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


class CompactWriter:
    """Writes the file of CompactRows, batch after batch; `written` are they, after the context was left."""

    def __init__(self, path: Path) -> None:
        self._path, self._rows, self._waiting = path, 0, list[Columns]()
        self._is_used = np.zeros(_LAST_BUCKET, dtype=bool)
        self._file = pa.ipc.new_file(str(path), ROWS)

    def __enter__(self) -> CompactWriter:
        """Return the writer."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Write what is left, unless something went wrong, and close the file."""
        if self._waiting and kind is None:
            self._flush()
        self._file.close()

    @property
    def written(self) -> CompactRows:
        """The rows of the file."""
        return CompactRows(self._path, self._rows, np.flatnonzero(self._is_used))

    def add(self, columns: Columns, base: int) -> None:
        """Add rows that come after those before; their records are counted from `base`."""
        records = columns["record"].astype(np.uint32) + np.uint32(base)
        self._waiting.append({**columns, "record": records})
        if sum(len(part["record"]) for part in self._waiting) >= AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        columns = joined(self._waiting)
        self._waiting.clear()
        self._is_used[columns["bucket"]] = True
        self._rows += len(columns["record"])
        self._file.write_batch(pa.RecordBatch.from_pydict(dict(columns), ROWS))

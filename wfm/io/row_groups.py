"""The rows of a large Parquet file, batch by batch: its row groups are decoded side by side.

Decoding is half of the work, and within one row group it goes on in one thread. Groups too large for that are
read one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from wfm.io.blocks import in_order

AT_ONCE = 1 << 17  # rows of a batch
MOST_ROWS = 1 << 18  # of a row group: what is kept of its rows waits in memory for those before
_BUFFER = 1 << 18  # bytes of a column that are read at once; without it all of a group are
Result = TypeVar("Result")


@dataclass(frozen=True)
class RowGroups:
    """Some columns of a Parquet file; texts of those in `words` come as dictionaries."""

    path: Path
    columns: Sequence[str]
    words: Sequence[str]

    def each(self, work: Callable[[pa.RecordBatch], Result]) -> Iterator[Result]:
        """Yield what `work` makes of each batch, in order; it is called in several threads."""
        with pq.ParquetFile(self.path) as file:
            metadata = file.metadata
        groups = range(metadata.num_row_groups)
        if max((metadata.row_group(group).num_rows for group in groups), default=0) > MOST_ROWS:
            yield from in_order(work, self._batches(groups, metadata, use_threads=True))
            return
        for results in in_order(
            lambda group: [*map(work, self._batches([group], metadata, use_threads=False))], groups
        ):
            yield from results

    def _batches(
        self, groups: Sequence[int], metadata: pq.FileMetaData, *, use_threads: bool
    ) -> Iterator[pa.RecordBatch]:
        with pq.ParquetFile(
            self.path, metadata=metadata, read_dictionary=self.words, pre_buffer=False, buffer_size=_BUFFER
        ) as file:
            yield from file.iter_batches(AT_ONCE, groups, self.columns, use_threads)

"""Frames as CSV text: comma, quotes only where needed, empty cells for missing values, `\\n` after each row.

A number has the shortest text that reads back as the same number.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from wfm.conform import Zones
from wfm.io.csv_parts import ended, is_time, parts_of, quoted

ROWS_AT_ONCE = 1 << 13  # the texts of so many rows stay in the processor's cache
WORTH_LOADING = 1 << 12  # rows: the compiled function is loaded in the time that it saves on so many


def csv_text(frame: pd.DataFrame, zones: Zones | None = None) -> pd.DataFrame:
    """Return the frame with stamps, dates and flags as their text in a CSV file."""
    names = (zones or Zones()).of(frame)
    columns: dict[str, pd.Series] = {}
    for name in frame.columns:
        values = frame[name]
        if is_time(values) or pd.api.types.is_bool_dtype(values.dtype):
            text = pc.binary_join_element_wise(*map(_plain, parts_of(values, names)), _large("")).to_pandas()
            columns[name] = text.astype("str").set_axis(frame.index)
        else:
            columns[name] = values
    return pd.DataFrame(columns)


def csv_bytes(frame: pd.DataFrame, zones: Zones | None = None) -> Iterator[bytes | memoryview]:
    """Yield the CSV file of a frame piece by piece; stamps show the wall clock that `zones` names."""
    names = (zones or Zones()).of(frame)
    yield ",".join(quoted(str(name)) for name in frame.columns).encode() + b"\n"
    ends = [","] * (len(frame.columns) - 1) + ["\n"]
    cells = [ended(parts_of(frame[name], names), end) for name, end in zip(frame.columns, ends, strict=True)]
    lines = _lines_of([part for parts in cells for part in parts], len(frame))
    with ThreadPoolExecutor(max_workers=pa.cpu_count()) as threads:  # which work outside Python's lock
        yield from threads.map(lines, range(0, len(frame), ROWS_AT_ONCE))


def _lines_of(parts: list[pa.Array | pa.Scalar], rows: int) -> Callable[[int], memoryview]:
    """Return what gives the lines from a row on: compiled if that is faster and numba is there already."""
    if rows < WORTH_LOADING or "numba" not in sys.modules:
        return partial(_joined_lines, parts)
    from wfm.io.compiled_lines import Lines

    return partial(Lines(parts).from_row, count=ROWS_AT_ONCE)


def _joined_lines(parts: list[pa.Array | pa.Scalar], begin: int) -> memoryview:
    """Return the lines of the rows from `begin` on."""
    cells = [
        _plain(part.slice(begin, ROWS_AT_ONCE)) if isinstance(part, pa.Array) else part for part in parts
    ]
    lines = pc.binary_join_element_wise(*cells, _large(""), null_handling="replace", null_replacement="")
    _, ends, characters = lines.buffers()
    return memoryview(characters)[: np.frombuffer(ends, np.int64)[len(lines)]]


def _plain(part: pa.Array) -> pa.Array:
    return (part.dictionary_decode() if pa.types.is_dictionary(part.type) else part).cast(pa.large_string())


def _large(text: str) -> pa.Scalar:
    return pa.scalar(text, pa.large_string())

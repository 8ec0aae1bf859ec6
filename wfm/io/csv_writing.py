"""Frames as CSV text: comma, quotes only where needed, empty cells for missing values, `\\n` after each row.

A number has the shortest text that reads back as the same number.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from wfm.conform import Zones
from wfm.io.iso import iso_dates, iso_stamps

ROWS_AT_ONCE = 1 << 15  # the texts of so many rows stay in the processor's cache
SPECIAL = r'[",\r\n]'


def csv_text(frame: pd.DataFrame, zones: Zones | None = None) -> pd.DataFrame:
    """Return the frame with stamps, dates and flags as their text in a CSV file."""
    names = (zones or Zones()).of(frame)
    columns: dict[str, pd.Series] = {}
    for name in frame.columns:
        values = frame[name]
        if _is_time(values) or pd.api.types.is_bool_dtype(values.dtype):
            text = _cells(values, names).cast(pa.string()).to_pandas()
            columns[name] = text.astype("str").set_axis(frame.index)
        else:
            columns[name] = values
    return pd.DataFrame(columns)


def csv_bytes(frame: pd.DataFrame, zones: Zones | None = None) -> Iterator[bytes | memoryview]:
    """Yield the CSV file of a frame piece by piece; stamps show the wall clock that `zones` names."""
    names = (zones or Zones()).of(frame)
    yield ",".join(_quoted(str(name)) for name in frame.columns).encode() + b"\n"
    columns = [_cells(frame[name], names) for name in frame.columns]
    with ThreadPoolExecutor(max_workers=pa.cpu_count()) as threads:  # Arrow works outside Python's lock
        yield from threads.map(partial(_rows, columns), range(0, len(frame), ROWS_AT_ONCE))


def _is_time(values: pd.Series) -> bool:
    return isinstance(values.dtype, pd.DatetimeTZDtype) or pd.api.types.is_datetime64_dtype(values.dtype)


def _cells(values: pd.Series, zone_names: pd.Series) -> pa.Array:
    """Return a column as Arrow can write it: text as a dictionary that is already quoted."""
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return iso_stamps(values, zone_names)
    if pd.api.types.is_datetime64_dtype(values.dtype):
        return iso_dates(values)
    cells = _whole(pa.array(values, from_pandas=True))
    if not (pa.types.is_string(cells.type) or pa.types.is_large_string(cells.type)):
        return cells
    encoded = cells.dictionary_encode()
    special = pc.match_substring_regex(encoded.dictionary, SPECIAL)
    if not pc.any(special).as_py():
        return encoded
    texts = [None if text is None else _quoted(text) for text in encoded.dictionary.to_pylist()]
    return pa.DictionaryArray.from_arrays(encoded.indices, pa.array(texts, cells.type))


def _whole(cells: pa.Array | pa.ChunkedArray) -> pa.Array:
    return cells.combine_chunks() if isinstance(cells, pa.ChunkedArray) else cells


def _quoted(text: str) -> str:
    needed = any(character in text for character in '",\r\n')
    return '"' + text.replace('"', '""') + '"' if needed else text


def _rows(columns: list[pa.Array], begin: int) -> memoryview:
    """Return the lines of the rows from `begin` on."""
    cells = [_text(column.slice(begin, ROWS_AT_ONCE)) for column in columns]
    lines = pc.binary_join_element_wise(*cells, _large(","), null_handling="replace", null_replacement="")
    _, ends, characters = pc.binary_join_element_wise(lines, _large(""), _large("\n")).buffers()
    return memoryview(characters)[: np.frombuffer(ends, np.int64)[len(lines)]]


def _text(cells: pa.Array) -> pa.Array:
    plain = cells.dictionary_decode() if pa.types.is_dictionary(cells.type) else cells
    return plain.cast(pa.large_string())


def _large(text: str) -> pa.Scalar:
    return pa.scalar(text, pa.large_string())

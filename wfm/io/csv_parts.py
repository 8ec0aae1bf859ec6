"""The parts that a CSV line is put together from: numbers, and texts, each different one made once.

Texts are dictionaries, already quoted. The comma or line break after a cell belongs to the last text of the
cell; after a number it stands as a part of its own, the same for every row.
"""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from wfm.io.iso import iso_dates, iso_stamps

SPECIAL = r'[",\r\n]'


def parts_of(values: pd.Series, zone_names: pd.Series) -> list[pa.Array]:
    """Return the parts of a column's cells; all parts of an empty cell are empty."""
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return iso_stamps(values, zone_names)
    if pd.api.types.is_datetime64_dtype(values.dtype):
        return [iso_dates(values)]
    cells = pa.array(values, from_pandas=True)
    cells = cells.combine_chunks() if isinstance(cells, pa.ChunkedArray) else cells
    if pa.types.is_float64(cells.type):
        return [cells]
    encoded = cells.dictionary_encode()
    texts = encoded.dictionary.cast(pa.large_string())
    if pc.any(pc.match_substring_regex(texts, SPECIAL)).as_py():
        texts = pa.array([quoted(text) for text in texts.to_pylist()], pa.large_string())
    return [pa.DictionaryArray.from_arrays(encoded.indices, texts)]


def ended(parts: list[pa.Array], end: str) -> list[pa.Array | pa.Scalar]:
    """Return the parts of cells that are followed by `end`."""
    *before, last = parts
    mark = pa.scalar(end, pa.large_string())
    if not pa.types.is_dictionary(last.type):
        return [*parts, mark]
    texts = pc.binary_join_element_wise(last.dictionary, mark, pa.scalar("", pa.large_string()))
    which = last.indices.fill_null(len(texts))
    return [
        *before,
        pa.DictionaryArray.from_arrays(which, pa.concat_arrays([texts, pa.array([end], texts.type)])),
    ]


def is_time(values: pd.Series) -> bool:
    """Return whether the cells are instants or dates."""
    return isinstance(values.dtype, pd.DatetimeTZDtype) or pd.api.types.is_datetime64_dtype(values.dtype)


def quoted(text: str) -> str:
    """Return a text as a CSV cell."""
    needed = any(character in text for character in '",\r\n')
    return '"' + text.replace('"', '""') + '"' if needed else text

"""Columns by their distinct values: text cleaned once per value, rows put in order and compared by codes.

A table of a million rows has few queues: work on each distinct text, and on integers instead of texts, keeps
reading and checking it fast. A code of -1 means that the cell is empty.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

EMPTY = -1
LAST = np.iinfo(np.int64).max


def distinct_texts(values: pd.Series) -> tuple[NDArray[np.int64], list[str]]:
    """Return for each row the code of its text (-1: empty or blank), and the texts, blanks around cut off."""
    mixed = values.dtype == object  # there 1 and True would be one value
    codes, found = _factorized(values.astype("str") if mixed else values)
    texts = [str(text).strip() for text in found.astype("str")]
    place = {text: number for number, text in enumerate(dict.fromkeys(text for text in texts if text))}
    if len(place) == len(texts):
        return codes, texts
    cleaned = np.array([*(place.get(text, EMPTY) for text in texts), EMPTY], dtype=np.int64)
    return cleaned[codes], list(place)


def categories_of(codes: NDArray[np.int64], texts: Sequence[str], index: pd.Index) -> pd.Series:
    """Return the column of these codes as a category, which is cheap to compare and to reorder."""
    return pd.Series(pd.Categorical.from_codes(codes, pd.Index(list(texts), dtype="str")), index=index)


def as_text(column: pd.Series) -> pd.Series:
    """Return a category of texts as the texts themselves."""
    codes = column.cat.codes.to_numpy()
    which = pa.array(codes, mask=codes < 0)
    texts = pa.array(column.cat.categories, type=pa.large_string())
    texts = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    cells: pd.Series = pa.DictionaryArray.from_arrays(which, texts).dictionary_decode().to_pandas()
    return cells.astype("str").set_axis(column.index)


def key_codes(frame: pd.DataFrame, key: Sequence[str]) -> list[NDArray[np.int64]]:
    """Return each key column as integers in the order of its values, empty ones last."""
    return [_in_order_of_values(frame[name]) for name in key]


def order_of(codes: Sequence[NDArray[np.int64]]) -> NDArray[np.intp] | None:
    """Return the stable order of rows by their key, None if they stand in it."""
    not_later = np.ones(max(len(codes[0]) - 1, 0), dtype=bool)
    for column in reversed(codes):
        before, after = column[:-1], column[1:]
        not_later = (before < after) | ((before == after) & not_later)
    return None if not_later.all() else np.lexsort(tuple(reversed(codes)))


def repeated(codes: Sequence[NDArray[np.int64]], order: NDArray[np.intp] | None) -> NDArray[np.bool_]:
    """Return which rows have the key of an earlier row; `order` as `order_of` gives it."""
    rows = np.arange(len(codes[0])) if order is None else order
    same = np.ones(max(len(rows) - 1, 0), dtype=bool)
    for column in codes:
        ordered = column if order is None else column[order]
        same &= ordered[1:] == ordered[:-1]
    twice = np.zeros(len(rows), dtype=bool)
    twice[rows[1:][same]] = True
    return twice


def _in_order_of_values(values: pd.Series) -> NDArray[np.int64]:
    if isinstance(values.dtype, pd.DatetimeTZDtype) or pd.api.types.is_datetime64_dtype(values.dtype):
        moments = values.to_numpy(dtype="datetime64[us]").view(np.int64)
        return np.where(values.isna(), LAST, moments) if values.hasnans else moments
    codes, found = _factorized(values)
    rank = np.empty(len(found) + 1, dtype=np.int64)
    rank[np.argsort(np.asarray(found, dtype=object), kind="stable")] = np.arange(len(found))
    rank[EMPTY] = LAST
    ranks: NDArray[np.int64] = rank[codes]
    return ranks


def _factorized(values: pd.Series) -> tuple[NDArray[np.int64], pd.Index]:
    if isinstance(values.dtype, pd.CategoricalDtype):
        return np.asarray(values.cat.codes, dtype=np.int64), values.cat.categories
    codes, found = pd.factorize(values)
    return np.asarray(codes, dtype=np.int64), pd.Index(found)

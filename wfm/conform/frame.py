"""Check a frame against its declared table and return it typed and sorted by its key."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.conform.checks import check_header, check_keys, check_known, check_order, check_twice
from wfm.conform.columns import absent_column, typed_column
from wfm.conform.distinct import as_text, key_codes, order_of, repeated
from wfm.conform.faults import FrameFaults
from wfm.conform.zones import Zones
from wfm.tables import Table


def conform(
    frame: pd.DataFrame,
    table: Table,
    *,
    source: str = "",
    zones: Zones | None = None,
    lines: NDArray[np.int64] | None = None,
    known: Mapping[str, Collection[str]] | None = None,
) -> pd.DataFrame:
    """Return `frame` as `table`: declared columns only, typed, sorted by key with a fresh index.

    `lines` gives the line of the file of each row (default: position + 2). `known` names, per column, the
    values that exist elsewhere (queues, sites, agents); cells of `;`-lists are taken apart. Raises DataError
    with every fault.
    """
    faults = FrameFaults(frame, source, lines)
    check_twice(frame, table, source)
    check_header(frame, table, faults)
    columns: dict[str, pd.Series] = {}
    for column in table.columns:
        if column.name in frame:
            columns[column.name] = typed_column(frame[column.name], column, table, zones or Zones(), faults)
        else:
            columns[column.name] = absent_column(column, frame.index)
    typed = pd.DataFrame(columns, index=frame.index, copy=False)
    check_order(typed, table, faults)
    codes = key_codes(typed, table.key)
    order = order_of(codes)
    check_keys(typed, table, repeated(codes, order), faults)
    for name, names in (known or {}).items():
        check_known(typed[name], names, faults)
    faults.raise_if_any(table)
    if order is not None and not table.in_file_order:
        typed = typed.take(order)
    typed = _placed(typed, table).reset_index(drop=True)
    return typed.assign(**{name: as_text(typed[name]) for name in table.names if _is_category(typed[name])})


def empty(table: Table) -> pd.DataFrame:
    """Return the table without rows."""
    return _without_rows(table).copy()


def joined(parts: Iterable[pd.DataFrame], table: Table) -> pd.DataFrame:
    """Return the rows of frames as one table, in the order of its key; without any row, the empty table."""
    filled = [part for part in parts if len(part)]
    return conform(pd.concat(filled, ignore_index=True), table) if filled else empty(table)


@cache
def _without_rows(table: Table) -> pd.DataFrame:
    return conform(pd.DataFrame({name: pd.Series(dtype="str") for name in table.names}), table)


def _placed(typed: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return the rows without the stamps of a skipped hour, which `nonexistent = "drop"` leaves out."""
    for column in table.columns:
        if column.kind == "time" and not column.optional and typed[column.name].hasnans:
            typed = typed[typed[column.name].notna()]
    return typed


def _is_category(values: pd.Series) -> bool:
    return isinstance(values.dtype, pd.CategoricalDtype)

"""Reading time stamps: with offset as they stand, without as wall clock of a zone, clock changes by rule.

A wall-clock stamp can be ambiguous (the repeated hour of autumn) or impossible (the skipped hour of spring).
A repeated hour that is present twice in order is read in order; what stays open follows `ambiguous` and
`nonexistent`.
"""

from __future__ import annotations

from enum import Enum
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from wfm.localtime import zone

Ambiguous = Literal["error", "first", "second"]
Nonexistent = Literal["error", "drop", "shift"]
# pandas also reads `today` (by the clock), `2026` and offsets such as `+1`
STAMP = r"\d{4}-\d{2}-\d{2}(?:[T ][^+-]*(?:[+-]\d{2}(?::?\d{2}){0,2})?)?$"
OFFSET = r"[Zz]$|[T ].*[+-]"


class StampFault(Enum):
    """Why a stamp cannot be placed in time."""

    UNREADABLE = "not a time"
    AMBIGUOUS = "ambiguous: the clock change repeats this hour"
    NONEXISTENT = "impossible: the clock change skips this hour"


def parse_stamps(
    values: pd.Series,
    zone_names: pd.Series,
    groups: pd.Series | None = None,
    ambiguous: Ambiguous = "error",
    nonexistent: Nonexistent = "error",
) -> tuple[pd.Series, dict[StampFault, NDArray[np.bool_]]]:
    """Return instants (UTC) and, per fault, the rows that have it; `values` are texts or naive times.

    `groups` names series whose stamps cannot repeat (a queue's intervals): there an equal stamp is the second
    pass of a repeated hour. Rows of a skipped hour with `nonexistent="drop"` are NaT without a fault.
    """
    local, aware = _split(values)
    stamps = aware
    problems = {fault: np.zeros(len(values), dtype=bool) for fault in StampFault}
    unread = (local.isna() & aware.isna() & values.notna()).to_numpy()
    problems[StampFault.UNREADABLE] = unread
    for name in zone_names[local.notna()].unique():
        rows = np.flatnonzero((local.notna() & (zone_names == name)).to_numpy())
        placed, doubtful, skipped = _localise(
            local.iloc[rows],
            str(name),
            None if groups is None else groups.iloc[rows],
            ambiguous,
            nonexistent,
        )
        stamps.iloc[rows] = placed
        problems[StampFault.AMBIGUOUS][rows[doubtful]] = True
        problems[StampFault.NONEXISTENT][rows[skipped]] = True
    return stamps, problems


def quickly_parsed(texts: pd.Series) -> pd.Series:
    """Return texts as instants where every one has an offset, as wall-clock times where none has; else as is.

    What Arrow reads here, `parse_stamps` reads the same; it reads more, and tells which row cannot be read.
    """
    cells = pa.array(texts, from_pandas=True)
    for kind in (pa.timestamp("us", tz="UTC"), pa.timestamp("us")):
        try:
            times = cells.cast(kind)
        except pa.ArrowInvalid:
            continue
        parsed: pd.Series = times.to_pandas()
        return parsed.set_axis(texts.index)
    return texts


def _split(values: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return (naive wall-clock stamps, instants): each row is in one of them, or NaT in both."""
    nowhere = pd.Series(pd.NaT, index=values.index).dt.tz_localize("UTC").astype("datetime64[us, UTC]")
    if pd.api.types.is_datetime64_dtype(values.dtype):
        return values.astype("datetime64[us]"), nowhere
    texts = values.astype("str").str.strip()
    texts = texts.where(texts.str.match(STAMP).fillna(False).to_numpy(dtype=bool))
    with_offset = texts.str.contains(OFFSET, regex=True).fillna(False).to_numpy(dtype=bool)
    aware = pd.to_datetime(texts.where(with_offset), format="ISO8601", utc=True, errors="coerce")
    naive = pd.to_datetime(texts.mask(with_offset), format="ISO8601", errors="coerce")
    return naive.astype("datetime64[us]"), aware.astype("datetime64[us, UTC]")


def _localise(
    local: pd.Series,
    name: str,
    groups: pd.Series | None,
    ambiguous: Ambiguous,
    nonexistent: Nonexistent,
) -> tuple[pd.Series, NDArray[np.bool_], NDArray[np.bool_]]:
    """Return instants with the rows that stay ambiguous and those that are impossible."""
    first, second = (_placed(local, name, earlier=earlier) for earlier in (True, False))
    repeated = (first != second).to_numpy() & first.notna().to_numpy()
    skipped = first.isna().to_numpy() & local.notna().to_numpy()
    take_second = np.full(len(local), ambiguous == "second")
    doubtful = repeated & (ambiguous == "error")
    if repeated.any():
        passes, known = _passes_in_order(local, repeated, groups)
        take_second = np.where(known, passes, take_second)
        doubtful &= ~known
    placed = first.where(~take_second, second)
    if skipped.any() and nonexistent == "shift":
        placed = placed.where(~skipped, _placed(local + pd.Timedelta(hours=1), name, earlier=True))
    impossible = skipped & (placed.isna().to_numpy() & (nonexistent != "drop"))
    return placed.dt.tz_convert("UTC").astype("datetime64[us, UTC]"), doubtful, impossible


def _placed(local: pd.Series, name: str, *, earlier: bool) -> pd.Series:
    """Return the instants of a wall clock: one pass of a repeated hour, nothing (NaT) for a skipped one."""
    passes = np.full(len(local), earlier)
    placed: pd.Series = local.dt.tz_localize(zone(name), ambiguous=passes, nonexistent="NaT")
    return placed


def _passes_in_order(
    local: pd.Series, repeated: NDArray[np.bool_], groups: pd.Series | None
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return (second pass, known) per row: known where a repeated hour stands in the file twice in order.

    In order means exactly one step back among the repeated stamps of one series and date; in a series whose
    stamps cannot repeat, an equal stamp is a step back too.
    """
    second = np.zeros(len(local), dtype=bool)
    known = np.zeros(len(local), dtype=bool)
    rows = np.flatnonzero(repeated)
    stamps = local.to_numpy()[rows]
    night = _nights(stamps, None if groups is None else groups.iloc[rows])
    order = np.argsort(night, kind="stable")
    rows, stamps, night = rows[order], stamps[order], night[order]
    back = np.zeros(len(rows), dtype=bool)
    back[1:] = (stamps[1:] < stamps[:-1]) | ((stamps[1:] == stamps[:-1]) & (groups is not None))
    back[1:] &= night[1:] == night[:-1]
    steps_back = np.bincount(night[back], minlength=int(night[-1]) + 1)
    known[rows] = steps_back[night] == 1
    begins = np.searchsorted(night, night)
    so_far = np.cumsum(back)
    second[rows] = known[rows] & (so_far > so_far[begins])
    return second, known


def _nights(stamps: NDArray[np.datetime64], groups: pd.Series | None) -> NDArray[np.int64]:
    """Return a number for each series and date."""
    dates, _ = pd.factorize(stamps.astype("datetime64[D]"))
    if groups is None:
        return np.asarray(dates, dtype=np.int64)
    series, _ = pd.factorize(groups, use_na_sentinel=False)
    nights, _ = pd.factorize(series.astype(np.int64) * (int(dates.max()) + 1) + dates)
    return np.asarray(nights, dtype=np.int64)

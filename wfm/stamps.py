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
from numpy.typing import NDArray

from wfm.localtime import zone

Ambiguous = Literal["error", "first", "second"]
Nonexistent = Literal["error", "drop", "shift"]
WHOLE_DATE = r"\d{4}-\d{2}-\d{2}"  # pandas also reads `today` (by the clock) and `2026`
OFFSET = r"(?:[Zz]|[+-]\d{2}:?\d{2}(?::?\d{2})?)$"


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


def _split(values: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return (naive wall-clock stamps, instants): each row is in one of them, or NaT in both."""
    nowhere = pd.Series(pd.NaT, index=values.index).dt.tz_localize("UTC").astype("datetime64[us, UTC]")
    if pd.api.types.is_datetime64_dtype(values.dtype):
        return values.astype("datetime64[us]"), nowhere
    texts = values.astype("str").str.strip()
    texts = texts.where(texts.str.match(WHOLE_DATE).fillna(False).to_numpy(dtype=bool))
    # a date such as 2026-03-02 ends like an offset
    offset = texts.str.contains(OFFSET, regex=True) & (texts.str.len() > len("2026-03-02"))
    with_offset = offset.fillna(False).to_numpy(dtype=bool)
    if with_offset.all() and len(texts):
        return (
            pd.Series(pd.NaT, index=values.index, dtype="datetime64[us]"),
            pd.to_datetime(texts, format="ISO8601", utc=True, errors="coerce").astype("datetime64[us, UTC]"),
        )
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
    place = zone(name)
    first = local.dt.tz_localize(place, ambiguous=np.ones(len(local), dtype=bool), nonexistent="NaT")
    second = local.dt.tz_localize(place, ambiguous=np.zeros(len(local), dtype=bool), nonexistent="NaT")
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
        later = (local + pd.Timedelta(hours=1)).dt.tz_localize(
            place, ambiguous=np.ones(len(local), dtype=bool), nonexistent="NaT"
        )
        placed = placed.where(~skipped, later)
    impossible = skipped if nonexistent == "error" else np.zeros(len(local), dtype=bool)
    return placed.dt.tz_convert("UTC").astype("datetime64[us, UTC]"), doubtful, impossible


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
    series = pd.Series(0, index=rows) if groups is None else pd.Series(groups.to_numpy()[rows], index=rows)
    stamps = pd.Series(local.to_numpy()[rows], index=rows)
    for _, night in stamps.groupby([series, stamps.dt.normalize()], sort=False):
        steps = night.diff().dt.total_seconds().to_numpy()[1:]
        back = steps <= 0 if groups is not None else steps < 0
        if back.sum() == 1:
            known[night.index] = True
            second[night.index[int(np.flatnonzero(back)[0]) + 1 :]] = True
    return second, known

"""Wall-clock stamps of a whole column placed in time, by SQL where that is plain, by `wfm.stamps` elsewhere.

Between two clock changes a wall clock is its instant plus one offset, which is SQL. Stamps inside a change
(the repeated or the skipped hour) are few and go through `parse_stamps`, so that the rules live in one place.
The offsets are those of Python's zoneinfo, not of DuckDB's own zone tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.io.cells import quoted
from wfm.localtime import zone
from wfm.stamps import Ambiguous, Nonexistent, StampFault, parse_stamps

_DAY = timedelta(days=1)
_STEP_US = 6 * 3600 * 1_000_000


@dataclass(frozen=True)
class ZoneRule:
    """Whose wall clock the stamps show, by queue, and what becomes of the hours of a clock change."""

    zones: Mapping[str, str]
    ambiguous: Ambiguous = "error"
    nonexistent: Nonexistent = "error"


@dataclass(frozen=True)
class Change:
    """A clock change: at the instant `at`, the offset from UTC goes from `before_s` to `after_s`."""

    at: datetime
    before_s: int
    after_s: int


def clock_changes(timezone: str, first: datetime, last: datetime) -> list[Change]:
    """Return the clock changes of a zone between two naive UTC instants, in order."""
    place = zone(timezone)

    def offset(microseconds: int) -> int:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
        return int((moment.astimezone(place).utcoffset() or timedelta()).total_seconds())

    begin, end = (int(moment.replace(tzinfo=UTC).timestamp()) * 1_000_000 for moment in (first, last))
    instants = np.arange(begin, end + _STEP_US, _STEP_US, dtype=np.int64)
    offsets = np.array([offset(int(instant)) for instant in instants])
    changes = []
    for position in np.flatnonzero(np.diff(offsets)):
        low, high = int(instants[position]), int(instants[position + 1])
        while high - low > 1_000_000:
            middle = (low + high) // 2_000_000 * 1_000_000
            low, high = (middle, high) if offset(middle) == offsets[position] else (low, middle)
        at = datetime(1970, 1, 1) + timedelta(microseconds=high)  # naive, as DuckDB has it
        changes.append(Change(at, int(offsets[position]), int(offsets[position + 1])))
    return changes


def instant_sql(local: str, queue: str, rule: ZoneRule, first: datetime, last: datetime) -> str:
    """Return SQL of the instant (UTC) of the wall clock `local`, NULL inside a clock change."""
    queues_of: dict[str, list[str]] = {}
    for name, timezone in rule.zones.items():
        queues_of.setdefault(timezone, []).append(name)
    cases = []
    for timezone, queues in queues_of.items():
        offset = _offset_sql(
            local, clock_changes(timezone, first - 2 * _DAY, last + 2 * _DAY), timezone, first
        )
        cases.append(f"WHEN {queue} IN ({', '.join(map(quoted, queues))}) THEN {offset}")
    return f"{local} - to_seconds(CASE {' '.join(cases)} END)"


def _offset_sql(local: str, changes: list[Change], timezone: str, moment: datetime) -> str:
    if not changes:
        offset = moment.replace(tzinfo=UTC).astimezone(zone(timezone)).utcoffset() or timedelta()
        return str(int(offset.total_seconds()))
    cases = []
    for change in changes:
        edges = sorted(change.at + timedelta(seconds=offset) for offset in (change.before_s, change.after_s))
        cases.append(f"WHEN {local} < TIMESTAMP '{edges[0]}' THEN {change.before_s}")
        cases.append(f"WHEN {local} < TIMESTAMP '{edges[1]}' THEN NULL")
    return f"CASE {' '.join(cases)} ELSE {changes[-1].after_s} END"


def place_doubtful(
    stamps: pd.DataFrame, rule: ZoneRule, *, unique: bool
) -> tuple[pd.Series, dict[StampFault, NDArray[np.bool_]]]:
    """Return the instants of stamps inside a clock change, and per fault the rows that have it.

    `stamps` has local (naive), queue and not_before (UTC, or all NaT), in the order of the file. A stamp with
    a `not_before` takes its first reading that is not earlier. `unique` says that a queue has each instant
    once (interval exports), so that an equal stamp is the second pass of the hour.
    """
    zones = stamps["queue"].map(dict(rule.zones)).astype("str")
    groups = stamps["queue"] if unique else None
    if stamps["not_before"].isna().all():
        return parse_stamps(stamps["local"], zones, groups, rule.ambiguous, rule.nonexistent)
    ordered = stamps["local"].sort_values(kind="stable")  # so that nothing can be read from the order
    first, _ = parse_stamps(ordered, zones.loc[ordered.index], None, "first", rule.nonexistent)
    second, faults = parse_stamps(ordered, zones.loc[ordered.index], None, "second", rule.nonexistent)
    back = np.argsort(ordered.index.to_numpy(), kind="stable")
    first, second = first.sort_index(), second.sort_index()
    chosen = first.where((first >= stamps["not_before"]) | stamps["not_before"].isna(), second)
    return chosen, {fault: rows[back] for fault, rows in faults.items()}

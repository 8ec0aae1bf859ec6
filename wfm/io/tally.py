"""Contacts counted per queue and interval from compact rows, with numpy.

Everything is counted in whole numbers, so that no order of the workers changes a bit: a sum of the rows of
one batch is below 2^53, which a double holds exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.io.compact import Columns, CompactRows
from wfm.io.plain_arrays import NO_VALUE
from wfm.io.plain_cells import SECONDS
from wfm.tables import OUTCOMES

MOST_CELLS = 1 << 18  # queues times intervals at work at a time; more take several passes
COUNTS = (
    *("offered", "handled", "abandoned", "short_abandoned", "flow_out"),
    *("answered_in_target", "abandoned_in_target", "handle_n"),
)
_HANDLED, _ABANDONED, _SHORT, _FLOW_OUT = map(
    OUTCOMES.index, ("handled", "abandoned", "short_abandon", "flow_out")
)
_IN_TARGET, _IS_SHORT = 4, 8  # of a kind, which begins with the outcome
_KINDS = 16
_KNOWN = tuple(f"{name} known" for name in SECONDS)
_KEPT = (*COUNTS, *SECONDS, *_KNOWN)
_MS_US = 1000
Counts = dict[str, NDArray[np.int64]]


@dataclass(frozen=True)
class Limits:
    """Waits up to which a contact is in target, and a short abandon: in us, by queue in their order."""

    within_us: Mapping[str, int]
    short_us: Mapping[str, int]

    @property
    def queues(self) -> list[str]:
        """The names of the queues."""
        return list(self.within_us)


def tally(rows: CompactRows, without: NDArray[np.int64], limits: Limits, buckets: int) -> pd.DataFrame:
    """Return counts and sums per queue and interval, which is `buckets` times five minutes long.

    `without` are the numbers of rows to leave out, ascending. Columns: queue, bucket (number of the interval
    since 1970), COUNTS, and SECONDS of handled contacts in microseconds, NaN where no contact has one.
    """
    intervals = np.unique(rows.buckets // buckets)
    at_once = max(MOST_CELLS // len(limits.queues), 1)
    parts = [
        _Tally(intervals[begin : begin + at_once], without, limits, buckets).of(rows)
        for begin in range(0, max(len(intervals), 1), at_once)
    ]
    return pd.concat(parts, ignore_index=True)


class _Tally:
    """Counts of some intervals: a cell is a queue in an interval, those of one interval side by side."""

    def __init__(
        self, intervals: NDArray[np.int64], without: NDArray[np.int64], limits: Limits, buckets: int
    ) -> None:
        self._intervals, self._without, self._limits, self._length = intervals, without, limits, buckets
        self._first, self._last = (int(intervals[0]), int(intervals[-1])) if len(intervals) else (0, -1)
        self._place = np.zeros(self._last - self._first + 1, dtype=np.int64)
        self._place[intervals - self._first] = np.arange(len(intervals)) * len(limits.queues)
        self._within_ms, self._short_ms = (
            np.array([most // _MS_US for most in by_queue.values()], dtype=np.int64)
            for by_queue in (limits.within_us, limits.short_us)
        )

    def of(self, rows: CompactRows) -> pd.DataFrame:
        """Return what `tally` does, of these intervals."""
        queues = self._limits.queues
        totals = {name: np.zeros(len(self._intervals) * len(queues), dtype=np.int64) for name in _KEPT}
        names = ["queue", "outcome", "bucket", *SECONDS, *(["record"] if len(self._without) else [])]
        for begin, counted in rows.each(names, self._counted):
            for name, values in counted.items():
                totals[name][begin : begin + len(values)] += values
        found = np.flatnonzero(totals["offered"])
        interval, queue = np.divmod(found, len(queues))
        frame = pd.DataFrame(
            {"queue": np.array(queues, dtype=object)[queue], "bucket": self._intervals[interval]}
        )
        frame = frame.assign(**{name: totals[name][found].astype(np.float64) for name in COUNTS})
        for name, known in zip(SECONDS, _KNOWN, strict=True):
            sums = totals[name][found].astype(np.float64) * _MS_US
            frame[name] = np.where(totals[known][found] > 0, sums, np.nan)
        return frame

    def _counted(self, columns: Columns) -> tuple[int, Counts]:
        """Return the counts of a batch, and the first cell that they are of."""
        interval = columns["bucket"].astype(np.int64) // self._length
        chosen = (interval >= self._first) & (interval <= self._last)
        if len(self._without):
            chosen &= ~_is_in(columns["record"], self._without)
        if not chosen.any():
            return 0, {}
        if not chosen.all():
            columns, interval = {name: values[chosen] for name, values in columns.items()}, interval[chosen]
        queue, wait = columns["queue"], columns["wait_s"]
        cell = self._place.take(interval - self._first) + queue
        begin = int(cell.min())
        size = int(cell.max()) - begin + 1
        cell -= begin
        has_wait = wait != NO_VALUE
        in_target = has_wait & (wait <= self._within_ms.take(queue))
        is_short = has_wait & (wait <= self._short_ms.take(queue))
        kind = (
            columns["outcome"] + in_target.view(np.uint8) * _IN_TARGET + is_short.view(np.uint8) * _IS_SHORT
        )
        of_kind = np.bincount(cell * _KINDS + kind, minlength=size * _KINDS).reshape(size, _KINDS)
        handled = np.flatnonzero(columns["outcome"] == _HANDLED)
        durations = {name: columns[name].take(handled) for name in SECONDS}
        return begin, _by_kind(of_kind) | _summed(durations, cell.take(handled), size)


def _by_kind(of_kind: NDArray[np.int64]) -> Counts:
    """Return the counts of contacts, from how many there are of each kind."""

    def count(*outcomes: int, having: int = 0) -> NDArray[np.int64]:
        chosen = [kind for kind in range(_KINDS) if kind % _IN_TARGET in outcomes and kind & having == having]
        return np.asarray(of_kind[:, chosen].sum(axis=1), dtype=np.int64)

    return {
        "offered": of_kind.sum(axis=1),
        "handled": count(_HANDLED),
        "abandoned": count(_ABANDONED, _SHORT),
        "short_abandoned": count(_SHORT) + count(_ABANDONED, having=_IS_SHORT),
        "flow_out": count(_FLOW_OUT),
        "answered_in_target": count(_HANDLED, having=_IN_TARGET),
        "abandoned_in_target": count(_ABANDONED, _SHORT, having=_IN_TARGET),
    }


def _summed(durations: Columns, cell: NDArray[np.int64], size: int) -> Counts:
    """Return the sums of durations in ms, in how many rows each is known, and in how many one of handling."""
    found: Counts = {}
    has_any = np.zeros(len(cell), dtype=bool)
    every = np.bincount(cell, minlength=size)
    for name, known in zip(SECONDS, _KNOWN, strict=True):
        value, places = durations[name], cell
        is_known = value != NO_VALUE
        if name != "wait_s":
            has_any |= is_known
        if not is_known.all():
            value, places = value[is_known], cell[is_known]
        found[known] = every if len(places) == len(cell) else np.bincount(places, minlength=size)
        found[name] = np.bincount(places, weights=value, minlength=size).astype(np.int64)
    found["handle_n"] = every if has_any.all() else np.bincount(cell[has_any], minlength=size)
    return found


def _is_in(records: NDArray[np.uint32], wanted: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which of `records` are among `wanted`; both ascend."""
    found = np.zeros(len(records), dtype=bool)
    if len(records):
        near = wanted[
            np.searchsorted(wanted, records[0]) : np.searchsorted(wanted, records[-1], side="right")
        ]
        places = np.searchsorted(records, near)
        found[places[records[places] == near]] = True
    return found

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
from wfm.io.plain_cells import MOST_MS, SECONDS
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
            np.array([min(most // _MS_US, MOST_MS - 1) for most in by_queue.values()], dtype=np.uint32)
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
        if not len(columns["bucket"]):
            return 0, {}
        interval = columns["bucket"] // np.uint32(self._length)
        low, high = max(int(interval.min()), self._first), min(int(interval.max()), self._last)
        if low > high:
            return 0, {}
        queue, wait = columns["queue"], columns["wait_s"].view(np.uint32)  # no value is later than any limit
        begin, end = (self._place[edge - self._first] for edge in (low, high))
        size = int(end - begin) + len(self._limits.queues)
        cell = self._place.take(interval - np.uint32(self._first), mode="clip")
        cell -= begin
        cell += queue
        cell[self._left_out(columns, interval)] = size  # a cell of its own
        in_target, is_short = (wait <= _of_each(most, queue) for most in (self._within_ms, self._short_ms))
        kind = (
            columns["outcome"] + in_target.view(np.uint8) * _IN_TARGET + is_short.view(np.uint8) * _IS_SHORT
        )
        of_kind = np.bincount(cell * _KINDS + kind, minlength=(size + 1) * _KINDS)
        counts = _by_kind(of_kind.reshape(size + 1, _KINDS))
        is_handled = columns["outcome"] == _HANDLED
        cell = np.where(is_handled, cell, size)
        counts |= _summed({name: columns[name] for name in SECONDS}, cell, is_handled, counts["handled"])
        return int(begin), {name: values[:size] for name, values in counts.items()}

    def _left_out(self, columns: Columns, interval: NDArray[np.uint32]) -> NDArray[np.intp]:
        """Return the places of the rows that are not counted."""
        found = np.empty(0, dtype=np.intp)
        if len(self._without):
            found = _places(columns["record"], self._without)
        if interval.min() < self._first or interval.max() > self._last:
            found = np.append(found, np.flatnonzero((interval < self._first) | (interval > self._last)))
        return found


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


def _summed(
    durations: Columns, cell: NDArray[np.int64], is_handled: NDArray[np.bool_], handled: NDArray[np.int64]
) -> Counts:
    """Return the sums of durations in ms, in how many rows each is known, and in how many one of handling.

    Only the cells of handled contacts are right; there are `handled` of them in each.
    """
    found: Counts = {}
    has_none = is_handled.copy()
    for name, known in zip(SECONDS, _KNOWN, strict=True):
        value, places = durations[name], cell
        is_known = value != NO_VALUE
        if name != "wait_s":
            has_none &= ~is_known
        found[known] = handled
        if not (is_known | ~is_handled).all():
            value, places = value[is_known], cell[is_known]
            found[known] = np.bincount(places, minlength=len(handled))
        found[name] = np.bincount(places, weights=value, minlength=len(handled)).astype(np.int64)
    found["handle_n"] = handled - np.bincount(cell[has_none], minlength=len(handled))
    return found


def _of_each(most: NDArray[np.uint32], queue: NDArray[np.uint16]) -> NDArray[np.uint32] | np.uint32:
    """Return the limit of each row, or of all if it is the same for every queue."""
    return most.take(queue) if (most != most[0]).any() else most[0]


def _places(records: NDArray[np.uint32], wanted: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return the places of the `wanted` among `records`; both ascend."""
    if not len(records):
        return np.empty(0, dtype=np.intp)
    begin, end = np.searchsorted(wanted, [records[0], int(records[-1]) + 1])
    near = wanted[begin:end]
    places = np.searchsorted(records, near.astype(np.uint32))
    return np.asarray(places[records[places] == near])

"""Wall clocks of whole columns as instants, with numpy: between two clock changes each is one offset away.

Stamps inside a change (the repeated or the skipped hour) are said to be in doubt, and placed by those who
know the rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np
from numpy.typing import NDArray

from wfm.io.wall_clock import clock_changes
from wfm.localtime import zone

_DAYS = timedelta(days=2)
_SECOND_US = 1_000_000


class WallClocks:
    """The wall clocks of queues: `zones` is the time zone of each, in the order of their codes."""

    def __init__(self, zones: Mapping[str, str]) -> None:
        self._zones = list(dict.fromkeys(zones.values()))
        self._zone_of = np.array([self._zones.index(name) for name in zones.values()], dtype=np.uint16)

    def instants(
        self, local_us: NDArray[np.int64], queues: NDArray[np.integer]
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return the instants (us, UTC) of wall clocks, by queue code, and which of them are certain."""
        years = local_us.astype("M8[us]").astype("M8[Y]").astype(np.int64) + 1970
        zones = self._zone_of[queues]
        offsets, certain = np.zeros_like(local_us), np.zeros(len(local_us), dtype=bool)
        for year in np.unique(years):
            for number in np.unique(zones):
                edges, between = _offsets(self._zones[number], int(year))
                rows = np.flatnonzero((years == year) & (zones == number))
                place = np.searchsorted(edges, local_us[rows], side="right")
                offsets[rows] = between[place // 2]
                certain[rows] = place % 2 == 0  # past the first edge of a change, and not past its last
        return local_us - offsets, certain


@cache
def _offsets(timezone: str, year: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the edges of the clock changes of a year (us, local), two for each, and the offsets between."""
    first, last = datetime(year, 1, 1), datetime(year, 12, 31, 23, 59, 59)
    changes = clock_changes(timezone, first - _DAYS, last + _DAYS)
    begin = first.replace(tzinfo=UTC).astimezone(zone(timezone)).utcoffset() or timedelta()
    offsets_s = [changes[0].before_s if changes else int(begin.total_seconds())]
    edges: list[datetime] = []
    for change in changes:
        edges += sorted(change.at + timedelta(seconds=offset) for offset in (change.before_s, change.after_s))
        offsets_s.append(change.after_s)
    return np.array(edges, dtype="M8[us]").astype(np.int64), np.array(offsets_s, dtype=np.int64) * _SECOND_US

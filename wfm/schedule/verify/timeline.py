"""The time of a bound: minutes from the start of an interval, and the local dates of the intervals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from wfm.localtime import day_bounds, zone
from wfm.schedule.verify.case import DAY
from wfm.schedule.verify.violation import MINUTE


@dataclass(frozen=True)
class Timeline:
    """Whole minutes from `origin`, the start of an interval, to the end of `intervals` of them."""

    origin: datetime
    interval_min: int
    intervals: int

    def minute(self, moment: datetime) -> int:
        """Return the minute that holds an instant, moved to the nearest end if it lies outside."""
        return min(max((moment - self.origin) // MINUTE, 0), self.interval_min * self.intervals)

    def days(self, timezone: str) -> list[tuple[date, int, int]]:
        """Return every local date with its first interval and the one after its last, by their starts."""
        return _days(self, timezone)


@cache
def _days(timeline: Timeline, timezone: str) -> list[tuple[date, int, int]]:
    interval = timedelta(minutes=timeline.interval_min)
    day, start, found = timeline.origin.astimezone(zone(timezone)).date(), 0, []
    while start < timeline.intervals:
        midnight = day_bounds(day, timezone)[1]
        stop = min(-((timeline.origin - midnight) // interval), timeline.intervals)  # rounded up
        found.append((day, start, stop))
        day, start = day + DAY, stop
    return found

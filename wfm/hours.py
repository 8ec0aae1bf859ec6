"""Weekly hours in the planner's notation: `Mon-Fri 08:00-20:00;Sat 09:00-14:00`.

Parts are separated by `;`, times are local wall clock, an end at or before the start crosses midnight,
`24:00` is allowed, a day that is not named is off, and an empty text means always.
Minutes count from the local midnight of the day that the part belongs to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DAY_MIN = 24 * 60
WEEK_MIN = 7 * DAY_MIN
_PART = re.compile(r"^(?P<days>[A-Za-z,\- ]+?)\s+(?P<span>\d{1,2}:\d{2}\s*-\s*\d{1,2}:\d{2})$")


@dataclass(frozen=True)
class DaySpan:
    """Open from `start_min` to `end_min` of one weekday (0 is Monday); `end_min` may pass 1440."""

    weekday: int
    start_min: int
    end_min: int


@dataclass(frozen=True)
class WeeklyHours:
    """Spans of a week, sorted; `always` is the absence of any restriction."""

    spans: tuple[DaySpan, ...]
    always: bool = False

    def spans_of(self, weekday: int) -> tuple[tuple[int, int], ...]:
        """Return (start, end) minutes of the spans that begin on this weekday, overlaps merged."""
        if self.always:
            return ((0, DAY_MIN),)
        return _merged([(s.start_min, s.end_min) for s in self.spans if s.weekday == weekday])

    def open_minutes(self) -> tuple[tuple[int, int], ...]:
        """Return the open spans of a week as (start, end) minutes from Monday 00:00, merged and wrapped."""
        if self.always:
            return ((0, WEEK_MIN),)
        spans: list[tuple[int, int]] = []
        for span in self.spans:
            start = span.weekday * DAY_MIN + span.start_min
            end = span.weekday * DAY_MIN + span.end_min
            spans.append((start, min(end, WEEK_MIN)))
            if end > WEEK_MIN:
                spans.append((0, end - WEEK_MIN))
        return _merged(spans)


@cache
def parse_hours(text: str) -> WeeklyHours:
    """Read weekly hours; raise ValueError with the part that cannot be understood."""
    if not text.strip():
        return WeeklyHours((), always=True)
    spans: list[DaySpan] = []
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        found = _PART.match(part)
        if found is None:
            raise ValueError(f"'{part}' is not of the form 'Mon-Fri 08:00-20:00'")
        start, end = parse_span(found["span"])
        spans.extend(DaySpan(day, start, end) for day in _weekdays(found["days"]))
    return WeeklyHours(tuple(sorted(spans, key=lambda s: (s.weekday, s.start_min, s.end_min))))


def parse_clock(text: str) -> int:
    """Read `HH:MM` as minutes from midnight, 24:00 allowed; raise ValueError otherwise."""
    found = re.match(r"^(\d{1,2}):(\d{2})$", text.strip())
    if found is None or int(found[2]) > 59 or int(found[1]) * 60 + int(found[2]) > DAY_MIN:
        raise ValueError(f"'{text}' is not a time of day HH:MM")
    return int(found[1]) * 60 + int(found[2])


def parse_span(text: str) -> tuple[int, int]:
    """Read `HH:MM-HH:MM` as minutes; an end at or before the start lies on the next day."""
    first, dash, last = text.partition("-")
    if not dash:
        raise ValueError(f"'{text}' is not of the form HH:MM-HH:MM")
    start, end = parse_clock(first), parse_clock(last)
    return start, end if end > start else end + DAY_MIN


def clock(minute: int) -> str:
    """Return minutes from midnight as HH:MM, wrapped into one day."""
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


def weekday_number(text: str) -> int:
    """Return 0 (Monday) to 6 for a day name of at least three letters; raise ValueError otherwise."""
    name = text.strip()[:3].capitalize()
    if name not in WEEKDAYS:
        raise ValueError(f"'{text.strip()}' is not a weekday ({', '.join(WEEKDAYS)})")
    return WEEKDAYS.index(name)


def _weekdays(text: str) -> list[int]:
    days: list[int] = []
    for piece in text.split(","):
        first, dash, last = piece.partition("-")
        start = weekday_number(first)
        end = weekday_number(last) if dash else start
        days.extend((start + step) % 7 for step in range((end - start) % 7 + 1))
    return days


def _merged(spans: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)

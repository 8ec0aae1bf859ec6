"""Free weekends: which days form one, which were worked before, which to keep free for every window."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from datetime import date, timedelta

from wfm.config import Config
from wfm.hours import WEEKDAYS
from wfm.schedule.facts import Facts

MOST_PATTERNS = 64  # choices of free weekends that are tried per agent


def whole_weekends(dates: Sequence[date], config: Config) -> list[tuple[int, ...]]:
    """Return, per week, the day indices of the weekend that begins in it; () if it ends past the horizon."""
    weekend = config.centre.weekend_numbers
    found: list[tuple[int, ...]] = []
    for first in range(0, len(dates), 7):
        days = _first_weekend(dates[first], first, weekend)
        found.append(days if days and days[-1] < len(dates) else ())
    return found


def _first_weekend(week_start: date, first: int, weekend: Container[int]) -> tuple[int, ...]:
    """Return the day indices of the weekend that begins in a week; `first` is the week's first index."""

    def free(step: int) -> bool:
        return (week_start + timedelta(days=step)).weekday() in weekend

    if all(free(step) for step in range(7)):
        return tuple(range(first, first + 7))
    begin = next((step for step in range(7) if free(step) and not free(step - 1)), None)
    if begin is None:
        return ()
    length = next(step for step in range(1, 8) if not free(begin + step))
    return tuple(range(first + begin, first + begin + length))


def weekends_worked(before: Iterable[date], first_day: date, config: Config) -> frozenset[int]:
    """Return the weeks before the horizon (-1, -2, ...) in whose weekend a shift started."""
    weekend = config.centre.weekend_numbers
    worked: set[int] = set()
    for day in before:
        if day.weekday() in weekend:
            begin = day
            while (begin - timedelta(days=1)).weekday() in weekend and len(weekend) < len(WEEKDAYS):
                begin -= timedelta(days=1)
            worked.add((begin - first_day).days // 7)
    return frozenset(worked)


def weekend_patterns(
    facts: Facts, weekends: Sequence[tuple[int, ...]], most: int = MOST_PATTERNS
) -> list[tuple[int, ...]]:
    """Return minimal choices of weekends (by week index) whose days stay free so that every window is met.

    `weekends[w]` holds the day indices of week w's weekend, empty if it is not known in full. A window is 4
    weeks in a row known in full; weeks before the horizon have negative index.
    """
    need = facts.contract.weekends_off_per_4_weeks
    known = facts.weekends_known_before
    windows = [range(w - 3, w + 1) for w in range(len(weekends)) if need and w - 3 >= -known]
    windows = [window for window in windows if all(w < 0 or weekends[w] for w in window)]
    if not windows:
        return [()]
    chosen: list[tuple[int, ...]] = []

    def extend(index: int, off: tuple[int, ...]) -> None:
        if len(chosen) >= most:
            return
        if index == len(windows):
            chosen.append(off)
            return
        window = windows[index]
        free = sum(1 for w in window if w < 0 and w not in facts.weekends_worked_before)
        free += sum(1 for w in window if w in off)
        if free >= need:
            extend(index + 1, off)
            return
        for w in window:
            if w >= 0 and w not in off:
                extend(index, tuple(sorted((*off, w))))

    extend(0, ())
    return sorted(set(chosen), key=lambda off: (len(off), off))

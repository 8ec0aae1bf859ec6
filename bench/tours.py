"""Random legal tours of one agent, found by rejection from the text of a contract; no engine, no prices.

Days count from the first date of the horizon, times are minutes after the day's midnight: no shift here
crosses midnight. Starts of a week differ by an hour at most, and no week has more than two unpopular shifts,
so that a roster of such tours is not only legal but decent.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd

from bench.centres import FIRST_DAY, ZONE
from wfm.config import Break, Contract
from wfm.conform import conform
from wfm.hours import DAY_MIN
from wfm.tables import ROSTER

TOURS, TRIES = 40, 100  # begun before giving up; weeks drawn before a tour is begun anew
NEAR_MIN = 30  # of a week's starts around their middle
MOST_UNPOPULAR = 2  # per week: late ends and weekends
LATE_MIN = 22 * 60
SMALL = 1e-9


@dataclass(frozen=True)
class Shift:
    """A shift with its breaks as (minutes from its start, break)."""

    day: int
    start_min: int
    length_min: int
    breaks: tuple[tuple[int, Break], ...]

    @property
    def end_min(self) -> int:
        """End of the shift, minutes after midnight."""
        return self.start_min + self.length_min

    @property
    def paid_h(self) -> float:
        """Paid hours."""
        return (self.length_min - sum(rest.minutes for _, rest in self.breaks if not rest.paid)) / 60

    @property
    def unpopular(self) -> bool:
        """Whether it ends late or starts on a weekend day."""
        return self.end_min > LATE_MIN or self.day % 7 >= 5

    def on(self, day: int) -> Shift:
        """Return the same shift on another day."""
        return replace(self, day=day)

    def segments(self) -> Iterator[tuple[int, int, str, bool]]:
        """Yield (begin, end, activity, paid) from the start to the end of the shift."""
        at = self.start_min
        for offset, rest in self.breaks:
            begin = self.start_min + offset
            if at < begin:
                yield at, begin, "on_queue", True
            yield begin, begin + rest.minutes, rest.activity, rest.paid
            at = begin + rest.minutes
        if at < self.end_min:
            yield at, self.end_min, "on_queue", True


@dataclass(frozen=True)
class Terms:
    """What one agent may work: a contract, days of leave, a window of the day, a weekday never worked."""

    contract: Contract
    weeks: int
    leave: frozenset[int] = frozenset()
    window: tuple[int, int] = (0, DAY_MIN)
    never: int | None = None


def random_tour(terms: Terms, random: np.random.Generator) -> list[Shift] | None:
    """Return a legal tour, or None if none was found."""
    tours = (_one_tour(terms, random) for _ in range(TOURS))
    return next((tour for tour in tours if tour is not None), None)


def _one_tour(terms: Terms, random: np.random.Generator) -> list[Shift] | None:
    weekends = _free_weekends(terms, random)
    tour: list[Shift] = []
    for week in range(terms.weeks):
        for _ in range(TRIES):
            part = _random_week(terms, week, weekends, random)
            if part is not None and _follows(terms.contract, tour, part):
                tour += part
                break
        else:
            return None
    return tour


def _free_weekends(terms: Terms, random: np.random.Generator) -> set[int]:
    """Return the weeks whose weekend stays free: the same ones of every four."""
    phases = random.choice(4, terms.contract.weekends_off_per_4_weeks, replace=False)
    return {week for week in range(terms.weeks) if week % 4 in phases and terms.weeks >= 4}


def _random_week(
    terms: Terms, week: int, weekends: set[int], random: np.random.Generator
) -> list[Shift] | None:
    contract = terms.contract
    days = [day for day in range(7 * week, 7 * week + 7) if day % 7 != terms.never]
    credited = min(sum(day in terms.leave for day in days), contract.days_per_week[1])
    days = [day for day in days if day not in terms.leave and not (week in weekends and day % 7 >= 5)]
    fewest, most = (max(0, limit - credited) for limit in contract.days_per_week)
    low, high = (max(0.0, hours - credited * contract.hours_of_leave_day) for hours in contract.week_hours)
    if fewest > len(days):
        return None
    count = int(random.integers(fewest, min(most, len(days)) + 1))
    middle = random.choice(starts(contract))
    part = []
    for day in sorted(random.choice(days, count, replace=False)) if count else []:
        shift = _random_shift(terms, int(day), middle, random)
        if shift is None:
            return None
        part.append(shift)
    paid_h, unpopular = sum(shift.paid_h for shift in part), sum(shift.unpopular for shift in part)
    return part if low - SMALL <= paid_h <= high + SMALL and unpopular <= MOST_UNPOPULAR else None


def _random_shift(terms: Terms, day: int, middle: int, random: np.random.Generator) -> Shift | None:
    contract, (opens, closes) = terms.contract, terms.window
    length = int(random.choice(lengths(contract)))
    fitting = [
        start
        for start in starts(contract)
        if abs(start - middle) <= NEAR_MIN and opens <= start <= closes - length
    ]
    breaks = _random_breaks(contract, length, random)
    if not fitting or breaks is None:
        return None
    return Shift(day, int(random.choice(fitting)), length, breaks)


def _random_breaks(
    contract: Contract, length: int, random: np.random.Generator
) -> tuple[tuple[int, Break], ...] | None:
    found: list[tuple[int, Break]] = []
    earliest = 0
    for rest in contract.breaks:
        if rest.min_shift_hours * 60 > length:
            continue
        step = contract.break_step_min
        offsets = range(-(-rest.from_min // step) * step, rest.to_min + 1, step)
        fitting = [offset for offset in offsets if earliest <= offset <= length - rest.minutes]
        if not fitting:
            return None
        found.append((int(random.choice(fitting)), rest))
        earliest = found[-1][0] + rest.minutes
    return tuple(found)


def _follows(contract: Contract, tour: Sequence[Shift], part: Sequence[Shift]) -> bool:
    """Return whether the rest between shifts and the longest run of days hold when a week is added."""
    run = 1
    for before, after in pairwise([*tour, *part]):
        rest_min = (after.day - before.day) * DAY_MIN + after.start_min - before.end_min
        run = run + 1 if after.day == before.day + 1 else 1
        if rest_min < contract.rest_h * 60 or run > contract.consecutive_days:
            return False
    return True


def starts(contract: Contract) -> list[int]:
    """Return the starts of a contract, minutes after midnight."""
    windows = contract.start_windows()
    return sorted({m for first, last in windows for m in range(first, last + 1, contract.start_step_min)})


def lengths(contract: Contract) -> range:
    """Return the lengths of a contract's shifts, minutes."""
    first, last = (round(hours * 60) for hours in contract.shift_hours)
    return range(first, last + 1, contract.shift_step_min)


def roster_table(shifts: Iterable[tuple[str, Shift]]) -> pd.DataFrame:
    """Return ROSTER of the shifts of the agents."""
    rows = [
        (agent, shift.day, begin, activity, end, paid)
        for agent, shift in shifts
        for begin, end, activity, paid in shift.segments()
    ]
    table = pd.DataFrame(rows, columns=["agent_id", "day", "start", "activity", "end", "paid"])
    dates = FIRST_DAY + pd.to_timedelta(table["day"], unit="D")
    stamps = {
        name: (dates + pd.to_timedelta(table[name], unit="min")).dt.tz_localize(ZONE)
        for name in ("start", "end")
    }
    return conform(table.drop(columns="day").assign(shift_date=dates, site="bench", **stamps), ROSTER)

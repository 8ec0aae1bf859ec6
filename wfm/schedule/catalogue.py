"""The shifts a contract allows at a site: starts x lengths, paid minutes, breaks with their windows.

A shift type is (start, length); on a date its clock start becomes an instant. Local clock, minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.config import Break, Contract
from wfm.localtime import exists, instant_of_minute, to_local
from wfm.schedule.horizon import Grid

NO_START = -1
NO_LIMIT = 24 * 60  # minutes of a stretch that no shift is longer than


@dataclass(frozen=True)
class BreakWindow:
    """A break of a shift of known length: it starts at one of `offsets` (minutes from the shift's start)."""

    activity: str
    minutes: int
    paid: bool
    offsets: tuple[int, ...]


@dataclass(frozen=True)
class Gaps:
    """Minutes between two breaks, at least; without a break, at most (also at both ends of the shift)."""

    least: int = 0
    most: int = NO_LIMIT


@dataclass(frozen=True)
class Catalogue:
    """Every shift type of one contract at one site over the dates of the horizon.

    `starts` (S) and `lengths` (L) in minutes; a type is start index x L + length index. `begin` (dates x S)
    is the minute of the grid at which a start falls on a date, NO_START where the clock never shows it;
    `local_end` (dates x S x L) is the wall clock at the end, minutes after the date's midnight. Each length
    has its breaks and the gaps between them; `for_minors` says which lengths are those of minors.
    """

    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    paid_min: NDArray[np.int64]
    breaks: tuple[tuple[BreakWindow, ...], ...]
    gaps: tuple[Gaps, ...]
    for_minors: NDArray[np.bool_]
    begin: NDArray[np.int64]
    local_end: NDArray[np.int64]


def shift_starts(contract: Contract) -> list[int]:
    """Return every clock start of a contract, minutes after midnight, sorted."""
    starts: set[int] = set()
    for first, last in contract.start_windows():
        starts.update(range(first, last + 1, contract.start_step_min))
    return sorted(starts)


def gaps_of(contract: Contract, longest_stretch_h: float | None = None) -> Gaps:
    """Return the gaps that a contract allows between breaks, `longest_stretch_h` beside its own."""
    stretches = [h for h in (contract.longest_stretch_h, longest_stretch_h) if h is not None]
    most = min((int(Fraction(str(hours)) * 60) for hours in stretches), default=NO_LIMIT)
    return Gaps(contract.break_spacing_min, most)


def shift_lengths(contract: Contract, gaps: Gaps) -> list[int]:
    """Return every shift length of a contract that its breaks fit into, minutes."""
    first, last = (round(hours * 60) for hours in contract.shift_hours)
    lengths = range(first, last + 1, contract.shift_step_min)
    return [length for length in lengths if breaks_of(contract, length, gaps) is not None]


def breaks_of(contract: Contract, length: int, gaps: Gaps) -> tuple[BreakWindow, ...] | None:
    """Return the breaks of a shift of this length, windows clipped to what can be kept in order and apart.

    None if they do not fit into the shift.
    """
    due = [rest for rest in contract.breaks if rest.min_shift_hours * 60 <= length]
    windows: list[tuple[int, ...]] = []
    earliest, latest = 0, gaps.most  # of the next break's start
    for rest in due:
        last = min(latest, length - rest.minutes)
        windows.append(tuple(o for o in _offsets(rest, contract) if earliest <= o <= last))
        if not windows[-1]:
            return None
        earliest = windows[-1][0] + rest.minutes + gaps.least
        latest = windows[-1][-1] + rest.minutes + gaps.most
    if length > latest:
        return None
    earliest, latest = length - gaps.most, length  # of the end of the break before
    for index in range(len(due) - 1, -1, -1):
        minutes = due[index].minutes
        windows[index] = tuple(o for o in windows[index] if earliest <= o + minutes <= latest)
        if not windows[index]:
            return None
        earliest, latest = windows[index][0] - gaps.most, windows[index][-1] - gaps.least
    return tuple(
        BreakWindow(rest.activity, rest.minutes, rest.paid, window)
        for rest, window in zip(due, windows, strict=True)
    )


def _offsets(rest: Break, contract: Contract) -> range:
    step = contract.break_step_min
    return range(-(-rest.from_min // step) * step, rest.to_min + 1, step)


def contract_minutes(contract: Contract) -> list[int]:
    """Return every duration that the grid of slots must hold exactly."""
    lengths = shift_lengths(contract, Gaps())
    breaks = [rest for length in lengths for rest in breaks_of(contract, length, Gaps()) or ()]
    return [
        *shift_starts(contract),
        *lengths,
        *(rest.minutes for rest in breaks),
        *(offset for rest in breaks for offset in rest.offsets),
    ]


def build_catalogue(
    contract: Contract, timezone: str, dates: Sequence[date], grid: Grid, gaps: Sequence[tuple[Gaps, bool]]
) -> Catalogue:
    """Return the shift types of a contract in a site's zone, placed on every date.

    `gaps` are those of adults, of minors, or of both: each with whether it is for minors.
    """
    starts = shift_starts(contract)
    kinds = [(length, each, minor) for each, minor in gaps for length in shift_lengths(contract, each)]
    lengths = [length for length, _, _ in kinds]
    breaks = tuple(breaks_of(contract, length, each) or () for length, each, _ in kinds)
    unpaid = [sum(rest.minutes for rest in due if not rest.paid) for due in breaks]
    begin = np.full((len(dates), len(starts)), NO_START, dtype=np.int64)
    for day, when in enumerate(dates):
        midnight = datetime.combine(when, datetime.min.time())
        for index, start in enumerate(starts):
            if exists(midnight + timedelta(minutes=start), timezone):
                begin[day, index] = grid.minute(instant_of_minute(when, start, timezone))
    return Catalogue(
        starts=np.array(starts, dtype=np.int64),
        lengths=np.array(lengths, dtype=np.int64),
        paid_min=np.array(lengths, dtype=np.int64) - np.array(unpaid, dtype=np.int64),
        breaks=breaks,
        gaps=tuple(each for _, each, _ in kinds),
        for_minors=np.array([minor for _, _, minor in kinds], dtype=bool),
        begin=begin,
        local_end=_local_ends(begin, lengths, dates, timezone, grid),
    )


def _local_ends(
    begin: NDArray[np.int64], lengths: Sequence[int], dates: Sequence[date], timezone: str, grid: Grid
) -> NDArray[np.int64]:
    ends = begin[:, :, None] + np.array(lengths, dtype=np.int64)[None, None, :]
    moments = pd.Series(pd.Timestamp(grid.origin) + pd.to_timedelta(ends.ravel(), unit="min"))
    midnights = np.repeat(np.array(dates, dtype="datetime64[us]"), begin.shape[1] * len(lengths))
    local = (to_local(moments, timezone).to_numpy() - midnights) // np.timedelta64(1, "m")
    minutes: NDArray[np.int64] = local.astype(np.int64)
    return minutes.reshape(ends.shape)

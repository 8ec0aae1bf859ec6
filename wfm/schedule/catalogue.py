"""The shifts a contract allows at a site: starts x lengths, paid minutes, breaks with their windows.

A shift type is (start, length); on a date its clock start becomes an instant. Local clock, minutes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.config import Break, Contract
from wfm.localtime import exists, instant_of_minute, to_local
from wfm.schedule.horizon import Grid

NO_START = -1


@dataclass(frozen=True)
class BreakWindow:
    """A break of a shift of known length: it starts at one of `offsets` (minutes from the shift's start)."""

    activity: str
    minutes: int
    paid: bool
    offsets: tuple[int, ...]


@dataclass(frozen=True)
class Catalogue:
    """Every shift type of one contract at one site over the dates of the horizon.

    `starts` (S) and `lengths` (L) in minutes; a type is start index x L + length index. `begin` (dates x S)
    is the minute of the grid at which a start falls on a date, NO_START where the clock never shows it;
    `local_end` (dates x S x L) is the wall clock at the end, minutes after the date's midnight.
    """

    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    paid_min: NDArray[np.int64]
    breaks: tuple[tuple[BreakWindow, ...], ...]
    begin: NDArray[np.int64]
    local_end: NDArray[np.int64]


def shift_starts(contract: Contract) -> list[int]:
    """Return every clock start of a contract, minutes after midnight, sorted."""
    starts: set[int] = set()
    for first, last in contract.start_windows():
        starts.update(range(first, last + 1, contract.start_step_min))
    return sorted(starts)


def shift_lengths(contract: Contract) -> list[int]:
    """Return every shift length of a contract that its breaks fit into, minutes."""
    first, last = (round(hours * 60) for hours in contract.shift_hours)
    lengths = range(first, last + 1, contract.shift_step_min)
    return [length for length in lengths if breaks_of(contract, length) is not None]


def breaks_of(contract: Contract, length: int) -> tuple[BreakWindow, ...] | None:
    """Return the breaks of a shift of this length, windows clipped to what can be kept in order.

    None if they do not fit into the shift.
    """
    due = [rest for rest in contract.breaks if rest.min_shift_hours * 60 <= length]
    windows: list[tuple[int, ...]] = []
    earliest = 0
    for rest in due:
        offsets = tuple(o for o in _offsets(rest, contract) if o >= earliest and o + rest.minutes <= length)
        if not offsets:
            return None
        earliest = offsets[0] + rest.minutes
        windows.append(offsets)
    latest = length
    for index in range(len(due) - 1, -1, -1):
        windows[index] = tuple(o for o in windows[index] if o + due[index].minutes <= latest)
        if not windows[index]:
            return None
        latest = windows[index][-1]
    return tuple(
        BreakWindow(rest.activity, rest.minutes, rest.paid, window)
        for rest, window in zip(due, windows, strict=True)
    )


def _offsets(rest: Break, contract: Contract) -> range:
    step = contract.break_step_min
    return range(-(-rest.from_min // step) * step, rest.to_min + 1, step)


def contract_minutes(contract: Contract) -> list[int]:
    """Return every duration that the grid of slots must hold exactly."""
    breaks = [rest for length in shift_lengths(contract) for rest in breaks_of(contract, length) or ()]
    return [
        *shift_starts(contract),
        *shift_lengths(contract),
        *(rest.minutes for rest in breaks),
        *(offset for rest in breaks for offset in rest.offsets),
    ]


def build_catalogue(contract: Contract, timezone: str, dates: Sequence[date], grid: Grid) -> Catalogue:
    """Return the shift types of a contract in a site's zone, placed on every date."""
    starts, lengths = shift_starts(contract), shift_lengths(contract)
    breaks = tuple(breaks_of(contract, length) or () for length in lengths)
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

"""Where breaks stand if least worth is to be lost: a programme over the breaks of a shift in their order."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from wfm.config import Break, Contract
from wfm.schedule.verify.violation import MINUTE

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def due(contract: Contract, length: int) -> list[Break]:
    """Return the breaks of a shift of `length` minutes."""
    return [b for b in contract.breaks if timedelta(hours=b.min_shift_hours) <= length * MINUTE]


def least_lost(
    begin: Ints, length: int, contract: Contract, worth: Floats, off_queue: Floats, longest_min: int
) -> Floats:
    """Return, for shifts of one length, the least worth lost to their breaks; infinite where none fit.

    `worth` and `off_queue` are sums over the minutes before each; no stretch without a break is longer than
    `longest_min`.
    """
    ends, best, apart = np.zeros(1, dtype=np.int64), np.zeros((len(begin), 1)), 0
    for rest in due(contract, length):
        step = contract.break_step_min
        offsets = np.arange(-(-rest.from_min // step) * step, rest.to_min + 1, step)
        offsets = offsets[offsets + rest.minutes <= length]
        first = np.searchsorted(ends, offsets - longest_min, side="left")  # places before, from here
        after = np.searchsorted(ends, offsets - apart, side="right")  # to here, end in time
        offsets, first, after = (found[first < after] for found in (offsets, first, after))
        if not len(offsets):
            return np.full(len(begin), np.inf)
        before = [best[:, a:b].min(axis=1) for a, b in zip(first, after, strict=True)]
        start = begin[:, None] + offsets
        lost = worth[start + rest.minutes] - worth[start] + np.stack(before, axis=1)
        lost[off_queue[start + rest.minutes] > off_queue[start]] = np.inf
        ends, best, apart = offsets + rest.minutes, lost, contract.break_spacing_min
    least: Floats = best[:, ends >= length - longest_min].min(axis=1, initial=np.inf)
    return least

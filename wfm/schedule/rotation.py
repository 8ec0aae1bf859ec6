"""Named rotations (`pattern`): on each date of the cycle a day off, a window of starts, or free choice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from wfm.config import FREE, OFF, employed
from wfm.schedule.catalogue import Catalogue
from wfm.schedule.facts import Facts
from wfm.schedule.horizon import Day
from wfm.schedule.leave import LeaveDay

Mask = NDArray[np.bool_]


def as_rotated(
    catalogue: Catalogue, facts: Facts, days: Sequence[Day], leave: Sequence[LeaveDay]
) -> tuple[Mask, Mask]:
    """Return (shifts, days off) that the rotation allows; on leave and outside employment it rests."""
    shifts = np.ones(catalogue.local_end.shape, dtype=bool)
    off = np.ones(len(days), dtype=bool)
    if facts.pattern is None:
        return shifts, off
    for index, day in enumerate(days):
        code = facts.pattern.cell(day.when, facts.pattern_week)
        if code == FREE or leave[index].whole or not employed(facts.first_day, facts.last_day, day.when):
            continue
        if code == OFF:
            shifts[index] = False
            continue
        first, last = facts.pattern.window(code)
        off[index] = False
        shifts[index] = ((catalogue.starts >= first) & (catalogue.starts <= last))[:, None]
    return shifts, off

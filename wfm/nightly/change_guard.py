"""The change guard: a forecast that jumps overnight needs a reason.

Day totals of each queue are compared with those of the published forecast. A day that differs by more than
`[nightly] max_change`, and by more than chance does, is held unless an event or an override of tonight covers
it, or the planner accepts the jump.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import sqrt

import pandas as pd

from wfm.config import Config
from wfm.errors import DataError, Fault, count_of
from wfm.localtime import day_bounds

CHANCE = 4.0  # standard deviations of a Poisson count
KEY = ["queue", "date"]


@dataclass(frozen=True)
class Jump:
    """One queue and local date, its published and its new contacts."""

    queue: str
    date: date
    before: float
    after: float

    @property
    def size(self) -> float:
        """By how many contacts it jumps."""
        return abs(self.after - self.before)

    @property
    def by_chance(self) -> float:
        """Standard deviation of a Poisson count as large as the larger of both."""
        return sqrt(max(self.before, self.after))


def check_changes(
    days: pd.DataFrame,
    published: pd.DataFrame,
    config: Config,
    reasons: list[pd.DataFrame],
) -> None:
    """Raise DataError naming the days that jump; `reasons` are tonight's events and overrides."""
    limit = config.nightly.max_change
    if limit is None:
        return
    jumps = jumping_days(days, published, limit)
    held = [jump for jump in jumps if not _is_explained(jump, config, reasons)]
    if not held:
        return
    faults = [
        Fault(
            f"{jump.queue} {jump.date.isoformat()}: {jump.before:.0f}"
            f" -> {count_of(f'{jump.after:.0f}', 'contact')}"
        )
        for jump in held
    ]
    hint = (
        f"more than [nightly] max_change = {limit:g}: add an event or an override that says why, correct the"
        " history, or accept it once with wfm nightly --accept-changes"
    )
    raise DataError(faults, source="the forecast jumps", hint=hint)


def jumping_days(days: pd.DataFrame, published: pd.DataFrame, limit: float) -> list[Jump]:
    """Return the days in both DAYS that differ by more than `limit` and by more than chance."""
    both = published[[*KEY, "offered"]].merge(days[[*KEY, "offered"]], on=KEY, suffixes=("_before", "_after"))
    columns = (both[name] for name in (*KEY, "offered_before", "offered_after"))
    every = [Jump(name, day.date(), before, after) for name, day, before, after in zip(*columns, strict=True)]
    return [jump for jump in every if jump.size > max(limit * jump.before, CHANCE * jump.by_chance)]


def _is_explained(jump: Jump, config: Config, reasons: list[pd.DataFrame]) -> bool:
    begin, end = day_bounds(jump.date, config.queues[jump.queue].timezone)
    for table in reasons:
        own = table["queue"].isna() | table["queue"].isin(["", jump.queue])
        if (own & (table["from"] < end) & (table["to"] > begin)).any():
            return True
    return False

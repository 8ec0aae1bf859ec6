"""Sites: their local days on the grid, seats and presence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.config import Config
from wfm.localtime import day_bounds
from wfm.schedule.horizon import Day, Grid
from wfm.skills import queues_of


@dataclass(frozen=True)
class SiteLimits:
    """Seats and presence of one site; `least` is the presence that is due in each slot."""

    name: str
    seats: int | None
    min_present: int
    least: NDArray[np.int64]


def site_days(timezone: str, dates: Sequence[date], grid: Grid) -> list[Day]:
    """Return the local days of a zone on the grid."""
    bounds = [day_bounds(when, timezone) for when in dates]
    return [
        Day(when, grid.minute(begin), grid.minute(end))
        for when, (begin, end) in zip(dates, bounds, strict=True)
    ]


def site_limits(agents: pd.DataFrame, rows: pd.DataFrame, grid: Grid, config: Config) -> list[SiteLimits]:
    """Return the limits of every site; presence is due while a queue its agents serve has requirements."""
    starts = grid.interval_starts()
    limits: list[SiteLimits] = []
    for name, site in config.sites.items():
        texts = agents.loc[agents["site"] == name, "skills"].unique()
        served = {skill for text in texts for skill in queues_of(str(text))}
        opens = rows.loc[rows["queue"].isin(served), "interval_start"]
        watched = np.repeat(starts.isin(pd.DatetimeIndex(opens)), grid.slots_per_interval)
        limits.append(SiteLimits(name, site.seats, site.min_present, site.min_present * watched.astype(int)))
    return limits

"""What every family of the roster benchmark gives: a configuration and its tables, ready for `schedule`.

Weeks begin on Monday 2026-11-02 in Europe/Berlin: no clock changes within the next 20 weeks.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TypedDict

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.config import Config
from wfm.conform import Zones, conform, empty
from wfm.tables import PINS, REQUESTS, REQUIREMENTS, ROSTER, TIME_OFF

ZONE = "Europe/Berlin"
FIRST_DAY = pd.Timestamp("2026-11-02")  # a Monday
INTERVAL_MIN = 15
Ints = NDArray[np.int64]
Span = tuple[int, int]  # minutes after midnight


class Extras(TypedDict):
    """Tables that `schedule` and `verify` take by keyword."""

    time_off: pd.DataFrame
    requests: pd.DataFrame
    pins: pd.DataFrame
    previous: pd.DataFrame


class Absent(Exception):
    """The material of a family is not on this machine; the message says what and where."""


@dataclass(frozen=True)
class BenchCentre:
    """One instance: configuration and conformed tables; `known` is a legal roster known beforehand."""

    config: Config
    agents: pd.DataFrame
    requirements: pd.DataFrame
    time_off: pd.DataFrame = field(default_factory=lambda: empty(TIME_OFF))
    requests: pd.DataFrame = field(default_factory=lambda: empty(REQUESTS))
    pins: pd.DataFrame = field(default_factory=lambda: empty(PINS))
    previous: pd.DataFrame = field(default_factory=lambda: empty(ROSTER))
    known: pd.DataFrame | None = None
    label: str = ""

    @property
    def first_day(self) -> date:
        """First date of the horizon."""
        return FIRST_DAY.date()

    @property
    def extras(self) -> Extras:
        """The tables that not every instance has rows in."""
        return {
            "time_off": self.time_off,
            "requests": self.requests,
            "pins": self.pins,
            "previous": self.previous,
        }


def reference(name: str) -> Path:
    """Return a folder of the roster references beside the project, or in WFM_SHARED; it may be absent."""
    beside = Path(__file__).resolve().parents[2] / "shared"
    return Path(os.environ.get("WFM_SHARED", beside)) / "reference" / "rosters" / name


def date_text(day: int) -> str:
    """Return a date of the horizon as the tables write it."""
    return f"{FIRST_DAY + pd.Timedelta(days=day):%Y-%m-%d}"


def interval_starts(days: int, first_min: int, intervals: int) -> pd.Series:
    """Return the interval starts of each day from `first_min` after midnight, day after day."""
    minutes = first_min + INTERVAL_MIN * np.arange(intervals)
    stamps = [FIRST_DAY + pd.Timedelta(days=day, minutes=int(m)) for day in range(days) for m in minutes]
    return pd.Series(stamps).dt.tz_localize(ZONE)


def requirements_table(need: Ints, queues: Sequence[str], first_min: int) -> pd.DataFrame:
    """Return REQUIREMENTS of `need` (queues x days x intervals); only agents_to_schedule means anything."""
    starts = interval_starts(need.shape[1], first_min, need.shape[2])
    rows = pd.concat(
        pd.DataFrame({"queue": name, "interval_start": starts, "agents_to_schedule": agents.ravel()})
        for name, agents in zip(queues, need, strict=True)
    ).reset_index(drop=True)
    same = dict.fromkeys(("agents_required", "agents_gross"), rows["agents_to_schedule"])
    return conform(rows.assign(offered=1.0, aht_s=1.0, load=1.0, queue_model="given", **same), REQUIREMENTS)


def leave_table(runs: Iterable[tuple[str, int, int]]) -> pd.DataFrame:
    """Return TIME_OFF of (agent, first day, days): paid leave of whole days."""
    rows = [(agent, date_text(first), date_text(first + days)) for agent, first, days in runs]
    stamps = [(agent, f"{begin}T00:00:00", f"{end}T00:00:00", "leave", "true") for agent, begin, end in rows]
    return conform(pd.DataFrame(stamps, columns=TIME_OFF.names), TIME_OFF, zones=Zones(default=ZONE))


def requests_table(rows: Iterable[tuple[str, int, str, str, float]]) -> pd.DataFrame:
    """Return REQUESTS of (agent, day, kind, value, weight)."""
    dated = [(agent, date_text(day), kind, value, weight) for agent, day, kind, value, weight in rows]
    return conform(pd.DataFrame(dated, columns=REQUESTS.names), REQUESTS)


def days_off_table(rows: Iterable[tuple[str, int]]) -> pd.DataFrame:
    """Return PINS of (agent, day): no shift starts that day, and nothing is credited for it."""
    pins = [(agent, date_text(day), "off", "") for agent, day in rows]
    return conform(pd.DataFrame(pins, columns=PINS.names), PINS)


def missed(kind: str, span: Span, shift: Span) -> bool:
    """Return whether a shift misses a request of the contract."""
    if kind == "avoid_shift":
        return shift[0] < span[1] and shift[1] > span[0]
    if kind == "prefer_start":
        return abs(shift[0] - span[0]) > 30
    return shift[0] < span[0] or shift[1] > span[1]

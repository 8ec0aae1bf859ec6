"""Histories and configurations made for the tests of the forecast: known rates, seeded Poisson counts."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from wfm.config import Config, build_config
from wfm.hours import parse_hours
from wfm.localtime import interval_grid, open_mask

BERLIN = "Europe/Berlin"
OFFICE = "Mon-Fri 08:00-20:00;Sat 09:00-14:00"
WEEKDAY_LEVEL = np.array([1.3, 1.1, 1.0, 1.0, 0.9, 0.5, 0.3])


def configured(
    interval_min: int = 30, timezone: str = BERLIN, sections: dict[str, Any] | None = None, **queues: Any
) -> Config:
    """Return a configuration whose queues have a handle time and a target; `a` with office hours if none."""
    queues = queues or {"a": {"hours": OFFICE}}
    filled = {name: {"service_level": 0.8, "aht_s": 200, **keys} for name, keys in queues.items()}
    centre = {"timezone": timezone, "interval_min": interval_min}
    return build_config({"centre": centre, "queues": filled, **(sections or {})})


def grid(first: str, last: str, hours: str = OFFICE, timezone: str = BERLIN, interval_min: int = 30):
    """Return the open interval starts of the local dates `first` to `last`."""
    starts = interval_grid(date.fromisoformat(first), date.fromisoformat(last), timezone, interval_min)
    return starts[open_mask(starts, parse_hours(hours), timezone)]


def rates(starts: pd.DatetimeIndex, timezone: str = BERLIN, level: float = 20.0) -> np.ndarray:
    """Return expected contacts: a weekday's level times a hump over the day."""
    local = starts.tz_convert(timezone)
    hour = np.asarray(local.hour + local.minute / 60)
    return level * WEEKDAY_LEVEL[local.day_of_week] * (1 + 0.6 * np.sin((hour - 6) / 24 * 2 * np.pi))


def history(
    first: str = "2026-01-05",
    last: str = "2026-03-01",
    *,
    queue: str = "a",
    seed: int | None = 1,
    level: float = 20.0,
    **where: Any,
) -> pd.DataFrame:
    """Return HISTORY rows of Poisson counts, or of the exact rates without a seed."""
    starts = grid(first, last, **where)
    mean = rates(starts, where.get("timezone", BERLIN), level)
    offered = mean if seed is None else np.random.default_rng(seed).poisson(mean)
    return pd.DataFrame({"queue": queue, "interval_start": starts, "offered": offered.astype(float)})


def local_dates_of(frame: pd.DataFrame, timezone: str = BERLIN) -> pd.Series:
    """Return the local date (text) of each row's interval."""
    dates: pd.Series = frame["interval_start"].dt.tz_convert(timezone).dt.strftime("%Y-%m-%d")
    return dates


def events(*rows: tuple[str, str, str, str, float | None]) -> pd.DataFrame:
    """Return EVENTS of (name, from, to, kind, effect), for all queues, stamps local to Berlin."""
    frame = pd.DataFrame(rows, columns=["name", "from", "to", "kind", "effect"])
    for column in ("from", "to"):
        frame[column] = (
            pd.to_datetime(frame[column], format="ISO8601").dt.tz_localize(BERLIN).dt.tz_convert("UTC")
        )
    return frame.assign(queue=None)


def overrides(*rows: dict[str, Any]) -> pd.DataFrame:
    """Return OVERRIDES from rows with defaults: queue a, offered, set, interval."""
    usual = {
        "queue": "a",
        "field": "offered",
        "mode": "set",
        "grain": "interval",
        "author": "t",
        "reason": "r",
    }
    frame = pd.DataFrame([{**usual, "expires": None, **row} for row in rows])
    for column in ("from", "to", "expires"):
        frame[column] = (
            pd.to_datetime(frame[column], format="ISO8601").dt.tz_localize(BERLIN).dt.tz_convert("UTC")
        )
    return frame

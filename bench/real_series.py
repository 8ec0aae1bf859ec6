"""The real series beside the project (../shared/data), read as histories; stamps are local wall time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from wfm.calendars import public_holidays
from wfm.config import Config, build_config
from wfm.hours import DAY_MIN, parse_hours

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
HORIZON_DAYS = 14


@dataclass(frozen=True)
class Series:
    """One real series: its file, and what the README beside it says about its hours."""

    file: str
    queue: str
    timezone: str
    interval_min: int
    hours: str
    holidays: str
    file_min: int = 0  # minutes of an interval of the file, if shorter: they are added up

    def settings(self) -> dict[str, Any]:
        """Return the configuration a planner would write; handle times are not in the files."""
        keys = {"hours": self.hours, "holidays": self.holidays, "service_level": 0.8, "aht_s": 180}
        centre = {"timezone": self.timezone, "interval_min": self.interval_min}
        absent = "zero" if self.queue == "seattle_fire" else "missing"
        return {"centre": centre, "queues": {self.queue: keys}, "import": {"absent": absent}}

    def config(self) -> Config:
        """Return the settings, checked."""
        return build_config(self.settings())

    def history(self, folder: Path) -> pd.DataFrame:
        """Return HISTORY; impossible stamps are dropped, ambiguous ones are the first pass."""
        frame = pd.read_csv(folder / self.file)
        local = pd.to_datetime(frame["interval_start"])
        first = pd.Series(True, index=frame.index).to_numpy()
        starts = local.dt.tz_localize(self.timezone, nonexistent="NaT", ambiguous=first)
        whole = frame.assign(interval_start=starts.dt.tz_convert("UTC")).dropna(subset=["interval_start"])
        rows = whole.drop_duplicates(["queue", "interval_start"]).reset_index(drop=True)
        return self._added_up(rows) if self.file_min else rows

    def complete(self, folder: Path) -> pd.DataFrame:
        """Return the history; where an absent row means zero, with those rows."""
        history = self.history(folder)
        if self.settings()["import"]["absent"] != "zero":
            return history
        first, last = history["interval_start"].min(), history["interval_start"].max()
        every = pd.date_range(first, last, freq=f"{self.interval_min}min", name="interval_start")
        once = every[~every.tz_convert(self.timezone).tz_localize(None).duplicated()]
        rows = history.set_index("interval_start").reindex(once).reset_index()
        return rows.assign(queue=self.queue, offered=rows["offered"].fillna(0))

    def open_minutes(self) -> list[list[int]]:
        """Return the minutes of day at which an interval is open, Monday first; no span passes midnight."""
        spans = [parse_hours(self.hours).spans_of(day) for day in range(7)]
        every = range(0, DAY_MIN, self.interval_min)
        return [[m for m in every if any(start <= m < end for start, end in day)] for day in spans]

    def holiday_names(self, first: date, last: date) -> dict[date, str]:
        """Return the public holidays of a span, both ends included."""
        found = public_holidays(self.holidays, range(first.year, last.year + 1))
        return {day: name for day, name in found.items() if first <= day <= last}

    def _added_up(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return rows of `interval_min`; an interval with a part missing is left out."""
        starts = rows["interval_start"].dt.floor(f"{self.interval_min}min")
        parts = rows.assign(queue=self.queue, interval_start=starts)
        grouped = parts.groupby(["queue", "interval_start"], as_index=False)
        found = grouped.agg(offered=("offered", "sum"), parts=("offered", "size"))
        whole = found["parts"] == self.interval_min // self.file_min
        return found[whole].drop(columns="parts").reset_index(drop=True)


BANK = Series("bank_calls_30min.csv", "bank", "America/New_York", 30, "Mon-Fri 07:00-21:00", "US")
ANONYMOUS_BANK = Series("anonymous_bank_30min.csv", "anonymous_bank", "Asia/Jerusalem", 30, "", "IL")
SEATTLE = Series("seattle_fire_hourly.csv", "seattle_fire", "America/Los_Angeles", 60, "", "US")
BANK_15MIN = Series(
    "bank_calls_5min.csv", "bank_15min", "America/New_York", 15, "Mon-Fri 07:00-21:00", "US", file_min=5
)

SERIES = (BANK, ANONYMOUS_BANK, SEATTLE, BANK_15MIN)

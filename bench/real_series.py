"""The real series beside the project (../shared/data), read as histories; stamps are local wall time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from wfm.config import Config, build_config


@dataclass(frozen=True)
class Series:
    """One real series: its file, and what the README beside it says about its hours."""

    file: str
    queue: str
    timezone: str
    interval_min: int
    hours: str
    holidays: str

    def config(self) -> Config:
        """Return the configuration a planner would write; handle times are not in the files."""
        keys = {"hours": self.hours, "holidays": self.holidays, "service_level": 0.8, "aht_s": 180}
        centre = {"timezone": self.timezone, "interval_min": self.interval_min}
        absent = "zero" if self.queue == "seattle_fire" else "missing"
        return build_config({"centre": centre, "queues": {self.queue: keys}, "import": {"absent": absent}})

    def history(self, folder: Path) -> pd.DataFrame:
        """Return HISTORY; impossible stamps are dropped, ambiguous ones are the first pass."""
        frame = pd.read_csv(folder / self.file)
        local = pd.to_datetime(frame["interval_start"])
        first = pd.Series(True, index=frame.index).to_numpy()
        starts = local.dt.tz_localize(self.timezone, nonexistent="NaT", ambiguous=first)
        whole = frame.assign(interval_start=starts.dt.tz_convert("UTC")).dropna(subset=["interval_start"])
        return whole.drop_duplicates(["queue", "interval_start"]).reset_index(drop=True)


BANK = Series("bank_calls_30min.csv", "bank", "America/New_York", 30, "Mon-Fri 07:00-21:00", "US")
ANONYMOUS_BANK = Series("anonymous_bank_30min.csv", "anonymous_bank", "Asia/Jerusalem", 30, "", "IL")
SEATTLE = Series("seattle_fire_hourly.csv", "seattle_fire", "America/Los_Angeles", 60, "", "US")

SERIES = (BANK, ANONYMOUS_BANK, SEATTLE)

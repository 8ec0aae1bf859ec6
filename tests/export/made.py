"""Centres and tables to export, and the exported files read again by nothing but `csv` and `datetime`."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from wfm.config import Config, build_config
from wfm.export.request import Request

BANDS = ("offered_p025", "offered_p10", "offered_p50", "offered_p90", "offered_p975")
MONDAY = date(2026, 3, 2)


def centre(interval_min: int = 15, timezone: str = "Europe/Berlin", **queues: Any) -> Config:
    """Return a configuration; a queue without keys is voice, always open."""
    return build_config(
        {
            "centre": {"timezone": timezone, "interval_min": interval_min},
            "queues": {
                name: {"service_level": 0.8, **keys} for name, keys in (queues or {"billing": {}}).items()
            },
        }
    )


def starts_of(day: date, timezone: str, interval_min: int) -> Iterator[datetime]:
    """Yield the starts (UTC) of a local day, by clock arithmetic in UTC between its two midnights."""
    zone = ZoneInfo(timezone)
    start, end = (
        datetime(each.year, each.month, each.day, tzinfo=zone).astimezone(UTC)
        for each in (day, day + timedelta(days=1))
    )
    while start < end:
        yield start
        start += timedelta(minutes=interval_min)


@dataclass(frozen=True)
class Row:
    """One row of a forecast: `start` in UTC, `aht_s` in seconds."""

    queue: str
    start: datetime
    offered: float
    aht_s: float


def forecast_file(path: Path, rows: Sequence[Row], timezone: str = "UTC") -> Path:
    """Write a forecast as CSV, stamps in the wall clock of a zone with their offset."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["queue", "interval_start", "offered", "aht_s", *BANDS, "model"])
        for row in rows:
            stamp = row.start.astimezone(ZoneInfo(timezone)).isoformat()
            bands = [repr(row.offered)] * len(BANDS)
            table.writerow([row.queue, stamp, repr(row.offered), repr(row.aht_s), *bands, "m"])
    return path


def history_file(path: Path, header: str, *rows: str) -> Path:
    """Write a history as CSV."""
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return path


def asked(source: Path, config: Config, name: str = "out.csv", **more: Any) -> Request:
    """Return a request for a file beside the source."""
    return Request(source, source.parent / name, config, **more)


def read_back(path: Path) -> list[dict[str, str]]:
    """Return the rows of an exported file as text."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def stamp(text: str) -> datetime:
    """Read the one way in which stamps may be written."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)

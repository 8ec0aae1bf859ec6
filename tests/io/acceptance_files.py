"""Exports and logs for the acceptance checks: a good one, and rows to plant faults in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.forecast.made import configured
from wfm.config import Config
from wfm.forecast.doctor import Check
from wfm.io.acceptance import accept

OFFICE = "Mon-Fri 08:00-18:00"
CONFIG = configured(15, hotline={"hours": OFFICE})
ALWAYS = configured(15, hotline={})
LOG_HEADER = "contact_id,queue,arrived_at,wait_s,talk_s,hold_s,acw_s,outcome"
HISTORY_HEADER = "queue,interval_start,offered,handled,abandoned,flow_out,talk_s,aht_s"


def export_row(start: object, offered: int = 10, **changed: Any) -> str:
    cells = {
        "queue": "hotline",
        "interval_start": start,
        "offered": offered,
        "handled": offered - 2,
        "abandoned": 1,
        "flow_out": 1,
        "talk_s": 200 * (offered - 2),
        "aht_s": 240,
    }
    return ",".join(str(cell) for cell in (cells | changed).values())


def starts_of(day: date, timezone: str, step_min: int) -> list[datetime]:
    """Return the instants from one local midnight to the next, by counting, not by a grid."""
    place = ZoneInfo(timezone)
    begin, end = (
        datetime.combine(day + timedelta(days=shift), datetime.min.time(), place).astimezone(UTC)
        for shift in (0, 1)
    )
    count = -(-(end - begin) // timedelta(minutes=step_min))
    return [begin + number * timedelta(minutes=step_min) for number in range(count)]


def office_days(days: int = 10) -> list[datetime]:
    """Return the open quarter-hours of the weekdays of `days` days from a Monday on."""
    starts = []
    for shift in range(days):
        day = date(2026, 3, 2) + timedelta(days=shift)
        if day.weekday() < 5:
            starts += [s for s in starts_of(day, "Europe/Berlin", 15) if 7 <= s.hour < 17]
    return starts


def written(path: Path, rows: Iterable[str], header: str = HISTORY_HEADER) -> Path:
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8", newline="")
    return path


def contacts(starts: Sequence[str], prefix: str = "c") -> list[str]:
    return [f"{prefix}{n},hotline,{start},5,100,0,20,handled" for n, start in enumerate(starts)]


def check(number: int, *files: Path, config: Config = CONFIG, mapping: Path | None = None) -> Check:
    found = accept(files, config, mapping=mapping)
    assert [check.number for check in found.checks] == list(range(1, 12))
    return found.checks[number - 1]

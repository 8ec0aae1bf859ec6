"""What an export is asked for, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wfm.config import Config
from wfm.errors import UsageError

DEMAND_OPTIONS = {
    "names": "--queues",
    "only": "--queue",
    "interval_min": "--interval",
    "daily_zone": "--daily",
}
PLAN_OPTIONS = {
    "agents": "--agents",
    "time_off": "--time-off",
    "coverage": "--coverage",
    "requirements": "--requirements",
}


@dataclass(frozen=True)
class Request:
    """One table to export, and what goes with it.

    Of a forecast or a history, what only the planner knows of the other system:

    - `names`: a CSV with queue, name, id: what the queues are called there
    - `only`: queues to export; none: all
    - `interval_min`: length of the other system's intervals; None: the shortest that it takes
    - `daily_zone`: whole days too, from midnight to midnight of this IANA zone; None: none

    Of a roster, `agents` (needed), `time_off` to mark days of leave, and `coverage`, or `requirements` to
    compute it from.
    """

    source: Path
    out: Path
    config: Config
    names: Path | None = None
    only: tuple[str, ...] = ()
    interval_min: int | None = None
    daily_zone: str | None = None
    agents: Path | None = None
    time_off: Path | None = None
    coverage: Path | None = None
    requirements: Path | None = None


@dataclass(frozen=True)
class Exported:
    """What was written: `title` in words, its number of rows, notes for the planner, figures for `--json`."""

    title: str
    rows: int
    notes: tuple[str, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)


def refuse_options(request: Request, options: Mapping[str, str], reason: str) -> None:
    """Raise UsageError for the first of `options` (field: its name) that the request has."""
    for field_name, option in options.items():
        if getattr(request, field_name):
            raise UsageError(f"{option} {reason}", hint="leave it out, or choose another --format")

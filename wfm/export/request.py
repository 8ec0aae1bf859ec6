"""What an export is asked for, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wfm.config import Config


@dataclass(frozen=True)
class Request:
    """One table to export, and what only the planner knows of the other system.

    - `names`: a CSV with queue, name, id: what the queues are called there
    - `only`: queues to export; none: all
    - `interval_min`: length of the other system's intervals; None: the shortest that it takes
    - `daily_zone`: whole days too, from midnight to midnight of this IANA zone; None: none
    """

    source: Path
    out: Path
    config: Config
    names: Path | None = None
    only: tuple[str, ...] = ()
    interval_min: int | None = None
    daily_zone: str | None = None


@dataclass(frozen=True)
class Exported:
    """What was written: `title` in words, its number of rows, notes for the planner, figures for `--json`."""

    title: str
    rows: int
    notes: tuple[str, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)

"""The folder of one run: the tables and figures that a run leaves behind, read for reports and comparisons.

Nothing in it is required except at least one table: a run that stopped early, or a folder put together by
hand, is read as far as it goes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from wfm.conform import Zones
from wfm.errors import DataError, Fault
from wfm.io.tables import read_table, unreadable_file
from wfm.tables import (
    AGENTS,
    COVERAGE,
    DAYS,
    FORECAST,
    HISTORY,
    REQUIREMENTS,
    ROSTER,
    SCORES,
    SIMULATED_DAYS,
    SIMULATION,
    Table,
)

RUN_TABLES = (
    HISTORY,
    FORECAST,
    DAYS,
    REQUIREMENTS,
    AGENTS,
    ROSTER,
    COVERAGE,
    SCORES,
    SIMULATION,
    SIMULATED_DAYS,
)
ENDINGS = (".parquet", ".csv.gz", ".csv")


@dataclass(frozen=True)
class RunTables:
    """What a run produced; a table it does not have is None."""

    history: pd.DataFrame | None = None
    forecast: pd.DataFrame | None = None
    days: pd.DataFrame | None = None
    requirements: pd.DataFrame | None = None
    agents: pd.DataFrame | None = None
    roster: pd.DataFrame | None = None
    coverage: pd.DataFrame | None = None
    scores: pd.DataFrame | None = None
    simulation: pd.DataFrame | None = None
    simulated_days: pd.DataFrame | None = None
    summary: Mapping[str, Any] | None = None
    manifest: Mapping[str, Any] | None = None


def read_run(folder: Path, zones: Zones | None = None, wanted: Sequence[Table] = RUN_TABLES) -> RunTables:
    """Return the tables of a run folder; DataError when it is no folder, has no table, or has a bad one.

    `zones` says whose wall clock a stamp without offset shows (only CSV files can have such stamps). Tables
    that are not `wanted` are not read, and are None.
    """
    if not folder.is_dir():
        raise _no_run(folder, "is not a folder")
    tables: dict[str, Any] = {table.name: _table(folder, table, zones) for table in wanted}
    if all(frame is None for frame in tables.values()):
        raise _no_run(folder, f"has none of the tables {', '.join(tables)}")
    return RunTables(
        **tables, summary=_figures(folder / "summary.json"), manifest=_figures(folder / "manifest.json")
    )


def _table(folder: Path, table: Table, zones: Zones | None) -> pd.DataFrame | None:
    for ending in ENDINGS:
        path = folder / f"{table.name}{ending}"
        if path.exists():
            return read_table(path, table, zones)
    return None


def _figures(path: Path) -> Mapping[str, Any] | None:
    if not path.exists():
        return None
    try:
        figures = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise unreadable_file(path, error) from error
    if not isinstance(figures, dict):
        raise DataError(
            [Fault("not a JSON object", "write it again with the command that made it", str(path))]
        )
    return figures


def _no_run(folder: Path, problem: str) -> DataError:
    remedy = "name a run folder, such as runs/current"
    return DataError([Fault(problem, remedy, str(folder))])

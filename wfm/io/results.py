"""Writing what a schedule gives: roster, coverage, summary and the prices of its bound, each atomically."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from wfm.config import Config
from wfm.errors import DataError, Fault
from wfm.io.atomic import replacing, write_text
from wfm.io.inputs import queue_zones, site_zones
from wfm.io.tables import csv_text, unreadable_file, write_table
from wfm.tables import CHANGES, COVERAGE, ROSTER, SIMULATED_DAYS, SIMULATION


class Scheduled(Protocol):
    """The result of the schedule stage."""

    @property
    def roster(self) -> pd.DataFrame:
        """ROSTER."""

    @property
    def coverage(self) -> pd.DataFrame:
        """COVERAGE."""

    @property
    def summary(self) -> dict[str, Any]:
        """The figures of the run."""

    @property
    def prices(self) -> pd.DataFrame:
        """The prices that prove the bound."""


def write_schedule(
    result: Scheduled,
    config: Config,
    roster: Path,
    coverage: Path | None,
    summary: Path | None,
    proof: Path | None,
) -> None:
    """Write the parts of a result that have a path; the roster comes last, so that it never stands alone."""
    if coverage is not None:
        write_table(result.coverage, COVERAGE, coverage, queue_zones(config))
    if summary is not None:
        write_json(result.summary, summary)
    if proof is not None:
        write_prices(result.prices, proof)
    write_table(result.roster, ROSTER, roster, site_zones(config))


class Repaired(Protocol):
    """The result of a repair."""

    @property
    def roster(self) -> pd.DataFrame:
        """ROSTER."""

    @property
    def coverage(self) -> pd.DataFrame:
        """COVERAGE."""

    @property
    def changes(self) -> pd.DataFrame:
        """CHANGES."""

    @property
    def summary(self) -> dict[str, Any]:
        """The figures of the repair."""


def write_repair(
    result: Repaired,
    config: Config,
    roster: Path,
    coverage: Path | None,
    changes: Path | None,
    summary: Path | None,
) -> None:
    """Write the parts of a repair that have a path, the roster last."""
    if coverage is not None:
        write_table(result.coverage, COVERAGE, coverage, queue_zones(config))
    if changes is not None:
        write_table(result.changes, CHANGES, changes)
    if summary is not None:
        write_json(result.summary, summary)
    write_table(result.roster, ROSTER, roster, site_zones(config))


class Simulated(Protocol):
    """The result of the simulate stage."""

    @property
    def simulation(self) -> pd.DataFrame:
        """SIMULATION."""

    @property
    def days(self) -> pd.DataFrame:
        """SIMULATED_DAYS."""

    @property
    def summary(self) -> dict[str, Any]:
        """The figures of the run."""


def write_simulation(
    result: Simulated, config: Config, simulation: Path, days: Path | None, summary: Path | None
) -> None:
    """Write the parts of a result that have a path."""
    if days is not None:
        write_table(result.days, SIMULATED_DAYS, days)
    if summary is not None:
        write_json(result.summary, summary)
    write_table(result.simulation, SIMULATION, simulation, queue_zones(config))


def write_json(document: Mapping[str, Any], path: Path) -> None:
    """Write a JSON object."""
    write_text(path, json.dumps(document, indent=2, ensure_ascii=False, default=str, allow_nan=False) + "\n")


def write_prices(prices: pd.DataFrame, path: Path) -> None:
    """Write the prices of a bound as CSV or Parquet."""
    with replacing(path) as part:
        if path.suffix == ".parquet":
            pq.write_table(pa.Table.from_pandas(prices, preserve_index=False), part)
        else:
            csv_text(prices).to_csv(part, index=False, lineterminator="\n")


def read_summary(path: Path) -> Mapping[str, Any]:
    """Return the summary of a schedule."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise unreadable_file(path, error) from error
    if not isinstance(document, dict):
        raise DataError([Fault("not a JSON object", "name the file that --summary wrote", str(path))])
    return document

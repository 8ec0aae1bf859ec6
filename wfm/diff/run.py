"""A run to be compared, and the time that two runs have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

import pandas as pd

from wfm.config import Config
from wfm.io.run_folder import RUN_TABLES, RunTables, read_run
from wfm.io.run_paths import settings_file
from wfm.io.toml import load_config, read_document
from wfm.tables import HISTORY

T = TypeVar("T")


@dataclass(frozen=True)
class Run:
    """A run: its tables, the configuration for zones and intervals, and `settings`, wfm.toml as it was."""

    name: str
    tables: RunTables
    config: Config
    settings: Mapping[str, Any] = field(default_factory=dict)


def compared_tables(folder: Path) -> RunTables:
    """Return the tables of a run folder that comparisons look at: all but the history."""
    return read_run(folder, wanted=[table for table in RUN_TABLES if table is not HISTORY])


def run_of(folder: Path, name: str, config: Config | None = None, tables: RunTables | None = None) -> Run:
    """Return the run of a folder under a name, with its settings, which are empty if it has none of its own.

    `config` holds for a run; by default it is the run's own. `tables` are those of its folder, if they are
    known already. Raises ConfigError or DataError for what cannot be read, or a run without configuration.
    """
    found = compared_tables(folder) if tables is None else tables
    own = settings_file(folder)
    if config is None:
        config = load_config(folder / "wfm.toml" if own is None else own)
    return Run(name, found, config, {} if own is None else read_document(own))


@dataclass(frozen=True)
class Pair(Generic[T]):
    """The same of two runs."""

    before: T
    after: T


@dataclass(frozen=True)
class Reach:
    """First and last moment (or date) of a table in both runs, and of what they have in common.

    `common` is None where they have nothing in common.
    """

    table: str
    before: tuple[pd.Timestamp, pd.Timestamp]
    after: tuple[pd.Timestamp, pd.Timestamp]

    @property
    def common(self) -> tuple[pd.Timestamp, pd.Timestamp] | None:
        """The later begin and the earlier end."""
        first, last = max(self.before[0], self.after[0]), min(self.before[1], self.after[1])
        return (first, last) if first <= last else None

    def cut(self, rows: pd.DataFrame, column: str) -> pd.DataFrame:
        """Return the rows whose `column` lies in the common part."""
        if self.common is None:
            return rows.iloc[:0]
        return rows[rows[column].between(*self.common)]


def reach_of(table: str, pair: Pair[pd.DataFrame], column: str) -> Reach | None:
    """Return the reach of a table by one of its columns; None if one of the two has no row."""
    if pair.before.empty or pair.after.empty:
        return None
    before, after = ((rows[column].min(), rows[column].max()) for rows in (pair.before, pair.after))
    return Reach(table, before, after)


def local_dates_of(rows: pd.DataFrame, zones: Mapping[str, str], default: str) -> pd.Series:
    """Return the local date of each row's interval in the zone of its queue."""
    dates = pd.Series(pd.NaT, index=rows.index, dtype="datetime64[us]")
    for queue, own in rows.groupby("queue"):
        zone = zones.get(str(queue), default)
        local = own["interval_start"].dt.tz_convert(zone).dt.tz_localize(None)
        dates[own.index] = local.dt.normalize()
    return dates

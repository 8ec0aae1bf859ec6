"""Where the tables of a run folder lie, for commands that read some of them only."""

from __future__ import annotations

import re
from pathlib import Path

from wfm.errors import DataError, Fault
from wfm.io.run_folder import ENDINGS
from wfm.tables import Table

RUN_NAME = re.compile(r"\d{8}T\d{4}Z-\d{3,}")


def find_table(run: Path, table: Table) -> Path | None:
    """Return the file of a table in a run folder, None where it has none; DataError if it is no folder."""
    if not run.is_dir():
        fault = Fault("is not a folder", "name a run folder, such as runs/current", str(run))
        raise DataError([fault])
    paths = (run / f"{table.name}{ending}" for ending in ENDINGS)
    return next((path for path in paths if path.exists()), None)


def need_table(run: Path, table: Table) -> Path:
    """Return the file of a table in a run folder; DataError where it has none."""
    path = find_table(run, table)
    if path is None:
        fault = Fault(f"has no table {table.name}", "name a complete run, or the file", str(run))
        raise DataError([fault])
    return path


def settings_file(run: Path) -> Path | None:
    """Return the configuration that a run was made with, None where the folder has none, or several."""
    found = sorted(run.glob("*.toml")) if run.is_dir() else []
    return found[0] if len(found) == 1 else None


def run_before(run: Path) -> Path | None:
    """Return the run that was published before a run of `wfm nightly`, by the order of their names."""
    own = run.resolve()
    if not RUN_NAME.fullmatch(own.name):
        return None
    earlier = (one for one in own.parent.iterdir() if RUN_NAME.fullmatch(one.name) and one.name < own.name)
    return max(earlier, default=None)

"""Where the tables of a run folder lie, for commands that read some of them only; its manifest."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wfm.errors import DataError, Fault
from wfm.io.run_folder import ENDINGS
from wfm.tables import Table

MANIFEST = "manifest.json"
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


def read_manifest(run: Path | None) -> Mapping[str, Any]:
    """Return the manifest of a run; an empty one where there is none that can be read."""
    if run is None:
        return {}
    try:
        found = json.loads((run / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def run_before(run: Path) -> Path | None:
    """Return the run that was published before a run of `wfm nightly`: the one that its manifest names.

    None where that was removed since. Without a manifest that says so, the last one with a lesser name.
    """
    own = run.resolve()
    if not RUN_NAME.fullmatch(own.name):
        return None
    manifest = read_manifest(own)
    if "previous" in manifest:
        named = str(manifest["previous"] or "")
        before = own.parent / named
        return before if RUN_NAME.fullmatch(named) and before.is_dir() else None
    earlier = (one for one in own.parent.iterdir() if RUN_NAME.fullmatch(one.name) and one.name < own.name)
    return max(earlier, default=None)

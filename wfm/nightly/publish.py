"""Run folders: their names, their publication as `current`, and which are kept."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd

from wfm.errors import OutputError

CURRENT = "current"
PART = ".part"


def new_run_id(runs: Path, as_of: pd.Timestamp) -> str:
    """Return a name that no run has had: the moment planned from, then a number above all that are there."""
    stem = as_of.strftime("%Y%m%dT%H%MZ")
    numbers = [path.name.rpartition("-")[2] for path in runs.glob(f"{stem}-*")]
    last = max((int(number) for number in numbers if number.isdecimal()), default=0)
    return f"{stem}-{last + 1:03d}"


def new_part(runs: Path, run_id: str) -> Path:
    """Return an empty hidden folder to build a run in; those that killed nights left behind are removed."""
    for left in runs.glob(f".*{PART}"):
        shutil.rmtree(left)
    part = runs / f".{run_id}{PART}"
    try:
        part.mkdir()
    except OSError as error:
        raise OutputError(f"{part} cannot be made: {error.strerror}", hint="check [outputs] runs") from error
    return part


def publish(part: Path, runs: Path, run_id: str) -> Path:
    """Give the finished folder its name and point `current` at it; a reader never sees a half-made plan."""
    folder = runs / run_id
    try:
        part.rename(folder)
        link = runs / f".{CURRENT}.new"
        link.unlink(missing_ok=True)
        link.symlink_to(run_id, target_is_directory=True)
        link.replace(runs / CURRENT)
    except OSError as error:
        hint = "the plan published before still stands"
        raise OutputError(f"{folder} cannot be published: {error.strerror}", hint=hint) from error
    return folder


def drop_old(runs: Path, keep: int) -> None:
    """Remove the oldest run folders beyond `keep`, never the published one."""
    current = (runs / CURRENT).resolve()
    folders = [p for p in runs.iterdir() if p.is_dir() and not p.is_symlink() and not p.name.startswith(".")]
    for folder in sorted(folders, key=lambda p: p.stat().st_mtime)[: max(0, len(folders) - keep)]:
        if folder.resolve() != current:
            shutil.rmtree(folder)

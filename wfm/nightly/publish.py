"""Run folders: their names, their publication as `current`, and which are kept.

Nothing here asks the clock: it may have been set back.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from wfm.errors import OutputError
from wfm.io.run_paths import RUN_NAME, read_manifest
from wfm.nightly.manifest import is_whole

CURRENT = "current"
PART = ".part"


def current_run(runs: Path) -> Path | None:
    """Return the folder of the published run, None without one."""
    link = runs / CURRENT
    return link.resolve() if link.exists() else None


def new_run_id(runs: Path, as_of: pd.Timestamp) -> str:
    """Return a name that no run has had: the moment planned from, then a number above all that are there."""
    stem = as_of.strftime("%Y%m%dT%H%MZ")
    numbers = [path.name.rpartition("-")[2] for path in runs.glob(f"{stem}-*")]
    last = max((int(number) for number in numbers if number.isdecimal()), default=0)
    return f"{stem}-{last + 1:03d}"


def clear_parts(runs: Path) -> None:
    """Remove what killed nights left behind half-made."""
    for left in runs.glob(f".*{PART}"):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


def new_part(runs: Path, run_id: str) -> Path:
    """Return an empty hidden folder to build a run in."""
    part = runs / f".{run_id}{PART}"
    try:
        part.mkdir()
    except OSError as error:
        raise OutputError(f"{part} cannot be made: {error.strerror}", hint="check [outputs] runs") from error
    return part


def unpublished(runs: Path, identity: str, previous: str | None) -> Path | None:
    """Return the whole run made from just this that a night left, killed before the last step."""
    current = current_run(runs)
    for folder in run_folders(runs):
        manifest = read_manifest(folder)
        if folder.resolve() == current or manifest.get("stale"):
            continue
        if (manifest.get("identity"), manifest.get("previous")) == (identity, previous) and is_whole(folder):
            return folder
    return None


def finish(part: Path, runs: Path, run_id: str) -> Path:
    """Give the finished folder its name, once all of it is on the disk."""
    folder = runs / run_id
    try:
        for place in (part, *(inner for inner in part.rglob("*") if inner.is_dir())):
            _on_disk(place)
        part.rename(folder)
        _on_disk(runs)
    except OSError as error:
        raise _not_published(folder, error) from error
    return folder


def publish(folder: Path) -> None:
    """Point `current` at a run by one rename: a reader sees the plan before or this one, never half of it."""
    runs = folder.parent
    try:
        link = runs / f".{CURRENT}.new"
        link.unlink(missing_ok=True)
        link.symlink_to(folder.name, target_is_directory=True)
        link.replace(runs / CURRENT)
        _on_disk(runs)
    except OSError as error:
        raise _not_published(folder, error) from error


def run_folders(runs: Path) -> list[Path]:
    """Return the run folders by name."""
    return sorted(path for path in runs.iterdir() if RUN_NAME.fullmatch(path.name) and path.is_dir())


def drop_old(runs: Path, keep: int, published: Sequence[str]) -> None:
    """Remove the run folders beyond `keep`, those `published` longest ago first, never the current one."""
    age = {name: number for number, name in enumerate(published)}
    current = current_run(runs)
    folders = sorted(run_folders(runs), key=lambda folder: (age.get(folder.name, -1), folder.name))
    for folder in folders[: max(0, len(folders) - keep)]:
        if folder != current and folder.resolve() != current:
            shutil.rmtree(folder)


def _on_disk(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _not_published(folder: Path, error: OSError) -> OutputError:
    hint = "the plan published before still stands"
    return OutputError(f"{folder} cannot be published: {error.strerror}", hint=hint)

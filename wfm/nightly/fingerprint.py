"""What a result depends on, as one short text: equal inputs, settings and code give equal fingerprints."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any
from zoneinfo import TZPATH

import pandas as pd

from wfm.config import Config
from wfm.pipeline.cut import Cut

LIBRARIES = (  # that shape a file of a run: its tables, its page, its exports; what reads its inputs
    *("pandas", "numpy", "scipy", "statsmodels", "ortools", "numba", "duckdb", "pyarrow", "lightgbm"),
    *("holidays", "tzdata", "python-calamine", "jinja2", "xlsxwriter", "icalendar"),
)
ZONES = "tzdata.zi"  # its first line is `# version 2026a`
NEVER_MATTERS = ("inputs", "outputs", "nightly", "compute")  # sections that change no result of a stage
_MATTERS = {  # to these stages only these sections do; to others all the rest
    "import": {"centre", "queues", "import_"},
    "forecast": {"centre", "queues", "forecast", "import_"},
    "staff": {"centre", "queues", "staffing", "skill_groups"},
}


def fingerprint(stage: str, *things: Any) -> str:
    """Return the fingerprint of what a stage is done with (tables, settings, plain values) and its code."""
    digest = hashlib.sha256(f"{stage} {code_version()}".encode())
    for thing in things:
        _add(digest, thing, stage)
    return digest.hexdigest()[:32]


@cache
def code_version() -> str:
    """Return the fingerprint of this program's source and of the libraries that results come from."""
    digest = hashlib.sha256()
    for name, text in sorted(_sources(files("wfm"), "")):
        digest.update(name.encode() + b"\0" + text)
    digest.update(sys.version.encode())
    for library, number in library_versions().items():
        digest.update(f"{library} {number}\n".encode())
    return digest.hexdigest()[:16]


@cache
def library_versions() -> Mapping[str, str]:
    """Return the versions of the libraries that results come from, and of the machine's time zones.

    Those that are not installed (extras) are left out. Where the machine has time zones of its own, they are
    what is used, not those of `tzdata`.
    """
    found = {}
    for library in LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            continue
    zones = next((place for place in map(Path, TZPATH) if (place / ZONES).is_file()), None)
    if zones is not None:
        with (zones / ZONES).open(encoding="utf-8") as file:
            found["time zones"] = file.readline().removeprefix("# version").strip()
    return found


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes; of a folder, of the names and bytes of all its files."""
    if path.is_dir():
        digest = hashlib.sha256()
        for inner in sorted(one for one in path.rglob("*") if one.is_file()):
            digest.update(f"{inner.relative_to(path)} {file_digest(inner)}\n".encode())
        return digest.hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sources(folder: Traversable, place: str) -> Sequence[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in folder.iterdir():
        name = f"{place}/{entry.name}"
        if entry.is_dir():
            found += _sources(entry, name)
        elif not entry.name.endswith((".pyc", ".nbi", ".nbc")):
            found.append((name, entry.read_bytes()))
    return found


def _add(digest: Any, thing: Any, stage: str) -> None:
    """Feed a thing to a digest, its kind first, so that 1 is not "1"."""
    digest.update(f"<{type(thing).__name__}>".encode())
    if isinstance(thing, Cut):
        _add(digest, thing.rows(), stage)
    elif isinstance(thing, pd.DataFrame):
        digest.update(f"{thing.shape}".encode())
        for name in thing.columns:
            digest.update(f"{name} {thing[name].dtype}".encode())
            digest.update(pd.util.hash_pandas_object(thing[name], index=False).to_numpy().tobytes())
    elif isinstance(thing, Config):
        digest.update(_settings(thing, stage).encode())
    elif thing is None or isinstance(thing, str | int | float | bool | date | pd.Timestamp):
        digest.update(repr(thing).encode())
    else:
        parts = _parts_of(thing)
        digest.update(f"{len(parts)}:".encode())  # so that (("a",), "b") is not (("a", "b"),)
        for part in parts:
            _add(digest, part, stage)


def _parts_of(thing: Any) -> Sequence[Any]:
    if is_dataclass(thing):
        return [part for field in fields(thing) for part in (field.name, getattr(thing, field.name))]
    if isinstance(thing, Mapping):
        return [part for pair in thing.items() for part in pair]
    if isinstance(thing, list | tuple):
        return thing
    raise TypeError(f"no fingerprint of {type(thing).__name__}")


def _settings(config: Config, stage: str) -> str:
    sections = json.loads(config.model_dump_json())
    wanted = _MATTERS.get(stage)
    kept = {
        name: value
        for name, value in sections.items()
        if name not in NEVER_MATTERS and (wanted is None or name in wanted)
    }
    return json.dumps(kept, sort_keys=True)

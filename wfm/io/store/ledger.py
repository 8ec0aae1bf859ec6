"""What has been imported into a store: one line per file, in the order that decides where files overlap."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from wfm.config import Config
from wfm.errors import ConfigError, DataError, Fault
from wfm.io.atomic import write_text
from wfm.io.source import Source
from wfm.io.store.keys import hashed

FORMAT = 1
_NAME = "imports.json"
_BLOCK = 1 << 22
_PROBE = "wfm store"
_NOT_OF_ROWS = {"memory_limit_mb", "max_bad_ratio", "final_newline"}  # which files are taken, not how


@dataclass(frozen=True)
class Entry:
    """One imported file: its name and bytes, the settings it was read with, and what came of its rows.

    `order` counts up; of files that overlap the one with the greatest holds. `table` is contacts or history,
    `interval_min` the length of an export's intervals (0: unknown). `rows_replaced` are those of earlier
    files, `first` and `last` the span of its rows (UTC; empty without any).
    """

    order: int
    name: str
    sha256: str
    settings: str
    table: str
    interval_min: int = 0
    rows_read: int = 0
    rows_kept: int = 0
    rows_quarantined: int = 0
    rows_duplicate: int = 0
    rows_replaced: int = 0
    first: str = ""
    last: str = ""

    @property
    def span(self) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
        """First and last instant, or nothing."""
        return [(pd.Timestamp(self.first), pd.Timestamp(self.last))] if self.first else []


@dataclass(frozen=True)
class Ledger:
    """The entries of a store, and what its key is checked with."""

    entries: tuple[Entry, ...]
    key_check: str

    def known(self, sha256: str, settings: str) -> Entry | None:
        """Return the entry of the same bytes read with the same settings, if there is one."""
        found = [entry for entry in self.entries if (entry.sha256, entry.settings) == (sha256, settings)]
        return found[-1] if found else None


def read_ledger(folder: Path, key: bytes) -> Ledger:
    """Return the ledger of a store, an empty one if there is none yet.

    Raises ConfigError for another key than the one the store was made with, DataError for a damaged ledger.
    """
    path, check = folder / _NAME, hashed(key, _PROBE)
    if not path.exists():
        return Ledger((), check)
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        ledger = Ledger(tuple(Entry(**entry) for entry in document["imports"]), document["key_check"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        fault = Fault(f"cannot be read: {error}", "restore it from a backup, or import into a new store")
        raise DataError([fault], source=str(path)) from error
    if ledger.key_check != check:
        problem = "the store was made with another WFM_ID_KEY: the same contact would be taken for two"
        raise ConfigError([Fault(problem, "export the key that it was made with")], source=str(folder))
    return ledger


def write_ledger(folder: Path, ledger: Ledger) -> None:
    """Write the ledger atomically."""
    document = {
        "format": FORMAT,
        "key_check": ledger.key_check,
        "imports": [asdict(entry) for entry in ledger.entries],
    }
    write_text(folder / _NAME, json.dumps(document, indent=1) + "\n")


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file, or of the names and files of a folder."""
    total = hashlib.sha256()
    for file in sorted(path.rglob("*.parquet")) if path.is_dir() else [path]:
        if path.is_dir():
            total.update(file.relative_to(path).as_posix().encode() + b"\0")
        for block in _blocks(file):
            total.update(block)
    return total.hexdigest()


def settings_of(known: Mapping[str, Source], config: Config) -> str:
    """Return a digest of everything else that decides how the rows of a file are read."""
    said = {
        "sources": {name: source.model_dump(mode="json", by_alias=True) for name, source in known.items()},
        "import": config.import_.model_dump(mode="json", exclude=_NOT_OF_ROWS),
        "zones": dict(config.queue_zones),
        "format": FORMAT,
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


def spans_of(entries: Sequence[Entry], table: str) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
    """Return the spans of the imported files of one kind."""
    return [span for entry in entries if entry.table == table for span in entry.span]


def _blocks(file: Path) -> Iterator[bytes]:
    try:
        with file.open("rb") as opened:
            while block := opened.read(_BLOCK):
                yield block
    except OSError as error:
        fault = Fault(f"cannot be read: {error.strerror}", "check the path and the permissions", str(file))
        raise DataError([fault]) from error

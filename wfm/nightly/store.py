"""Results of stages on disk, by the fingerprint of what they depend on: nothing is computed twice.

A result is a folder of Parquet files and one JSON file, renamed when it is complete. What is read back is
used in every case, so that a night that goes on after a crash gives the same bytes as one that ran through.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from wfm.errors import OutputError
from wfm.io.atomic import replacing, write_text
from wfm.nightly.results import Packed, packed, unpacked

FACTS = "facts.json"
PART = ".part"
ROWS_OF_A_GROUP = 1 << 18


@dataclass
class Store:
    """The results kept in `folder`; those that were asked for or made since it was opened are `used`."""

    folder: Path
    used: set[str] = field(default_factory=set)
    writable: bool = True  # else results are passed through, and nothing is written

    def get(self, key: str) -> Any | None:
        """Return the result of a key, None where there is none, or one that cannot be read."""
        place = self.folder / key
        try:
            facts = json.loads((place / FACTS).read_text(encoding="utf-8"))
            tables = {path.stem: _read(path) for path in sorted(place.glob("*.parquet"))}
            ordered = {name: tables[name] for name in facts["tables"]}
            result = unpacked(facts["kind"], Packed(ordered, facts["facts"]))
        except (OSError, ValueError, KeyError, TypeError, pa.ArrowException):
            return None  # made again: nobody has lost anything
        self.used.add(key)
        return result

    def put(self, key: str, result: Any) -> Any:
        """Keep a result, and return it as it is read back; OutputError when it cannot be written."""
        if not self.writable:
            return result
        parts, kind = packed(result), type(result).__name__
        del result  # a large history is not twice in memory, if the caller keeps none
        part = self.folder / f"{key}{PART}"
        try:
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(parents=True)
            self._write(part, parts, kind)
            del parts
            shutil.rmtree(self.folder / key, ignore_errors=True)
            part.rename(self.folder / key)
        except OSError as error:
            message = f"{self.folder} cannot be written: {error.strerror}"
            raise OutputError(message, hint="free some space, or check the permissions") from error
        finally:
            shutil.rmtree(part, ignore_errors=True)
        kept = self.get(key)
        if kept is None:
            raise OutputError(f"{self.folder / key} cannot be read back", hint="check the disk")
        return kept

    def clear_parts(self) -> None:
        """Remove what killed nights left behind half-made."""
        for left in self.folder.glob(f"*{PART}"):
            shutil.rmtree(left, ignore_errors=True)

    def tidy(self) -> None:
        """Remove every result that was not used."""
        for place in self.folder.iterdir() if self.folder.is_dir() else ():
            if place.name not in self.used:
                shutil.rmtree(place, ignore_errors=True)

    def _write(self, part: Path, parts: Packed, kind: str) -> None:
        for name, frame in parts.tables.items():
            with replacing(part / f"{name}.parquet") as file:
                _write(frame, file)
        document: Mapping[str, Any] = {"kind": kind, "tables": list(parts.tables), "facts": parts.facts}
        write_text(part / FACTS, json.dumps(document, ensure_ascii=False))


def _read(path: Path) -> pd.DataFrame:
    """Return a table, each column of which is freed as soon as pandas has it."""
    frame: pd.DataFrame = pq.read_table(path).to_pandas(split_blocks=True, self_destruct=True)
    return frame


def _write(frame: pd.DataFrame, path: Path) -> None:
    """Write a table group by group of rows, so that no second whole one is in memory."""
    schema = pa.Schema.from_pandas(frame, preserve_index=False)
    with pq.ParquetWriter(path, schema) as writer:
        for begin in range(0, max(len(frame), 1), ROWS_OF_A_GROUP):
            rows = frame.iloc[begin : begin + ROWS_OF_A_GROUP]
            writer.write_table(pa.Table.from_pandas(rows, schema, preserve_index=False))

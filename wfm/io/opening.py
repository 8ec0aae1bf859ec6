"""Every file of an import opened by its own reader, with the source of the mapping that describes it.

The kind of a file is seen from its first bytes, not from its name: Parquet, a workbook, JSON, else CSV. A
file that may be cut is refused. Logs of events are joined to legs here, so that whatever comes after sees
contacts or intervals alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from wfm.errors import ConfigError, DataError
from wfm.io.ending import FinalNewline, of_whole_files, whole
from wfm.io.events import REFUSED, join
from wfm.io.excel import excel_scan, is_workbook
from wfm.io.json_lines import is_json, json_scan
from wfm.io.matching import fitting
from wfm.io.scan import Scan, scan
from wfm.io.sniff import head_of, is_parquet
from wfm.io.source import Source


@dataclass(frozen=True)
class Opened:
    """One source and scan per file, in the order of the files; lines refused already, and notes for the user.

    `refused` (file, record, column, value, reason) and `notes` are those of event logs.
    """

    parts: tuple[tuple[Source, Scan], ...]
    refused: pd.DataFrame
    notes: tuple[str, ...]


def opened(
    connection: duckdb.DuckDBPyConnection,
    paths: Sequence[Path],
    known: Mapping[str, Source],
    folder: Path,
    final_newline: FinalNewline = "required",
) -> Opened:
    """Return how to read each of `paths` with the `known` sources; `folder` is for temporary files.

    Raises DataError for a file that is no table, CutFile naming all files that may be cut, ConfigError if no
    source fits one.
    """
    reader = _Reader(connection, known, folder, final_newline)
    parts = of_whole_files(paths, reader.fitted)
    refused: list[pd.DataFrame] = [pd.DataFrame(columns=REFUSED)]
    notes: list[str] = []
    logs = [place for place, (source, _) in enumerate(parts) if source.grain == "event"]
    while logs:
        source = parts[logs[0]][0]
        places = [place for place in logs if parts[place][0] == source]
        logs = [place for place in logs if place not in places]
        legs = join(connection, [parts[place] for place in places], folder)
        for place, part in zip(places, legs.parts, strict=True):
            parts[place] = part
        refused.append(legs.refused)
        notes += legs.notes
    return Opened(tuple(parts), pd.concat(refused), tuple(notes))


@dataclass(frozen=True)
class _Reader:
    """What is the same for every file."""

    connection: duckdb.DuckDBPyConnection
    known: Mapping[str, Source]
    folder: Path
    final_newline: FinalNewline

    def fitted(self, path: Path) -> tuple[Source, Scan]:
        """Return the source that a file is, and its scan."""
        nameless = {name: source for name, source in self.known.items() if source.header}
        named = {name: source for name, source in self.known.items() if not source.header}
        if not nameless or is_parquet(path):
            return fitting(self.known, whole(self._scanned(path, self.known), self.final_newline))
        try:
            if named:  # a file with a header that one of them knows is not one without header
                return fitting(named, whole(self._scanned(path, named), self.final_newline))
        except (ConfigError, DataError):
            pass
        source = next(iter(nameless.values()))
        lines = scan(self.connection, path, self.folder, source.header, source.delimiter)
        return fitting(nameless, whole(lines, self.final_newline))

    def _scanned(self, path: Path, known: Mapping[str, Source]) -> Scan:
        if is_parquet(path):
            return scan(self.connection, path, self.folder)
        head = head_of(path)
        if is_workbook(head):
            return excel_scan(self.connection, path, [source.sheet for source in known.values()], self.folder)
        if is_json(head):
            wanted = dict.fromkeys(header for source in known.values() for header in source.headers)
            return json_scan(self.connection, path, wanted)
        return scan(self.connection, path, self.folder)

"""Every file of an import opened by its own reader, with the source of the mapping that describes it.

The kind of a file is seen from its first bytes, not from its name: Parquet, a workbook, JSON, else CSV. Logs
of events are joined to legs here, so that whatever comes after sees contacts or intervals alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from wfm.errors import ConfigError, DataError
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
    connection: duckdb.DuckDBPyConnection, paths: Sequence[Path], known: Mapping[str, Source], folder: Path
) -> Opened:
    """Return how to read each of `paths` with the `known` sources; `folder` is for temporary files.

    Raises DataError for a file that is no table, ConfigError if no source fits it.
    """
    parts = [_fitted(connection, path, known, folder) for path in paths]
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


def _fitted(
    connection: duckdb.DuckDBPyConnection, path: Path, known: Mapping[str, Source], folder: Path
) -> tuple[Source, Scan]:
    nameless = {name: source for name, source in known.items() if source.header}
    named = {name: source for name, source in known.items() if not source.header}
    if not nameless or is_parquet(path):
        return fitting(known, _scanned(connection, path, known, folder))
    try:
        if named:  # a file with a header that one of them knows is not one without header
            return fitting(named, _scanned(connection, path, named, folder))
    except (ConfigError, DataError):
        pass
    source = next(iter(nameless.values()))
    return fitting(nameless, scan(connection, path, folder, source.header, source.delimiter))


def _scanned(
    connection: duckdb.DuckDBPyConnection, path: Path, known: Mapping[str, Source], folder: Path
) -> Scan:
    if is_parquet(path):
        return scan(connection, path, folder)
    head = head_of(path)
    if is_workbook(head):
        return excel_scan(connection, path, [source.sheet for source in known.values()], folder)
    if is_json(head):
        wanted = dict.fromkeys(header for source in known.values() for header in source.headers)
        return json_scan(connection, path, wanted)
    return scan(connection, path, folder)

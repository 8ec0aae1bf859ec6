"""How well each preset, and our own tables, fit a sample: by its headers, then by reading its rows.

Confidence = (headers found exactly + 0.9 x those found without regard to case and blanks) / headers wanted
x share of the rows that read without fault. Wanted are those that the preset needs, and the optional ones
that the file has. Where a needed header is missing no row is read, and the headers count half.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from wfm.errors import ConfigError, DataError
from wfm.io.guess.reading import Reading, read_sample, texts_of
from wfm.io.guess.time_formats import time_formats
from wfm.io.mapping import load_preset, preset_names
from wfm.io.matching import fitting
from wfm.io.scan import Scan, scan
from wfm.io.source import Source, canonical
from wfm.tables import CONTACTS, HISTORY

LOOSE_WORTH = 0.9  # of a header that is only spelt otherwise
UNREAD_WORTH = 0.5  # of headers where one that is needed is missing
LEAST = 0.5  # confidence below which nothing is said to fit
_CLOCK_UNITS = ("h:mm:ss", "s")


@dataclass(frozen=True)
class Fit:
    """How a source fits: headers found exactly, loosely and wanted; what its rows gave, if they were read.

    `changes` are keys of the source that differ from the preset's because the file writes them otherwise.
    """

    name: str
    source: Source
    exact: int
    loose: int
    wanted: int
    reading: Reading | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)
    formats: tuple[str, ...] = ()

    @property
    def headers_share(self) -> float:
        """Weighted share of the wanted headers that the file has."""
        return (self.exact + LOOSE_WORTH * self.loose) / self.wanted if self.wanted else 0.0

    @property
    def confidence(self) -> float:
        """From 0 to 1, see the module."""
        if self.reading is None:
            return self.headers_share * UNREAD_WORTH
        return self.headers_share * self.reading.share

    @property
    def is_guess(self) -> bool:
        """Whether its rows were read, and it is likely enough to be named."""
        return self.reading is not None and self.confidence >= LEAST

    @property
    def is_canonical(self) -> bool:
        """Whether the file has the columns of our own tables."""
        return self.name in (CONTACTS.name, HISTORY.name)


def known_sources() -> dict[str, Source]:
    """Return every preset by its name, and our own tables by theirs."""
    own = {table.name: canonical(table, tuple(table.names)) for table in (HISTORY, CONTACTS)}
    optional = {
        name: tuple(column.name for column in table.columns if column.optional)
        for name, table in ((HISTORY.name, HISTORY), (CONTACTS.name, CONTACTS))
    }
    ours = {name: source.model_copy(update={"optional": optional[name]}) for name, source in own.items()}
    return {name: load_preset(name)[name] for name in preset_names()} | ours


def fits(
    connection: duckdb.DuckDBPyConnection,
    known: Mapping[str, Source],
    found: Scan | None,
    path: Path,
    folder: Path,
) -> list[Fit]:
    """Return how every source fits, best first; `found` is None for a file without usable header."""
    every = [_fit(connection, name, source, found, path, folder) for name, source in known.items()]
    return sorted(every, key=lambda fit: (-fit.confidence, -fit.wanted, fit.name))


def _fit(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    source: Source,
    found: Scan | None,
    path: Path,
    folder: Path,
) -> Fit:
    if not source.header:
        empty = Fit(name, source, 0, 0, len(source.headers))
        return empty if found is None else _named(connection, name, source, found, folder)
    try:  # a file without header fits by its events alone
        _, lines = fitting({name: source}, scan(connection, path, folder, source.header, source.delimiter))
        reading = read_sample(connection, source, lines, folder, "sample_rows")
    except (ConfigError, DataError):
        return Fit(name, source, 0, 0, len(source.headers))
    return Fit(name, source, len(source.headers), 0, len(source.headers), reading)


def _named(
    connection: duckdb.DuckDBPyConnection, name: str, source: Source, found: Scan, folder: Path
) -> Fit:
    loosely = {_loosely(header) for header in found.numbers}
    exact = [header for header in source.headers if header in found.numbers]
    loose = [name for name in source.headers if name not in exact and _loosely(name) in loosely]
    missing = [name for name in source.headers if name not in (*exact, *loose, *source.optional)]
    fit = Fit(name, source, len(exact), len(loose), len(exact) + len(loose) + len(missing))
    readings = [] if missing else list(_readings(connection, source, found, folder))
    if not readings:
        return fit
    changes, formats, reading = max(readings, key=lambda each: each[2].share)
    return Fit(name, source, len(exact), len(loose), fit.wanted, reading, changes, formats)


def _readings(
    connection: duckdb.DuckDBPyConnection, source: Source, found: Scan, folder: Path
) -> Iterator[tuple[dict[str, Any], tuple[str, ...], Reading]]:
    """Yield what the source reads, and, where rows fail by their times or durations, what others read."""
    formats: tuple[str, ...] = ()
    changes: dict[str, Any] = {}
    best = -1.0
    for _ in range(3):  # as it is, with another time format, with another unit
        try:
            own, spelt = fitting({"": source.model_copy(update=changes)}, found)
            reading = read_sample(connection, own, spelt, folder, "sample_rows")
        except (ConfigError, DataError):
            return
        if reading.share <= best:
            return
        best = reading.share
        yield dict(changes), formats, reading
        faulty = set(reading.refused["column"].dropna())
        if best >= LEAST or not faulty:
            return
        if faulty & {"arrived_at", "interval_start"} and "time_format" not in changes:
            formats = tuple(time_formats(texts_of(connection, spelt, _time_headers(own))))
            if not formats:
                return
            changes["time_format"] = formats[0]
        elif faulty & {"wait_s", "talk_s", "hold_s", "acw_s", "aht_s"} and isinstance(source.duration, str):
            changes["duration"] = _CLOCK_UNITS[source.duration == _CLOCK_UNITS[0]]


def _time_headers(source: Source) -> tuple[str, ...]:
    name = "interval_start" if source.grain == "interval" else "arrived_at"
    form = source.derive.get(name)
    return (form.at,) if form is not None and form.at else source.headers_of(name)


def _loosely(name: str) -> str:
    return "".join(name.casefold().split())

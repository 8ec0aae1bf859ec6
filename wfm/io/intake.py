"""`wfm import`: logs of single contacts and interval exports, of any origin, to one history.

Every data row of every file ends in exactly one place: kept, refused (the quarantine, with the reason), or a
duplicate; rows that a mapping excludes on purpose are counted apart, before that sum. docs/import.md tells
the user.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from wfm.config import Config
from wfm.conform import empty
from wfm.errors import ConfigError, Fault, UsageError, count_of
from wfm.io.absent import Span, joined, with_zeros
from wfm.io.contacts import Repeated, arrivals, contacts_table, pool
from wfm.io.intervals import interval_rows, on_grid
from wfm.io.mapping import HINT, Source, load_mapping, load_preset
from wfm.io.opening import opened
from wfm.io.quarantine import TooManyBadRows, quarantined
from wfm.io.rows import Rows
from wfm.io.scan import Scan
from wfm.io.wall_clock import ZoneRule
from wfm.localtime import zone
from wfm.tables import CONTACTS, HISTORY

MOST_PAIRS = 5  # of files that overlap, in a warning


@dataclass(frozen=True)
class Intake:
    """What came of an import. rows_read = rows_kept + rows_quarantined + rows_duplicate.

    `contacts` is CONTACTS, or None unless it was asked for and a source had contacts; `warnings` are for the
    user to read.
    """

    history: pd.DataFrame
    contacts: pd.DataFrame | None
    quarantine: pd.DataFrame
    rows_read: int
    rows_kept: int
    rows_quarantined: int
    rows_duplicate: int
    rows_excluded: int
    warnings: tuple[str, ...]
    timezone: str = "UTC"

    def summary(self) -> dict[str, Any]:
        """Return the figures of `wfm import --json`; first and last are starts in the centre's time."""
        starts = self.history["interval_start"]
        ends = [starts.min(), starts.max()] if len(starts) else []
        first, last = [moment.tz_convert(zone(self.timezone)).isoformat() for moment in ends] or [None, None]
        return {
            "rows_read": self.rows_read,
            "rows_kept": self.rows_kept,
            "rows_quarantined": self.rows_quarantined,
            "rows_duplicate": self.rows_duplicate,
            "rows_excluded": self.rows_excluded,
            "offered": float(self.history["offered"].sum()),
            "intervals": len(self.history),
            "queues": sorted(self.history["queue"].unique()),
            "first": first,
            "last": last,
            "warnings": list(self.warnings),
        }


def take_in(
    sources: Sequence[Path],
    config: Config,
    *,
    preset: str | None = None,
    mapping: Path | None = None,
    max_bad_ratio: float | None = None,
    keep_contacts: bool = False,
) -> Intake:
    """Return the history of all `sources`, in their order, with what was refused and why.

    Without preset and mapping the files must have the columns of `contacts` or `history`. Raises ConfigError
    for a mapping that is wrong or does not fit a file, DataError for a file that is no table, and
    TooManyBadRows, which carries the quarantine, when more than `max_bad_ratio` (default: `[import]`) of all
    rows were refused.
    """
    known = known_sources(sources, config, preset, mapping)
    with (
        tempfile.TemporaryDirectory(prefix="wfm-import-") as folder,
        engine(config, Path(folder)) as connection,
    ):
        read = read_all(connection, sources, known, config, Path(folder), in_full=keep_contacts)
        allowed = config.import_.max_bad_ratio if max_bad_ratio is None else max_bad_ratio
        read.check(allowed)
        history, repeated = history_of(connection, read.rows, config)
        contacts = contacts_table(connection, read.logs) if keep_contacts and read.logs else None
        return Intake(
            history=history,
            contacts=contacts,
            quarantine=read.quarantine,
            rows_read=read.count,
            rows_kept=read.count - len(read.quarantine) - repeated.total,
            rows_quarantined=len(read.quarantine),
            rows_duplicate=repeated.total,
            rows_excluded=sum(read.excluded.values()),
            warnings=(*read.warnings(repeated), *fractions(history)),
            timezone=config.centre.timezone,
        )


@dataclass(frozen=True)
class Read:
    """The sources of an import as checked rows, and what was refused."""

    rows: tuple[Rows, ...]
    quarantine: pd.DataFrame
    count: int
    excluded: Mapping[str, int]
    notes: tuple[str, ...]

    @property
    def logs(self) -> list[Rows]:
        """The logs of contacts."""
        return [rows for rows in self.rows if rows.source.table is CONTACTS]

    @property
    def exports(self) -> list[Rows]:
        """The interval exports."""
        return [rows for rows in self.rows if rows.source.table is HISTORY]

    def check(self, max_bad_ratio: float) -> None:
        """Raise TooManyBadRows, which carries the quarantine, when too large a share was refused."""
        if len(self.quarantine) > max_bad_ratio * self.count:
            raise TooManyBadRows(self.quarantine, self.count, max_bad_ratio)

    def warnings(self, repeated: Repeated) -> tuple[str, ...]:
        """Return what the user must know."""
        return (*self.notes, *_warnings(self.rows, repeated, self.excluded, self.count))


def read_all(
    connection: duckdb.DuckDBPyConnection,
    sources: Sequence[Path],
    known: Mapping[str, Source],
    config: Config,
    folder: Path,
    *,
    in_full: bool,
) -> Read:
    """Return every source as checked rows; `in_full` keeps all columns of contacts. Raises as `take_in`."""
    files = opened(connection, sources, known, folder, config.import_.final_newline)
    rows = tuple(
        _load(connection, f"rows{number}", part, config, in_full=in_full)
        for number, part in enumerate(files.parts)
    )
    quarantine = quarantined(pd.concat([files.refused, *(part.refused() for part in rows)]))
    count = sum(part.count() for part in rows) + len(files.refused)
    return Read(rows, quarantine, count, _added(part.excluded() for part in rows), files.notes)


def known_sources(
    sources: Sequence[Path], config: Config, preset: str | None, mapping: Path | None
) -> Mapping[str, Source]:
    """Return the sources of the preset or mapping, none for canonical columns; raises as `take_in`."""
    if not sources:
        raise UsageError("no file to import", hint="name one or more files")
    if preset is not None and mapping is not None:
        raise UsageError(
            "--preset and --mapping exclude each other", hint="a preset is a mapping of ours: name one"
        )
    if not config.queues:
        raise ConfigError([Fault("no queue is configured", "add [queues.NAME] to wfm.toml", column="queues")])
    known = (
        load_mapping(mapping) if mapping is not None else load_preset(preset) if preset is not None else {}
    )
    faults = [
        Fault(
            "no such queue in wfm.toml",
            f"one of {', '.join(config.queues)}",
            "",
            None,
            f"source.{name}",
            queue,
        )
        for name, source in known.items()
        if (queue := str(source.constants.get("queue", ""))) and queue not in config.queues
    ]
    if faults:
        raise ConfigError(faults, source=str(mapping or preset), hint=HINT)
    return known


def engine(config: Config, folder: Path) -> duckdb.DuckDBPyConnection:
    """Return an empty database in memory, which goes on in `folder` where memory ends."""
    settings: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": f"{config.import_.memory_limit_mb}MB",
        "temp_directory": str(folder),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    connection = duckdb.connect(":memory:", config=settings)
    connection.execute("SET TimeZone = 'UTC'")
    # a TRY_CAST that DuckDB moves into its CSV reader fails where it should be NULL (DuckDB 2.0.0)
    connection.execute("SET disabled_optimizers = 'type_pushdown'")
    return connection


def _load(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    part: tuple[Source, Scan],
    config: Config,
    *,
    in_full: bool,
) -> Rows:
    source, found = part
    zones = {queue: source.timezone or own for queue, own in config.queue_zones.items()}
    rule = ZoneRule(
        zones, source.ambiguous or config.import_.ambiguous, source.nonexistent or config.import_.nonexistent
    )
    return Rows(connection, name, found, source, rule).load(in_full=in_full)


def history_of(
    connection: duckdb.DuckDBPyConnection,
    loaded: Sequence[Rows],
    config: Config,
    spans: Mapping[str, Sequence[Span]] | None = None,
) -> tuple[pd.DataFrame, Repeated]:
    """Return HISTORY of every source, and the rows that came again; contacts beat an interval export.

    `spans` are the times that `contacts` and `history` cover, by default those of each source.
    """
    logs = [rows for rows in loaded if rows.source.table is CONTACTS]
    exports = [rows for rows in loaded if rows.source.table is HISTORY]
    given = spans or {
        CONTACTS.name: [span for rows in logs for span in rows.span("arrived_at")],
        HISTORY.name: [span for rows in exports for span in rows.span("interval_start")],
    }
    parts, repeated = [empty(HISTORY)], Repeated(0, 0)
    if logs:
        repeated = pool(connection, logs)
        contacts = on_grid(arrivals(connection, logs, config), config)
        if config.import_.absent != "missing":
            contacts = with_zeros(contacts, joined(given[CONTACTS.name]), config)
        parts.append(contacts)
    if exports:
        intervals, again = interval_rows(connection, exports, config)
        repeated += again
        history = on_grid(intervals, config)
        if config.import_.absent == "zero":
            history = with_zeros(history, joined(given[HISTORY.name]), config)
        parts.append(history)
    filled = [part for part in parts if len(part)] or parts[:1]
    if len(filled) == 1:
        return filled[0], repeated
    both = pd.concat(filled)
    every = both.drop_duplicates(list(HISTORY.key), keep="first")
    repeated += Repeated(0, 0, covered=len(both) - len(every))
    return every.sort_values(list(HISTORY.key), ignore_index=True), repeated


def fractions(history: pd.DataFrame) -> Iterator[str]:
    """Yield a warning if contacts are not whole: 1,234 written as `1.234` reads as little more than 1."""
    broken = history["offered"][history["offered"] % 1 > 0]
    if len(broken):
        text = (
            f"offered is not whole in {count_of(len(broken), 'interval')}, {broken.iloc[0]:.6g} in the first"
        )
        yield f"{text}: if that is a mark for thousands, give decimal and thousands in the mapping"


def _added(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    for part in counts:
        for reason, count in part.items():
            total[reason] = total.get(reason, 0) + count
    return total


def _warnings(
    loaded: Sequence[Rows], repeated: Repeated, excluded: Mapping[str, int], rows_read: int
) -> Iterator[str]:
    if rows_read == 0:
        yield "no row: the history is empty"
    for reason, count in excluded.items():
        yield f"{count_of(count, 'row')} left out: {reason}"
    if repeated.identical:
        yield f"{count_of(repeated.identical, 'row')} left out: the same row came again"
    if repeated.updated:
        yield f"{count_of(repeated.updated, 'row')} left out: a later row for the same key took their place"
    if repeated.covered:
        yield f"{count_of(repeated.covered, 'interval')} of exports left out: the logs of contacts hold there"
    if repeated.pairs:
        yield f"files overlap: {_overlaps(repeated.pairs)}"
    for rows in loaded:
        yield from (f"{rows.scan.path}: {note}" for note in (*rows.notes, *_notes(rows.source)))


def _overlaps(pairs: Sequence[tuple[str, str, int]]) -> str:
    """Return in words which file replaces rows of which other, the most first."""
    told = sorted(pairs, key=lambda pair: -pair[2])
    words = [f"{late} replaces {count_of(rows, 'row')} of {early}" for late, early, rows in told[:MOST_PAIRS]]
    more = len(told) - MOST_PAIRS
    return "; ".join([*words, *([f"and {more} more pairs of files"] if more > 0 else [])])


def _notes(source: Source) -> Iterator[str]:
    """Yield what a planner must know of a source's figures."""
    given = {*source.columns, *source.constants, *source.derive}
    if source.grain == "contact" and "talk_s" in given and "acw_s" not in given:
        yield "no after-contact work, counted as 0: if there is any, give acw_s as a constant"
    if source.grain == "contact" and not given & {"talk_s", "hold_s", "acw_s"}:
        yield "no handle times: aht_s is empty, [queues.X] aht_s is used"
    if source.attribution == "completion":
        yield "contacts are booked to the interval in which they ended, so peaks come late"

"""Logs of events to legs of calls: one row, as of a contact log, for each time that a call enters a queue.

All logs of one import are read together and put in order of time, so that a call may begin in one file and
end in the next. An event belongs to the latest visit of its call to its queue. A leg stands in the file, and
has the record number, of the event with which it entered; its contact_id is the call's id and the how manieth
visit of the call it is. What cannot be a leg is counted: a visit that may still go on where the log ends, an
end whose beginning is not in the log, a line that came twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pandas as pd

from wfm.errors import DataError, Fault, count_of
from wfm.io.cells import Cells, Reading, quoted
from wfm.io.event_legs import CALL_KINDS, legs_sql, order
from wfm.io.scan import Scan, scan
from wfm.io.source import Events, Source
from wfm.tables import CONTACTS, Column

REFUSED = ["file", "record", "column", "value", "reason"]
_AT = CONTACTS.column("arrived_at")
_TEXTS = ("event", "call", "entered", "agent", "reason")


@dataclass(frozen=True)
class Legs:
    """What became of event logs: a source and scan of legs per file, lines refused, and notes for the user.

    `refused` has file, record, column, value and reason.
    """

    parts: tuple[tuple[Source, Scan], ...]
    refused: pd.DataFrame
    notes: tuple[str, ...]


def join(connection: duckdb.DuckDBPyConnection, logs: Sequence[tuple[Source, Scan]], folder: Path) -> Legs:
    """Return the legs of event logs of one source, one part for each of `logs`, in their order.

    DataError when they have lines, and none has an event that the source knows: they are no such logs.
    """
    source = logs[0][0]
    events = source.events
    if events is None:
        message = "not an event log"
        raise TypeError(message)
    for place, (own, found) in enumerate(logs):
        into = "CREATE OR REPLACE TEMP TABLE event_lines AS" if place == 0 else "INSERT INTO event_lines"
        connection.execute(f"{into} {_lines_sql(own, events, found, place)}")
    _check_known(connection, [found for _, found in logs])
    order(connection)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE legs AS {legs_sql(events)}")
    parts = tuple(
        (_leg_source(source, events), _written(connection, found, place, folder))
        for place, (_, found) in enumerate(logs)
    )
    refused = _refused(connection, [found for _, found in logs], source)
    notes = tuple(_notes(connection, source, ", ".join(str(found.path) for _, found in logs)))
    for name in ("event_lines", "events", "legs"):
        connection.execute(f"DROP TABLE {name}")
    return Legs(parts, refused, notes)


def _check_known(connection: duckdb.DuckDBPyConnection, scans: Sequence[Scan]) -> None:
    lines, known = connection.execute("FROM event_lines SELECT count(*), count(kind)").fetchall()[0]
    if lines and not known:
        names = ", ".join(str(found.path) for found in scans)
        raise DataError(
            [Fault("none of its lines is an event of the mapping", "is it the right one?", names)]
        )


def _lines_sql(source: Source, events: Events, found: Scan, place: int) -> str:
    """Return SQL of the lines of one log: typed, each with its kind and with its fault, if it has one."""
    names = (events.event, events.call, events.queue, events.agent, events.reason)
    texts = {name: header for name, header in zip(_TEXTS, names, strict=True) if header}
    cells = Cells(
        source.model_copy(update={"columns": {**texts, "arrived_at": events.at}}), found.numbers, found.types
    )
    at = _read(cells, _AT)
    kinds = " ".join(
        f"WHEN {quoted(name)} THEN {quoted(kind)}" for kind, known in events.kinds.items() for name in known
    )
    text = {
        name: _read(cells, Column(name, "text", "")).value if name in texts else "NULL" for name in _TEXTS
    }
    durations = {
        "wait_s": _duration(cells, text["event"], "wait_s", events.wait_s),
        "talk_s": _duration(cells, text["event"], "talk_s", events.talk_s),
    }
    rules = " ".join(f"WHEN {cells.excluded(rule)} THEN {code}" for code, rule in enumerate(source.exclude))
    columns = [
        f"{place} AS file, record",
        f"{at.value} AS moment, {at.aware} AS aware, {at.text} AS at_text",
        f"({at.unreadable[0]}) OR moment IS NULL AS no_time",
        *(f"CAST({value} AS VARCHAR) AS {name}" for name, value in text.items()),
        f"CASE event {kinds} END AS kind",
        *(
            f"CAST({value} AS DOUBLE) AS {name}, {bad} AS bad_{name}"
            for name, (value, bad) in durations.items()
        ),
        f"CAST({f'CASE {rules} END' if rules else 'NULL'} AS SMALLINT) AS excluded",
    ]
    fault = (
        "CASE WHEN excluded IS NOT NULL THEN NULL WHEN event IS NULL THEN 'event' "
        "WHEN kind IS NULL THEN NULL WHEN no_time THEN 'at' "
        f"WHEN call IS NULL AND kind IN {CALL_KINDS} THEN 'call' "
        "WHEN entered IS NULL AND kind = 'enter' THEN 'entered' "
        "WHEN bad_wait_s THEN 'wait_s' WHEN bad_talk_s THEN 'talk_s' END AS fault"
    )
    cleaned = f"FROM {found.numbered} SELECT record, {', '.join(cells.cleaned())}"
    return f"FROM (FROM ({cleaned}) SELECT {', '.join(columns)}) SELECT *, {fault}"


def _read(cells: Cells, column: Column) -> Reading:
    reading = cells.reading(column)
    if reading is None:
        raise KeyError(column.name)
    return reading


def _duration(cells: Cells, event: str, name: str, headers: dict[str, str]) -> tuple[str, str]:
    """Return SQL of a duration, whose column depends on the event, and of whether it is unreadable."""
    values, faults = [], []
    for kind, header in headers.items():
        own = replace(cells, source=cells.source.model_copy(update={"columns": {name: header}}))
        reading = _read(own, CONTACTS.column(name))
        values.append(f"WHEN {quoted(kind)} THEN {reading.value}")
        faults.append(f"WHEN {quoted(kind)} THEN {reading.unreadable[0]}")
    if not values:
        return "NULL", "false"
    return f"CASE {event} {' '.join(values)} END", f"coalesce(CASE {event} {' '.join(faults)} END, false)"


def _leg_source(source: Source, events: Events) -> Source:
    """Return the mapping of the legs: each column under its own name, but for those that are constants."""
    given = ["contact_id", "queue", "arrived_at", "answered_at", "ended_at", "wait_s", "talk_s", "outcome"]
    given += ["agent_id"] if events.agent else []
    given += ["acw_s"] if events.wrapup or events.acw_pause else []
    keep = {
        key: getattr(source, key) for key in ("timezone", "ambiguous", "nonexistent", "constants", "values")
    }
    columns: dict[str, str | tuple[str, ...]] = {name: name for name in given if name not in source.constants}
    return Source(grain="contact", columns=columns, **keep)


def _written(connection: duckdb.DuckDBPyConnection, found: Scan, place: int, folder: Path) -> Scan:
    """Write the legs that entered in one log to `folder`, and return how to read them."""
    target = folder / f"legs{len(list(folder.iterdir()))}.parquet"
    aware = connection.execute(f"FROM event_lines SELECT bool_and(aware) WHERE file = {place}").fetchall()[0][
        0
    ]
    stamps = ", ".join(
        f"{name} AT TIME ZONE 'UTC' AS {name}" if aware else name
        for name in ("arrived_at", "answered_at", "ended_at")
    )
    others = "contact_id, queue, wait_s, talk_s, acw_s, outcome, agent_id"
    connection.execute(
        f"COPY (FROM legs SELECT record, {others}, {stamps} WHERE file = {place} AND state = 'done' "
        f"ORDER BY record) TO {quoted(str(target))} (FORMAT parquet)"
    )
    legs = scan(connection, target, folder)
    record = f"c{legs.numbers['record']}"
    numbered = f"(FROM {legs.sql} SELECT *, {record} AS record)"
    return replace(legs, path=found.path, sql=numbered, is_numbered=True, complete=found.complete)


def _refused(connection: duckdb.DuckDBPyConnection, scans: Sequence[Scan], source: Source) -> pd.DataFrame:
    wanted = {
        "event": (None, "no event stands in it"),
        "at": ("arrived_at", f"not a time: {source.time_format or 'ISO 8601'}"),
        "call": ("contact_id", "empty: the id of the call is needed"),
        "entered": ("queue", "empty: the queue that the call enters is needed"),
        "wait_s": ("wait_s", "not a duration"),
        "talk_s": ("talk_s", "not a duration"),
        "lost": (None, "the call enters the queue and never leaves it"),
    }
    found = connection.execute(
        "(FROM event_lines SELECT file, record, fault, CASE fault WHEN 'at' THEN at_text END AS value "
        "WHERE fault IS NOT NULL) "
        "UNION ALL (FROM legs SELECT file, record, state, NULL WHERE state = 'lost') ORDER BY file, record"
    ).fetchall()
    rows = [
        (str(scans[file].path), record, wanted[fault][0], value, wanted[fault][1])
        for file, record, fault, value in found
    ]
    return pd.DataFrame(rows, columns=REFUSED)


def _notes(connection: duckdb.DuckDBPyConnection, source: Source, paths: str) -> Iterator[str]:
    def count(query: str) -> int:
        return int(connection.execute(query).fetchall()[0][0])

    of_calls = f"delivery = 1 AND kind IN {CALL_KINDS}"
    begun = "HAVING count(*) FILTER (kind = 'enter') = 0"
    open_ = "FROM legs SELECT count(*) WHERE state = 'open'"
    endless = "FROM legs SELECT count(*) WHERE state = 'done' AND ended_at IS NULL"
    before = f"FROM (FROM events SELECT call, queue WHERE {of_calls} GROUP BY ALL {begun}) SELECT count(*)"
    again = f"FROM events SELECT count(*) WHERE delivery > 1 AND kind IN {CALL_KINDS}"
    counts = [
        ("call", "left out: still open at the end of the log", open_),
        ("answered call", "without an end, so of unknown talk time", endless),
        ("call", "left out: entered the queue before the log begins", before),
        ("event", "left out: the same line came again", again),
    ]
    for code, rule in enumerate(source.exclude):
        excluded = f"FROM event_lines SELECT count(*) WHERE excluded = {code}"
        counts.append(("event", f"left out: {rule.reason}", excluded))
    for noun, words, query in counts:
        if number := count(query):
            yield f"{paths}: {count_of(number, noun)} {words}"

"""What is wrong with a mapping in itself, before any file is seen: every fault, and what to do about it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache

from wfm.errors import Fault
from wfm.io.source import EPOCHS, EXCEL, Source
from wfm.tables import Column

MOST_DIGITS = 20


def nearest(name: str, known: list[str]) -> str:
    """Return `did you mean 'X'?` with the nearest known name, or nothing."""
    return _nearest(name, tuple(known))


@lru_cache(maxsize=1000)  # a log with a queue that is not configured has many rows of it
def _nearest(name: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean '{near[0]}'?" if near else ""


def faults_of(key: str, source: Source, *, extends: bool = False) -> Iterator[Fault]:
    """Yield what is wrong with the source whose table is `key`.

    One that `extends` a preset may have left columns of it out, so that keys of the preset have no use.
    """
    if source.thousands == source.decimal:
        yield Fault(
            "is the decimal mark too", "change one", column=f"{key}.thousands", value=source.thousands
        )
    yield from _time_format_faults(key, source.time_format)
    yield from _column_faults(key, source)
    if not extends:
        yield from _unused_faults(key, source)
    yield from _nameless_faults(key, source)
    if source.grain == "event" or source.events:
        yield from _event_faults(key, source)
    else:
        yield from _needed_faults(key, source)


def _needed_faults(key: str, source: Source) -> Iterator[Fault]:
    given = [*source.columns, *source.constants, *source.derive]
    for column in source.table.columns:
        if given.count(column.name) > 1:
            yield Fault(
                "given twice", "keep one of columns, constants, derive", column=f"{key}: {column.name}"
            )
        if not column.optional and column.name not in given:
            yield Fault(
                f"nothing gives '{column.name}'", f"add it: {column.description}", column=f"{key}.columns"
            )


def _unused_faults(key: str, source: Source) -> Iterator[Fault]:
    """Yield the headers that are named as optional or to be padded, and that no column is read from."""
    known = source.headers
    named = {"optional": source.optional, "pad": tuple(source.pad)}
    for part, headers in named.items():
        for name in headers:
            if name not in known:
                remedy = nearest(name, known) or "use it in columns, derive or exclude, or remove it here"
                yield Fault("no column is read from it", remedy, column=f"{key}.{part}", value=name)


def _nameless_faults(key: str, source: Source) -> Iterator[Fault]:
    """Yield what is wrong with the names of a file without header, and with numbers of digits."""
    known = source.headers
    for name, digits in source.pad.items():
        if not 1 <= digits <= MOST_DIGITS:
            yield Fault(f"not 1 to {MOST_DIGITS}", column=f"{key}.pad.{name}", value=str(digits))
    if source.header:
        for name in known:
            if name not in source.header:
                remedy = nearest(name, list(source.header)) or "add it"
                yield Fault("not among the names of `header`", remedy, column=f"{key}.header", value=name)
    elif source.delimiter:
        remedy = "remove it: the delimiter is seen from the header line"
        yield Fault("is for a file without header", remedy, column=f"{key}.delimiter", value=source.delimiter)


def _event_faults(key: str, source: Source) -> Iterator[Fault]:
    if source.grain != "event" or not source.events:
        yield Fault("go together", "give both, or neither", column=f"{key}: grain = 'event' and events")
        return
    events = source.events
    for part, given in {"columns": source.columns, "derive": source.derive, "latest": source.latest}.items():
        if given:
            yield Fault("not for event logs", "the events give it: see [.events]", column=f"{key}.{part}")
    names = [name for kind in events.kinds.values() for name in kind]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Fault("means two things", "keep one", column=f"{key}.events", value=name)
    for part, durations in {"wait_s": events.wait_s, "talk_s": events.talk_s}.items():
        for name in durations:
            if name not in names:
                remedy = nearest(name, names) or f"one of {', '.join(names)}"
                yield Fault("no such event", remedy, column=f"{key}.events.{part}", value=name)
    if events.acw_pause and not (events.pause and events.unpause and events.reason and events.agent):
        yield Fault("needs pause, unpause, reason and agent", column=f"{key}.events.acw_pause")


def _time_format_faults(key: str, time_format: str) -> Iterator[Fault]:
    if not time_format or time_format in (*EPOCHS, EXCEL):
        return
    try:
        datetime.strptime(datetime(2026, 3, 2, 9, 30).astimezone().strftime(time_format), time_format)
    except ValueError as error:
        yield Fault(str(error), "as of strptime", column=f"{key}.time_format", value=time_format)
    if "%d" not in time_format and "%j" not in time_format and "%x" not in time_format:
        yield Fault("has no day", "join the date's column", column=f"{key}.time_format", value=time_format)


def _column_faults(key: str, source: Source) -> Iterator[Fault]:
    units = source.duration if isinstance(source.duration, dict) else {}
    parts: dict[str, list[str]] = {
        "columns": [*source.columns],
        "constants": [*source.constants],
        "values": [*source.values],
        "derive": [*source.derive],
        "duration": [*units],
    }
    for part, names in parts.items():
        for name in names:
            if name not in source.table.names:
                known = source.table.names
                remedy = nearest(name, known) or f"one of {', '.join(known)}"
                yield Fault(f"no column of {source.table.name}", remedy, column=f"{key}.{part}", value=name)
    for name, form in source.derive.items():
        if name in source.table.names and form.form not in _forms_of(source.table.column(name)):
            wanted = " or ".join(_forms_of(source.table.column(name))) or "a plain column or constant"
            yield Fault(
                f"'{name}' needs {wanted}", "see Derived in docs/import.md", column=f"{key}.derive.{name}"
            )
    for name, constant in source.constants.items():
        if name in source.table.names:
            yield from _constant_faults(key, source.table.column(name), constant)
    for number, rule in enumerate(source.exclude, start=1):
        if not rule.headers:
            yield Fault(
                "would leave out every row", "give it when or unless", column=f"{key}.exclude {number}"
            )


def _forms_of(column: Column) -> tuple[str, ...]:
    if column.kind == "time":
        return ("time",)
    if column.kind == "number":
        return ("span", "sum") if column.unit == "s" else ("sum",)
    return ("outcome",) if column.name == "outcome" else ()


def _constant_faults(key: str, column: Column, constant: str | float) -> Iterator[Fault]:
    place = f"{key}.constants.{column.name}"
    number = isinstance(constant, float)
    if column.kind == "time":
        yield Fault("a time cannot be a constant", "map a column", column=place)
    elif number != (column.kind == "number"):
        yield Fault(f"must be a {column.kind}", column=place, value=str(constant))
    elif isinstance(constant, float) and column.low is not None and constant < column.low:
        yield Fault(f"below {column.low:g}", column=place, value=str(constant))
    elif column.choices and constant not in column.choices:
        yield Fault("unknown value", f"one of {', '.join(column.choices)}", column=place, value=str(constant))

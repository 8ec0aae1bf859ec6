"""Mapping files: how the columns of a foreign export become the columns of `contacts` or `history`.

A mapping is TOML with one or more `[source.NAME]` tables; docs/import.md describes every key. Nothing in it
is executed: what a column needs beyond a header is one of the few forms of `Derived`.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from wfm.config import Section, Timezone
from wfm.errors import ConfigError, Fault
from wfm.tables import CONTACTS, HISTORY, Column, Table

DurationUnit = Literal["s", "ms", "min", "h", "h:mm:ss"]
EPOCHS = ("epoch_s", "epoch_ms")
HINT = "docs/import.md lists every key of a mapping file"
_PRESETS = "presets"


class Derived(Section):
    """A column made of several: exactly one of the four forms, every name a header of the file.

    - a time: `at`, later by the durations in `plus`, earlier by those in `minus`
    - elapsed seconds: `from` one time `to` another
    - a number: the sum of `plus` less the sum of `minus`, divided by `per`
    - an outcome: handled where the column `handled_if` has a value, else abandoned
    """

    at: str | None = Field(default=None, description="header of a time")
    from_: str | None = Field(default=None, alias="from", description="header of the earlier time")
    to: str | None = Field(default=None, description="header of the later time")
    plus: tuple[str, ...] = Field(default=(), description="headers to add")
    minus: tuple[str, ...] = Field(default=(), description="headers to subtract")
    per: str | None = Field(default=None, description="header to divide by")
    handled_if: str | None = Field(default=None, description="header of a column filled only when handled")

    @property
    def form(self) -> str:
        """The form that the keys make up: time, span, sum or outcome; empty if they make up none."""
        given = {name for name in type(self).model_fields if getattr(self, name)}
        forms = {
            "time": ({"at"}, {"plus", "minus"}),
            "span": ({"from_", "to"}, set[str]()),
            "sum": ({"plus"}, {"minus", "per"}),
            "outcome": ({"handled_if"}, set[str]()),
        }
        fitting = [name for name, (needed, more) in forms.items() if needed <= given <= needed | more]
        return fitting[0] if fitting else ""

    @property
    def headers(self) -> list[str]:
        """Every header that the form reads."""
        single = (self.at, self.from_, self.to, self.per, self.handled_if)
        return [name for name in single if name] + [*self.plus, *self.minus]


class Exclude(Section):
    """Rows that are no contacts of a queue: all of `when` hold, and not all of `unless` do."""

    reason: str = Field(min_length=1, description="why, in words, for the summary")
    when: dict[str, str | tuple[str, ...]] = Field(default_factory=dict, description="header = text or texts")
    unless: dict[str, str | tuple[str, ...]] = Field(
        default_factory=dict, description="header = text or texts"
    )

    @property
    def headers(self) -> list[str]:
        """Every header that the rule reads."""
        return [*self.when, *self.unless]


class Source(Section):
    """One kind of export: how it writes its cells, and where each canonical column comes from."""

    grain: Literal["contact", "interval", "event"] = Field(description="what one row of the file is")
    timezone: Timezone | None = Field(
        default=None, description="zone of stamps without offset; default: the queue's"
    )
    interval_min: Literal[5, 10, 15, 30, 60] | None = Field(
        default=None, description="length of the file's intervals; default: seen from the stamps"
    )
    decimal: Literal[".", ","] = Field(default=".", description="decimal mark")
    thousands: Literal["", ".", ",", " ", "'"] = Field(default="", description="thousands mark")
    missing: tuple[str, ...] = Field(default=("",), description="texts that mean: no value")
    duration: DurationUnit | dict[str, DurationUnit] = Field(
        default="s", description="unit of durations, for all or by canonical column"
    )
    time_format: str = Field(default="", description="strptime format, epoch_s or epoch_ms; empty: ISO 8601")
    attribution: Literal["arrival", "completion"] = Field(
        default="arrival", description="interval that an interval export books a contact to"
    )
    ambiguous: Literal["error", "first", "second"] | None = Field(
        default=None, description="default: [import]"
    )
    nonexistent: Literal["error", "drop", "shift"] | None = Field(
        default=None, description="default: [import]"
    )
    columns: dict[str, str | tuple[str, ...]] = Field(
        default_factory=dict, description="canonical = header, or headers joined"
    )
    constants: dict[str, str | float] = Field(default_factory=dict, description="canonical = value")
    values: dict[str, dict[str, str]] = Field(
        default_factory=dict, description="canonical: text in the file = canonical value"
    )
    derive: dict[str, Derived] = Field(default_factory=dict, description="canonical = a form of Derived")
    exclude: tuple[Exclude, ...] = Field(default=(), description="rows to leave out")

    @property
    def table(self) -> Table:
        """The canonical table that the rows become."""
        return CONTACTS if self.grain == "contact" else HISTORY

    @property
    def headers(self) -> list[str]:
        """Every header of the file that the mapping reads."""
        found = [name for entry in self.columns.values() for name in as_tuple(entry)]
        for form in self.derive.values():
            found += form.headers
        for rule in self.exclude:
            found += rule.headers
        return list(dict.fromkeys(found))

    def unit_of(self, column: str) -> DurationUnit:
        """Return the unit in which the file writes a duration column."""
        return self.duration.get(column, "s") if isinstance(self.duration, dict) else self.duration


class MappingFile(Section):
    """The whole of a mapping file."""

    source: dict[str, Source] = Field(min_length=1, description="exports by name")


def as_tuple(entry: str | tuple[str, ...]) -> tuple[str, ...]:
    """Return one text or several as a tuple."""
    return (entry,) if isinstance(entry, str) else entry


def canonical(table: Table, header: tuple[str, ...]) -> Source:
    """Return the mapping of a file that already has the table's own column names."""
    present: dict[str, str | tuple[str, ...]] = {name: name for name in table.names if name in header}
    return Source(grain="contact" if table is CONTACTS else "interval", columns=present)


def load_mapping(path: Path) -> dict[str, Source]:
    """Return the sources of the mapping file at `path`; ConfigError with every fault."""
    try:
        return parse_mapping(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError([Fault(f"cannot be read: {reason}")], source=str(path), hint=HINT) from error


def load_preset(name: str) -> dict[str, Source]:
    """Return the mapping of a telephone system that the package knows; ConfigError for another name."""
    folder = resources.files("wfm.io") / _PRESETS
    known = sorted(
        entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")
    )
    if name not in known:
        remedy = nearest(name, known) or f"one of {', '.join(known)}, or write a mapping file (--mapping)"
        raise ConfigError([Fault("no such preset", remedy, value=name)], hint=HINT)
    return parse_mapping((folder / f"{name}.toml").read_text(encoding="utf-8"), f"preset {name}")


def parse_mapping(text: str, source: str) -> dict[str, Source]:
    """Return the sources of a mapping file's text; ConfigError with every fault."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([Fault(f"not TOML: {error}")], source=source, hint="correct that line") from error
    try:
        mapping = MappingFile.model_validate(document)
    except ValidationError as error:
        faults = [_fault(dict(detail)) for detail in error.errors()]
        raise ConfigError(faults, source=source, hint=HINT) from error
    faults = [fault for name, entry in mapping.source.items() for fault in _faults(f"source.{name}", entry)]
    if faults:
        raise ConfigError(faults, source=source, hint=HINT)
    return mapping.source


def nearest(name: str, known: list[str]) -> str:
    """Return `did you mean 'X'?` with the nearest known name, or nothing."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean '{near[0]}'?" if near else ""


def _fault(detail: Mapping[str, Any]) -> Fault:
    path = [str(part) for part in detail["loc"]]
    key = ".".join(path)
    if detail["type"] == "extra_forbidden":
        models: dict[str, type[Section]] = {"derive": Derived, "exclude": Exclude}
        model = next((models[part] for part in reversed(path[:-1]) if part in models), Source)
        known = list(MappingFile.model_fields) if len(path) == 1 else list(model.model_fields)
        return Fault("unknown key", nearest(path[-1], known) or "remove it", column=key)
    simple = isinstance(detail["input"], str | int | float)
    value = str(detail["input"]) if simple else None
    return Fault(str(detail["msg"]).removeprefix("Value error, "), column=key, value=value)


def _faults(key: str, source: Source) -> Iterator[Fault]:
    """Yield what is wrong with one source in itself, before any file is seen."""
    if source.grain == "event":
        remedy = "join the events of a contact to one row first, and use grain = 'contact'"
        yield Fault("event logs cannot be read yet", remedy, column=f"{key}.grain", value="event")
        return
    if source.thousands == source.decimal:
        yield Fault(
            "is the decimal mark too", "change one", column=f"{key}.thousands", value=source.thousands
        )
    yield from _time_format_faults(key, source.time_format)
    yield from _column_faults(key, source)
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


def _time_format_faults(key: str, time_format: str) -> Iterator[Fault]:
    if not time_format or time_format in EPOCHS:
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

"""Cells of a foreign file as typed values: the SQL expressions by which DuckDB reads each canonical column.

Nothing from a file or a mapping becomes SQL except as a quoted literal or a numbered column, so no name or text can
change a query. A stamp without offset stays a wall clock here (`_local`); `wfm.io.wall_clock` places it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from wfm.io.mapping import EPOCHS, Derived, Exclude, Source, as_tuple
from wfm.tables import Column

KEY_SEPARATOR = "|"
_SECONDS = {"s": 1.0, "ms": 0.001, "min": 60.0, "h": 3600.0}
_CLOCK = r"(\d+:)?\d+:[0-5]?\d([.,]\d+)?"
_DATE = r"\d{4}-\d{2}-\d{2}"
_TIME = r"([T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d([.,]\d{1,9})?)?"
_LOCAL = rf"{_DATE}{_TIME})?"
_OFFSET = rf"{_DATE}{_TIME}) ?([Zz]|[+-]\d{{2}}(:?\d{{2}})?)"
_YEARS = "BETWEEN TIMESTAMP '1970-01-02' AND TIMESTAMP '2099-12-31'"


@dataclass(frozen=True)
class Reading:
    """How to read one column: SQL of its value, of its text as in the file, and what makes the text unreadable.

    A time has SQL for a wall clock (`local`), for an instant (`utc`) and for seconds to add after placing (`shift`).
    """

    column: Column
    text: str
    value: str = ""
    local: str = ""
    utc: str = ""
    shift: str = ""
    unreadable: tuple[str, ...] = ()
    expected: str = ""
    parts: tuple[str, ...] = ()
    label: str = ""

    @property
    def place(self) -> str:
        """The column to name in a message: the canonical one, or the header of a span's end."""
        return self.label or self.column.name


@dataclass(frozen=True)
class Cells:
    """The cells of one file: which numbered column holds which header, of which DuckDB type."""

    source: Source
    numbers: Mapping[str, int]
    types: Mapping[str, str] = field(default_factory=dict)

    def reading(self, column: Column) -> Reading | None:
        """Return how to read a canonical column, or None if the mapping does not give it."""
        name = column.name
        if name in self.source.columns:
            headers = as_tuple(self.source.columns[name])
            if column.kind == "time":
                return self._time(column, headers)
            if column.kind == "number":
                return self._number(column, headers[0])
            return self._text(column, headers)
        if name in self.source.constants:
            constant = self.source.constants[name]
            value = quoted(constant) if isinstance(constant, str) else repr(constant)
            return Reading(column, text="NULL", value=value)
        return self._derived(column, self.source.derive[name]) if name in self.source.derive else None

    def excluded(self, rule: Exclude) -> str:
        """Return the condition under which a row is left out by `rule`."""

        def holds(wanted: Mapping[str, str | tuple[str, ...]]) -> str:
            return " AND ".join(
                f"coalesce({self._raw(name)}, '') IN ({', '.join(map(quoted, as_tuple(texts)))})"
                for name, texts in wanted.items()
            )

        parts = [part for part in (holds(rule.when), rule.unless and f"NOT ({holds(rule.unless)})") if part]
        return " AND ".join(parts)

    def _raw(self, header: str) -> str:
        return f"trim(CAST(c{self.numbers[header]} AS VARCHAR))"

    def _cell(self, header: str) -> str:
        """Return the cell without surrounding blanks, NULL where it says that there is no value."""
        missing = ", ".join(map(quoted, dict.fromkeys(("", *self.source.missing))))
        return f"CASE WHEN {self._raw(header)} NOT IN ({missing}) THEN {self._raw(header)} END"

    def _joined(self, headers: tuple[str, ...], separator: str) -> str:
        if len(headers) == 1:
            return self._cell(headers[0])
        cells = ", ".join(f"coalesce({self._cell(name)}, '')" for name in headers)
        some = " OR ".join(f"({self._cell(name)}) IS NOT NULL" for name in headers)
        return f"CASE WHEN {some} THEN concat_ws({quoted(separator)}, {cells}) END"

    def _text(self, column: Column, headers: tuple[str, ...]) -> Reading:
        text = self._joined(headers, KEY_SEPARATOR)
        words = self.source.values.get(column.name, {})
        cases = " ".join(f"WHEN {quoted(word)} THEN {quoted(meaning)}" for word, meaning in words.items())
        return Reading(column, text, f"CASE {text} {cases} ELSE {text} END" if cases else text)

    def _number(self, column: Column, header: str) -> Reading:
        text = self._cell(header)
        value = self._amount(column, header)
        wanted = "a number" if column.unit != "s" else f"a duration in {self.source.unit_of(column.name)}"
        return Reading(column, text, value, unreadable=(_unread(text, value),), expected=wanted)

    def _amount(self, column: Column, header: str) -> str:
        """Return the cell as a number, a duration as seconds; NULL where it is none."""
        unit = self.source.unit_of(column.name) if column.unit == "s" else "s"
        if unit == "h:mm:ss":
            return _clock_seconds(self._cell(header))
        number = self._plain(header)
        return number if unit == "s" else f"{number} * {_SECONDS[unit]!r}"

    def _plain(self, header: str) -> str:
        text = self._cell(header)
        if self.source.thousands:
            text = f"replace({text}, {quoted(self.source.thousands)}, '')"
        if self.source.decimal == ",":
            text = f"CASE WHEN NOT contains({text}, '.') THEN replace({text}, ',', '.') END"
        number = f"TRY_CAST({text} AS DOUBLE)"
        return f"CASE WHEN isfinite({number}) AND NOT contains({text}, '_') THEN {number} END"

    def _time(self, column: Column, headers: tuple[str, ...]) -> Reading:
        kind = self.types.get(headers[0], "VARCHAR") if len(headers) == 1 else "VARCHAR"
        cell = f"c{self.numbers[headers[0]]}"
        text = self._joined(headers, " ")
        if kind.startswith("TIMESTAMP WITH"):
            return self._placed(column, text, utc=f"make_timestamp(epoch_us({cell}))")
        if kind.startswith("TIMESTAMP") or kind == "DATE":
            return self._placed(column, text, local=f"CAST({cell} AS TIMESTAMP)")
        return self._written_time(column, text)

    def _written_time(self, column: Column, text: str) -> Reading:
        pattern = self.source.time_format
        if pattern in EPOCHS:
            factor = 1e6 if pattern == "epoch_s" else 1e3
            # 15 digits of a double are exact microseconds; later years are refused below
            seconds = f"TRY_CAST({text} AS DOUBLE)"
            within = f"{seconds} BETWEEN 0 AND {4.2e15 / factor!r}"
            return self._placed(
                column, text, utc=f"CASE WHEN {within} THEN make_timestamp(CAST({seconds} * {factor!r} AS BIGINT)) END"
            )
        if "%z" in pattern:
            return self._placed(column, text, utc=f"make_timestamp(epoch_us(try_strptime({text}, {quoted(pattern)})))")
        if pattern:
            return self._placed(column, text, local=f"try_strptime({text}, {quoted(pattern)})")
        point = f"replace({text}, ',', '.')"
        return self._placed(
            column,
            text,
            local=f"CASE WHEN regexp_full_match({text}, '{_LOCAL}') THEN TRY_CAST({point} AS TIMESTAMP) END",
            utc=f"CASE WHEN regexp_full_match({text}, '{_OFFSET}') "
            f"THEN make_timestamp(epoch_us(TRY_CAST({point} AS TIMESTAMPTZ))) END",
        )

    def _placed(self, column: Column, text: str, *, local: str = "", utc: str = "") -> Reading:
        clock = f"CASE WHEN ({local}) {_YEARS} THEN {local} END" if local else "CAST(NULL AS TIMESTAMP)"
        instant = f"CASE WHEN ({utc}) {_YEARS} THEN {utc} END" if utc else "CAST(NULL AS TIMESTAMP)"
        wanted = self.source.time_format or "ISO 8601 such as 2026-03-02T09:00:00+01:00"
        neither = f"({text}) IS NOT NULL AND ({clock}) IS NULL AND ({instant}) IS NULL"
        return Reading(column, text, local=clock, utc=instant, unreadable=(neither,), expected=f"a time: {wanted}")

    def _derived(self, column: Column, form: Derived) -> Reading:
        forms: dict[str, Callable[[Column, Derived], Reading]] = {
            "time": self._later,
            "span": self._span,
            "sum": self._sum,
            "outcome": self._answered,
        }
        return forms[form.form](column, form)

    def _later(self, column: Column, form: Derived) -> Reading:
        time = self._time(column, (form.at or "",))
        seconds = Column("", "number", "", "s")  # in the unit that holds for every duration of the source
        terms = [(sign, name) for sign, names in (("+", form.plus), ("-", form.minus)) for name in names]
        amounts = [f"{sign} coalesce({self._amount(seconds, name)}, 0)" for sign, name in terms]
        unread = tuple(_unread(self._cell(name), self._amount(seconds, name)) for _, name in terms)
        shift = f"0 {' '.join(amounts)}"
        return Reading(
            column, time.text, "", time.local, time.utc, shift, (*time.unreadable, *unread), time.expected
        )

    def _span(self, column: Column, form: Derived) -> Reading:
        return Reading(column, text="NULL", parts=(form.from_ or "", form.to or ""))

    def end(self, header: str) -> Reading:
        """Return how to read one end of a span: a time of the file that is no canonical column."""
        column = Column(self.end_name(header), "time", "end of a span", optional=True)
        return replace(self._time(column, (header,)), label=header)

    def end_name(self, header: str) -> str:
        """Return the name under which an end of a span is kept."""
        return f"end{self.numbers[header]}"

    def _sum(self, column: Column, form: Derived) -> Reading:
        added = [f"+ {self._amount(column, name)}" for name in form.plus]
        taken = [f"- {self._amount(column, name)}" for name in form.minus]
        total = f"0 {' '.join(added + taken)}"
        unread = [_unread(self._cell(name), self._amount(column, name)) for name in (*form.plus, *form.minus)]
        if form.per:
            total = f"({total}) / nullif({self._plain(form.per)}, 0)"
            unread.append(_unread(self._cell(form.per), self._plain(form.per)))
        return Reading(column, "NULL", total, unreadable=tuple(unread), expected="numbers in every part of the sum")

    def _answered(self, column: Column, form: Derived) -> Reading:
        filled = f"({self._cell(form.handled_if or '')}) IS NOT NULL"
        return Reading(column, "NULL", f"CASE WHEN {filled} THEN 'handled' ELSE 'abandoned' END")


def quoted(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def _unread(text: str, value: str) -> str:
    return f"({text}) IS NOT NULL AND ({value}) IS NULL"


def _clock_seconds(text: str) -> str:
    """Return the seconds of `h:mm:ss` or `m:ss`, NULL of anything else."""

    def part(position: int) -> str:
        return f"TRY_CAST(replace(split_part({text}, ':', {position}), ',', '.') AS DOUBLE)"

    hours = f"coalesce(CASE WHEN {text} LIKE '%:%:%' THEN {part(-3)} END, 0)"
    seconds = f"{hours} * 3600 + {part(-2)} * 60 + {part(-1)}"
    return f"CASE WHEN regexp_full_match({text}, '{_CLOCK}') THEN {seconds} END"

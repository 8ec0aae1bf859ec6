"""Cells of a foreign file as typed values: the SQL expressions by which DuckDB reads each canonical column.

Nothing from a file or a mapping becomes SQL except as a quoted literal or a numbered column, so no name or
text can change a query. `h3` is the cell of header number 3 without surrounding blanks, NULL where it says
"no value"; `x3` is the same cell as it stands. A stamp without offset stays a wall clock here;
`wfm.io.wall_clock` places it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from wfm.io.source import EPOCHS, EXCEL, Derived, Exclude, Source, as_tuple
from wfm.tables import Column

KEY_SEPARATOR = "|"
LARGEST_COUNT = 1e6  # from it on, in one interval, a number is no count: an id, or a telephone number
LONGEST_S = 1e8  # of one contact: three years
LONGEST_SUM_S = 1e9  # of the contacts of an interval
SIGNED = 1e7  # from it on a number with a plus sign is a telephone number; plain rows have smaller ones
ABSENT = "absent"  # the type of a column that the file lacks and may lack: its cells are empty
NUMBERS = (  # the types of a column of numbers in Parquet
    *("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "FLOAT", "DOUBLE", "DECIMAL"),
    *("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"),
)
SHEET = "sheet"  # the type of a column of a workbook: text, but for dates, which are ISO 8601
_NONE = "NULL"
_EXCEL_EPOCH_DAYS = 25569  # from 1899-12-30, day 0 of a spreadsheet, to 1970-01-01
FACTORS = {"s": 1.0, "ms": 0.001, "min": 60.0, "h": 3600.0}
_CLOCK = r"(\d+:[0-5]?\d|\d+):[0-5]?\d([.,]\d+)?"
_DATE = r"\d{4}-\d{2}-\d{2}"
_TIME = r"[T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d([.,]\d{1,9})?)?"
_ISO = rf"{_DATE}({_TIME}( ?([Zz]|[+-]\d{{2}}(:?\d{{2}})?))?)?"
YEARS = "BETWEEN TIMESTAMP '1970-01-02' AND TIMESTAMP '2099-12-31'"


@dataclass(frozen=True)
class Reading:
    """How to read one column: SQL of its value, of its text as in the file, and of what makes it unreadable.

    The value of a time is a stamp: an instant (UTC) where `aware` holds, else a wall clock; `shift` is
    seconds to add once it is placed. A span has no value of its own but two `parts`, the headers of its ends.
    """

    column: Column
    value: str = ""
    text: str = _NONE
    unreadable: tuple[str, ...] = ()
    expected: str = ""
    aware: str = ""
    shift: str = ""
    parts: tuple[str, ...] = ()
    label: str = ""

    @property
    def is_time(self) -> bool:
        """Whether the value is a stamp."""
        return bool(self.aware)

    @property
    def place(self) -> str:
        """The column to name in a message: the canonical one, or the header of a span's end."""
        return self.label or self.column.name


@dataclass(frozen=True)
class Cells:
    """The cells of one file: which numbered column holds which header, and of which DuckDB type it is."""

    source: Source
    numbers: Mapping[str, int]
    types: Mapping[str, str] = field(default_factory=dict)

    def cleaned(self) -> Iterator[str]:
        """Yield SQL of every cell that the mapping reads, as h and x."""
        missing = _listed(dict.fromkeys(("", *self.source.missing)))
        headers = {self.numbers[header]: header for header in self.source.headers}
        for number, header in sorted(headers.items()):
            if self.types.get(header) == ABSENT:
                yield f"NULL::VARCHAR AS x{number}, NULL::VARCHAR AS h{number}, NULL::VARCHAR AS c{number}"
                continue
            padded = f"repeat('0', greatest(0, {self.source.pad.get(header, 0)} - length(x{number}))) || "
            raw = f"trim(CAST(c{number} AS VARCHAR))"
            yield f"{raw} AS x{number}"
            filled = f"{padded if header in self.source.pad else ''}x{number}"
            yield f"CASE WHEN x{number} NOT IN ({missing}) THEN {filled} END AS h{number}"
            yield f"c{number}"

    def reading(self, column: Column) -> Reading | None:
        """Return how to read a canonical column, or None if the mapping does not give it."""
        name = column.name
        if name in self.source.derive:
            return self._derived(column, self.source.derive[name])
        if name in self.source.constants:
            constant = self.source.constants[name]
            return Reading(column, quoted(constant) if isinstance(constant, str) else repr(constant))
        if name not in self.source.columns:
            return None
        headers = as_tuple(self.source.columns[name])
        if column.kind == "time":
            return self._time(column, headers)
        return self._number(column, headers[0]) if column.kind == "number" else self._text(column, headers)

    def end(self, header: str) -> Reading:
        """Return how to read one end of a span: a time of the file that is no canonical column."""
        column = Column(self.end_name(header), "time", "end of a span", optional=True)
        return replace(self._time(column, (header,)), label=header)

    def end_name(self, header: str) -> str:
        """Return the name under which an end of a span is kept."""
        return f"end{self.numbers[header]}"

    def version(self) -> str:
        """Return SQL of what decides among rows with one key: the greatest `latest`, a time or a number."""
        if not self.source.latest:
            return "NULL::DOUBLE"
        text = self._cell(self.source.latest)
        stamps = [self.stamp(text, pattern)[0] for pattern in dict.fromkeys((self.source.time_format, ""))]
        times = ", ".join(f"CAST(epoch_us({stamp}) AS DOUBLE)" for stamp in stamps)
        return f"coalesce({times}, TRY_CAST({text} AS DOUBLE))"

    def part(self) -> str:
        """Return SQL of which part of its interval a row of an export is; empty without parts."""
        return self._joined_all(self.source.parts)

    def apart(self) -> str:
        """Return SQL of the text that must be one in each interval of a queue."""
        return self._joined_all((self.source.apart,) if self.source.apart else ())

    def _joined_all(self, headers: tuple[str, ...]) -> str:
        cells = ", ".join(f"coalesce({self._cell(header)}, '')" for header in headers)
        return f"concat_ws({quoted(KEY_SEPARATOR)}, {cells})" if cells else "''"

    def excluded(self, rule: Exclude) -> str:
        """Return the condition under which a row is left out by `rule`."""
        unless = f"NOT ({self._all_hold(rule.unless)})" if rule.unless else ""
        return " AND ".join(filter(None, (self._all_hold(rule.when), unless)))

    def _all_hold(self, wanted: Mapping[str, str | tuple[str, ...]]) -> str:
        return " AND ".join(
            f"coalesce(x{self.numbers[header]}, '') IN ({_listed(as_tuple(texts))})"
            for header, texts in wanted.items()
        )

    def _cell(self, header: str) -> str:
        return f"h{self.numbers[header]}"

    def _joined(self, headers: tuple[str, ...], separator: str) -> str:
        if len(headers) == 1:
            return self._cell(headers[0])
        cells = [self._cell(header) for header in headers]
        parts = ", ".join(f"coalesce({cell}, '')" for cell in cells)
        joined = f"concat_ws({quoted(separator)}, {parts})"
        return f"CASE WHEN coalesce({', '.join(cells)}) IS NOT NULL THEN {joined} END"

    def _text(self, column: Column, headers: tuple[str, ...]) -> Reading:
        text = self._joined(headers, KEY_SEPARATOR)
        words = self.source.values.get(column.name, {})
        cases = " ".join(f"WHEN {quoted(word)} THEN {quoted(meaning)}" for word, meaning in words.items())
        return Reading(column, f"CASE {text} {cases} ELSE {text} END" if cases else text, text)

    def _number(self, column: Column, header: str) -> Reading:
        value, largest = self._amount(column, header), self.largest(column)
        wanted = f"a duration in {self.source.unit_of(column.name)}" if column.unit == "s" else "a number"
        unreadable = self._not_a_number(header, value, largest)
        return Reading(column, value, self._cell(header), (unreadable,), f"{wanted}, below {largest:,.0f}")

    def largest(self, column: Column) -> float:
        """Return the number from which on a cell of this column is not believed."""
        if column.unit != "s":
            return LARGEST_COUNT
        return LONGEST_S if self.source.grain != "interval" or column.name == "aht_s" else LONGEST_SUM_S

    def _amount(self, column: Column, header: str) -> str:
        """Return the cell as a number, a duration as seconds; NULL where it is none."""
        unit = self.source.unit_of(column.name) if column.unit == "s" else "s"
        if unit == "h:mm:ss":
            return _clock_seconds(self._cell(header))
        return self._plain(header) if unit == "s" else f"{self._plain(header)} * {FACTORS[unit]!r}"

    def _plain(self, header: str) -> str:
        text = self._cell(header)
        if self.types.get(header, "").startswith(NUMBERS):  # the marks are those of numbers written as text
            return f"TRY_CAST({text} AS DOUBLE)"
        if self.source.thousands:
            text = f"replace({text}, {quoted(self.source.thousands)}, '')"
        if self.source.decimal == ",":
            text = f"CASE WHEN NOT contains({text}, '.') THEN replace({text}, ',', '.') END"
        return f"TRY_CAST({text} AS DOUBLE)"

    def _not_a_number(self, header: str, value: str, largest: float) -> str:
        cell = self._cell(header)
        signs = f"NOT contains({cell}, '_') AND NOT (starts_with({cell}, '+') AND abs({value}) >= {SIGNED!r})"
        believed = f"abs({value}) < {largest!r} AND {signs}"
        return f"{self._cell(header)} IS NOT NULL AND NOT coalesce({believed}, false)"

    def _time(self, column: Column, headers: tuple[str, ...]) -> Reading:
        cell = f"c{self.numbers[headers[0]]}"
        kind = self.types.get(headers[0], "VARCHAR") if len(headers) == 1 else "VARCHAR"
        text = self._joined(headers, " ")
        wanted = f"a time: {self.source.time_format or 'ISO 8601 such as 2026-03-02T09:00:00+01:00'}"
        if kind.startswith("TIMESTAMP WITH"):
            value, aware = f"make_timestamp(epoch_us({cell}))", "true"
        elif kind.startswith("TIMESTAMP") or kind == "DATE":
            value, aware = f"CAST({cell} AS TIMESTAMP)", "false"
        else:
            value, aware = self.stamp(text, self.source.time_format)
            if self.source.time_format and any(self.types.get(header) == SHEET for header in headers):
                date, _ = self.stamp(text, "")
                value, aware = f"coalesce({date}, {value})", f"({date}) IS NULL AND {aware}"
        unreadable = f"({text}) IS NOT NULL AND NOT coalesce(({value}) {YEARS}, false)"
        return Reading(column, value, text, (unreadable,), wanted, aware)

    def stamp(self, text: str, pattern: str) -> tuple[str, str]:
        """Return SQL of the stamp that a text is, and of whether it is an instant, not a wall clock."""
        if pattern in EPOCHS:
            factor = 1e6 if pattern == "epoch_s" else 1e3
            number = f"TRY_CAST({text} AS DOUBLE)"
            within = f"{number} BETWEEN 0 AND {5e15 / factor!r}"  # exact in a double; later years are refused
            return (
                f"CASE WHEN {within} THEN make_timestamp(CAST({number} * {factor!r} AS BIGINT)) END",
                "true",
            )
        if pattern == EXCEL:
            days = f"TRY_CAST({text} AS DOUBLE)"
            # in whole seconds: the fraction of a day in few digits is not exact to more
            seconds = f"CAST(round(({days} - {_EXCEL_EPOCH_DAYS}) * 86400) AS BIGINT)"
            within = f"{days} BETWEEN {_EXCEL_EPOCH_DAYS} AND 1e5"
            return f"CASE WHEN {within} THEN make_timestamp({seconds} * 1000000) END", "false"
        if "%z" in pattern:
            return f"make_timestamp(epoch_us(try_strptime({text}, {quoted(pattern)})))", "true"
        if pattern:
            return f"try_strptime({text}, {quoted(pattern)})", "false"
        # cast as TIMESTAMPTZ (in UTC) a stamp without offset stays as it is; DuckDB believes more than
        # ISO 8601, hence the pattern, and less in the way an offset is written, hence the replacements
        plain = f"replace(replace(replace(upper({text}), ',', '.'), ' +', '+'), ' -', '-')"
        stamp = f"make_timestamp(epoch_us(TRY_CAST({plain} AS TIMESTAMPTZ)))"
        return (
            f"CASE WHEN regexp_full_match({text}, '{_ISO}') THEN {stamp} END",
            f"coalesce(regexp_matches(substr({text}, 11), '[Zz+-]'), false)",
        )

    def _derived(self, column: Column, form: Derived) -> Reading:
        match form.form:
            case "time":
                return self._later(column, form)
            case "span":
                return Reading(column, parts=(form.from_ or "", form.to or ""))
            case "sum":
                return self._sum(column, form)
        cases = [(form.handled_if, "handled"), (form.flow_out_if, "flow_out")]
        chosen = " ".join(
            f"WHEN {self._cell(header)} IS NOT NULL THEN '{word}'" for header, word in cases if header
        )
        return Reading(column, f"CASE {chosen} ELSE 'abandoned' END")

    def _later(self, column: Column, form: Derived) -> Reading:
        time = self._time(column, (form.at or "",))
        seconds = Column("", "number", "", "s")  # in the unit that holds for every duration of the source
        shift, unreadable = self._total(seconds, form, "coalesce({}, 0)")
        return replace(time, shift=shift, unreadable=(*time.unreadable, *unreadable))

    def _sum(self, column: Column, form: Derived) -> Reading:
        term = "{}" if form.empty_as is None else f"coalesce({{}}, {form.empty_as!r})"
        total, unreadable = self._total(column, form, term)
        if form.per:
            divisor = self._plain(form.per)
            total = f"({total}) / nullif({divisor}, 0)"
            unreadable.append(self._not_a_number(form.per, divisor, LARGEST_COUNT))
        return Reading(column, total, _NONE, tuple(unreadable), "numbers in every part of the sum")

    def _total(self, column: Column, form: Derived, term: str) -> tuple[str, list[str]]:
        """Return SQL of plus less minus, and of what makes a part unreadable."""
        signed = [("+", header) for header in form.plus] + [("-", header) for header in form.minus]
        amounts = {header: self._amount(column, header) for _, header in signed}
        terms = [f"{sign} {term.format(amounts[header])}" for sign, header in signed]
        return " ".join(["0", *terms]), [
            self._not_a_number(header, value, self.largest(column)) for header, value in amounts.items()
        ]


def quoted(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def _listed(texts: Mapping[str, None] | tuple[str, ...]) -> str:
    return ", ".join(map(quoted, texts))


def _clock_seconds(text: str) -> str:
    """Return the seconds of `h:mm:ss` or `m:ss`, NULL of anything else."""

    def part(position: int) -> str:
        return f"TRY_CAST(replace(split_part({text}, ':', {position}), ',', '.') AS DOUBLE)"

    hours = f"coalesce(CASE WHEN {text} LIKE '%:%:%' THEN {part(-3)} END, 0)"
    seconds = f"{hours} * 3600 + {part(-2)} * 60 + {part(-1)}"
    return f"CASE WHEN regexp_full_match({text}, '{_CLOCK}') THEN {seconds} END"

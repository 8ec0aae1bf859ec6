"""The most usual way to write each column of a contact log, as SQL on raw cells.

Every expression agrees with that of `wfm.io.cells` wherever its `ok` holds; it costs a fraction, because
nothing is trimmed, matched or explained. `c3` is the cell of header number 3 as DuckDB read it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wfm.io.cells import ABSENT, FACTORS, KEY_SEPARATOR, NUMBERS, YEARS, Cells, quoted
from wfm.io.scan import Scan
from wfm.io.source import Source, as_tuple
from wfm.tables import Column

SECONDS = ("wait_s", "talk_s", "hold_s", "acw_s")
BUCKET_US = 5 * 60 * 1_000_000  # divides every interval length, and every offset from UTC since 1972
_TEXT = "VARCHAR"
_INSTANTS = ("____-__-_____:__:_____:__", "____-__-_____:__:__Z")  # what is no time there, no cast takes
MOST_MS = 2**31  # from here on a duration has no room
_WALL_CLOCK = "____-__-_____:__:__"


@dataclass(frozen=True)
class PlainCell:
    """How to read one column: SQL of its value, and of when that value is right and passes every check.

    `ok` may name the value as `{0}` and is NULL or false elsewhere. Durations are in whole milliseconds.
    """

    column: Column
    value: str
    ok: str = "true"


@dataclass(frozen=True)
class PlainCells:
    """The columns of one log, its times all wall clocks or all instants; `queues` are the known names."""

    source: Source
    scan: Scan
    queues: tuple[str, ...]
    has_wall_clock: bool

    def columns(self) -> list[PlainCell] | None:
        """Return every column that the mapping gives, or None if one has no usual form."""
        found = []
        for column in filter(is_checked, self.source.table.columns):
            if column.name in self.source.constants:
                value = self._constant(column, self.source.constants[column.name])
                if value is None:
                    return None
                found.append(PlainCell(column, value))
            elif column.name in self.source.derive:
                return None
            elif column.name in self.source.columns:
                cell = self._cell(column)
                if cell is None:
                    return None
                found.append(cell)
        return found

    def included(self) -> str:
        """Return the condition under which no rule of the mapping leaves the row out."""
        rules = []
        for rule in self.source.exclude:
            when, unless = self._all_hold(rule.when), self._all_hold(rule.unless)
            rules.append(f"NOT ({when or 'true'} AND NOT ({unless or 'false'}))")
        return " AND ".join(rules)

    def _all_hold(self, wanted: Mapping[str, str | tuple[str, ...]]) -> str:
        conditions = [
            f"coalesce(trim({self._text(header)}), '') IN ({', '.join(map(quoted, as_tuple(texts)))})"
            for header, texts in wanted.items()
        ]
        return " AND ".join(conditions)

    def _constant(self, column: Column, constant: str | float) -> str | None:
        """Return SQL of a constant; None of a key, and of a time that is not in whole milliseconds."""
        if isinstance(constant, str):
            return self._typed(column, quoted(constant)) if self._allowed(column) else None
        exact = round(constant * 1e3)
        return f"{exact}::INTEGER" if exact / 1e3 == constant and exact < MOST_MS else None

    def _cell(self, column: Column) -> PlainCell | None:
        headers = as_tuple(self.source.columns[column.name])
        types = {self.scan.types.get(header, _TEXT) for header in headers}
        if any(header in self.source.pad for header in headers) or ABSENT in types:
            return None
        kind = types.pop() if len(types) == 1 else ""
        if column.kind == "time":
            return self._time(column, headers, kind)
        if column.kind == "number":
            return self._number(column, headers[0], kind) if len(headers) == 1 else None
        return self._words(column, headers) if kind == _TEXT or len(headers) > 1 else None

    def _words(self, column: Column, headers: tuple[str, ...]) -> PlainCell | None:
        """Return a text: of a key its hash, of a column with few words the word."""
        cells = [self._text(header) for header in headers]
        text = f" || {quoted(KEY_SEPARATOR)} || ".join(cells)  # NULL if one of them is
        filled = " AND ".join(map(self._is_filled, cells))
        words = self._allowed(column)
        if not words:
            key = PlainCell(column, f"hash({text})", filled)
            return key if column.name not in self.source.values else None
        usual = usual_words(self.source, column, words)
        if set(usual) >= set(words) and all(word == meaning for word, meaning in usual.items()):
            value = self._typed(column, text)
        else:
            cases = " ".join(f"WHEN {quoted(word)} THEN {quoted(usual[word])}" for word in usual)
            value = self._typed(column, f"CASE {text} {cases} END" if cases else "NULL::VARCHAR")
        known = "{0} IS NOT NULL" if len(cells) == 1 else f"{{0}} IS NOT NULL AND {filled}"
        return PlainCell(
            column, value, f"({known} OR {self._is_empty(column)})" if column.optional else known
        )

    def _allowed(self, column: Column) -> tuple[str, ...]:
        return self.queues if column.name == "queue" else column.choices

    def _typed(self, column: Column, value: str) -> str:
        """Return a word as a number behind its list: NULL if it is not in it."""
        words = self._allowed(column)
        return f"TRY_CAST({value} AS ENUM({', '.join(map(quoted, words))}))" if words else value

    def _is_empty(self, column: Column) -> str:
        if column.name not in self.source.columns:
            return "false"
        empty = []
        for header in as_tuple(self.source.columns[column.name]):
            is_text = self.scan.types.get(header, _TEXT) == _TEXT
            cell = self._raw(header)
            empty.append(f"({cell} IS NULL OR {cell} = '')" if is_text else f"{cell} IS NULL")
        return " AND ".join(empty)

    def _is_filled(self, cell: str) -> str:
        missing = [f"{cell} <> {quoted(word)}" for word in dict.fromkeys(("", *self.source.missing))]
        ascii_alone = (
            f"strlen({cell}) = length({cell})"  # there are other blanks, which `trim` takes away too
        )
        edges = f"NOT starts_with({cell}, ' ') AND NOT ends_with({cell}, ' ')"
        return f"({' AND '.join((*missing, ascii_alone, edges))})"

    def _number(self, column: Column, header: str, kind: str) -> PlainCell | None:
        unit = self.source.unit_of(column.name) if column.unit == "s" else "s"
        if unit == "h:mm:ss" or self.source.thousands or any(map(_is_number, self.source.missing)):
            return None
        cell, factor = self._raw(header), "" if unit == "s" else f" * {FACTORS[unit]!r}"
        if kind.startswith(NUMBERS):
            value, ok = f"CAST({cell} AS DOUBLE){factor}", "true"
        elif kind == _TEXT:
            comma = self.source.decimal == ","
            text = f"replace({cell}, ',', '.')" if comma else cell
            value = f"TRY_CAST({text} AS DOUBLE){factor}"
            ok = f"NOT contains({cell}, '_')" + (f" AND NOT contains({cell}, '.')" if comma else "")
        else:
            return None
        # the milliseconds are exact: a thousandth of a whole number is the double next to its decimal text
        within = f"{{0}} >= 0 AND {{0}} / 1e3 = {value}" + (f" AND {ok}" if ok != "true" else "")
        return PlainCell(
            column,
            f"TRY_CAST({value} * 1e3 AS INTEGER)",
            f"(({within}) OR {self._is_empty(column)})" if column.optional else within,
        )

    def _time(self, column: Column, headers: tuple[str, ...], kind: str) -> PlainCell | None:
        cell, value = self._raw(headers[0]), ""
        if kind == _TEXT:
            value = self._stamp(" || ' ' || ".join(map(self._raw, headers)))
        elif len(headers) == 1 and kind == "TIMESTAMP WITH TIME ZONE" and not self.has_wall_clock:
            value = f"make_timestamp(epoch_us({cell}))"
        elif len(headers) == 1 and kind.startswith(("TIMESTAMP", "DATE")) and self.has_wall_clock:
            value = f"CAST({cell} AS TIMESTAMP)" if kind != "TIMESTAMP WITH TIME ZONE" else ""
        within = f"{{0}} {YEARS}"
        ok = f"({within} OR {self._is_empty(column)})" if column.optional else within
        return PlainCell(column, value, ok) if value else None

    def _stamp(self, text: str) -> str:
        if self.source.time_format:
            value, aware = Cells(self.source, self.scan.numbers).stamp(text, self.source.time_format)
            return value if aware == ("false" if self.has_wall_clock else "true") else ""
        if self.has_wall_clock:
            return f"CASE WHEN {text} LIKE '{_WALL_CLOCK}' THEN TRY_CAST({text} AS TIMESTAMP) END"
        instant = f"make_timestamp(epoch_us(TRY_CAST({text} AS TIMESTAMPTZ)))"
        cases = " ".join(f"WHEN {text} LIKE '{shape}' THEN {instant}" for shape in _INSTANTS)
        return f"CASE {cases} END"

    def _raw(self, header: str) -> str:
        return f"c{self.scan.numbers[header]}"

    def _text(self, header: str) -> str:
        raw = self._raw(header)
        return raw if self.scan.types.get(header, _TEXT) == _TEXT else f"CAST({raw} AS VARCHAR)"


def is_checked(column: Column) -> bool:
    """Whether a column can make a row of contacts odd: any text will do as an agent, who is not counted."""
    return bool(not column.optional or column.kind != "text" or column.choices)


def usual_words(source: Source, column: Column, words: tuple[str, ...]) -> dict[str, str]:
    """Return the texts that a column usually has, and what each means, without a look at blanks around it."""
    meant = {word: word for word in words} | source.values.get(column.name, {})
    return {
        word: meaning
        for word, meaning in meant.items()
        if word and word == word.strip() and word not in source.missing
    }


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True

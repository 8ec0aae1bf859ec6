"""The quarantine: rows that import refused, with the place and the reason, and nothing private.

One line per refused row, for its first fault: file, record (1 is the first data row), column, value, reason.
The raw row is never written. In a damaged row anything may stand anywhere, so a value is shown only if its
column is no id and the text cannot be a telephone number or an address; words, which may be a name, only of a
queue, an outcome or a channel, where a planner must know them to give them a meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from wfm.conform import conform
from wfm.errors import MOST_FAULTS_SHOWN, DataError, Fault, count_of, one_line, shown
from wfm.io.atomic import write_text
from wfm.tables import Column, Table

QUARANTINE = Table(
    "quarantine",
    ("file", "record"),
    (
        Column("file", "text", "source file"),
        Column("record", "integer", "data row of the file, 1 is the first", low=1),
        Column("column", "text", "column of the canonical table; empty: the row as a whole", optional=True),
        Column("value", "text", "what stood there, if it can be shown", optional=True),
        Column("reason", "text", "why the row cannot be used"),
    ),
    description="rows that import refused",
)
PRIVATE = frozenset({"contact_id", "agent_id"})
FEWEST_DIGITS = 6  # a telephone number has at least so many
LONGEST_VALUE = 60
MOST_PLACES = 3  # of one reason
MOST_REASONS = 5  # told of an import that was accepted; the file has them all
WORDY = frozenset({"", "queue", "outcome", "channel"})  # columns of words; of "" the value is no cell
_DAY, _MONTH, _YEAR = r"(0?[1-9]|[12]\d|3[01])", r"(0?[1-9]|1[0-2])", r"((19|20)\d\d)"
_DATE = rf"({_YEAR}[-./]{_MONTH}[-./]{_DAY}|({_DAY}[-./]{_MONTH}|{_MONTH}[-./]{_DAY})[-./]({_YEAR}|\d\d))"
_STAMP = re.compile(
    _DATE + r"([T ]\d{1,2}:\d{2}(:\d{2}([.,]\d{1,6})?)?( ?(Z|[+-]\d{2}:?\d{2}|[AP]M))?)?", re.IGNORECASE
)
_HIDDEN = ": hidden)"
_WORD = re.compile(r"[^\W\d_]+")
_PLAIN_WORDS = {  # what may stand in a number or a time, or in place of one
    *("t", "z", "e", "d", "h", "m", "s", "ms", "min", "sec", "am", "pm", "utc", "gmt", "x"),
    *("nan", "inf", "infinity", "null", "none", "n", "a", "na"),
}


class TooManyBadRows(DataError):
    """More rows were refused than allowed; `quarantine` has them all, to be written all the same."""

    def __init__(self, quarantine: pd.DataFrame, rows_read: int, max_bad_ratio: float) -> None:
        self.quarantine = quarantine
        self.rows_read = rows_read
        refused = len(quarantine)
        groups = _by_reason(quarantine)
        told = groups[:MOST_FAULTS_SHOWN]
        hint = (
            f"{refused} of {count_of(rows_read, 'row')} ({refused / rows_read:.2%}) cannot be used, allowed "
            f"are {max_bad_ratio:.2%}: correct the file, describe it with --mapping "
            "(`wfm import --sniff FILE` proposes one), or raise [import] max_bad_ratio"
        )
        super().__init__(
            map(_faults, told),
            source="import",
            hint=hint,
            total=refused,
            untold=refused - sum(map(len, told)),
        )


def quarantine_path(output: Path) -> Path:
    """Return where the quarantine of an import to `output` goes by default: beside it."""
    stem = "import" if output.name == "-" else re.sub(r"(\.csv)?\.(csv|gz|parquet)$", "", output.name)
    return output.with_name(f"{stem}.quarantine.csv")


def write_quarantine(quarantine: pd.DataFrame, path: Path) -> None:
    """Write the quarantine atomically; without rows a header alone, so that no old one is mistaken for it."""
    write_text(path, quarantine.to_csv(index=False, lineterminator="\n"))


def refusals(quarantine: pd.DataFrame) -> Iterator[str]:
    """Yield how many rows were refused and the first of them, per column and reason, the most first."""
    reasons = _by_reason(quarantine)
    for part in reasons[:MOST_REASONS]:
        first = next(part.head(1).itertuples(index=False))
        yield f"{len(part)} refused, the first is {_fault(first)}"
    if (more := len(reasons) - MOST_REASONS) > 0:
        yield f"rows refused for {count_of(more, 'more reason')}"


def quarantined(frame: pd.DataFrame) -> pd.DataFrame:
    """Return refused rows (file, record, column, value, reason) as QUARANTINE, private values hidden."""
    pairs = zip(frame["column"], frame["value"], strict=True)
    values = [None if pd.isna(value) else showable(column, str(value)) for column, value in pairs]
    shown = frame.assign(value=pd.Series(values, index=frame.index, dtype="str"))
    times = shown.groupby(["file", "record"]).cumcount()  # a file that was named twice is read twice
    again = shown["file"] + " (named again, " + (times + 1).astype("str") + ")"
    shown["file"] = shown["file"].where(times == 0, again)
    return conform(shown, QUARANTINE)


def showable(column: str, value: str) -> str | None:
    """Return a value as it may be shown: None for an id, its shape if it might tell of a person."""
    if column in PRIVATE:
        return None
    digits = _digits(value)
    if digits >= FEWEST_DIGITS and not _STAMP.fullmatch(value.strip()):
        return f"({len(value)} characters, {digits} of them digits{_HIDDEN}"
    words = [] if column in WORDY else [word.casefold() for word in _WORD.findall(value)]
    if "@" in value or not _PLAIN_WORDS.issuperset(words):
        return f"({len(value)} characters{_HIDDEN}"
    return value if len(value) <= LONGEST_VALUE else value[:LONGEST_VALUE] + "..."


def looks_like_a_row(header: Iterable[str]) -> bool:
    """Return whether a header may be a row of a file that has none, so that it must not be shown."""
    return any("@" in name or _digits(name) >= FEWEST_DIGITS for name in header)


def _digits(text: str) -> int:
    return sum(character.isdigit() for character in text)


def _by_reason(quarantine: pd.DataFrame) -> list[pd.DataFrame]:
    """Return refused rows by column and reason, and by value where it is a word, the most first."""
    words = quarantine["value"].where(quarantine["column"].isin(WORDY - {""}))
    groups = quarantine.groupby([quarantine["column"], quarantine["reason"], words], dropna=False, sort=False)
    return sorted((part for _, part in groups), key=len, reverse=True)


def _faults(rows: pd.DataFrame) -> Fault:
    """Return rows with one reason as one fault, at the first place; it names the next ones and the number."""
    first, *others = rows.head(MOST_PLACES).itertuples(index=False)
    fault = _fault(first)
    if not others:
        return fault
    places = [_place(row, first) for row in others]
    return replace(fault, problem=f"{fault.problem} ({len(rows)} rows, also {', '.join(places)})")


def _place(row: Any, first: Any) -> str:
    """Return where a row is, without what it shares with the `first`."""
    file = "" if row.file == first.file else f"{one_line(row.file)}, "
    is_told = not pd.isna(row.value) and row.value != first.value and not row.value.endswith(_HIDDEN)
    value = f" {shown(row.value)}" if is_told else ""
    return f"{file}record {row.record}{value}"


def _fault(row: Any) -> Fault:
    file, record, column, value, reason = row
    return Fault(
        reason,
        source=f"{file}, record {record}",
        column=None if pd.isna(column) else str(column),
        value=None if pd.isna(value) else str(value),
    )

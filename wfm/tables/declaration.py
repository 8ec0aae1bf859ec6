"""What a table is declared with: columns with kind, unit and bounds, the key, rules within a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "time", "date", "number", "integer", "flag", "hours", "skills"]
TEXTS: tuple[Kind, ...] = ("text", "hours", "skills")


@dataclass(frozen=True)
class Column:
    """One column: what it holds, in which unit, and what cannot be believed."""

    name: str
    kind: Kind
    description: str
    unit: str = ""
    optional: bool = False
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    default: str | float | bool | None = None


@dataclass(frozen=True)
class Ordered:
    """A rule between two columns of a row: `first` is not after (or, if strict, before) `last`."""

    first: str
    last: str
    strict: bool = False


@dataclass(frozen=True)
class Table:
    """A table: its columns, the columns that make a row unique, and rules within a row."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    ordered: tuple[Ordered, ...] = ()
    description: str = ""
    in_file_order: bool = False  # rows act one after the other, so that sorting would change their meaning

    def column(self, name: str) -> Column:
        """Return the column of this name; KeyError if the table has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def names(self) -> list[str]:
        """Column names in the order of the declaration."""
        return [column.name for column in self.columns]

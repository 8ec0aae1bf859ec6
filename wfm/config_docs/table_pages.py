"""docs/tables.md from the declarations of `wfm.tables`."""

from __future__ import annotations

from wfm.config_docs.markdown import code, number, table
from wfm.tables import TABLES, Column, Table

HEAD = """\
# Tables

Every table that commands read and write, made by `python -m wfm.config_docs` from `wfm/tables/`. One
row per key, sorted by key. A file is CSV (`.csv`, `.csv.gz`) or Parquet, as its name says; both hold the same
table.

Times are the starts of half-open intervals, in CSV as ISO 8601 with offset (`2026-03-02T09:00:00+01:00`). A
stamp without offset is local time of the queue, or of the agent's site. Durations are seconds (`_s`), ratios
fractions from 0 to 1. Optional columns may be absent or have empty cells; some then have a default. Unknown
columns are ignored, unless the name is so close to a declared one that it must be meant.
"""
COLUMN_HEAD = ("column", "type", "unit", "allowed", "optional", "meaning")
KINDS = {
    "hours": "weekly hours",
    "skills": "list of queues",
    "flag": "true or false",
    "integer": "whole number",
}


def tables_page() -> str:
    """Return docs/tables.md."""
    return "\n".join([HEAD, *(_text(each) for each in TABLES.values())])


def _text(declared: Table) -> str:
    key = ", ".join(map(code, declared.key))
    intro = f"## {declared.name}\n\n{declared.description.capitalize()}. Key: {key}.\n\n"
    return (
        intro + table(COLUMN_HEAD, [_cells(column) for column in declared.columns]) + "\n" + _orders(declared)
    )


def _orders(declared: Table) -> str:
    words = [
        f"{code(rule.first)} lies before {code(rule.last)}{'' if rule.strict else ' or is equal'}."
        for rule in declared.ordered
    ]
    return f"\n{' '.join(words)}\n" if words else ""


def _cells(column: Column) -> tuple[str, ...]:
    return (
        code(column.name),
        KINDS.get(column.kind, column.kind),
        column.unit,
        _allowed(column),
        _optional(column),
        column.description,
    )


def _allowed(column: Column) -> str:
    limits = ((">= ", column.low), ("<= ", column.high))
    bounds = [sign + number(limit) for sign, limit in limits if limit is not None]
    return ", ".join([*map(code, column.choices), *bounds])


def _optional(column: Column) -> str:
    if column.default is None:
        return "yes" if column.optional else ""
    default = number(column.default) if isinstance(column.default, float) else str(column.default)
    return f"yes: {default}"

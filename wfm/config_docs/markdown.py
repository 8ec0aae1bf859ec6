"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; a pipe inside a cell is escaped."""
    return "\n".join(map(_line, [head, ["---"] * len(head), *rows]))


def code(text: object) -> str:
    """Return text as code."""
    return f"`{text}`"


def number(value: float) -> str:
    """Return a number as people write it: 1000000, not 1e+06."""
    return str(int(value)) if value == int(value) else f"{value:g}"


def _line(cells: Sequence[str]) -> str:
    escaped = (cell.replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(escaped)} |"

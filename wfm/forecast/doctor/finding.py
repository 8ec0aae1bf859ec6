"""One observation, and how a list of dates or records is named in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MOST_NAMED = 5


@dataclass(frozen=True)
class Finding:
    """One observation about one queue (or file); `dates` are the local days (ISO) that it is about."""

    queue: str
    kind: str
    wrong: bool
    text: str
    dates: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.queue}: {self.kind}: {self.text}"


def named(items: Sequence[object], noun: str) -> str:
    """Return the first few items, and how many more there are: `2, 5 and 3 more rows`."""
    text = ", ".join(str(item) for item in items[:MOST_NAMED])
    more = len(items) - MOST_NAMED
    return f"{text} and {more} more {noun}" if more > 0 else text

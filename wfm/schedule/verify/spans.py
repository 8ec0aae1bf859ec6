"""Half-open stretches of time as (start, end) pairs: union, overlap, cover. Instants are UTC."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

Span = tuple[datetime, datetime]


def union(spans: Iterable[Span]) -> list[Span]:
    """Return the same time as sorted stretches that neither overlap nor touch; empty ones are dropped."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def common(first: Iterable[Span], second: Iterable[Span]) -> list[Span]:
    """Return the time that lies in both."""
    others = list(second)
    return union((max(a, c), min(b, d)) for a, b in first for c, d in others)


def overlap(one: Span, other: Span) -> bool:
    """Return whether the two share any time; touching is not sharing."""
    return max(one[0], other[0]) < min(one[1], other[1])


def covers(spans: Iterable[Span], whole: Span) -> bool:
    """Return whether every moment of `whole` lies in one of the spans."""
    return any(start <= whole[0] and whole[1] <= end for start, end in union(spans))


def elapsed(spans: Iterable[Span]) -> timedelta:
    """Return the length of the union."""
    return sum((end - start for start, end in union(spans)), timedelta())


def levels(groups: Mapping[str, Iterable[Span]]) -> Iterator[tuple[datetime, datetime, Counter[str]]]:
    """Yield (start, end, how many spans of each group are under way), stretch by stretch, in order.

    The counter is one object that goes on counting: read it before taking the next stretch.
    """
    changes = sorted(
        change
        for name, spans in groups.items()
        for start, end in spans
        for change in ((start, name, 1), (end, name, -1))
    )
    under_way: Counter[str] = Counter()
    for position, (moment, name, step) in enumerate(changes[:-1]):
        under_way[name] += step
        following = changes[position + 1][0]
        if moment < following:
            yield moment, following, under_way

"""Columns that several tables have: queue and interval, counts, seconds, shares, hours, the bands."""

from __future__ import annotations

from itertools import pairwise

from wfm.tables.declaration import Column, Ordered

BANDS = ("offered_p025", "offered_p10", "offered_p50", "offered_p90", "offered_p975")


def queue() -> Column:
    """Return the column of the queue."""
    return Column("queue", "text", "queue of the configuration")


def start(what: str = "start of the interval") -> Column:
    """Return the column of the interval, an instant."""
    return Column("interval_start", "time", what)


def count(name: str, what: str, *, optional: bool = True) -> Column:
    """Return a column of contacts."""
    return Column(name, "number", what, "contacts", optional=optional, low=0)


def seconds(name: str, what: str, *, optional: bool = True) -> Column:
    """Return a column of durations or sums of them."""
    return Column(name, "number", what, "s", optional=optional, low=0)


def ratio(name: str, what: str) -> Column:
    """Return a column of shares, which may be empty."""
    return Column(name, "number", what, "fraction", optional=True, low=0, high=1)


def hours(name: str, what: str) -> Column:
    """Return a column of hours, never empty."""
    return Column(name, "number", what, "h", low=0)


def bands() -> tuple[Column, ...]:
    """Return the columns of the five quantiles of offered, which `BANDS_ORDERED` keeps in order."""
    shares = ("2.5", "10", "50", "90", "97.5")
    return tuple(
        count(name, f"{share} % quantile of offered", optional=False)
        for name, share in zip(BANDS, shares, strict=True)
    )


BANDS_ORDERED = tuple(Ordered(a, b) for a, b in pairwise(BANDS))
AGENT = Column("agent_id", "text", "agent")

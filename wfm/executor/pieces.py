"""Pieces of work: how they end, what they tell, and who hears of it; and doing them right here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

T = TypeVar("T")
R = TypeVar("R")
Heard = Callable[[Any], None]


def unheard(_: object) -> None:
    """Listen to nothing."""


listeners: list[Heard] = []  # of this process, the last one holds


def tell(news: object) -> None:
    """Pass on how far a piece of work is, to whoever listens to it; it must be small, and can be pickled."""
    if listeners:
        listeners[-1](news)


@contextmanager
def listening(heard: Heard) -> Iterator[None]:
    """Hear what is told in this process while the body runs."""
    listeners.append(heard)
    try:
        yield
    finally:
        listeners.pop()


@dataclass(frozen=True)
class Outcome(Generic[T, R]):
    """How one item ended: its value, or the error in words; after so many attempts.

    `cause` is what the function raised, None where its worker died or took too long.
    """

    item: T
    value: R | None
    error: str = ""
    attempts: int = 1
    cause: BaseException | None = field(default=None, compare=False)

    @property
    def failed(self) -> bool:
        """Whether there is no value."""
        return bool(self.error)


@dataclass(frozen=True)
class Effort:
    """How often a piece is tried if its worker dies or it takes too long, and how long it may take.

    An exception of the function itself is an answer, not an accident: it is not tried again.
    """

    retries: int = 1
    timeout_s: float | None = None


class Backend(Protocol):
    """Where pieces of work are done."""

    def outcomes(
        self, function: Callable[[T], R], items: Sequence[T], effort: Effort, heard: Heard = unheard
    ) -> Iterator[Outcome[T, R]]:
        """Yield the outcome of every item, in any order."""


def map_unordered(
    function: Callable[[T], R],
    items: Iterable[T],
    backend: Backend,
    *,
    effort: Effort | None = None,
    progress: Callable[[float], None] = lambda _: None,
    heard: Heard = unheard,
) -> Iterator[Outcome[T, R]]:
    """Yield the outcome of `function` on each item as it ends.

    `progress` gets the share that is done, `heard` what the pieces `tell` (not those on a cluster).
    """
    work = list(items)
    for done, outcome in enumerate(backend.outcomes(function, work, effort or Effort(), heard), start=1):
        progress(done / len(work))
        yield outcome


@dataclass(frozen=True)
class Here:
    """No other process: one piece after the other. Timeouts do not hold here."""

    def outcomes(
        self, function: Callable[[T], R], items: Sequence[T], effort: Effort, heard: Heard = unheard
    ) -> Iterator[Outcome[T, R]]:
        """Yield the outcome of every item, in order."""
        del effort
        for item in items:
            try:
                with listening(heard):
                    value = function(item)
            except Exception as error:  # noqa: BLE001  whatever it is belongs to this piece
                yield Outcome(item, None, in_words(error), cause=error)
            else:
                yield Outcome(item, value)


def in_words(error: BaseException | None) -> str:
    """Return an error by its kind and first line; nothing of none."""
    if error is None:
        return ""
    first = str(error).strip().splitlines()
    return f"{type(error).__name__}: {first[0]}" if first else type(error).__name__

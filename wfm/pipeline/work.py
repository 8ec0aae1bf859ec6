"""Where the parts of a stage are done, as the pipeline sees it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

P = TypeVar("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Ended(Generic[P, R]):
    """How one part ended: its result, or the error that it raised (or that killed its worker)."""

    part: P
    result: R | None
    error: BaseException | None = None


class Work(Protocol):
    """Does the parts of a stage."""

    def each(self, stage: str, function: Callable[[P], R], parts: Sequence[P]) -> list[Ended[P, R]]:
        """Return how each part ended, in the order of the parts. `function` depends on its part alone."""


@dataclass(frozen=True)
class Direct:
    """One part after the other, in this process; the first error ends it all."""

    def each(self, stage: str, function: Callable[[P], R], parts: Sequence[P]) -> list[Ended[P, R]]:
        """Return the results; raises what `function` raises."""
        del stage
        return [Ended(part, function(part)) for part in parts]

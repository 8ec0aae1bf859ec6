"""Where the parts of a stage are done, as the pipeline sees it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from wfm.errors import LimitError
from wfm.executor import Heard, listening, unheard

P = TypeVar("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Ended(Generic[P, R]):
    """How one part ended: its result, or the error that it raised (or that killed its worker)."""

    part: P
    result: R | None
    error: BaseException | None = None


class LostError(LimitError):
    """A part killed its worker, or took too long, more often than it may: nobody knows its answer."""


class Work(Protocol):
    """Does the parts of a stage."""

    def each(
        self, stage: str, function: Callable[[P], R], parts: Sequence[P], heard: Heard = unheard
    ) -> list[Ended[P, R]]:
        """Return how each part ended, in the order of the parts. `function` depends on its part alone.

        `heard` is told what `function` tells (wfm.executor.tell), if there is one part only.
        """


@dataclass(frozen=True)
class Direct:
    """One part after the other, in this process; the first error ends it all."""

    def each(
        self, stage: str, function: Callable[[P], R], parts: Sequence[P], heard: Heard = unheard
    ) -> list[Ended[P, R]]:
        """Return the results; raises what `function` raises."""
        del stage
        with listening(heard if len(parts) == 1 else unheard):
            return [Ended(part, function(part)) for part in parts]

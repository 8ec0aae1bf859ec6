"""Where the parts of a stage are done, as the pipeline sees it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from wfm.errors import LimitError
from wfm.executor import Backend, Effort, Heard, Outcome, listening, map_unordered, unheard

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


@dataclass(frozen=True)
class Pooled:
    """Several parts at once, where `backend` does them; the first error ends it all."""

    backend: Backend
    effort: Effort
    progress: Callable[[float], None] = lambda _: None

    def each(
        self, stage: str, function: Callable[[P], R], parts: Sequence[P], heard: Heard = unheard
    ) -> list[Ended[P, R]]:
        """Return the results; raises what `function` raises, LostError for a worker that died or hung."""
        del stage
        numbered = list(enumerate(parts))
        found: dict[int, R] = {}
        outcomes = map_unordered(
            partial(_of_numbered, function),
            numbered,
            self.backend,
            effort=self.effort,
            progress=self.progress,
            heard=heard if len(parts) == 1 else unheard,
        )
        for outcome in outcomes:
            if outcome.value is None:
                raise error_of(outcome)
            found[outcome.item[0]] = outcome.value
        return [Ended(part, found[number]) for number, part in numbered]


def error_of(outcome: Outcome[Any, Any]) -> BaseException:
    """Return why an item has no value: what its function raised, or that its worker was lost."""
    if outcome.cause is not None:
        return outcome.cause
    times = "once" if outcome.attempts == 1 else f"{outcome.attempts} times"
    return LostError(f"{outcome.error}, {times}", hint="look at memory, or set [compute] timeout_s")


def _of_numbered(function: Callable[[P], R], item: tuple[int, P]) -> R:
    return function(item[1])

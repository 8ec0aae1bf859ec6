"""The parts of a night's stages: kept results are used again, the others are made by the backend.

Also a part that is alone is done by the backend, in another process: what kills it or hangs ends no night.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Generic, TypeVar

from wfm import interrupt
from wfm.errors import WfmError, count_of
from wfm.executor import Backend, Effort, Heard, Outcome, map_unordered, unheard
from wfm.nightly.fingerprint import fingerprint
from wfm.nightly.journal import Journal
from wfm.nightly.store import Store
from wfm.pipeline import Ended, error_of

P = TypeVar("P")
R = TypeVar("R")


@dataclass(frozen=True)
class _Numbered(Generic[P]):
    number: int
    part: P


@dataclass
class StoredWork:
    """Does parts by a backend unless the store has their results; counts what was `made` and `kept`."""

    store: Store
    backend: Backend
    effort: Effort
    journal: Journal
    made: dict[str, int] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)

    def each(
        self, stage: str, function: Callable[[P], R], parts: Sequence[P], heard: Heard = unheard
    ) -> list[Ended[P, R]]:
        """Return how each part ended, in the order of the parts."""
        interrupt.check()
        keys = [fingerprint(stage, part) for part in parts]
        ended: dict[int, Ended[P, R]] = {}
        for number, (part, key) in enumerate(zip(parts, keys, strict=True)):
            result = self.store.get(key)
            if result is not None:
                ended[number] = Ended(part, result)
        self.kept[stage] = self.kept.get(stage, 0) + len(ended)
        missing = [_Numbered(number, part) for number, part in enumerate(parts) if number not in ended]
        self.made[stage] = self.made.get(stage, 0) + len(missing)
        if ended:
            self.journal.write("debug", f"{stage}: {len(ended)} of {count_of(len(parts), 'part')} unchanged")
        doing = partial(_done, function)
        told = heard if len(parts) == 1 else unheard  # the progress of many would be nobody's
        for outcome in map_unordered(doing, missing, self.backend, effort=self.effort, heard=told):
            interrupt.check()
            number = outcome.item.number
            ended[number] = self._ended(stage, outcome, keys[number])
            if len(parts) > 1:
                self.journal.write("debug", f"{stage}: {len(ended)} of {count_of(len(parts), 'part')} done")
        return [ended[number] for number in range(len(parts))]

    def counts(self) -> dict[str, dict[str, int]]:
        """Return by stage how many parts were made, and how many unchanged."""
        return {stage: {"made": count, "unchanged": self.kept[stage]} for stage, count in self.made.items()}

    def _ended(self, stage: str, outcome: Outcome[_Numbered[P], R], key: str) -> Ended[P, R]:
        part = outcome.item.part
        if outcome.value is not None:
            return Ended(part, self.store.put(key, outcome.value))
        error = error_of(outcome)
        if not isinstance(error, WfmError):
            trace = "".join(traceback.format_exception(error))
            self.journal.write("error", f"{stage}: a bug: {outcome.error}\n{trace}")
        return Ended(part, None, error)


def _done(function: Callable[[P], R], numbered: _Numbered[P]) -> R:
    return function(numbered.part)

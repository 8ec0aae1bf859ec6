"""The bound climbs beside the search, on a thread of its own; neither waits for, nor steers, the other."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from wfm.schedule.bound import Bound, Relaxation, climb
from wfm.schedule.options import Listener, Progress
from wfm.schedule.phases import BOUND_SHARE, Clock

LOOK_EVERY_S = 0.2


class Bounding:
    """A bound in the making, from prices that guide the search."""

    def __init__(self, relaxation: Relaxation, prices: NDArray[np.float64], steps: int, clock: Clock) -> None:
        self.relaxation, self.prices, self.steps, self.clock = relaxation, prices, steps, clock
        self.best: float | None = None
        self.step = 0
        self.ended = True
        self.unwanted = threading.Event()
        self.future: Future[Bound]

    def climb(self) -> Bound:
        """Return the bound after all steps, or at the end of the time."""
        return climb(self.relaxation, self.prices, self.steps, self._shown)

    def _shown(self, step: int, value: float) -> bool:
        self.step, self.best = step, value
        late = self.clock.late(BOUND_SHARE)
        self.ended = self.ended and not late
        return late or self.unwanted.is_set()

    def beside(self, progress: Listener) -> Listener:
        """Return a listener that adds the bound so far to the events of another phase."""
        return lambda event: progress(replace(event, bound=self.best))

    def result(self, objective: float, progress: Listener) -> Bound:
        """Wait for the bound."""
        while not self.future.done():
            progress(Progress("bound", self.step / self.steps, objective, self.best))
            threading.Event().wait(LOOK_EVERY_S)
        bound = self.future.result()
        progress(Progress("bound", 1.0, objective, bound.value))
        return bound


@contextmanager
def bounding(
    relaxation: Relaxation, prices: NDArray[np.float64], steps: int, clock: Clock
) -> Iterator[Bounding]:
    """Let a bound climb while the body runs; it ends with the body at the latest."""
    found = Bounding(relaxation, prices, steps, clock)
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="bound") as pool:
        found.future = pool.submit(found.climb)
        try:
            yield found
        finally:
            found.unwanted.set()

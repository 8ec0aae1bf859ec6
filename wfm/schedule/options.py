"""How hard the engine searches, and who hears of its progress."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """Limits of one run; `None` takes the value of [schedule] in the configuration."""

    time_limit_s: float | None = None
    work_limit: float | None = None
    seed: int | None = None
    weeks: int | None = None
    freeze_days: int = 0  # first days of the horizon that stay as in the previous roster
    max_changed_shifts: int | None = None  # beside the previous roster; None: no limit but the weight
    best_effort: bool = False  # where demands cannot be met: the best legal roster, the rest flagged
    sweeps: int | None = None  # of the search; None: by the size of the problem
    patience: float = 1.0  # by how much the clock may be late on what the time limit plans, before it strikes


@dataclass(frozen=True)
class Progress:
    """One line of progress: what is going on, and the best figures so far."""

    phase: str
    share_done: float
    objective: float | None = None
    bound: float | None = None


Listener = Callable[[Progress], None]


def silent(_: Progress) -> None:
    """Listen to nothing."""

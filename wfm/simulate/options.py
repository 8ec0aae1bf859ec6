"""How much is simulated, and of whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Staffing = Literal["required", "scheduled"]


@dataclass(frozen=True)
class Options:
    """Choices of one run; None takes the value of [simulate] in the configuration."""

    staffing: Staffing = "required"  # of requirements: agents_required, or agents_to_schedule with shrinkage
    replications: int | None = None
    precision: float | None = None
    seed: int | None = None
    shrinkage: bool = True  # whether unplanned shrinkage is drawn
    workers: int | None = None  # threads; the results are the same for any number

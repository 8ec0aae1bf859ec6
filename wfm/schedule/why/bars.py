"""Bars of text: agents on a queue against those that it needs."""

from __future__ import annotations

import math
from collections.abc import Iterable

WIDEST = 40  # signs


def scale_of(agents: Iterable[float]) -> float:
    """Return how many agents one sign stands for, so that no bar is too wide: 1, 2, 5, 10, 20, ..."""
    most = max(agents, default=0.0)
    steps = (base * 10**power for power in range(9) for base in (1, 2, 5))
    return float(next((step for step in steps if most <= step * WIDEST), math.inf))


def bar(needed: float, without: float, with_it: float, scale: float = 1.0) -> str:
    """Return `####+.`: others, what is added, what is missing; `|` stands where the need ends.

    Agents are rounded to whole signs of `scale` agents.
    """
    need, least, most = (round(agents / scale) for agents in (needed, min(without, with_it), with_it))
    signs = "#" * least + "+" * (most - least) + "." * max(0, need - most)
    return f"{signs[:need]}|{signs[need:]}"

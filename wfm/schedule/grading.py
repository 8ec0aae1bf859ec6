"""What an agent's time on queue counts for, by skill group: its share of each slot times its worth there.

Most agents belong to one group and count as one; others change their group or their worth (`Grading`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from wfm.schedule.agents import Agent

Floats = NDArray[np.float64]
Piece = tuple[int, Floats]  # a group, and what each slot on queue counts for it


def pieces(agent: Agent, slots_per_interval: int) -> list[Piece]:
    """Return the groups an agent serves over time, with what its slots count for each (0 elsewhere)."""
    if agent.grading is None:
        return [(agent.group, agent.share)]
    grading = agent.grading
    found = []
    for group in np.unique(grading.group).tolist():
        counts = np.where(grading.group == group, grading.worth, 0.0)
        found.append((int(group), agent.share * np.repeat(counts, slots_per_interval)))
    return found


def priced(agent: Agent, of_group: Callable[[int], Floats]) -> Floats:
    """Return what an agent on queue is worth per interval, from the price of one full agent of each group."""
    if agent.grading is None:
        return of_group(agent.group)
    grading = agent.grading
    price = np.zeros(len(grading.worth))
    for group in np.unique(grading.group).tolist():
        here = grading.group == group
        price[here] = of_group(int(group))[here] * grading.worth[here]
    return price

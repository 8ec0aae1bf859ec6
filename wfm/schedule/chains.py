"""Several annealings of one roster beside each other, each with its own random choices; the best one stays.

Where agents are few, chance decides how good an annealing ends; where they are many, it hardly does.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from wfm.schedule.annealing import annealed
from wfm.schedule.options import Listener, silent
from wfm.schedule.search import Search

CHAINS_OF_FEW, FEW = 2, 80  # chains, and the most agents that have more than one


def best_annealed(
    search: Search, rounds: int, heat: float, late: Callable[[float], bool], progress: Listener
) -> bool:
    """Leave the search at the best roster of its annealings; False if time struck first in one of them."""
    others = [search.twin(number) for number in range(1, chains(len(search.agents)))]
    with ThreadPoolExecutor(max_workers=max(1, len(others)), thread_name_prefix="anneal") as pool:
        running = [pool.submit(annealed, other, rounds, heat, late, silent) for other in others]
        ended = annealed(search, rounds, heat, late, progress)
        own_ends = [future.result() for future in running]
    for other in others:
        if not other.state.breaches() and other.state.objective() < search.state.objective():
            search.take_over(other)
    return ended and all(own_ends)


def chains(agents: int) -> int:
    """Return how many annealings so many agents are worth; never by the machine, so that rosters repeat."""
    return CHAINS_OF_FEW if agents <= FEW else 1

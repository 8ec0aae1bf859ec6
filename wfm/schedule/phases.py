"""The search as a phase of a run under its wall clock, which only ever ends a phase and never steers one."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from wfm.errors import Fault, LimitError, RuleError, count_of
from wfm.schedule.annealing import compile_moves
from wfm.schedule.bound import Relaxation
from wfm.schedule.build import build_agent
from wfm.schedule.effort import Effort
from wfm.schedule.goals import changed_shifts, own_cost
from wfm.schedule.guide import guide
from wfm.schedule.lawful import Wanted, lawful_tour
from wfm.schedule.options import Listener, Progress
from wfm.schedule.problem import Problem
from wfm.schedule.search import Search, cooling
from wfm.schedule.solver import Tour
from wfm.schedule.state import State

Floats = NDArray[np.float64]

GUIDE_SHARE, SEARCH_SHARE = 0.25, 0.55  # of the time limit at which a phase ends
COMBINE_SHARE = 0.90
BOUND_SHARE = 0.95
LAST_SWEEPS = 3
DEARER = (4.0, 16.0, 256.0, 1e5)  # weights of a change tried, times the configured one


class Clock:
    """The wall-clock limit; it only ever ends a phase, it never steers one."""

    def __init__(self, limit_s: float, stop: Callable[[], bool] = lambda: False) -> None:
        self.limit_s, self.start = limit_s, time.monotonic()
        self._stop = stop

    @property
    def stopped(self) -> bool:
        """Whether the user asked for an end."""
        return self._stop()

    @property
    def seconds(self) -> float:
        """Seconds since the start of the run."""
        return time.monotonic() - self.start

    def late(self, share: float) -> bool:
        """Return whether this share of the limit is used, or the user asked for an end."""
        return self.stopped or self.seconds > share * self.limit_s


def warm_up(search: Search) -> None:
    """Run every compiled kernel once: the first run of an installation compiles them, off the clock."""
    for smoothing in (1.0, 0.0):
        search.improve(0, smoothing)
    search.state.objective()
    compile_moves(search)


def guided(
    relaxation: Relaxation, effort: Effort, seed: int, clock: Clock, progress: Listener
) -> tuple[Floats, bool]:
    """Return the prices that guide the search, and whether their phase came to its own end."""
    late = False

    def shown(step: int) -> bool:
        nonlocal late
        progress(Progress("prices", step / effort.price_steps))
        late = late or clock.late(GUIDE_SHARE)
        return late

    return guide(relaxation, effort.price_steps, effort.sample, seed, shown), not late


def searched(
    search: Search,
    sweeps: int,
    clock: Clock,
    progress: Listener,
    give_way: Callable[[Search], None] | None = None,
) -> bool:
    """Leave the search at its best legal roster; return whether it came to its own end.

    `give_way` may lower what a site asks for where no legal roster was found.
    """
    problem, state = search.problem, search.state
    best: tuple[float, list[Tour | None]] | None = None
    finished = True
    near = any(fact.compare_previous for fact in problem.facts)
    if near:
        _start_from_previous(problem, search)
    plan = [*cooling(problem, sweeps, near=near), *[0.0] * LAST_SWEEPS]
    for number, smoothing in enumerate(plan, start=1):
        if best is not None and clock.late(SEARCH_SHARE):
            finished = False
            break
        search.sweep(smoothing)
        early = number < len(plan) // 2 and not clock.late(SEARCH_SHARE / 2)
        if not early and not state.breaches():
            value = state.objective()
            if best is None or value < best[0]:
                best = (value, list(state.tours))
        progress(Progress("search", number / len(plan), best[0] if best else None))
        if best is None and clock.stopped:
            raise LimitError("interrupted before any legal roster was found", hint="nothing was written")
    if best is None and give_way is not None:
        give_way(search)
        best = None if state.breaches() else (state.objective(), list(state.tours))
    if best is None:
        raise _no_roster(state)
    state.restore(best[1])
    return finished


def _no_roster(state: State) -> LimitError:
    breaches = "; ".join(f"site {name}: {text}" for name, text in state.breaches().items())
    return LimitError(
        f"no roster found that keeps the limits of the sites ({breaches})",
        hint="allow more seats or less min_present, add agents, or give it more --time-limit",
    )


def _start_from_previous(problem: Problem, search: Search) -> None:
    """Give every agent the legal tour nearest to its previous one."""
    price = np.zeros(problem.grid.slots)
    for index, agent in enumerate(search.agents):
        near = Wanted(price, free_days=agent.off_patterns[search.pattern[index]])
        _, tour = lawful_tour(search.solver, agent, near, near=True)
        if tour is not None:
            search.state.put(index, tour)


def keep_within_budget(
    search: Search, most: int, seed: int, sweeps: int, clock: Clock, progress: Listener
) -> None:
    """Plan again with dearer changes until at most `most` shifts change; RuleError if that cannot be."""
    problem = search.problem
    fewest = _changed(search)
    for dearer in DEARER if fewest > most else ():
        weight = max(problem.weights.changed_shift, 1.0) * dearer
        heavy = problem.weights.model_copy(update={"changed_shift": weight})
        trial = Search(
            problem,
            [build_agent(problem, i, weights=heavy) for i in range(len(search.agents))],
            seed,
            search.prior,
        )
        searched(trial, sweeps, clock, progress)
        fewest = min(fewest, _changed(trial))
        if _changed(trial) <= most:
            tours = zip(search.agents, trial.state.tours, strict=True)
            costed = [t and replace(t, cost=own_cost(agent, t.types)) for agent, t in tours]
            search.state.restore(costed)
            search.pattern = list(trial.pattern)
            return
    if fewest > most:
        needed = _least_changes(search)
        if needed > most:
            words = f"{count_of(needed, 'shift')} must change for the hard rules to hold"
        else:
            words = f"no roster with fewer than {fewest} changed shifts was found"
        hint = "raise --max-changed-shifts, or look at leave and pins"
        raise RuleError([Fault(f"max_changed_shifts {most}: {words}")], source="previous", hint=hint)


def _least_changes(search: Search) -> int:
    """Return how many shifts must change for the agents' rules alone, those of the sites aside."""
    price, total = np.zeros(search.problem.grid.slots), 0
    for agent in search.agents:
        tours = (
            lawful_tour(search.solver, agent, Wanted(price, free_days=free), near=True)[1]
            for free in agent.off_patterns
        )
        total += min((changed_shifts(agent, tour.types) for tour in tours if tour is not None), default=0)
    return total


def _changed(search: Search) -> int:
    tours = zip(search.agents, search.state.tours, strict=True)
    return sum(changed_shifts(agent, tour.types) for agent, tour in tours if tour is not None)

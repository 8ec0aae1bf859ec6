"""How much of each phase is planned: by the size of the problem and the limit, never by a clock.

The rates are those of one core of the 2020s, so that a planned run ends well inside its limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wfm.schedule.agents import Agent
from wfm.schedule.annealing import MOVES_PER_TURN
from wfm.schedule.problem import Problem

SEARCH_PLANNED, ANNEAL_PLANNED, BOUND_PLANNED = 0.10, 0.25, 0.35  # of the limit; the bound runs beside both
FEWEST_SWEEPS, MOST_SWEEPS = 16, 100
FEWEST_ROUNDS, MOST_ROUNDS, ROUNDS_PER_AGENT = 20, 6000, 200  # a few agents are soon annealed
FEWEST_STEPS, MOST_STEPS = 60, 1000
SECONDS_PER_STATE = 3e-8  # (date, type, week state, run) of the tour programme
SECONDS_PER_PRICE = 1.3e-8  # (cut, interval) of the smoothed prices
SECONDS_PER_AGENT = 3e-4
SECONDS_PER_MOVE = 1.2e-6
SHARES_OF_SWEEPS = (3, 2)  # rounds and steps where only the sweeps are given


@dataclass(frozen=True)
class Effort:
    """Sweeps of the search, rounds of the annealing, steps of the bound."""

    sweeps: int
    rounds: int
    steps: int


def planned_effort(problem: Problem, agents: Sequence[Agent], limit_s: float, sweeps: int | None) -> Effort:
    """Return what ends well inside the limit; `sweeps`, if given, stands for a run of its own size."""
    if sweeps is not None:
        return Effort(sweeps, SHARES_OF_SWEEPS[0] * sweeps, SHARES_OF_SWEEPS[1] * sweeps)
    tours_s = SECONDS_PER_STATE * _states(agents) + len(agents) * SECONDS_PER_AGENT
    sweep_s = tours_s + len(agents) * SECONDS_PER_PRICE * problem.cuts.required.size
    round_s = SECONDS_PER_MOVE * MOVES_PER_TURN * len(agents)

    def within(share: float, each_s: float, fewest: int, most: int) -> int:
        return int(np.clip(share * limit_s / each_s, fewest, most))

    return Effort(
        within(SEARCH_PLANNED, sweep_s, FEWEST_SWEEPS, MOST_SWEEPS),
        within(ANNEAL_PLANNED, round_s, FEWEST_ROUNDS, min(MOST_ROUNDS, ROUNDS_PER_AGENT * len(agents))),
        within(BOUND_PLANNED, tours_s, FEWEST_STEPS, MOST_STEPS),
    )


def _states(agents: Sequence[Agent]) -> int:
    return sum(agent.static.size * len(agent.states.days) * max(1, agent.run_limit) for agent in agents)

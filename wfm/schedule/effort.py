"""How much of each phase is planned: by the size of the problem and the limit, never by a clock.

The rates are those of one core of the 2020s, so that a planned run ends well inside its limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from wfm.schedule.agents import Agent
from wfm.schedule.annealing import MOVES_PER_TURN, ROUNDS_PER_TOUR
from wfm.schedule.problem import Problem

# Shares of the limit; the annealing has what prices and sweeps leave of all, the bound runs beside both.
PRICES_PLANNED, SEARCH_PLANNED, ALL_PLANNED, BOUND_PLANNED = 0.08, 0.22, 0.62, 0.30
FEWEST_PRICE_STEPS, MOST_PRICE_STEPS = 200, 1500
SMALLEST_SAMPLE, SHARE_OF_SAMPLE = 10, 0.11  # of the agents
FEWEST_SWEEPS, MOST_SWEEPS = 16, 400
FEWEST_ROUNDS, MOST_ROUNDS, ROUNDS_PER_AGENT = 20, 18_000, 600  # a few agents are soon annealed
FEWEST_STEPS, MOST_STEPS = 20, 200
SECONDS_PER_STATE = 5e-9  # (date, type, week state, run) of the tour programme
SECONDS_PER_DATE = 8e-6
SECONDS_PER_AGENT = 1e-4
SECONDS_PER_PRICE = 1.3e-8  # (cut, interval) of the smoothed prices
TOURS_PER_SWEEP = 2  # of an agent, at most, on the average
SECONDS_PER_STEP = 3e-4
SECONDS_PER_MOVE = 8e-7
SHARES_OF_SWEEPS = (5, 3, 2)  # price steps, rounds and bound steps where only the sweeps are given


@dataclass(frozen=True)
class Effort:
    """What is planned: `price_steps` and `steps` climb the guiding prices and the bound."""

    price_steps: int
    sample: int
    sweeps: int
    rounds: int
    steps: int


def planned_effort(problem: Problem, agents: Sequence[Agent], limit_s: float, sweeps: int | None) -> Effort:
    """Return what ends well inside the limit; `sweeps`, if given, stands for a run of its own size."""
    sample = max(SMALLEST_SAMPLE, round(SHARE_OF_SAMPLE * len(agents)))
    if sweeps is not None:
        price_steps, rounds, steps = (times * sweeps for times in SHARES_OF_SWEEPS)
        return Effort(price_steps, sample, sweeps, rounds, steps)
    dates = len(agents) * len(problem.dates)
    tours_s = SECONDS_PER_STATE * _states(agents) + dates * SECONDS_PER_DATE + len(agents) * SECONDS_PER_AGENT
    prices_s = len(agents) * SECONDS_PER_PRICE * problem.cuts.required.size
    round_s = SECONDS_PER_MOVE * MOVES_PER_TURN * len(agents) + tours_s / ROUNDS_PER_TOUR
    sampled_s = SECONDS_PER_STEP + tours_s * min(1.0, sample / len(agents))
    sweep_s = TOURS_PER_SWEEP * tours_s + prices_s

    def within(seconds: float, each_s: float, fewest: int, most: int) -> int:
        return int(np.clip(seconds / each_s, fewest, most))

    price_steps = within(PRICES_PLANNED * limit_s, sampled_s, FEWEST_PRICE_STEPS, MOST_PRICE_STEPS)
    sweeps = within(SEARCH_PLANNED * limit_s, sweep_s, FEWEST_SWEEPS, MOST_SWEEPS)
    left_s = ALL_PLANNED * limit_s - price_steps * sampled_s - sweeps * sweep_s
    rounds = within(left_s, round_s, FEWEST_ROUNDS, min(MOST_ROUNDS, ROUNDS_PER_AGENT * len(agents)))
    steps = within(BOUND_PLANNED * limit_s, tours_s, FEWEST_STEPS, MOST_STEPS)
    return Effort(price_steps, sample, sweeps, rounds, steps)


def _states(agents: Sequence[Agent]) -> int:
    return sum(agent.static.size * len(agent.states.days) * max(1, agent.run_limit) for agent in agents)

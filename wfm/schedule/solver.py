"""The tour of one agent under prices: the compiled programmes put together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wfm.schedule.agents import Agent
from wfm.schedule.problem import Problem
from wfm.schedule.shift_costs import shift_costs
from wfm.schedule.tour import LEGAL, best_tour, finish_tour

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Tour:
    """Shift type per day (OFF: none) and the offsets of its breaks in slots; `cost` is the agent's own."""

    types: Ints
    offsets: Ints
    cost: float
    unpopular: int


class Solver:
    """Finds the best tour of one agent under prices; reuses its work arrays."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.no_cost = np.zeros(problem.grid.slots)

    def tour(
        self,
        agent: Agent,
        price: Floats,
        inside_cost: Floats | None = None,
        unpopular_price: float = 0.0,
        free_days: tuple[int, ...] = (),
    ) -> tuple[float, Tour | None]:
        """Return (cost under the prices, tour), or (INF, None) if the agent's rules cannot be met.

        `price` is the value per slot on queue, `inside_cost` the cost per slot inside a shift.
        """
        shifts, structure = agent.shifts, agent.shifts.structure
        static = agent.static
        if unpopular_price:
            static = static + unpopular_price * shifts.unpopular
        if free_days:
            static = static.copy()
            static[list(free_days)] = np.inf
        days = len(static)
        cost = np.empty_like(static)
        breaks = np.zeros((days, shifts.begin.shape[1], *structure.first.shape), dtype=np.int64)
        shift_costs(
            price * agent.share, self.no_cost if inside_cost is None else inside_cost, agent.blocked, static,
            shifts.begin_slot, shifts.length_slots, structure.of_length, structure.first, structure.last,
            structure.width, structure.count, structure.step, cost, breaks,
        )  # fmt: skip
        types = np.empty(days, dtype=np.int64)
        bounds, states = agent.bounds, agent.states
        value = best_tour(
            cost, agent.off_cost, shifts.begin, shifts.length, shifts.by_end,
            shifts.near_first, shifts.near_last, agent.paid_class,
            states.days, states.units, states.after, states.before, int(agent.class_units[-1]),
            bounds.least_days, bounds.most_days, bounds.least_units, bounds.most_units,
            agent.rest, agent.run_limit, agent.run_before, agent.uneven, types,
        )  # fmt: skip
        if value >= LEGAL:
            return value, None
        offsets = np.zeros((days, breaks.shape[3]), dtype=np.int64)
        own, unpopular = finish_tour(
            types, breaks, structure.of_length, agent.static, agent.off_cost, shifts.unpopular,
            shifts.near_first, shifts.near_last, agent.uneven, offsets,
        )  # fmt: skip
        return value, Tour(types, offsets, own, unpopular)

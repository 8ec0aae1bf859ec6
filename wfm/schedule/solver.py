"""The tour of one agent under prices: the compiled programmes put together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wfm.schedule.agents import Agent
from wfm.schedule.goals import overtime_cost
from wfm.schedule.problem import Problem
from wfm.schedule.shift_costs import shift_costs
from wfm.schedule.shifts import Shifts
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


@dataclass(frozen=True)
class Frame:
    """What one run of the programme keeps beside the agent's masks and limits.

    `rests` are stretches (minutes) without any shift, `per_change` a price of differing from the previous
    roster; limits of units replace those of the weeks. `runs` says whether short runs of days are ruled out.
    """

    rests: tuple[tuple[int, int], ...] = ()
    most_units: tuple[int, ...] = ()
    least_units: tuple[int, ...] = ()
    per_change: float = 0.0
    runs: bool = True


ALL_RULES, RELAXED = Frame(), Frame(runs=False)


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
        frame: Frame = ALL_RULES,
    ) -> tuple[float, Tour | None]:
        """Return (cost under the prices, tour), or (INF, None) if the agent's rules cannot be met.

        `price` is the value per slot on queue, `inside_cost` the cost per slot inside a shift. The further
        rules of the agent are kept only as far as the frame does.
        """
        shifts, structure = agent.shifts, agent.shifts.structure
        static, off_cost = agent.static, agent.off_cost
        if unpopular_price:
            static = static + unpopular_price * shifts.unpopular
        if free_days:
            static = static.copy()
            static[list(free_days)] = np.inf
        if frame.per_change:
            static = static + frame.per_change * agent.further.changed
            off_cost = off_cost + frame.per_change * agent.further.changed_off
        for rest in frame.rests:
            static = np.where(_overlapping(shifts, rest), np.inf, static)
        days = len(static)
        cost = np.empty_like(static)
        breaks = np.zeros((days, shifts.begin.shape[1], *structure.first.shape), dtype=np.int64)
        shift_costs(
            price * agent.share, self.no_cost if inside_cost is None else inside_cost, agent.blocked, static,
            shifts.begin_slot, shifts.length_slots, structure.of_length, structure.first, structure.last,
            structure.width, structure.count, structure.least_gap, structure.most_gap, structure.step,
            cost, breaks,
        )  # fmt: skip
        types = np.empty(days, dtype=np.int64)
        bounds, states, runs = agent.bounds, agent.states, agent.runs
        most_units = np.array(frame.most_units) if frame.most_units else bounds.most_units
        least_units = np.array(frame.least_units) if frame.least_units else bounds.least_units
        value = best_tour(
            cost, off_cost, shifts.begin, shifts.length, shifts.by_end,
            shifts.near_first, shifts.near_last, agent.paid_class,
            states.days, states.units, states.after, states.before, int(agent.class_units[-1]),
            bounds.least_days, bounds.most_days, least_units, most_units,
            bounds.ordinary, bounds.overtime_cost, agent.rest, agent.run_limit, agent.run_before,
            runs.least if frame.runs else 1, runs.start_free, runs.end_free, agent.uneven, types,
        )  # fmt: skip
        if value >= LEGAL:
            return value, None
        offsets = np.zeros((days, breaks.shape[3]), dtype=np.int64)
        own, unpopular = finish_tour(
            types, breaks, structure.of_length, agent.static, agent.off_cost, shifts.unpopular,
            shifts.near_first, shifts.near_last, agent.uneven, offsets,
        )  # fmt: skip
        return value, Tour(types, offsets, own + overtime_cost(agent, types), unpopular)


def _overlapping(shifts: Shifts, span: tuple[int, int]) -> NDArray[np.bool_]:
    """Return which shifts (dates x types) overlap a stretch of minutes."""
    begin = shifts.begin[:, :, None]
    overlap = (begin < span[1]) & (begin + shifts.length > span[0])
    return overlap.reshape(len(shifts.begin), -1)

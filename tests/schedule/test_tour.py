"""The programme of one agent finds what trying every tour finds."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.schedule.small import agents_table, config_with, problem_of, requirements_table
from wfm.schedule.agents import Agent
from wfm.schedule.build import build_agent
from wfm.schedule.problem import Problem
from wfm.schedule.shift_costs import place_breaks, shift_costs
from wfm.schedule.solver import Solver
from wfm.schedule.tour import LEGAL, OFF, week_states

TINY = """
[contracts.tiny]
week_hours = [8, 13]
days_per_week = [2, 3]
shift_hours = [4, 5]
shift_step_min = 60
starts = ["08:00", "12:00"]
breaks = [{ minutes = 30, paid = false, from_min = 60, to_min = 150, min_shift_hours = 5 }]
"""


def one_agent() -> tuple[Problem, Agent]:
    """Return a problem with one agent on the short contract (3 starts x 2 lengths)."""
    config = config_with()
    problem = problem_of(config, agents_table([{}]), requirements_table({"billing": [1] * 16}, config))
    return problem, build_agent(problem, 0)


def shift_table(problem: Problem, agent: Agent, price: np.ndarray) -> np.ndarray:
    """Return the cost of every (date, type) under the prices."""
    shifts, structure = agent.shifts, agent.shifts.structure
    cost = np.empty_like(agent.static)
    offsets = np.zeros((len(cost), shifts.begin.shape[1], *structure.first.shape), dtype=np.int64)
    shift_costs(
        price, np.zeros_like(price), agent.blocked, agent.static, shifts.begin_slot, shifts.length_slots,
        structure.of_length, structure.first, structure.last, structure.width, structure.count,
        structure.least_gap, structure.most_gap, structure.step, cost, offsets,
    )  # fmt: skip
    return cost


def brute_force(agent: Agent, cost: np.ndarray) -> float:
    """Return the least cost over every assignment of types to the days that keeps every rule."""
    shifts, contract = agent.shifts, agent.facts.contract
    lengths = len(shifts.length)
    best = np.inf
    for types in product(range(-1, cost.shape[1]), repeat=len(cost)):
        worked = [(day, kind) for day, kind in enumerate(types) if kind != OFF]
        if any(cost[day, kind] >= LEGAL for day, kind in worked):
            continue
        hours = sum(shifts.catalogue.paid_min[kind % lengths] for _, kind in worked) / 60
        if not contract.week_hours[0] <= hours <= contract.week_hours[1]:
            continue
        if not contract.days_per_week[0] <= len(worked) <= contract.days_per_week[1]:
            continue
        run = longest = 0
        for kind in types:
            run = run + 1 if kind != OFF else 0
            longest = max(longest, run)
        if longest > contract.consecutive_days:
            continue
        total = sum(cost[day, kind] for day, kind in worked)
        legal = True
        for (day, kind), (after, kind2) in pairwise(worked):
            end = shifts.begin[day, kind // lengths] + shifts.length[kind % lengths]
            legal &= shifts.begin[after, kind2 // lengths] - end >= contract.rest_h * 60
            starts = shifts.catalogue.starts
            uneven = abs(starts[kind // lengths] - starts[kind2 // lengths]) > 60
            total += agent.uneven * (uneven and after == day + 1)
        if legal:
            best = min(best, total)
    return best


@pytest.mark.parametrize("rules", ["", "consecutive_days = 2", "rest_h = 21"], ids=["free", "runs", "rest"])
def test_best_tour_costs_what_the_best_of_all_tours_costs(rules):
    config = config_with(TINY + rules)
    agents = agents_table([{"contract": "tiny"}])
    problem = problem_of(config, agents, requirements_table({"billing": [1] * 16}, config))
    agent = build_agent(problem, 0)
    for seed in range(2):
        price = np.random.default_rng(seed).normal(0.3, 1.0, problem.grid.slots)
        value, tour = Solver(problem).tour(agent, price)
        cost = shift_table(problem, agent, price)
        assert value == pytest.approx(brute_force(agent, cost), abs=1e-9)
        assert tour is not None
        worked = np.flatnonzero(tour.types != OFF)
        gained = sum(agent.static[d, tour.types[d]] - cost[d, tour.types[d]] for d in worked)
        assert tour.cost - gained == pytest.approx(value, abs=1e-9)


@settings(max_examples=examples(60), deadline=None)
@given(
    price=st.lists(st.floats(-3, 3), min_size=20, max_size=20),
    windows=st.lists(
        st.tuples(st.integers(0, 12), st.integers(0, 4), st.integers(1, 3)), min_size=1, max_size=3
    ),
)
def test_breaks_lose_as_little_as_the_best_of_all_placements(price, windows):
    running = np.concatenate([[0.0], np.cumsum(price)])
    first = np.array([w[0] for w in windows])
    last = np.array([w[0] + w[1] for w in windows])
    width = np.array([w[2] for w in windows])
    offsets = np.zeros(len(windows), dtype=np.int64)
    value = place_breaks(running, np.zeros(21, dtype=np.int64), 0, first, last, width, 1, (0, 99), offsets)
    legal = [
        placed
        for placed in product(*(range(a, b + 1) for a, b in zip(first, last, strict=True)))
        if all(x + w <= y for x, y, w in zip(placed, placed[1:], width, strict=False))
    ]
    if not legal:
        assert value >= LEGAL
        return
    lost = [sum(running[x + w] - running[x] for x, w in zip(placed, width, strict=True)) for placed in legal]
    assert value == pytest.approx(min(lost), abs=1e-9)
    assert tuple(offsets) in legal
    assert sum(running[x + w] - running[x] for x, w in zip(offsets, width, strict=True)) == pytest.approx(
        value
    )


def test_week_states_are_exactly_the_sums_that_shifts_can_reach():
    units = np.array([7, 8, 10])
    days, paid, after, before = week_states(units, 3, 26)
    sums = {(n, sum(c)) for n in range(4) for c in product(units, repeat=n) if sum(c) <= 26}
    assert set(zip(days.tolist(), paid.tolist(), strict=True)) == sums
    for p, c in product(range(len(days)), range(3)):
        if after[p, c] >= 0:
            assert paid[after[p, c]] == paid[p] + units[c]
            assert before[after[p, c], c] == p


def test_a_run_that_began_before_the_horizon_counts():
    problem, agent = one_agent()
    price = np.full(problem.grid.slots, 5.0)
    tired = replace(agent, run_limit=3, run_before=3, runs=replace(agent.runs, least=1))
    _, tour = Solver(problem).tour(tired, price)
    assert tour is not None
    assert tour.types[0] == OFF

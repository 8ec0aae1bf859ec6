"""Planned effort: more time never means less of it, and nothing is left out."""

from __future__ import annotations

from dataclasses import astuple
from itertools import pairwise

import pytest

from tests.schedule.small import bumpy_centre, config_with, problem_of
from wfm.schedule.agents import Agent
from wfm.schedule.build import build_agent
from wfm.schedule.effort import planned_effort
from wfm.schedule.problem import Problem

LIMITS_S = [0.1 * 2**step for step in range(18)]  # to more than half a day


def centre(count: int) -> tuple[Problem, list[Agent]]:
    """Return a bumpy centre of so many agents."""
    config = config_with()
    problem = problem_of(config, *bumpy_centre(count, 1, config))
    return problem, [build_agent(problem, index) for index in range(count)]


@pytest.mark.parametrize("copies", [1, 6, 300], ids=["few", "dozens", "thousands"])
def test_twice_the_time_never_plans_less(copies):
    problem, built = centre(8)
    plans = [planned_effort(problem, built * copies, limit, None) for limit in LIMITS_S]
    assert min(min(astuple(plan)) for plan in plans) > 0
    for less, more in pairwise(plans):
        assert all(a <= b for a, b in zip(astuple(less), astuple(more), strict=True))
    assert len({plan.rounds for plan in plans}) > 3
    assert len({plan.sample for plan in plans}) == 1


def test_more_agents_have_fewer_rounds_in_the_same_time_and_larger_samples():
    problem, built = centre(8)
    few, many = (planned_effort(problem, built * copies, 60.0, None) for copies in (10, 100))
    assert few.rounds > many.rounds
    assert few.sweeps >= many.sweeps
    assert few.sample < many.sample < len(built) * 100


@pytest.mark.parametrize("sweeps", [1, 7, 1000])
def test_given_sweeps_win_over_the_limit_and_scale_the_rest(sweeps):
    problem, built = centre(3)
    short, long = (planned_effort(problem, built, limit, sweeps) for limit in (0.01, 1e5))
    assert short == long
    assert short.sweeps == sweeps
    one = planned_effort(problem, built, 1.0, 1)
    assert (short.price_steps, short.rounds, short.steps) == tuple(
        sweeps * each for each in (one.price_steps, one.rounds, one.steps)
    )
    assert min(astuple(short)) > 0

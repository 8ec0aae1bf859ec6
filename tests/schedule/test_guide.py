"""Guiding prices: samples stand for all agents, prices are legal and prove more than uniform ones."""

from __future__ import annotations

import numpy as np
import pytest

from tests.schedule.small import agents_table, bumpy_centre, config_with, problem_of, requirements_table
from wfm.config import Config
from wfm.schedule.bound import Relaxation, climb, projected
from wfm.schedule.build import build_agent
from wfm.schedule.guide import _Strata, _uniform, guide, prior
from wfm.schedule.problem import Problem
from wfm.schedule.search import Search

WEIGHTS = "\n[schedule.weights]\n"
NO_WEIGHTS = WEIGHTS + "understaffed = 0\noverstaffed = 0\n"


def relaxed(problem: Problem) -> Relaxation:
    """Return the relaxation of a problem."""
    built = [build_agent(problem, index) for index in range(len(problem.facts))]
    return Relaxation(problem, built, Search(problem, built, 1).state)


def bumpy(count: int = 30, seed: int = 1, config: Config | None = None) -> Problem:
    """Return the problem of a bumpy centre."""
    config = config or config_with()
    return problem_of(config, *bumpy_centre(count, seed, config))


def to_the_end(_: int) -> bool:
    """Let every step be taken."""
    return False


def test_a_sample_of_as_many_as_there_are_classes_is_all_of_them_with_their_own_counts():
    relaxation = relaxed(bumpy())
    assert len({count for _, count in relaxation.classes}) > 1
    strata = _Strata(relaxation.classes, len(relaxation.classes))
    own = {id(agent): count for agent, count in relaxation.classes}
    for drawn in (strata.draw(np.random.default_rng(seed)) for seed in range(20)):
        assert {id(agent): count for agent, count in drawn} == own
        assert len(drawn) == len(own)


def test_a_sample_larger_than_the_classes_gives_prices_of_all_classes():
    relaxation = relaxed(bumpy(8))
    classes = len(relaxation.classes)
    exactly, more = (guide(relaxation, 6, sample, 1, to_the_end) for sample in (classes, classes + 50))
    assert np.array_equal(exactly, more)


def test_samples_weigh_as_much_as_all_agents_and_leave_no_class_out():
    relaxation = relaxed(bumpy())
    random = np.random.default_rng(2)
    for parts in range(1, len(relaxation.classes) + 1):
        strata, seen = _Strata(relaxation.classes, parts), set()
        for _ in range(30 * len(relaxation.classes)):
            drawn = strata.draw(random)
            assert sum(count for _, count in drawn) == pytest.approx(30)
            assert len({id(agent) for agent, _ in drawn}) == len(drawn) == parts
            seen |= {id(agent) for agent, _ in drawn}
        assert seen == {id(agent) for agent, _ in relaxation.classes}


def test_prices_repeat_for_a_seed_and_depend_on_it_while_samples_are_drawn():
    relaxation = relaxed(bumpy(12))
    first, again, other = (guide(relaxation, 10, 4, seed, to_the_end) for seed in (3, 3, 4))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("sample", [4, 1000], ids=["samples", "all"])
@pytest.mark.parametrize("seed", [1, 2])
def test_guiding_prices_prove_more_than_uniform_ones(seed, sample):
    relaxation = relaxed(bumpy(18, seed))
    start, found = (relaxation.value(guide(relaxation, n, sample, seed, to_the_end))[0] for n in (0, 150))
    assert found > start


@pytest.mark.parametrize("need", [16, 21, 25], ids=["too many agents", "enough", "too few"])
def test_the_uniform_start_is_the_best_of_uniform_prices(need):
    config = config_with()
    (agents, _), (_, requirements) = bumpy_centre(10, 1, config), bumpy_centre(need, 1, config)
    relaxation = relaxed(problem_of(config, agents, requirements))
    problem = relaxation.problem
    dearest = (problem.weights.understaffed + problem.weights.overstaffed) * problem.price_scale
    start = relaxation.value(guide(relaxation, 0, 1000, 1, to_the_end))[0]
    others = [relaxation.value(_uniform(problem, price))[0] for price in np.linspace(0, dearest, 21)]
    assert start >= max(others) - 0.03 * (max(others) - min(others))


@pytest.mark.parametrize(
    "weights",
    ["", WEIGHTS + "understaffed = 0\n", WEIGHTS + "overstaffed = 0\n", NO_WEIGHTS],
    ids=["both", "over", "under", "none"],
)
def test_prices_are_never_negative_and_none_where_nothing_is_required(weights):
    problem = bumpy(8, 3, config_with(weights))
    relaxation = relaxed(problem)
    assert (problem.required == 0).any()
    for steps in (0, 12):
        prices = guide(relaxation, steps, 4, 1, to_the_end)
        assert (prices >= 0).all()
        assert (prices[:, problem.required == 0] == 0).all()
        assert np.isfinite(relaxation.value(prices)[0])


@pytest.mark.parametrize("overstaffed", [2, 1.7, 0.1])
def test_projected_prices_prove_something_where_missing_agents_cost_nothing_more(overstaffed):
    problem = bumpy(8, 3, config_with(WEIGHTS + f"understaffed = 0\noverstaffed = {overstaffed}\n"))
    relaxation = relaxed(problem)
    for seed in range(5):
        prices = 9 * np.random.default_rng(seed).random(problem.cuts.required.shape)
        assert np.isfinite(relaxation.value(projected(prices, problem))[0])
        assert np.isfinite(climb(relaxation, projected(prices, problem), 3).value)


def test_steps_end_when_told():
    relaxation = relaxed(bumpy(6))
    heard: list[int] = []

    def shown(step: int) -> bool:
        heard.append(step)
        return step == 3

    ended = guide(relaxation, 10, 3, 1, shown)
    assert heard == [0, 1, 2, 3]
    assert ended.shape == relaxation.problem.cuts.required.shape


def test_a_queue_that_nobody_serves_is_priced_at_what_it_costs():
    config = config_with(WEIGHTS + "fairness = 0\nstart_consistency = 0\n")
    agents = agents_table([{"skills": "billing"}] * 2)
    problem = problem_of(config, agents, requirements_table({"tech": [2, 1] * 8}, config))
    relaxation = relaxed(problem)
    search = Search(problem, [build_agent(problem, index) for index in range(2)], 1)
    search.sweep(0.0)  # every agent on queue is one too many: each by itself is best
    value = relaxation.value(guide(relaxation, 0, 9, 1, to_the_end))[0]
    assert search.state.coverage_cost()[0] > 0
    assert value == pytest.approx(search.state.objective())


def test_the_prior_is_positive_and_rises_with_every_price():
    problem = bumpy(6)
    dearest = (problem.weights.understaffed + problem.weights.overstaffed) * problem.price_scale
    random = np.random.default_rng(4)
    for size in (0.0, 0.3, 1.0, 3.0):
        low = size * dearest * random.random(problem.cuts.required.shape)
        one = low.copy()
        one[random.integers(len(low))] += 0.2 * dearest
        before, after = prior(problem, low), prior(problem, one)
        assert (before > 0).all()
        assert np.isfinite(after).all()
        assert (after >= before).all()
        assert (after > before).any()
        changed = (one > low).any(axis=1)
        apart = problem.cuts.component_first.searchsorted(np.arange(len(low)), side="right")
        others = apart != apart[changed][0]
        assert np.array_equal(after[others], before[others])


def test_the_prior_of_a_price_is_what_it_costs_beside_what_is_left_of_a_missing_agent():
    problem = bumpy(6)
    dearest = (problem.weights.understaffed + problem.weights.overstaffed) * problem.price_scale
    first = problem.cuts.component_first
    prices = np.zeros_like(problem.cuts.required)
    prices[first[0]] = 0.6 * dearest
    assert prior(problem, prices)[first[0]] == pytest.approx(0.6 / 0.4)  # odds against none missing


def test_without_weights_of_coverage_the_prior_prefers_nothing():
    problem = bumpy(6, 1, config_with(NO_WEIGHTS))
    prices = np.random.default_rng(1).random(problem.cuts.required.shape)
    assert np.array_equal(prior(problem, prices), np.ones_like(prices))


def test_all_classes_named_give_the_bound_itself_and_a_heavier_class_its_own_share():
    problem = bumpy(14, 5)
    relaxation = relaxed(problem)
    prices = projected(3 * np.random.default_rng(6).random(problem.cuts.required.shape), problem)
    value, gradient = relaxation.value(prices)
    named, same = relaxation.value(prices, list(reversed(relaxation.classes)))
    assert named == pytest.approx(value)
    assert np.allclose(same, gradient)
    nobody = relaxation.value(prices, [])[0]
    alone = [relaxation.value(prices, [(agent, 1.0)])[0] - nobody for agent, _ in relaxation.classes]
    counts = [count for _, count in relaxation.classes]
    assert value - nobody == pytest.approx(float(np.dot(alone, counts)))

"""Cuts give the least total of missing agents, and prices its exact change."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from tests.examples import examples
from tests.schedule.small import bumpy_centre, config_with, problem_of
from wfm.schedule.coverage import exact_prices, shortfall, smooth_prices
from wfm.schedule.cuts import NO_COMPONENT, build_cuts
from wfm.schedule.guide import LEAST_SHARE, prior

SKILLS = st.lists(st.frozensets(st.integers(0, 3), max_size=3), min_size=1, max_size=5, unique=True)


def least_missing(groups, supply, need):
    """Return the least total of missing agents by linear programming over who works which queue."""
    pairs = [(g, q) for g, skills in enumerate(groups) for q in skills if q < len(need)]
    if not pairs:
        return float(sum(need))
    rows = np.zeros((len(groups) + len(need), len(pairs)))
    for column, (g, q) in enumerate(pairs):
        rows[g, column] = rows[len(groups) + q, column] = 1
    answer = linprog(-np.ones(len(pairs)), A_ub=rows, b_ub=[*supply, *need], method="highs")
    return float(sum(need) + answer.fun)


@settings(max_examples=examples(80), deadline=None)
@given(
    groups=SKILLS,
    need=st.lists(st.integers(0, 6), min_size=4, max_size=4),
    supply=st.lists(st.integers(0, 6), min_size=5, max_size=5),
)
def test_the_largest_cut_is_the_least_total_of_missing_agents(groups, need, supply):
    cuts = build_cuts(groups, np.array(need, dtype=float)[:, None])
    deficit = cuts.required - (cuts.covers @ np.array(supply[: len(groups)], dtype=float))[:, None]
    missing = shortfall(deficit, cuts.component_first)[0]
    assert missing == np.round(least_missing(groups, supply[: len(groups)], need), 9)


@settings(max_examples=examples(60), deadline=None)
@given(
    groups=SKILLS,
    need=st.lists(st.integers(0, 6), min_size=4, max_size=4),
    supply=st.lists(st.integers(0, 6), min_size=5, max_size=5),
    group=st.integers(0, 4),
)
def test_exact_price_is_the_saving_of_one_more_agent(groups, need, supply, group):
    group %= len(groups)
    required = np.array(need, dtype=float)[:, None]
    total = required.sum(axis=0)
    cuts = build_cuts(groups, required)
    present = np.array(supply[: len(groups)], dtype=float)

    def cost(of):
        missing = shortfall(cuts.required - (cuts.covers @ of)[:, None], cuts.component_first)[0]
        return 10 * missing * (1 + (missing / total[0] if total[0] else 0)) + 2 * (
            of.sum() - total[0] + missing
        )

    price = np.empty(1)
    deficit = cuts.required - (cuts.covers @ present)[:, None]
    covered = np.ascontiguousarray(cuts.covers[:, group])
    exact_prices(deficit, cuts.component_first, covered, int(cuts.component[group]), total, 10.0, 2.0, price)
    more = present.copy()
    more[group] += 1
    assert np.isclose(price[0], cost(present) - cost(more))


def test_smoothing_cooled_to_zero_gives_the_sign_of_the_exact_price():
    cuts = build_cuts([frozenset({0}), frozenset({0, 1})], np.array([[4.0, 1.0], [2.0, 0.0]]))
    deficit = cuts.required - (cuts.covers @ np.array([1.0, 2.0]))[:, None]
    covered = np.ascontiguousarray(cuts.covers[:, 0])
    total = np.array([6.0, 1.0])
    price, exact = np.empty(2), np.empty(2)
    prior = np.array([[0.1, 5.0]] * len(deficit))
    smooth_prices(deficit, cuts.component_first, covered, 0, total, prior, 0.01, 10.0, 2.0, price)
    exact_prices(deficit, cuts.component_first, covered, 0, total, 10.0, 2.0, exact)
    assert np.array_equal(np.sign(price), np.sign(exact))


@settings(max_examples=examples(60), deadline=None)
@given(
    groups=SKILLS,
    need=st.lists(st.integers(0, 6), min_size=4, max_size=4),
    supply=st.lists(st.integers(0, 6), min_size=5, max_size=5),
    seed=st.integers(0, 99),
    group=st.integers(0, 4),
)
def test_cooled_smoothing_agrees_with_the_exact_price_of_every_group_whatever_the_prior(
    groups, need, supply, seed, group
):
    group %= len(groups)
    required = np.array(need, dtype=float)[:, None]
    cuts, total = build_cuts(groups, required), required.sum(axis=0)
    deficit = cuts.required - (cuts.covers @ np.array(supply[: len(groups)], dtype=float))[:, None]
    weights = np.exp(np.random.default_rng(seed).uniform(np.log(0.01), np.log(100), deficit.shape))
    covered, component = np.ascontiguousarray(cuts.covers[:, group]), int(cuts.component[group])
    price, exact = np.empty(1), np.empty(1)
    args = (deficit, cuts.component_first, covered, component, total)
    smooth_prices(*args, weights, 0.01, 10.0, 2.0, price)
    exact_prices(*args, 10.0, 2.0, exact)
    assert np.sign(price[0]) == np.sign(exact[0])


def test_under_a_wide_smoothing_prices_are_those_that_guide_the_search():
    config = config_with()
    agents, requirements = bumpy_centre(6, 4, config)
    problem = problem_of(config, agents, requirements)
    first = problem.cuts.component_first
    random, scale = np.random.default_rng(3), problem.price_scale
    least = LEAST_SHARE * 12.0 * scale  # understaffed 10 and overstaffed 2
    guiding = np.maximum(least, random.random(problem.cuts.required.shape) * 4.0 * scale)
    for group, component in enumerate(problem.cuts.component):
        covered = np.ascontiguousarray(problem.cuts.covers[:, group])
        price = np.empty(problem.grid.intervals)
        args = (np.zeros_like(guiding), first, covered, int(component), problem.required)
        smooth_prices(*args, prior(problem, guiding), 1e9, 10.0, 2.0, price)
        wanted = guiding[covered].sum(axis=0) / scale - 2.0
        open_now = problem.required > 0
        assert np.allclose(price[open_now], wanted[open_now])


def test_queues_and_groups_that_share_nothing_are_apart():
    cuts = build_cuts([frozenset({0}), frozenset({1, 2}), frozenset()], np.ones((4, 1)))
    assert cuts.component[0] != cuts.component[1]
    assert cuts.component[2] == NO_COMPONENT
    nobody = shortfall(
        cuts.required - (cuts.covers @ np.array([9.0, 9.0, 9.0]))[:, None], cuts.component_first
    )
    assert nobody[0] == 1.0  # the queue that nobody serves

"""The search over skill groups: against formulas, brute force, and measures that promise too much."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from wfm.erlang.models import Answering, QueueingModel, performance
from wfm.erlang.multi_skill import SURE, Groups, Margins, cheapest_staffing
from wfm.erlang.skill_start import first_staffing
from wfm.erlang.targets import Targets, fewest_agents

NO_LIMIT = np.array([1000, 1000, 1000])


def exactly(margins):
    """Return a measure of margins that are known without error."""

    def measure(staffings, thorough):
        values = [np.asarray(margins(one), dtype=np.float64) for one in staffings]
        return [Margins(value, np.zeros_like(value)) for value in values]

    return measure


def test_groups_of_one_skill_each_are_what_each_queue_needs_alone():
    load, model = np.array([3.0, 20.0, 90.0]), QueueingModel("erlang_a", 150.0)
    needed = fewest_agents(model, load * 5.0, 900.0, 180.0, Targets(service_level=0.8))

    def margins(agents):
        level = performance(model, agents, load, 180.0, Answering(20.0)).service_level
        level = np.clip(level, 1e-9, 1 - 1e-9)
        return np.log(level / (1 - level)) - np.log(0.8 / 0.2)

    for start in (needed + 9, np.maximum(0, needed - 7)):
        found = cheapest_staffing(Groups(np.array([1.0, 1.1, 0.9]), NO_LIMIT), start, exactly(margins))
        assert found is not None
        assert found.tolist() == needed.tolist()


def pooled(asked, gives):
    """Return margins with diminishing returns: sqrt of the own agents and a share of the third group's."""

    def margins(agents):
        served = agents[..., :2] + np.array(gives) * agents[..., 2:]
        return np.sqrt(served) - np.sqrt(np.array(asked))

    return margins


@settings(max_examples=examples(30))
@given(
    st.tuples(st.floats(8, 40), st.floats(8, 40)),
    st.tuples(st.floats(0.4, 0.9), st.floats(0.4, 0.9)),
    st.tuples(st.floats(0.8, 1.5), st.floats(0.8, 1.5), st.floats(0.8, 1.5)),
)
def test_no_staffing_of_three_groups_is_much_cheaper(asked, gives, cost):
    margins, cost = pooled(asked, gives), np.array(cost)
    found = cheapest_staffing(Groups(cost, NO_LIMIT), np.array([41, 41, 0]), exactly(margins))
    assert found is not None
    assert (margins(found) >= 0).all()
    shared = np.arange(101.0)[:, None]  # for so many of the third group, the fewest of the others are known
    own = np.ceil(np.maximum(0.0, np.array(asked) - np.array(gives) * shared) - 1e-9)
    best = float((own @ cost[:2] + cost[2] * shared[:, 0]).min())
    assert best - 1e-9 <= float(cost @ found) <= 1.02 * best + cost.max()  # one agent: a few are never smooth


def test_what_the_search_measured_too_well_is_paid_for():
    def measure(staffings, thorough):
        luck = 0.0 if thorough else 0.4
        found = [pooled((9.0, 6.0), (0.5, 0.5))(one) + luck for one in staffings]
        return [Margins(value, np.full(2, 0.01)) for value in found]

    found = cheapest_staffing(Groups(np.ones(3), NO_LIMIT), np.array([9, 6, 0]), measure)
    assert found is not None
    assert (pooled((9.0, 6.0), (0.5, 0.5))(found) >= SURE * 0.01).all()


def test_limits_of_the_groups_are_kept():
    margins = pooled((9.0, 6.0), (0.5, 0.5))
    found = cheapest_staffing(
        Groups(np.ones(3), np.array([7, 20, 20])), np.array([9, 6, 0]), exactly(margins)
    )
    assert found is not None
    assert found[0] <= 7
    assert (margins(found) >= 0).all()


def test_targets_that_all_agents_miss_have_no_staffing():
    margins = exactly(pooled((9.0, 6.0), (0.5, 0.5)))
    assert cheapest_staffing(Groups(np.ones(3), np.array([3, 3, 1])), np.zeros(3, dtype=int), margins) is None


def test_a_first_staffing_gives_every_queue_what_it_needs_alone_at_least_cost():
    serves = np.array([[True, False], [False, True], [True, True]])
    alone, many = np.array([10, 7]), np.array([100, 100, 100])
    cheap_specialists = first_staffing(alone, serves, np.array([1.0, 1.0, 1.2]), many)
    assert cheap_specialists.tolist() == [10, 7, 0]
    cheap_generalists = first_staffing(alone, serves, np.array([1.0, 1.0, 0.9]), many)
    assert cheap_generalists.tolist() == [0, 0, 17]
    few = first_staffing(alone, serves, np.array([1.0, 1.0, 1.2]), np.array([4, 7, 10]))
    assert few.tolist() == [4, 7, 6]


def test_groups_too_small_for_separate_queues_begin_with_everybody():
    serves = np.array([[True, True]])
    assert first_staffing(np.array([10, 7]), serves, np.ones(1), np.array([12])).tolist() == [12]


@pytest.mark.parametrize("start", [[0, 0, 0], [40, 40, 40]], ids=["nobody", "too many"])
def test_any_start_ends_near_the_same_cost(start):
    margins = pooled((30.0, 20.0), (0.6, 0.6))
    found = cheapest_staffing(Groups(np.array([1.0, 1.0, 1.1]), NO_LIMIT), np.array(start), exactly(margins))
    assert found is not None
    # 0.6 of an agent on both sides costs 1.1: 33.3 generalists give 20 to both, 10 specialists the rest
    assert 46.0 <= float(np.array([1.0, 1.0, 1.1]) @ found) <= 1.02 * 46.7 + 1.0

"""The split against oracles: cuts, a linear programme, and cases by hand; nobody is counted twice."""

from __future__ import annotations

from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from wfm.schedule.verify.split import Skills, split

QUEUES = ("p", "q", "r", "s")
SKILLS = st.lists(st.sampled_from((*QUEUES, "closed")), unique=True, max_size=4).map(tuple)
SUPPLIES = st.dictionaries(SKILLS, st.integers(0, 60), max_size=6)
NEEDS = st.dictionaries(st.sampled_from(QUEUES), st.integers(0, 60), max_size=4)


def missing_by_cuts(supply: dict[Skills, int], need: dict[str, int]) -> int:
    """U = max over sets K of open queues of R(K) - S(K), S(K) the agents with a skill in K."""
    sets = chain.from_iterable(combinations(need, size) for size in range(len(need) + 1))
    return max(
        sum(need[queue] for queue in some)
        - sum(time for skills, time in supply.items() if {*skills} & {*some})
        for some in sets
    )


def missing_by_linear_programme(supply: dict[Skills, int], need: dict[str, int]) -> float:
    """Most time put to use, as a linear programme over (group, queue)."""
    edges = [(group, queue) for group in supply for queue in group if queue in need]
    if not edges:
        return sum(need.values())
    of_group = [[edge[0] == group for edge in edges] for group in supply]
    of_queue = [[edge[1] == queue for edge in edges] for queue in need]
    limits = [*supply.values(), *need.values()]
    best = linprog(-np.ones(len(edges)), A_ub=np.array(of_group + of_queue, dtype=float), b_ub=limits)
    return sum(need.values()) + float(best.fun)


@given(supply=SUPPLIES, need=NEEDS)
def test_the_least_understaffing_is_the_largest_shortfall_of_a_set_of_queues(
    supply: dict[Skills, int], need: dict[str, int]
) -> None:
    assert split(supply, need).missing == missing_by_cuts(supply, need)


@given(supply=SUPPLIES, need=NEEDS)
def test_the_least_understaffing_is_that_of_the_linear_programme(
    supply: dict[Skills, int], need: dict[str, int]
) -> None:
    assert split(supply, need).missing == pytest.approx(missing_by_linear_programme(supply, need), abs=1e-6)


@given(supply=SUPPLIES, need=NEEDS)
def test_everybody_is_counted_once_and_where_able(supply: dict[Skills, int], need: dict[str, int]) -> None:
    result = split(supply, need)
    assert sum(result.scheduled.values()) + result.idle == sum(supply.values())
    assert result.idle == sum(time for skills, time in supply.items() if not {*skills} & {*need})
    for queue, time in result.scheduled.items():
        assert 0 <= time <= sum(able for skills, able in supply.items() if queue in skills)


@given(supply=SUPPLIES, need=NEEDS)
def test_the_table_shows_the_least_understaffing(supply: dict[Skills, int], need: dict[str, int]) -> None:
    result = split(supply, need)
    assert sum(max(0, time - result.scheduled[queue]) for queue, time in need.items()) == result.missing


@pytest.mark.parametrize(
    ("supply", "need", "scheduled", "missing"),
    [
        pytest.param({("p",): 3}, {"p": 2}, {"p": 3}, 0, id="surplus stays with its queue"),
        pytest.param({("p", "q"): 3}, {"p": 1, "q": 1}, {"p": 2, "q": 1}, 0, id="surplus to the first skill"),
        pytest.param({("r", "q"): 3}, {"p": 1, "q": 1}, {"p": 0, "q": 3}, 1, id="to the first open skill"),
        pytest.param(
            {("p", "q"): 2, ("p",): 2}, {"p": 2, "q": 2}, {"p": 2, "q": 2}, 0, id="moved to the second skill"
        ),
        pytest.param(
            {("p", "q"): 1, ("q", "r"): 1, ("p",): 1},
            {"p": 1, "q": 1, "r": 1},
            {"p": 1, "q": 1, "r": 1},
            0,
            id="moved along a chain",
        ),
        pytest.param({(): 2}, {"p": 1}, {"p": 0}, 1, id="no skill"),
        pytest.param({("p",): 2}, {}, {}, 0, id="nothing open"),
        pytest.param({}, {"p": 2}, {"p": 0}, 2, id="nobody"),
    ],
)
def test_the_split_by_hand(
    supply: dict[Skills, int], need: dict[str, int], scheduled: dict[str, int], missing: int
) -> None:
    result = split(supply, need)
    assert (dict(result.scheduled), result.missing) == (scheduled, missing)

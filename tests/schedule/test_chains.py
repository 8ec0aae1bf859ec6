"""Chains of annealing: the best one stays, each with random choices of its own that repeat for a seed."""

from __future__ import annotations

from threading import current_thread, main_thread

import numpy as np
import pytest

from tests.schedule.small import bumpy_centre, config_with, problem_of
from wfm.config import Config
from wfm.schedule.annealing import annealed
from wfm.schedule.build import build_agent
from wfm.schedule.chains import best_annealed, chains
from wfm.schedule.options import Progress, silent
from wfm.schedule.search import Search

ROUNDS = 30
HEAT = 2.0


def searched(seed: int, config: Config | None = None, count: int = 9) -> Search:
    """Return a search with a first roster."""
    config = config or config_with()
    agents, requirements = bumpy_centre(count, seed, config)
    agents["site"] = "hamburg"
    problem = problem_of(config, agents, requirements)
    search = Search(problem, [build_agent(problem, index) for index in range(len(problem.facts))], seed)
    for smoothing in (1.0, 0.0):
        search.sweep(smoothing)
    return search


def never(_: float) -> bool:
    """Have all the time of the world."""
    return False


def shifts_of(search: Search) -> list[list[list[int]]]:
    """Return types and offsets of every agent's tour."""
    tours = [tour for tour in search.state.tours if tour is not None]
    return [[tour.types.tolist(), *tour.offsets.tolist()] for tour in tours]


@pytest.mark.parametrize("seed", [1, 5, 8])
def test_the_best_of_the_chains_stays_and_is_never_worse_than_before(seed):
    search, *same = (searched(seed, count=24) for _ in range(1 + chains(24)))
    before = search.state.objective()
    alone = [one.twin(number) if number else one for number, one in enumerate(same)]
    assert len(alone) > 1
    for other in alone:
        assert annealed(other, ROUNDS, HEAT, never, silent)
    assert best_annealed(search, ROUNDS, HEAT, never, silent)
    ends = [other.state.objective() for other in alone]
    assert search.state.objective() == pytest.approx(min(ends))
    assert search.state.objective() <= before
    best = alone[int(np.argmin(ends))]
    assert shifts_of(search) == shifts_of(best)
    assert search.pattern == best.pattern


def test_a_twin_has_the_same_roster_and_other_random_choices():
    search = searched(4)
    twins = [search.twin(number) for number in (1, 2, 1)]
    rosters, choices = [shifts_of(one) for one in (search, *twins)], [one.random.random(4) for one in twins]
    assert all(roster == rosters[0] for roster in rosters)
    assert [one.state.objective() for one in twins] == pytest.approx([search.state.objective()] * 3)
    assert np.array_equal(choices[0], choices[2])
    assert not np.array_equal(choices[0], choices[1])
    for choice in choices:
        assert not np.array_equal(choice, np.random.default_rng(search.seed).random(4))


def test_what_a_twin_does_leaves_the_search_as_it_was():
    search = searched(5)
    before, deficit = shifts_of(search), search.state.deficit.copy()
    twin = search.twin(1)
    twin.pattern[0] = 99
    assert search.pattern[0] != 99
    twin.unpopular_price[:] = 7.0
    assert not (search.unpopular_price == 7.0).any()
    twin.pattern[0] = search.pattern[0]
    twin.sweep(5.0)
    assert shifts_of(twin) != before
    assert shifts_of(search) == before
    assert np.array_equal(search.state.deficit, deficit)


def test_annealing_in_chains_repeats_for_a_seed():
    rosters = []
    for _ in range(2):
        search = searched(6)
        best_annealed(search, ROUNDS, HEAT, never, silent)
        rosters.append(shifts_of(search))
    assert rosters[0] == rosters[1]


@pytest.mark.parametrize("limits", [{"seats": 8}, {"min_present": 2}, {"seats": 9, "min_present": 1}])
def test_limits_of_a_site_that_hold_before_hold_afterwards(limits):
    config = config_with()
    site = config.sites["hamburg"].model_copy(update=limits)
    search = searched(7, config.model_copy(update={"sites": {**config.sites, "hamburg": site}}))
    before = search.state.objective()
    assert search.state.breaches() == {}
    assert best_annealed(search, ROUNDS, HEAT, never, silent)
    assert search.state.breaches() == {}
    assert search.state.objective() <= before


def test_chains_that_time_struck_are_told_and_progress_is_heard_of_one():
    search, heard = searched(8), list[Progress]()
    assert not best_annealed(search, 10_000, HEAT, lambda _: True, heard.append)
    assert best_annealed(search, 5, HEAT, never, heard.append)
    assert [event.share_done for event in heard] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])


@pytest.mark.parametrize("own", [True, False], ids=["the first", "another"])
def test_one_chain_that_time_struck_is_enough_to_be_told(own):
    def late(_: float) -> bool:
        return bool((current_thread() is main_thread()) == own)

    assert not best_annealed(searched(8), 5, HEAT, late, silent)


def test_a_few_agents_have_several_chains_and_many_have_one():
    counts = [chains(agents) for agents in (1, 10, 100, 1000, 10_000)]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > counts[-1] == 1

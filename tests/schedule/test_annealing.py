"""Laws of the annealing: what its moves say they change is what changes, and no rule ever breaks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.schedule.small import bumpy_centre, config_with, problem_of
from wfm.config import Config
from wfm.conform import Zones, conform
from wfm.schedule.annealing import LEAST_FIRST, MOST_FIRST, _Run, annealed, first_heat
from wfm.schedule.build import build_agent
from wfm.schedule.options import Progress, silent
from wfm.schedule.readback import roster_table
from wfm.schedule.search import Search
from wfm.schedule.state import State
from wfm.schedule.verify import verify
from wfm.tables import TIME_OFF

HEATS = (30.0, 3.0, 0.3)


def searched(config: Config, seed: int) -> Search:
    """Return a search with a first roster."""
    agents, requirements = bumpy_centre(9, seed, config)
    problem = problem_of(config, agents, requirements)
    search = Search(problem, [build_agent(problem, index) for index in range(len(problem.facts))], seed)
    search.sweep(1.0)
    return search


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("heat", HEATS)
def test_the_change_that_moves_report_is_the_change_of_the_objective(seed, heat):
    config = config_with("[schedule.weights]\nfairness = 0\n")  # its mean stands still during a round
    search = searched(config, seed)
    before = search.state.objective()
    run = _Run(search)
    change = sum(run.small_moves(heat) + run.new_tours(heat) for _ in range(5))
    run.restore(run.snapshot())
    assert search.state.objective() - before == pytest.approx(change, abs=1e-6)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_coverage_kept_along_the_way_is_that_of_the_tours(seed):
    search = searched(config_with(), seed)
    run = _Run(search)
    for heat in HEATS:
        run.small_moves(heat)
        run.new_tours(heat)
    kept = search.state
    run.restore(run.snapshot())
    afresh = State(search.problem, search.agents)
    for index, tour in enumerate(search.state.tours):
        assert tour is not None
        afresh.put(index, tour)
    assert np.allclose(kept.deficit, afresh.deficit)
    assert np.allclose(kept.on_queue, afresh.on_queue)
    for name in ("inside", "present", "unpopular", "unpopular_at"):
        assert np.array_equal(getattr(kept, name), getattr(afresh, name)), name


@pytest.mark.parametrize("seed", [4, 5])
def test_every_rule_holds_however_hot_it_is(seed):
    config = config_with("rest_h = 15\nconsecutive_days = 3\n")  # of the full-timers: both bind
    agents, requirements = bumpy_centre(12, seed, config)
    alike = agents["agent_id"] < "a09"  # can exchange days
    agents.loc[alike, ["site", "contract", "skills"]] = ["hamburg", "full", "billing"]
    leave = pd.DataFrame(
        [
            (
                f"a{index:02d}",
                f"2026-11-0{3 + index} {hour:02d}:00",
                f"2026-11-0{3 + index} 13:30",
                "leave",
                "true",
            )
            for index, hour in enumerate((10, 0, 11, 0, 12))
        ],
        columns=TIME_OFF.names,
    )
    time_off = conform(leave, TIME_OFF, zones=Zones(default="Europe/Berlin"))
    problem = problem_of(config, agents, requirements, time_off=time_off)
    search = Search(problem, [build_agent(problem, index) for index in range(len(problem.facts))], seed)
    search.sweep(1.0)
    run = _Run(search)
    run.new_tours(1e6)
    for _ in range(3):
        run.small_moves(1e6)
    run.restore(run.snapshot())
    roster = roster_table(problem, search.state)
    found = verify(
        roster, agents, requirements, config, first_day=problem.dates[0], weeks=1, time_off=time_off
    )
    assert found.violations == ()


@pytest.mark.parametrize("seed", [1, 2])
def test_annealing_never_leaves_a_worse_roster(seed):
    search = searched(config_with(), seed)
    for _ in range(3):
        search.sweep(0.0)
    before = search.state.objective()
    assert annealed(search, 40, 2.0, lambda _: False, silent)
    assert search.state.objective() <= before


def test_a_cooling_that_is_late_is_told_and_ends_soon():
    search = searched(config_with(), 1)
    heard: list[Progress] = []
    assert not annealed(search, 10_000, 2.0, lambda share: share < 0.8, heard.append)
    assert 0 < len(heard) < 10
    assert not annealed(search, 10_000, 2.0, lambda _: True, heard.append)


def test_the_heat_grows_with_the_gap_that_is_left_within_its_limits():
    search = searched(config_with(), 1)
    objective, agents = search.state.objective(), len(search.agents)
    left = [5.0, 10.0, 20.0]  # per agent, of one week
    heats = [first_heat(search, objective - gap * agents) for gap in left]
    assert heats[1] / heats[0] == pytest.approx(2.0)
    assert heats[2] / heats[1] == pytest.approx(2.0)
    assert first_heat(search, objective + 1.0) == first_heat(search, objective) == LEAST_FIRST
    assert first_heat(search, -1e9) == MOST_FIRST

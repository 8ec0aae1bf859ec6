"""A shift drawn anew: it costs what it says, keeps every hard rule, and has the chance its cost gives it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from tests.schedule.small import agents_table, bumpy_centre, config_with, problem_of, requirements_table
from wfm.config import Config
from wfm.conform import Zones, conform
from wfm.schedule.annealing import _Run
from wfm.schedule.build import build_agent
from wfm.schedule.coverage import shortfall
from wfm.schedule.readback import roster_table
from wfm.schedule.redraw import redraw
from wfm.schedule.search import Search
from wfm.schedule.shift_changes import Work
from wfm.schedule.state import State, coverage_cost
from wfm.schedule.tour import LEGAL, OFF
from wfm.schedule.verify import verify
from wfm.tables import TIME_OFF

QUARTERS = """
start_step_min = 15
rest_h = 15
consecutive_days = 3
[contracts.mixed]
week_hours = [18, 23]
days_per_week = [3, 4]
shift_hours = [4, 8]
shift_step_min = 60
starts = ["06:15-14:00"]
start_step_min = 45
rest_h = 16
consecutive_days = 2
breaks = [
  { minutes = 15, paid = true, from_min = 60, to_min = 150 },
  { minutes = 30, paid = false, from_min = 120, to_min = 180, min_shift_hours = 6 },
]
"""
DEAR = "[schedule.weights]\nfairness = 7\nstart_consistency = 3\n"


class Case(NamedTuple):
    """A centre, its first roster in flat arrays, and what is needed to check it."""

    run: _Run
    work: Work
    agents: pd.DataFrame
    requirements: pd.DataFrame
    time_off: pd.DataFrame
    config: Config


def leave() -> pd.DataFrame:
    """Return partial and whole days of leave of the first agents."""
    rows = [
        (f"a{i:02d}", f"2026-11-0{3 + i % 4} {hour:02d}:00", f"2026-11-0{3 + i % 4} 13:40", "leave", "true")
        for i, hour in enumerate((10, 0, 11, 0, 12))
    ]
    frame = pd.DataFrame(rows, columns=TIME_OFF.names)
    return conform(frame, TIME_OFF, zones=Zones(default="Europe/Berlin"))


def with_limits(config: Config) -> Config:
    """Return the configuration with few seats and presence in Hamburg."""
    site = config.sites["hamburg"].model_copy(update={"seats": 4, "min_present": 2})
    return config.model_copy(update={"sites": {**config.sites, "hamburg": site}})


def case_of(kind: str, seed: int) -> Case:
    """Return a centre with a first roster."""
    config = config_with("" if kind == "plain" else QUARTERS + DEAR)
    agents, requirements = bumpy_centre(10, seed, config)
    time_off = leave().iloc[: 0 if kind == "plain" else None]
    if kind != "plain":
        agents.loc[agents["contract"] == "short", "contract"] = "mixed"
    if kind == "limits":
        config = with_limits(config)
    problem = problem_of(config, agents, requirements, time_off=time_off)
    search = Search(problem, [build_agent(problem, index) for index in range(len(problem.facts))], seed)
    search.sweep(1.0)
    run = _Run(search)
    return Case(run, work_of(run), agents, requirements, time_off, config)


def work_of(run: _Run) -> Work:
    """Return what the moves read and write."""
    return Work(run.crew, run.choices, run.plan, run.costs)


def afresh(run: _Run) -> State:
    """Return the state that the tours of the flat arrays give."""
    state = State(run.search.problem, run.search.agents)
    for index in range(len(run.search.agents)):
        state.put(index, run._tour(index))
    return state


def objective(run: _Run) -> float:
    """Return the objective with the penalty of site limits, the mean of unpopular shifts standing still."""
    search, kept = run.search, run.search.state
    state = afresh(run)
    above = np.maximum(0, state.unpopular - run.costs.fair_share[search.problem.site_of])
    search.state = state  # for the penalty
    breach = search.breach_cost()
    search.state = kept
    return sum(state.coverage_cost()) + state.own_cost() + breach + run.costs.fairness * float(above.sum())


def drawn(case: Case, random: np.random.Generator, temperature: float) -> tuple[bool, float]:
    """Draw a shift of any agent anew; return whether there was one, and the change."""
    types = case.run.plan.types
    a, d = int(random.integers(len(types))), int(random.integers(types.shape[1]))
    if types[a, d] == OFF:
        return False, 0.0
    return True, redraw(random, case.work, a, d, temperature, case.run.space)


KINDS = ["plain", "rules", "limits"]


@pytest.mark.parametrize("temperature", [0.0, 3.0, 1e6])
@pytest.mark.parametrize("kind", KINDS)
def test_the_change_that_a_draw_reports_is_the_change_of_the_objective(kind, temperature):
    case, random = case_of(kind, 1), np.random.default_rng(1)
    before, moved = objective(case.run), 0
    for _ in range(150):
        tried, change = drawn(case, random, temperature)
        if not tried:
            continue
        after = objective(case.run)
        assert after - before == pytest.approx(change, abs=1e-6)
        assert temperature > 0 or change <= 1e-9
        before, moved = after, moved + (change != 0.0)
    assert moved > 3


@pytest.mark.parametrize("kind", KINDS)
def test_coverage_and_hours_kept_through_draws_are_those_of_the_tours(kind):
    case, random = case_of(kind, 2), np.random.default_rng(2)
    for temperature in (1e6, 3.0, 0.0):
        for _ in range(100):
            drawn(case, random, temperature)
    plan, state = case.run.plan, afresh(case.run)
    assert np.allclose(plan.deficit, state.deficit)
    assert np.allclose(plan.on_queue, state.on_queue)
    for name in ("inside", "present", "unpopular"):
        assert np.array_equal(getattr(plan, name), getattr(state, name)), name
    for (a, w), units in np.ndenumerate(plan.units):
        days = [d for d in range(7 * w, 7 * w + 7) if plan.types[a, d] != OFF]
        assert units == sum(case.run.crew.paid[a, d, plan.types[a, d]] for d in days)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_known_of_one_agent_more_or_less_is_the_change_of_its_interval(kind):
    case, random = case_of(kind, 3), np.random.default_rng(3)
    for _ in range(60):
        drawn(case, random, 30.0)
        if random.random() < 0.1:
            case.run.small_moves(0.3)
    problem, plan = case.run.search.problem, case.run.plan
    first = problem.cuts.component_first

    def costs(deficit: np.ndarray, on_queue: np.ndarray) -> np.ndarray:
        missing = shortfall(deficit, first)
        each = np.eye(problem.grid.intervals)
        return np.array([sum(coverage_cost(problem, missing * one, on_queue * one)) for one in each])

    before = costs(plan.deficit, plan.on_queue)
    for known, by in ((plan.one_more, 1.0), (plan.one_less, -1.0)):
        assert np.isfinite(known).any()
        for group, row in enumerate(known):
            covered = problem.cuts.covers[:, group][:, None]
            change = costs(plan.deficit - by * covered, plan.on_queue + by) - before
            assert np.allclose(row[np.isfinite(row)], change[np.isfinite(row)])


@pytest.mark.parametrize("seed", [4, pytest.param(5, marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", KINDS)
def test_no_rule_breaks_however_often_shifts_are_drawn(kind, seed):
    case, random = case_of(kind, seed), np.random.default_rng(seed)
    types = case.run.plan.types.copy()
    for temperature in (1e6, 1e6, 1.0, 0.0):
        for _ in range(300):
            drawn(case, random, temperature)
        problem = case.run.search.problem
        found = verify(
            roster_table(problem, afresh(case.run)), case.agents, case.requirements, case.config,
            first_day=problem.dates[0], weeks=1, time_off=case.time_off,
        )  # fmt: skip
        of_sites = {"seats", "min_present"}  # priced, not forbidden
        assert [str(one) for one in found.violations if one.rule not in of_sites] == []
    assert ((case.run.plan.types == OFF) != (types == OFF)).any()  # some moved to a day off


def test_days_kept_free_stay_free():
    case, random = case_of("plain", 6), np.random.default_rng(6)
    plan = case.run.plan
    plan.kept_free[:] = (plan.types == OFF) & (random.random(plan.types.shape) < 0.7)
    for _ in range(400):
        drawn(case, random, 1e6)
    assert (plan.types[plan.kept_free] == OFF).all()


def one_agent() -> Case:
    """Return a centre of one agent with shifts of two lengths, the longer with a break."""
    config = config_with("\n" + DEAR, starts='["08:00-16:00"]', start_step_min="60", week_hours="[0, 40]")
    agents = agents_table([{"availability": "Mon-Sun 08:00-16:00"}])
    need = [0, 1, 0, 2, 1, 1, 0, 1, 1, 0, 1, 2, 1, 0, 0, 1]
    requirements = requirements_table({"billing": need}, config)
    problem = problem_of(config, agents, requirements)
    search = Search(problem, [build_agent(problem, 0)], 1)
    search.sweep(1.0)
    run = _Run(search)
    return Case(run, work_of(run), agents, requirements, leave().iloc[:0], config)


def costs_of_shifts(case: Case, day: int) -> dict[int, float]:
    """Return the objective with each legal shift of a date, its break where it is best."""
    run, agent = case.run, case.run.search.agents[0]
    found: dict[int, float] = {}
    structure, lengths = agent.shifts.structure, len(agent.shifts.length)
    old, kept = int(run.plan.types[0, day]), run.plan.offsets[0, day].copy()
    for t in np.flatnonzero(agent.static[day] < LEGAL).tolist():
        z = structure.of_length[t % lengths]
        places = range(structure.first[z, 0], structure.last[z, 0] + 1) if structure.count[z] else [0]
        run.plan.types[0, day], values = t, []
        for place in places:
            run.plan.offsets[0, day, 0] = place
            values.append(objective(run))
        found[t] = min(values)
    run.plan.types[0, day], run.plan.offsets[0, day] = old, kept
    return found


def test_at_temperature_nought_the_best_shift_of_the_date_is_drawn():
    case, random = one_agent(), np.random.default_rng(7)
    case.run.plan.kept_free[0] = case.run.plan.types[0] == OFF
    for day in np.flatnonzero(case.run.plan.types[0] != OFF).tolist():
        costs = costs_of_shifts(case, day)
        for t in costs:
            case.run.plan.types[0, day] = t
            fresh = afresh(case.run)
            for name in ("deficit", "on_queue", "inside", "present", "unpopular"):
                getattr(case.run.plan, name)[:] = getattr(fresh, name)
            case.run._forget()
            for _ in range(12):  # some draw another date, where no shift may stand
                redraw(random, case.work, 0, day, 0.0, case.run.space)
            assert objective(case.run) == pytest.approx(min(costs.values()))


def test_a_shift_is_drawn_with_the_chance_that_its_cost_gives_it():
    case, random = one_agent(), np.random.default_rng(8)
    case.run.plan.kept_free[0] = case.run.plan.types[0] == OFF
    day = int(np.flatnonzero(case.run.plan.types[0] != OFF)[0])
    costs = costs_of_shifts(case, day)
    kinds, values = np.array(list(costs)), np.array(list(costs.values()))
    assert len(kinds) >= 5
    temperature = float(np.ptp(values)) / 2
    draws = np.zeros(len(kinds))
    for _ in range(8000):
        redraw(random, case.work, 0, day, temperature, case.run.space)
        draws += kinds == case.run.plan.types[0, day]
    chances = np.exp(-(values - values.min()) / temperature)
    assert chances.min() < 0.3
    # a draw of another date leaves the shift: half of the draws repeat the one before
    assert draws / draws.sum() == pytest.approx(chances / chances.sum(), abs=0.03)

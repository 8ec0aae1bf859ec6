"""The schedule stage: requirements and agents in, a legal roster with its proven gap out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from typing import Any

import pandas as pd

from wfm.config import Config
from wfm.conform import conform
from wfm.schedule.activities import with_activities
from wfm.schedule.agents import Agent
from wfm.schedule.annealing import first_heat
from wfm.schedule.best_effort import Unmet, lower_presence, with_demands_that_can_be_met
from wfm.schedule.bound import Relaxation
from wfm.schedule.bounding import bounding
from wfm.schedule.build import build_agent
from wfm.schedule.chains import best_annealed
from wfm.schedule.combine import combine
from wfm.schedule.conflicts import check_feasible, check_seats
from wfm.schedule.effort import planned_effort
from wfm.schedule.freeze import with_freeze
from wfm.schedule.guide import prior
from wfm.schedule.horizon import check_first_day, first_whole_week, horizon_dates
from wfm.schedule.inputs import Inputs, table_or_empty
from wfm.schedule.options import Listener, Options, Progress, silent
from wfm.schedule.phases import (
    COMBINE_SHARE,
    Clock,
    guided,
    keep_within_budget,
    searched,
    warm_up,
)
from wfm.schedule.problem import Problem, build_problem
from wfm.schedule.readback import coverage_table, roster_table
from wfm.schedule.search import Search
from wfm.schedule.state import State
from wfm.schedule.summary import price_table, summary_of
from wfm.tables import ACTIVITY_TABLE, PINS, REQUESTS, REQUIREMENTS, ROSTER, TIME_OFF

SHORT = 3  # a search that only has to show what time is worth, as a divisor of the sweeps
SMALLEST_GAP = 1e-9  # below it a roster counts as optimal


@dataclass(frozen=True)
class ScheduleResult:
    """What one run gives: ROSTER, COVERAGE, the summary, and the prices that prove its bound."""

    roster: pd.DataFrame
    coverage: pd.DataFrame
    summary: dict[str, Any]
    prices: pd.DataFrame


def schedule(  # noqa: PLR0913 - one parameter per input table, all but three by keyword
    requirements: pd.DataFrame,
    agents: pd.DataFrame,
    config: Config,
    *,
    first_day: date | None = None,
    time_off: pd.DataFrame | None = None,
    requests: pd.DataFrame | None = None,
    pins: pd.DataFrame | None = None,
    previous: pd.DataFrame | None = None,
    activities: pd.DataFrame | None = None,
    elsewhere: pd.DataFrame | None = None,
    options: Options | None = None,
    progress: Listener = silent,
    stop: Callable[[], bool] = lambda: False,
) -> ScheduleResult:
    """Return a legal roster near the least objective, and a proven lower bound on it.

    `elsewhere` (interval_start, agents_to_schedule) is what rosters of other agents meet: see `Inputs`.
    `stop` is asked between steps: once it says True, the best roster so far is the result. Raises RuleError
    when hard rules conflict, LimitError when no roster keeps the sites' limits in time, DataError and
    ConfigError for names and dates that do not exist. Equal inputs give equal rosters unless time runs out.
    """
    options = options or Options()
    seed = config.schedule.seed if options.seed is None else options.seed
    work = config.schedule.work_limit if options.work_limit is None else options.work_limit
    inputs = Inputs(
        conform(requirements, REQUIREMENTS),
        agents,
        table_or_empty(time_off, TIME_OFF),
        table_or_empty(requests, REQUESTS),
        table_or_empty(pins, PINS),
        table_or_empty(previous, ROSTER),
        table_or_empty(activities, ACTIVITY_TABLE),
        elsewhere=elsewhere,
    )
    first_day = first_day or first_whole_week(inputs.requirements, config)
    check_first_day(first_day, config)
    weeks = options.weeks or config.schedule.weeks
    inputs = with_freeze(inputs, config, horizon_dates(first_day, weeks), options.freeze_days)
    unmet: list[Unmet] = []
    problem, built = _legal_agents(build_problem(inputs, config, first_day, weeks), options, unmet)
    progress(Progress("warm up", 0.0))  # the first run of an installation compiles for a minute or two
    warm_up(Search(problem, built, seed))
    limit_s = options.time_limit_s or config.schedule.time_limit_s
    clock = Clock(limit_s * options.patience, stop)
    effort = planned_effort(problem, built, limit_s, options.sweeps)
    short = max(1, effort.sweeps // SHORT)
    if not inputs.activities.empty:
        problem = with_activities(Search(problem, built, seed), inputs, short, clock, progress)
        problem, built = _legal_agents(problem, options, unmet)
    relaxation = Relaxation(problem, built, State(problem, built))
    prices, ended = guided(relaxation, effort, seed, clock, progress)
    first_bound, _ = relaxation.value(prices)
    search = Search(problem, built, seed, prior(problem, prices))
    with bounding(relaxation, prices, effort.steps, clock) as bound_beside:
        heard = bound_beside.beside(progress)
        give_way = partial(_lower_presence, unmet) if options.best_effort else None
        ended &= searched(search, effort.sweeps, clock, heard, give_way)
        heat = first_heat(search, first_bound)
        ended &= best_annealed(search, effort.rounds, heat, clock.late, heard)
        ended &= combine(search, work, lambda: clock.late(COMBINE_SHARE), heard)
        if options.max_changed_shifts is not None:
            keep_within_budget(search, options.max_changed_shifts, seed, short, clock, heard)
        bound = bound_beside.result(search.state.objective(), progress)
    figures = summary_of(search.state, bound)
    figures["unmet"] = [asdict(one) for one in unmet]
    status = "interrupted" if clock.stopped else "feasible" if ended & bound_beside.ended else "time_limit"
    status = "optimal" if figures["gap"] <= SMALLEST_GAP else status
    return ScheduleResult(
        roster_table(problem, search.state),
        coverage_table(problem, search.state),
        {"status": status, **figures, "seconds": clock.seconds, "seed": seed},
        price_table(problem, bound),
    )


def _legal_agents(problem: Problem, options: Options, unmet: list[Unmet]) -> tuple[Problem, list[Agent]]:
    """Return the problem with agents that have a legal tour each; adds to `unmet` what was taken back."""
    if options.best_effort:
        problem, built, missing = with_demands_that_can_be_met(problem)
        unmet += missing
        check_seats(problem, built)
        return problem, built
    built = [build_agent(problem, index) for index in range(len(problem.facts))]
    check_feasible(problem, built)
    return problem, built


def _lower_presence(unmet: list[Unmet], search: Search) -> None:
    unmet += lower_presence(search)

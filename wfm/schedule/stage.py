"""The schedule stage: requirements and agents in, a legal roster with its proven gap out."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from wfm.config import Config, Weights
from wfm.conform import conform, empty
from wfm.errors import LimitError
from wfm.schedule.agents import Agent
from wfm.schedule.bound import Bound, Relaxation, best_start, climb, start_prices
from wfm.schedule.build import build_agent
from wfm.schedule.combine import combine
from wfm.schedule.conflicts import check_feasible
from wfm.schedule.coverage import shortfall
from wfm.schedule.horizon import check_first_day, first_whole_week
from wfm.schedule.options import Listener, Options, Progress, silent
from wfm.schedule.problem import Inputs, Problem, build_problem
from wfm.schedule.readback import coverage_table, roster_table
from wfm.schedule.search import Search, cooling
from wfm.schedule.state import State, Tour, own_cost
from wfm.tables import PINS, REQUESTS, REQUIREMENTS, ROSTER, TIME_OFF

SEARCH_SHARE = 0.55  # of the time limit, then combination and bound
COMBINE_SHARE = 0.70
LAST_SWEEPS = 3
BOUND_STEPS = 2  # per sweep of the search
FEWEST_SWEEPS, MOST_SWEEPS = 16, 160
PLANNED_SHARE = 0.3  # of the time limit, planned for the search at the rates below
SECONDS_PER_STATE = 3e-8  # measured on one 2020s core: (date, type, week state, run) of the tour programme
SECONDS_PER_PRICE = 1.3e-8  # (cut, interval) of the smoothed prices
SECONDS_PER_AGENT = 5e-4


@dataclass(frozen=True)
class ScheduleResult:
    """What one run gives: ROSTER, COVERAGE, the summary, and the prices that prove its bound."""

    roster: pd.DataFrame
    coverage: pd.DataFrame
    summary: dict[str, Any]
    prices: pd.DataFrame


def schedule(
    requirements: pd.DataFrame,
    agents: pd.DataFrame,
    config: Config,
    *,
    first_day: date | None = None,
    time_off: pd.DataFrame | None = None,
    requests: pd.DataFrame | None = None,
    pins: pd.DataFrame | None = None,
    previous: pd.DataFrame | None = None,
    options: Options | None = None,
    progress: Listener = silent,
) -> ScheduleResult:
    """Return a legal roster near the least objective; RuleError when hard rules conflict, LimitError without roster."""
    options = options or Options()
    clock = _Clock(options.time_limit_s or config.schedule.time_limit_s)
    inputs = Inputs(
        conform(requirements, REQUIREMENTS),
        agents,
        _table(time_off, TIME_OFF),
        _table(requests, REQUESTS),
        _table(pins, PINS),
        _table(previous, ROSTER),
    )
    first_day = first_day or first_whole_week(inputs.requirements, config)
    check_first_day(first_day, config)
    problem = build_problem(inputs, config, first_day, options.weeks or config.schedule.weeks)
    built = [_built(problem, index) for index in range(len(problem.facts))]
    check_feasible(problem, built, lambda index, relaxed: _built(problem, index, relaxed))
    seed = config.schedule.seed if options.seed is None else options.seed
    sweeps = options.sweeps or planned_sweeps(problem, built, clock.limit_s)
    search, finished = _searched(problem, built, seed, sweeps, clock, progress)
    work = config.schedule.work_limit if options.work_limit is None else options.work_limit
    finished &= combine(search, work, clock.until(COMBINE_SHARE), progress)
    bound, whole = _bounded(problem, search, BOUND_STEPS * sweeps, clock, progress)
    summary = _summary(
        problem, search.state, bound, clock, seed, "feasible" if finished & whole else "time_limit"
    )
    return ScheduleResult(
        roster_table(problem, search.state),
        coverage_table(problem, search.state),
        summary,
        _price_table(problem, bound),
    )


class _Clock:
    """The wall-clock limit; it only ever ends a phase, it never steers one."""

    def __init__(self, limit_s: float) -> None:
        self.limit_s, self.start = limit_s, time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.start

    def until(self, share: float) -> float:
        """Return the moment (monotonic) at which this share of the limit is used."""
        return self.start + share * self.limit_s


def _table(frame: pd.DataFrame | None, table: Any) -> pd.DataFrame:
    return empty(table) if frame is None else conform(frame, table)


def _built(
    problem: Problem, index: int, relaxed: frozenset[str] = frozenset(), weights: Weights | None = None
) -> Agent:
    facts = problem.facts[index]
    return build_agent(
        facts,
        problem.shifts[index],
        problem.days[facts.site],
        problem.weekends,
        problem.grid,
        weights or problem.weights,
        int(problem.group_of[index]),
        relaxed,
    )


def _searched(
    problem: Problem, agents: list[Agent], seed: int, sweeps: int, clock: _Clock, progress: Listener
) -> tuple[Search, bool]:
    """Return the search at its best legal roster, and whether it came to its own end."""
    search = Search(problem, agents, seed)
    best: tuple[float, list[Tour | None]] | None = None
    finished = True
    near = any(fact.compare_previous for fact in problem.facts)
    if near:
        _start_from_previous(problem, search)
    plan = [*cooling(problem, sweeps, near=near), *[0.0] * LAST_SWEEPS]
    for number, smoothing in enumerate(plan, start=1):
        if best is not None and time.monotonic() > clock.until(SEARCH_SHARE):
            finished = False
            break
        search.sweep(smoothing)
        if number < len(plan) // 2 and clock.seconds < clock.limit_s * SEARCH_SHARE / 2:
            progress(Progress("search", number / len(plan)))
            continue
        if not search.state.breaches():
            value = search.state.objective()
            if best is None or value < best[0]:
                best = (value, list(search.state.tours))
        progress(Progress("search", number / len(plan), best[0] if best else None))
    if best is None:
        breaches = "; ".join(f"site {name}: {text}" for name, text in search.state.breaches().items())
        raise LimitError(
            f"no roster found that keeps the limits of the sites ({breaches})",
            hint="raise the limit, the number of agents or --time-limit",
        )
    _restore(search.state, best[1])
    return search, finished


def _start_from_previous(problem: Problem, search: Search) -> None:
    """Give every agent the legal tour nearest to its previous one."""
    heavy = problem.weights.model_copy(update={"changed_shift": 1e5})
    price = np.zeros(problem.grid.slots)
    for index, agent in enumerate(search.agents):
        _, tour = search.solver.tour(
            _built(problem, index, weights=heavy), price, free_days=agent.off_patterns[search.pattern[index]]
        )
        if tour is not None:
            search.state.put(index, replace(tour, cost=own_cost(agent, tour.types)))


def planned_sweeps(problem: Problem, agents: list[Agent], limit_s: float) -> int:
    """Return how many sweeps end well inside the limit, by the size of the problem and never by a clock."""
    states = sum(agent.static.size * len(agent.states.days) * max(1, agent.run_limit) for agent in agents)
    sweep_s = SECONDS_PER_STATE * states + len(agents) * (
        SECONDS_PER_PRICE * problem.cuts.required.size + SECONDS_PER_AGENT
    )
    return int(np.clip(PLANNED_SHARE * limit_s / sweep_s, FEWEST_SWEEPS, MOST_SWEEPS))


def _restore(state: State, tours: list[Tour | None]) -> None:
    for index, tour in enumerate(tours):
        state.take(index)
        if tour is not None:
            state.put(index, tour)


def _bounded(
    problem: Problem, search: Search, steps: int, clock: _Clock, progress: Listener
) -> tuple[Bound, bool]:
    relaxation = Relaxation(problem, search.agents, search.state)
    objective = search.state.objective()
    late = False

    def shown(step: int, value: float) -> bool:
        nonlocal late
        progress(Progress("bound", step / steps, objective, value))
        late = time.monotonic() > clock.until(0.95)
        return late

    prices = best_start(relaxation, start_prices(problem, search.state))
    return climb(relaxation, prices, steps, objective, shown), not late


def _summary(
    problem: Problem, state: State, bound: Bound, clock: _Clock, seed: int, status: str
) -> dict[str, Any]:
    understaffed, overstaffed = state.coverage_cost()
    own = _own_parts(problem, state)
    parts = {
        "understaffed": understaffed,
        "overstaffed": overstaffed,
        **own,
        "fairness": state.fairness_cost(),
    }
    objective = float(sum(parts.values()))
    proven = min(float(bound.value), objective)
    hours = problem.grid.interval_min / 60
    missing = shortfall(state.deficit, problem.cuts.component_first)
    gap = (objective - proven) / max(1.0, abs(objective))
    return {
        "status": "optimal" if gap <= 1e-9 else status,
        "objective": objective,
        "bound": proven,
        "gap": gap,
        "parts": {name: float(value) for name, value in parts.items()},
        "understaffed_h": float(missing.sum() * hours),
        "overstaffed_h": float((state.on_queue - problem.required + missing).sum() * hours),
        "required_h": float(problem.required.sum() * hours),
        "seconds": clock.seconds,
        "seed": seed,
        "first_day": str(problem.dates[0]),
        "weeks": len(problem.dates) // 7,
        "agents": len(problem.facts),
        "warnings": list(problem.warnings),
    }


def _own_parts(problem: Problem, state: State) -> dict[str, float]:
    """Return the agents' own costs by part: each recomputed with all other weights at zero."""
    parts: dict[str, float] = {}
    for name in ("paid", "request", "start_consistency", "changed_shift"):
        only = problem.weights.model_copy(
            update={other: 0.0 for other in type(problem.weights).model_fields if other != name}
        )
        total = 0.0
        for index, tour in enumerate(state.tours):
            if tour is not None:
                agent = _built(problem, index, weights=only)
                total += own_cost(agent, tour.types)
        parts[name] = total
    return parts


def _price_table(problem: Problem, bound: Bound) -> pd.DataFrame:
    """Return the prices of the bound: cut (its queues), interval and price, zeros left out."""
    cut, interval = np.nonzero(bound.prices)
    starts = problem.grid.interval_starts()
    return pd.DataFrame(
        {
            "cut": cut,
            "interval_start": starts[interval],
            "price": bound.prices[cut, interval],
        }
    )

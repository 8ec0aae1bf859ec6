"""A published roster repaired: sickness, pins or another requirement re-plan a few days with few changes.

Dates outside the window stay as published. Inside it every agent first takes the legal tour nearest to what
was published, breaks where they stood; then, one agent at a time and the best gain first, tours change for
the better as long as the budget of changed shifts lasts; at last breaks move where coverage gains. All
figures are of the whole horizon.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from wfm.config import Config
from wfm.conform import conform
from wfm.errors import Fault, RuleError, count_of
from wfm.localtime import week_start_of
from wfm.schedule.as_rostered import rows_of_agents, with_breaks_of_roster, with_work_of_roster
from wfm.schedule.better_breaks import move_breaks
from wfm.schedule.changes_table import changed_shifts_table
from wfm.schedule.freeze import with_frozen_dates
from wfm.schedule.further_rules import changes
from wfm.schedule.horizon import horizon_dates
from wfm.schedule.inputs import Inputs
from wfm.schedule.lawful import Wanted, lawful_tour
from wfm.schedule.options import Listener, Progress, silent
from wfm.schedule.problem import Problem, build_problem
from wfm.schedule.readback import coverage_table, roster_table
from wfm.schedule.released import released_where_stuck
from wfm.schedule.search import Search
from wfm.schedule.solver import Tour
from wfm.schedule.state import State
from wfm.schedule.summary import hours_of, parts_of
from wfm.tables import ROSTER

LEAST_GAIN = 1e-6


@dataclass(frozen=True)
class Window:
    """The dates that may change, first to last."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True)
class Limits:
    """What a repair may do: so many changed shifts at most (None: the weight decides), or breaks only."""

    max_changed_shifts: int | None = None
    breaks_only: bool = False


@dataclass(frozen=True)
class RepairResult:
    """ROSTER and COVERAGE of the horizon, what changed (agent_id, date, was, becomes, reason), a summary."""

    roster: pd.DataFrame
    coverage: pd.DataFrame
    changes: pd.DataFrame
    summary: dict[str, Any]


def repair(
    inputs: Inputs, config: Config, window: Window, limits: Limits, progress: Listener = silent
) -> RepairResult:
    """Return the roster `inputs.previous` repaired inside the window.

    The horizon are the whole weeks that hold the window, and the next if it is published; earlier rows of the
    roster are history. Raises
    RuleError where hard rules conflict, or cannot be kept within the budget of changes.
    """
    problem, dates = _problem(inputs, config, window)
    rows = rows_of_agents(inputs.previous, problem)
    facts = [with_work_of_roster(fact, rows.get(fact.agent_id, [])) for fact in problem.facts]
    problem, agents, unmet = released_where_stuck(replace(problem, facts=facts), window.first)
    search = Search(problem, agents, config.schedule.seed)
    progress(Progress("repair", 0.0))
    for index, agent in enumerate(agents):
        own_rows = rows.get(agent.facts.agent_id, [])
        tour = with_breaks_of_roster(agent, _nearest(search, index), own_rows, problem.grid.slot_min)
        search.state.put(index, tour)
    struck = _figures(search.state)
    budget = _budget(search, limits)
    progress(Progress("repair", 0.2))
    if not limits.breaks_only:
        _change_shifts(search, budget, progress)
    progress(Progress("repair", 0.8))
    move_breaks(search, [position for position, day in enumerate(dates) if day in window])
    _check_sites(search.state)
    figures = _figures(search.state)
    progress(Progress("repair", 1.0, figures["objective"]))
    summary = {
        "status": "repaired",
        **figures,
        "parts": parts_of(search.state),
        "before_repair": struck,
        "changed_shifts": _changed(search),
        "max_changed_shifts": limits.max_changed_shifts,
        "first_day": str(dates[0]),
        "weeks": len(dates) // 7,
        "window": [str(window.first), str(window.last)],
        "unmet": [asdict(one) for one in unmet],
        "warnings": list(problem.warnings),
    }
    return RepairResult(
        _whole_roster(inputs.previous, roster_table(problem, search.state), dates),
        coverage_table(problem, search.state),
        changed_shifts_table(search),
        summary,
    )


def _problem(inputs: Inputs, config: Config, window: Window) -> tuple[Problem, list[date]]:
    """Return the problem of the weeks that hold the window, dates outside it frozen.

    The week after, where it is published, belongs to it: rest and runs of days reach over its border.
    """
    first_day = week_start_of(window.first, config.centre.week_start_number)
    weeks = (window.last - first_day).days // 7 + 1
    after = pd.Timestamp(first_day) + pd.Timedelta(weeks=weeks)
    weeks += bool(inputs.previous["shift_date"].between(after, after + pd.Timedelta(days=6)).any())
    dates = horizon_dates(first_day, weeks)
    outside = [day for day in dates if day not in window]
    inputs = with_frozen_dates(inputs, config, dates, outside, everybody=True)
    return build_problem(inputs, config, first_day, weeks), dates


def _check_sites(state: State) -> None:
    """Raise RuleError if a site's limits do not hold."""
    faults = [Fault(f"site {name}: {text}") for name, text in state.breaches().items()]
    if faults:
        hint = "allow more changes or a longer window, or lower the limit for the time being"
        raise RuleError(faults, source="repair", hint=hint)


def _nearest(search: Search, index: int) -> Tour:
    """Return the legal tour of an agent that differs least from the roster."""
    agent, price = search.agents[index], np.zeros(search.problem.grid.slots)
    best: tuple[int, float, int, Tour] | None = None
    for thorough in (False, True):
        for pattern, free in enumerate(agent.off_patterns) if best is None else ():
            wanted = Wanted(price, free_days=free)
            value, tour = lawful_tour(search.solver, agent, wanted, thorough=thorough, near=True)
            if tour is not None:
                found = (changes(agent, tour.types), value, pattern, tour)
                best = found if best is None or found[:2] < best[:2] else best
    if best is None:
        raise RuntimeError(f"agent {agent.facts.agent_id} lost its tour: the rules were feasible before")
    search.pattern[index] = best[2]
    return best[3]


def _budget(search: Search, limits: Limits) -> int:
    """Return how many more shifts may change; RuleError if the rules alone force more than the budget."""
    forced = _changed(search)
    if limits.max_changed_shifts is None:
        return len(search.agents) * len(search.problem.dates)
    if forced > limits.max_changed_shifts:
        problem = f"max_changed_shifts {limits.max_changed_shifts}: {count_of(forced, 'shift')} must change"
        fault = Fault(f"{problem} for the hard rules to hold")
        hint = "raise --max-changed-shifts, or look at leave and pins"
        raise RuleError([fault], source="roster", hint=hint)
    return limits.max_changed_shifts - forced


def _change_shifts(search: Search, budget: int, progress: Listener) -> None:
    """Let agents change their tours, the best gain first, until nothing gains or the budget is used.

    Gains are looked at again only when they come up: one agent's change lowers the gain of others.
    """
    left, whole = budget, max(1, budget)
    heap = [(-_gain(search, index, left)[0], index) for index in range(len(search.agents))]
    heapq.heapify(heap)
    while heap and left >= 0:
        promised, index = heapq.heappop(heap)
        if -promised <= LEAST_GAIN:
            break
        gain, tour, pattern = _gain(search, index, left)
        if heap and gain < -heap[0][0] - LEAST_GAIN:
            heapq.heappush(heap, (-gain, index))
            continue
        if tour is None or gain <= LEAST_GAIN:
            continue
        old = search.state.take(index)
        search.state.put(index, tour)
        search.pattern[index] = pattern
        agent = search.agents[index]
        left -= changes(agent, tour.types) - (0 if old is None else changes(agent, old.types))
        heapq.heappush(heap, (-_gain(search, index, left)[0], index))
        progress(Progress("repair", 0.2 + 0.6 * min(1.0, 1 - left / whole), search.state.objective()))


def _gain(search: Search, index: int, left: int) -> tuple[float, Tour | None, int]:
    """Return how much the objective falls with the agent's best other tour, the tour, and its free days."""
    agent, state = search.agents[index], search.state
    before = state.objective() + search.breach_cost()
    old = state.take(index)
    if old is None:
        return 0.0, None, 0
    price, inside_cost = search.prices(index, 0.0)
    best: tuple[float, Tour | None, int] = (0.0, None, 0)
    allowed = changes(agent, old.types) + left
    for pattern, free in enumerate(agent.off_patterns):
        wanted = Wanted(price, inside_cost, float(search.unpopular_price[index]), free)
        for near in (False, True):
            _, tour = lawful_tour(search.solver, agent, wanted, near=near)
            if tour is None:
                break
            if changes(agent, tour.types) > allowed:
                continue  # the tour nearest to the roster may still be within the budget
            state.put(index, tour)
            gain = before - state.objective() - search.breach_cost()
            state.take(index)
            if gain > best[0]:
                best = (gain, tour, pattern)
            break
    state.put(index, old)
    return best


def _changed(search: Search) -> int:
    pairs = zip(search.agents, search.state.tours, strict=True)
    return sum(changes(agent, tour.types) for agent, tour in pairs if tour is not None)


def _figures(state: State) -> dict[str, Any]:
    return {"objective": state.objective(), **hours_of(state)}


def _whole_roster(published: pd.DataFrame, repaired: pd.DataFrame, dates: Sequence[date]) -> pd.DataFrame:
    """Return the rows of the published roster outside the horizon with the repaired ones inside it."""
    inside = published["shift_date"].between(pd.Timestamp(dates[0]), pd.Timestamp(dates[-1]))
    return conform(pd.concat([published[~inside], repaired], ignore_index=True), ROSTER)

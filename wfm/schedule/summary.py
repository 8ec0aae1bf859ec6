"""The summary of a run: objective, bound and gap, the objective's parts, hours missing and surplus."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from wfm.schedule.bound import Bound
from wfm.schedule.coverage import shortfall
from wfm.schedule.goals import cost_parts, missed_requests
from wfm.schedule.problem import Problem
from wfm.schedule.state import State


def summary_of(state: State, bound: Bound) -> dict[str, Any]:
    """Return objective, bound, gap and parts, hours, the horizon and the warnings.

    `gap_h` and `paid_h` are the gap and the plan in paid hours of an agent of mean cost, None where such an
    hour has no price.
    """
    problem = state.problem
    parts = parts_of(state)
    objective = float(sum(parts.values()))
    proven = min(float(bound.value), objective)
    paid_hour = problem.weights.paid if any(fact.cost_ratio for fact in problem.facts) else 0.0
    return {
        "objective": objective,
        "bound": proven,
        "gap": (objective - proven) / max(1.0, abs(objective)),
        "gap_h": (objective - proven) / paid_hour if paid_hour else None,
        "parts": parts,
        **hours_of(state),
        "paid_h": parts["paid"] / paid_hour if paid_hour else None,
        "requests": sum(len(fact.requests) for fact in problem.facts),
        "requests_missed": _missed(state),
        "first_day": str(problem.dates[0]),
        "weeks": len(problem.dates) // 7,
        "agents": len(problem.facts),
        "warnings": list(problem.warnings),
    }


def hours_of(state: State) -> dict[str, float]:
    """Return agent-hours understaffed, overstaffed and required over the horizon."""
    problem = state.problem
    hours = problem.grid.interval_min / 60
    missing = shortfall(state.deficit, problem.cuts.component_first)
    return {
        "understaffed_h": float(missing.sum() * hours),
        "overstaffed_h": float((state.on_queue - problem.required + missing).sum() * hours),
        "required_h": float(problem.required.sum() * hours),
    }


def price_table(problem: Problem, bound: Bound) -> pd.DataFrame:
    """Return the prices of the bound: set of queues (`;`-list), interval and price, zeros left out."""
    cut, interval = np.nonzero(bound.prices)
    starts = problem.grid.interval_starts()
    names = sorted(problem.requirements["queue"].unique())
    queues = [";".join(names[q] for q in members) for members in problem.cuts.queues]
    columns = {
        "queues": pd.Series([queues[c] for c in cut], dtype="str"),
        "interval_start": starts[interval],
        "price": bound.prices[cut, interval],
    }
    return pd.DataFrame(columns)


def _missed(state: State) -> int:
    problem, tours = state.problem, zip(state.agents, state.tours, strict=True)
    days = problem.days
    return sum(missed_requests(a, t.types, days[a.facts.site]) for a, t in tours if t and a.facts.requests)


def parts_of(state: State) -> dict[str, float]:
    """Return the parts of the objective, under the names of the weights."""
    problem = state.problem
    understaffed, overstaffed = state.coverage_cost()
    parts = {"understaffed": understaffed, "overstaffed": overstaffed}
    parts |= dict.fromkeys(("paid", "overtime", "request", "start_consistency", "changed_shift"), 0.0)
    for agent, tour in zip(state.agents, state.tours, strict=True):
        if tour is not None:
            own = cost_parts(agent, tour.types, problem.days[agent.facts.site], problem.weights)
            for name, cost in own.items():
                parts[name] += cost
    return parts | {"fairness": state.fairness_cost()}

"""The roster model of the OR-Tools samples (examples/python/shift_scheduling_sat.py), for one of our centres.

As there: a boolean per agent, day and shift type, exactly one of them or a day off, forbidden transitions as
clauses, sums of a week as linear rows, excess cover penalised; no break is placed. Beside it cover is soft,
by set of queues, so that several skills count once. Understaffing is linear, fairness and even starts are
left out, as the sample has nothing of the kind; the other weights are the contract's.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from ortools.sat.python import cp_model

from bench.centres import INTERVAL_MIN
from bench.roster_question import Person, Question, covered
from bench.tours import Shift
from wfm.config import Weights
from wfm.hours import DAY_MIN

WORKERS = 2


@dataclass(frozen=True)
class Answer:
    """What the solver says: its status, and (agent, shift) pairs if it found any."""

    status: str
    shifts: list[tuple[str, Shift]]


def answer(question: Question, limit_s: float) -> Answer:
    """Return the best roster that CP-SAT finds within `limit_s` seconds after the model is built."""
    model, weights = cp_model.CpModel(), Weights()
    work = [_agent(model, question, person) for person in question.people]
    cost = _cover(model, question, work, weights)
    for person, of_agent in zip(question.people, work, strict=True):
        for (day, number), chosen in of_agent.items():
            paid = weights.paid * question.shifts[number].paid_h
            cost.append((paid + weights.request * person.allowed[day][number]) * chosen)
    model.minimize(sum(cost))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = WORKERS
    solver.parameters.max_time_in_seconds = limit_s
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Answer(solver.status_name(status).lower(), [])
    shifts = [
        (person.agent_id, question.shifts[number].on(day))
        for person, of_agent in zip(question.people, work, strict=True)
        for (day, number), chosen in of_agent.items()
        if solver.value(chosen)
    ]
    return Answer(solver.status_name(status).lower(), shifts)


def _agent(
    model: cp_model.CpModel, question: Question, person: Person
) -> dict[tuple[int, int], cp_model.IntVar]:
    """Add the variables and hard rules of one agent; return its variables by (day, shift type)."""
    work = {
        (day, number): model.new_bool_var("")
        for day, allowed in enumerate(person.allowed)
        for number in allowed
    }
    off = [model.new_bool_var("") for _ in person.allowed]
    for day, allowed in enumerate(person.allowed):
        model.add_exactly_one([off[day], *(work[day, number] for number in allowed)])
    for first in range(len(off) - person.consecutive_days):
        model.add_bool_or(off[first : first + person.consecutive_days + 1])
    for week, ((low, high), (fewest, most)) in enumerate(zip(person.minutes, person.shifts, strict=True)):
        here = {key: chosen for key, chosen in work.items() if key[0] // 7 == week}
        paid = sum(
            round(question.shifts[number].paid_h * 60) * chosen for (_, number), chosen in here.items()
        )
        model.add_linear_constraint(paid, low, high)
        model.add_linear_constraint(sum(here.values()), fewest, most)
    for day in range(len(off) - 1):
        for before in person.allowed[day]:
            for after in person.allowed[day + 1]:
                rest_min = DAY_MIN + question.shifts[after].start_min - question.shifts[before].end_min
                if rest_min < person.rest_min:
                    model.add_bool_or([work[day, before].negated(), work[day + 1, after].negated()])
    return work


def _cover(
    model: cp_model.CpModel,
    question: Question,
    work: list[dict[tuple[int, int], cp_model.IntVar]],
    weights: Weights,
) -> list[cp_model.LinearExprT]:
    """Add the missing and surplus agents of each interval; return what they cost."""
    on_queue = np.array([covered(shift) for shift in question.shifts])
    queues, most = sorted(question.need), len(question.people)
    sets = [frozenset(few) for size in range(1, len(queues) + 1) for few in combinations(queues, size)]
    groups = sorted({person.skills for person in question.people}, key=sorted)
    quarters = INTERVAL_MIN / 15
    cost: list[cp_model.LinearExprT] = []
    for day in range(question.days):
        for interval in np.flatnonzero(on_queue.any(axis=0)):
            there = {}
            for group in groups:
                there[group] = model.new_int_var(0, most, "")
                chosen = [
                    variable
                    for person, of_agent in zip(question.people, work, strict=True)
                    if person.skills == group
                    for (when, number), variable in of_agent.items()
                    if when == day and on_queue[number, interval]
                ]
                model.add(there[group] == sum(chosen))
            missing = model.new_int_var(0, 10 * most, "")
            for few in sets:
                need = sum(int(question.need[queue][day, interval]) for queue in few)
                model.add(missing >= need - sum(there[group] for group in groups if group & few))
            required = sum(int(question.need[queue][day, interval]) for queue in queues)
            surplus = sum(there.values()) - required + missing
            cost += [weights.understaffed * quarters * missing, weights.overstaffed * quarters * surplus]
    return cost

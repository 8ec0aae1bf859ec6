"""CP-SAT over neighbourhoods: of a few agents' legal tours, choose together the combination that costs least.

Prices move one agent at a time; here some agents are taken out at once, each offers several tours that its
programme finds under varied prices, and CP-SAT picks one of each under the exact convex cost and the sites'
limits. A choice is kept only if the exact objective falls. Effort counts in CP-SAT's deterministic seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

import numpy as np
from numpy.typing import NDArray
from ortools.sat.python import cp_model

from wfm.schedule.coverage import shortfall
from wfm.schedule.lawful import Wanted, lawful_tour
from wfm.schedule.options import Listener, Progress
from wfm.schedule.search import Search, on_queue_slots, shift_slots
from wfm.schedule.solver import Tour

AGENTS_AT_ONCE = 8
SMOOTHINGS = (0.25, 0.5, 1.0, 2.0)
DEFAULT_WORK = 0.3  # deterministic seconds
WORK_PER_CHOICE = 0.25
PRECISION = 1000  # integer units of cost in one unit of the objective
FRUITLESS = 15  # neighbourhoods without gain after which the search has ended
ROUNDING = 1e-9  # of agents who are missing

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Offer:
    """One tour an agent could take: slots on queue per interval, slots inside a shift, integer cost."""

    agent: int
    pattern: int
    tour: Tour
    on_queue: Ints
    inside: Ints
    cost: int


def combine(search: Search, work_limit: float, late: Callable[[], bool], progress: Listener) -> bool:
    """Improve the search's state until the work limit or until nothing helps; False if time struck first."""
    limit = work_limit or DEFAULT_WORK
    able = [
        i for i, agent in enumerate(search.agents) if agent.grading is None and (agent.share == 1.0).all()
    ]
    if len(able) < 2:
        return True
    spent, fruitless = 0.0, 0
    value = search.state.objective()
    while spent < limit and fruitless < FRUITLESS:
        if late():
            return False
        chosen = _neighbours(search, able)
        gained, work = _choose_together(search, chosen, value)
        spent += work
        fruitless = 0 if gained > 0 else fruitless + 1
        value -= gained
        progress(Progress("combine", min(1.0, spent / limit), value))
    return True


def _neighbours(search: Search, able: list[int]) -> list[int]:
    """Return agents whose tours may stand in for each other: half of the time of one component only."""
    first = able[int(search.random.integers(len(able)))]
    component = search.problem.cuts.component
    groups = search.problem.group_of
    if search.random.random() < 0.5:
        able = [i for i in able if component[groups[i]] == component[groups[first]]]
    count = min(AGENTS_AT_ONCE, len(able))
    others = search.random.choice(
        [i for i in able if i != first] or [first], size=max(count - 1, 1), replace=True
    )
    return sorted({first, *(int(i) for i in others)})


def _choose_together(search: Search, chosen: list[int], before: float) -> tuple[float, float]:
    """Return (gain in the objective, deterministic seconds); the state keeps the better tours."""
    old = [(index, search.pattern[index], search.state.take(index)) for index in chosen]
    offers = [offer for entry in old for offer in _offers(search, *entry)]
    picked, work = _solve(search, offers)
    for offer in picked:
        search.state.put(offer.agent, offer.tour)
    gain = before - search.state.objective()
    if picked and gain > 1e-7 and not search.state.breaches():
        for offer in picked:
            search.pattern[offer.agent] = offer.pattern
        return gain, work
    for offer in picked:
        search.state.take(offer.agent)
    for index, _, tour in old:
        if tour is not None:
            search.state.put(index, tour)
    return 0.0, work


def _offers(search: Search, index: int, pattern: int, old: Tour | None) -> list[Offer]:
    agent = search.agents[index]
    tours = {} if old is None else {_key(old): old}
    for smoothing in SMOOTHINGS:
        price, inside_cost = search.prices(index, smoothing)
        for extra in (0.0, search.problem.weights.fairness):
            wanted = Wanted(price, inside_cost, extra, agent.off_patterns[pattern])
            _, tour = lawful_tour(search.solver, agent, wanted)
            if tour is not None:
                tours.setdefault(_key(tour), tour)
    return [_offer(search, index, pattern, tour) for tour in tours.values()]


def _key(tour: Tour) -> bytes:
    return tour.types.tobytes() + tour.offsets[tour.types >= 0].tobytes()


def _offer(search: Search, index: int, pattern: int, tour: Tour) -> Offer:
    problem, agent = search.problem, search.agents[index]
    slots = np.zeros(problem.grid.slots, dtype=np.int64)
    inside = np.zeros(problem.grid.slots, dtype=np.int64)
    for begin, end in on_queue_slots(agent, tour):
        slots[begin:end] += 1
    for begin, end in shift_slots(agent, tour):
        inside[begin:end] += 1
    idle = problem.weights.overstaffed * problem.price_scale * slots.sum() / problem.grid.slots_per_interval
    cost = tour.cost + problem.weights.fairness * search.state.above_fair_share(index, tour.unpopular) + idle
    per_interval = slots.reshape(problem.grid.intervals, -1).sum(axis=1)
    return Offer(index, pattern, tour, per_interval, inside, round(PRECISION * cost))


def _solve(search: Search, offers: list[Offer]) -> tuple[list[Offer], float]:
    model = cp_model.CpModel()
    takes = [model.new_bool_var("") for _ in offers]
    for agent in sorted({offer.agent for offer in offers}):
        model.add_exactly_one(take for take, offer in zip(takes, offers, strict=True) if offer.agent == agent)
    _add_site_limits(model, search, offers, takes)
    missing = _add_shortfalls(model, search, offers, takes)
    model.minimize(sum(offer.cost * take for take, offer in zip(takes, offers, strict=True)) + sum(missing))
    held: set[int] = set()
    for take, offer in zip(takes, offers, strict=True):  # the first offer of each agent is its old tour
        model.add_hint(take, offer.agent not in held)
        held.add(offer.agent)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1  # four, taking turns, need up to ten times the work for the same choice
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = WORK_PER_CHOICE
    solver.parameters.catch_sigint_signal = False  # it would replace Python's handler, and end the process
    status = solver.solve(model)
    work = max(float(solver.response_proto.deterministic_time), 1e-3)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return [], work
    return [offer for take, offer in zip(takes, offers, strict=True) if solver.boolean_value(take)], work


def _add_shortfalls(
    model: cp_model.CpModel, search: Search, offers: list[Offer], takes: list[cp_model.IntVar]
) -> list[cp_model.IntVar]:
    """Add the missing agents (in slots) of each interval that the offers can change; return their costs."""
    problem, state = search.problem, search.state
    spi = problem.grid.slots_per_interval
    touched = np.flatnonzero(np.sum([offer.on_queue for offer in offers], axis=0) > 0)
    first = problem.cuts.component_first
    costs: list[cp_model.IntVar] = []
    lacking = shortfall(state.deficit, first)
    for n in touched:
        if lacking[n] <= ROUNDING or problem.required[n] <= 0:
            continue
        terms: list[cp_model.IntVar] = []
        for a, b in pairwise(first):
            worst = float(state.deficit[a:b, n].max(initial=0.0))
            if worst <= ROUNDING:
                continue
            lack = model.new_int_var(0, ceil(worst * spi - ROUNDING), "")
            terms.append(lack)
            for c in range(a, b):
                if state.deficit[c, n] > 0:
                    supply = sum(
                        int(offer.on_queue[n]) * take
                        for take, offer in zip(takes, offers, strict=True)
                        if offer.on_queue[n] and problem.cuts.covers[c, search.agents[offer.agent].group]
                    )
                    model.add(lack + supply >= ceil(state.deficit[c, n] * spi - ROUNDING))
        costs.append(_convex_cost(model, search, int(n), sum(terms), ceil(lacking[n] * spi - ROUNDING)))
    return costs


def _convex_cost(
    model: cp_model.CpModel, search: Search, n: int, lack: cp_model.LinearExprT, most: int
) -> cp_model.IntVar:
    """Return a variable at least the cost of `lack` missing agent-slots in an interval, by its secants."""
    problem = search.problem
    spi, weights = problem.grid.slots_per_interval, problem.weights

    total_required = float(problem.total[n])

    def cost(slots: int) -> int:
        missing = slots / spi
        value = (
            weights.understaffed * missing * (1 + missing / total_required) + weights.overstaffed * missing
        )
        return round(PRECISION * problem.price_scale * value)

    total = model.new_int_var(0, cost(most), "")
    for slots in range(most):
        slope = cost(slots + 1) - cost(slots)
        model.add(total >= slope * lack + cost(slots) - slope * slots)
    return total


def _add_site_limits(
    model: cp_model.CpModel, search: Search, offers: list[Offer], takes: list[cp_model.IntVar]
) -> None:
    """Keep seats and presence in every slot the offers touch."""
    problem, state = search.problem, search.state
    spi = problem.grid.slots_per_interval
    for at, site in enumerate(problem.sites):
        here = [(t, o) for t, o in zip(takes, offers, strict=True) if problem.site_of[o.agent] == at]
        if not here or (site.seats is None and not site.min_present):
            continue
        for slot in np.flatnonzero(np.sum([o.inside for _, o in here], axis=0)):
            if site.seats is not None:
                free = site.seats - int(state.inside[at, slot])
                model.add(sum(int(o.inside[slot]) * t for t, o in here) <= max(free, 0))
            due = int(site.least[slot]) - int(state.present[at, slot])
            if due > 0:
                present = sum(t for t, o in here if o.on_queue[slot // spi] == spi)
                model.add(present >= due)

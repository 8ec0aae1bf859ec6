"""Off-phone work placed where it hurts least: trainings, meetings and coaching become engagements of agents.

A first, short search tells what time on queue is worth; each activity, in the order of the table, takes the
start at which its agents' tours lose least, together or each for itself. The engagements are then fixed:
the shift of that day must hold them, breaks and calls keep out of them. An agent without any possible shift
in the window is left out with a warning; one who could come but has no legal tour with it is a conflict.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from wfm.errors import DataError, Fault, RuleError
from wfm.schedule.build import build_agent
from wfm.schedule.facts import Engagement, Facts
from wfm.schedule.inputs import Inputs
from wfm.schedule.lawful import Wanted, lawful_tour
from wfm.schedule.options import Listener
from wfm.schedule.phases import Clock, searched
from wfm.schedule.problem import Problem
from wfm.schedule.search import Search
from wfm.schedule.solver import Solver
from wfm.schedule.tour import LEGAL

MOST_STARTS = 32  # tried per activity and day group, the cheapest hours first
START_STEP_MIN = 15
TEAM = "team:"


@dataclass(frozen=True)
class Activity:
    """A row of the activities table in minutes of the grid; agents by position."""

    activity_id: str
    kind: str
    agents: tuple[int, ...]
    minutes: int
    earliest: int
    latest: int
    together: bool
    paid: bool


def read_activities(table: pd.DataFrame, agents: pd.DataFrame, problem: Problem) -> list[Activity]:
    """Return the activities that touch the horizon; DataError for agents and teams that do not exist."""
    position = {name: index for index, name in enumerate(agents["agent_id"])}
    teams: dict[str, list[int]] = {}
    for index, team in enumerate(agents["team"]):
        if isinstance(team, str):
            teams.setdefault(team, []).append(index)
    faults: list[Fault] = []
    found: list[Activity] = []
    names = ("activity_id", "kind", "agents", "minutes", "earliest", "latest", "together", "paid")
    for row in zip(*(table[name] for name in names), strict=True):
        activity_id, kind, who, minutes, earliest, latest, together, paid = row
        members: set[int] = set()
        for name in (piece.strip() for piece in str(who).split(";") if piece.strip()):
            if name.startswith(TEAM) and name.removeprefix(TEAM) in teams:
                members.update(teams[name.removeprefix(TEAM)])
            elif name in position:
                members.add(position[name])
            else:
                faults.append(
                    Fault(f"activity {activity_id}: unknown agent or team", column="agents", value=name)
                )
        window = (problem.grid.minute(earliest), problem.grid.minute(latest))
        found.append(
            Activity(
                str(activity_id),
                str(kind),
                tuple(sorted(members)),
                int(minutes),
                *window,
                bool(together),
                bool(paid),
            )
        )
    if faults:
        raise DataError(faults, source="activities", hint="name agents of the agents table, or team:NAME")
    return [a for a in found if a.latest > 0 and a.earliest < problem.grid.slots * problem.grid.slot_min]


def with_activities(search: Search, inputs: Inputs, sweeps: int, clock: Clock, progress: Listener) -> Problem:
    """Return the problem with every activity placed, after a short search for what time is worth."""
    problem = search.problem
    searched(search, max(sweeps, 1), clock, progress)
    activities = read_activities(inputs.activities, inputs.agents, problem)
    facts, warnings = place(search, activities)
    return replace(problem, facts=facts, warnings=[*problem.warnings, *warnings])


def place(search: Search, activities: Sequence[Activity]) -> tuple[list[Facts], list[str]]:
    """Return the agents' facts with their engagements, and warnings for those who cannot take part."""
    problem = search.problem
    facts = list(problem.facts)
    warnings: list[str] = []
    conflicts: list[Fault] = []
    placer = _Placer(search, facts)
    for activity in activities:
        able = [index for index in activity.agents if placer.could_attend(index, activity)]
        warnings += [
            f"activity {activity.activity_id}: {facts[index].agent_id} has no possible shift in its window"
            for index in activity.agents
            if index not in able
        ]
        for group in [able] if activity.together and able else [[index] for index in able]:
            chosen = placer.cheapest(activity, group)
            if chosen is None:
                names = ", ".join(facts[index].agent_id for index in group)
                conflicts.append(
                    Fault(f"activity {activity.activity_id}: no time in its window suits {names}")
                )
                continue
            for index, engagement in zip(group, chosen, strict=True):
                facts[index] = replace(facts[index], engagements=(*facts[index].engagements, engagement))
    if conflicts:
        hint = "widen the window, shorten the list of agents, or give up `together`"
        raise RuleError(conflicts, source="activities", hint=hint)
    return facts, warnings


class _Placer:
    """Prices of a short search, and what an engagement costs an agent under them."""

    def __init__(self, search: Search, facts: list[Facts]) -> None:
        self.search, self.facts = search, facts
        self.problem = search.problem
        self.solver = Solver(search.problem)

    def could_attend(self, index: int, activity: Activity) -> bool:
        """Return whether any legal shift of the agent overlaps the window long enough."""
        return any(self._days(index, start, activity) for start in _starts(activity))

    def cheapest(self, activity: Activity, group: Sequence[int]) -> tuple[Engagement, ...] | None:
        """Return an engagement per agent of the group at the cheapest start; None if none is legal."""
        starts = sorted(_starts(activity), key=lambda start: (self._worth(start, activity), start))
        best: tuple[float, tuple[Engagement, ...]] | None = None
        for tried, start in enumerate(starts):
            if tried >= MOST_STARTS and best is not None:
                break
            options = [self._engagements(index, start, activity) for index in group]
            if not all(options):
                continue
            picked = [min(of_agent, key=lambda option: option[0]) for of_agent in options]
            cost = sum(value for value, _ in picked)
            if best is None or cost < best[0] - 1e-9:
                best = (cost, tuple(engagement for _, engagement in picked))
        return None if best is None else best[1]

    def _worth(self, start: int, activity: Activity) -> float:
        """Return what an agent's time on queue is worth there, by requirement: a first guess of the cost."""
        first = start // self.problem.grid.interval_min
        last = -(-(start + activity.minutes) // self.problem.grid.interval_min)
        day = self.problem.required[max(0, first) : max(last, 0)]
        return float(day.sum())

    def _engagements(self, index: int, start: int, activity: Activity) -> list[tuple[float, Engagement]]:
        """Return (extra cost, engagement) for each day whose shift could hold the activity at this start."""
        found = []
        for day in self._days(index, start, activity):
            engagement = Engagement(
                activity.activity_id, activity.kind, day, start, start + activity.minutes, activity.paid
            )
            cost = self._cost(index, engagement)
            if cost < LEGAL:
                found.append((cost, engagement))
        return found

    def _days(self, index: int, start: int, activity: Activity) -> list[int]:
        """Return the days on which a legal shift holds the activity at this start, free of other work."""
        facts, agent = self.facts[index], self.search.agents[index]
        end = start + activity.minutes
        if any(first < end and last > start for first, last in facts.taken):
            return []
        begin = agent.shifts.begin[:, :, None]
        holds = (begin <= start) & (begin + agent.shifts.length >= end)
        legal = (agent.static < LEGAL).reshape(holds.shape)
        return [int(day) for day in np.flatnonzero((holds & legal).any(axis=(1, 2)))]

    def _cost(self, index: int, engagement: Engagement) -> float:
        """Return the agent's cost with the engagement, under the prices it meets with its tour taken out."""
        facts = self.facts[index]
        problem = replace(self.problem, facts=list(self.facts))
        problem.facts[index] = replace(facts, engagements=(*facts.engagements, engagement))
        agent = build_agent(problem, index)
        old = self.search.state.take(index)
        price, inside_cost = self.search.prices(index, 0.0)
        costs = [
            lawful_tour(self.solver, agent, Wanted(price, inside_cost, 0.0, free), thorough=True)[0]
            for free in agent.off_patterns
        ]
        if old is not None:
            self.search.state.put(index, old)
        return min(costs)


def _starts(activity: Activity) -> Iterator[int]:
    first = -(-max(activity.earliest, 0) // START_STEP_MIN) * START_STEP_MIN
    yield from range(first, activity.latest - activity.minutes + 1, START_STEP_MIN)

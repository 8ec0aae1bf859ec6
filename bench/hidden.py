"""Centres whose requirement is exactly the coverage of a hidden legal roster: a perfect answer exists.

`build(n, weeks, seed)` draws contracts, a skill structure of two to six queues, leave and windows, then a
legal tour per agent (`bench/tours.py`, none of our engine's code), and gives each piece on queue between two
breaks to one skill of its agent. That roster leaves nothing understaffed nor overstaffed, and `verify`
finds it legal. Its objective, `known`, is above the optimum only by hours, wishes, fairness and starts.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from bench.centres import (
    INTERVAL_MIN,
    ZONE,
    BenchCentre,
    Ints,
    leave_table,
    requests_table,
    requirements_table,
)
from bench.roster_run import planned, verdict
from bench.tours import Shift, Terms, random_tour, roster_table
from wfm.config import Config, build_config
from wfm.conform import conform
from wfm.hours import clock, parse_span
from wfm.tables import AGENTS

OPEN_MIN, CLOSE_MIN = 7 * 60, 23 * 60
INTERVALS = (CLOSE_MIN - OPEN_MIN) // INTERVAL_MIN
CONTRACTS = tomllib.loads("""
[full_8]
week_hours = [40, 40]
days_per_week = [5, 5]
shift_hours = [8.5, 8.5]
starts = ["07:00-14:30"]
consecutive_days = 5
breaks = [
  { minutes = 15, from_min = 75, to_min = 135 },
  { activity = "lunch", minutes = 30, paid = false, from_min = 195, to_min = 270 },
  { minutes = 15, from_min = 345, to_min = 420 },
]
[long_10]
week_hours = [40, 40]
days_per_week = [4, 4]
shift_hours = [11, 11]
starts = ["07:00-12:00"]
consecutive_days = 5
breaks = [
  { minutes = 15, from_min = 90, to_min = 165 },
  { activity = "lunch", minutes = 60, paid = false, from_min = 225, to_min = 330 },
  { minutes = 15, from_min = 450, to_min = 555 },
]
[flexible]
week_hours = [32, 40]
days_per_week = [4, 6]
shift_hours = [6.5, 9.5]
shift_step_min = 60
starts = ["07:00-16:30"]
leave_day_hours = 8
breaks = [
  { minutes = 15, from_min = 60, to_min = 135 },
  { activity = "lunch", minutes = 30, paid = false, from_min = 165, to_min = 255 },
  { minutes = 15, from_min = 330, to_min = 420, min_shift_hours = 7.5 },
]
[short]
week_hours = [15, 20]
days_per_week = [3, 5]
shift_hours = [4, 5]
starts = ["07:00-19:00"]
start_step_min = 15
breaks = [{ minutes = 15, from_min = 75, to_min = 150 }]
[half]
week_hours = [20, 24]
days_per_week = [3, 6]
shift_hours = [4, 8.5]
starts = ["07:00-19:00"]
leave_day_hours = 4.8
consecutive_days = 5
breaks = [
  { minutes = 15, from_min = 75, to_min = 135 },
  { activity = "lunch", minutes = 30, paid = false, from_min = 165, to_min = 255, min_shift_hours = 6.5 },
]
[evening]
week_hours = [24, 32]
days_per_week = [4, 5]
shift_hours = [5, 8]
shift_step_min = 60
starts = ["13:00-18:00"]
breaks = [
  { minutes = 15, from_min = 90, to_min = 150 },
  { activity = "lunch", minutes = 45, paid = false, from_min = 180, to_min = 240, min_shift_hours = 6 },
]
[two_turns]
week_hours = [32, 40]
days_per_week = [4, 5]
shift_hours = [8, 8]
starts = ["07:00-08:00", "14:00-15:00"]
rest_h = 12
breaks = [
  { minutes = 15, from_min = 90, to_min = 150 },
  { activity = "lunch", minutes = 30, from_min = 210, to_min = 300 },
]
""")
STRUCTURES = ("disjoint", "nested", "chain", "all_round", "mixed")
DAYS = {None: "Mon-Sun", 0: "Tue-Sun", 2: "Mon,Tue,Thu-Sun", 4: "Mon-Thu,Sat,Sun"}  # by the day never worked
WINDOWS = ("07:00-23:00", "07:00-19:00", "10:00-23:00")
WINDOW_SHARES = (0.7, 0.15, 0.15)
NEVER, ON_LEAVE, WISHES, MET, WANTS_OFF = 0.1, 0.12, 0.4, 0.8, 0.03  # shares; of agents, of wishes, of dates
START_WEIGHT, DAY_OFF_WEIGHT = 0.25, 1.0


@dataclass(frozen=True)
class Drawn:
    """One agent: row of AGENTS, skills by position, tour, first day and days of leave."""

    row: dict[str, str]
    skills: tuple[int, ...]
    tour: list[Shift]
    leave: tuple[int, int]

    @property
    def agent_id(self) -> str:
        """Name in the tables."""
        return self.row["agent_id"]


def measured(n: int, weeks: int, seed: int, limit_s: float) -> dict[str, Any]:
    """Return the row of one instance, beside the objective of its hidden roster."""
    centre = build(n, weeks, seed)
    assert centre.known is not None
    known = verdict(centre, centre.known)["objective"]
    row = planned(centre, limit_s).row
    return {"instance": centre.label, **row, "known": known, "above_known": row["objective"] / known - 1}


def build(
    n: int, weeks: int, seed: int, *, contracts: Sequence[str] = (), skills: str | None = None
) -> BenchCentre:
    """Return a centre with its hidden roster as `known`; contracts and structure are drawn unless given."""
    random = np.random.default_rng([seed, n, weeks])
    mix = list(contracts or random.choice(list(CONTRACTS), int(random.integers(2, 6)), replace=False))
    structure = skills or str(random.choice(STRUCTURES))
    queues = [f"q{number}" for number in range(int(random.integers(2, 7)))]
    groups = skill_groups(structure, len(queues), random)
    config = configuration(mix, queues, weeks)
    drawn = [_draw(number, config, mix, groups, random) for number in range(n)]
    need = np.zeros((len(queues), 7 * weeks, INTERVALS), dtype=np.int64)
    for agent in drawn:
        _cover(need, agent, random)
    return BenchCentre(
        config,
        conform(pd.DataFrame([agent.row for agent in drawn]), AGENTS),
        requirements_table(need, queues, OPEN_MIN),
        leave_table((agent.agent_id, *agent.leave) for agent in drawn if agent.leave[1]),
        requests_table(request for agent in drawn for request in _wishes(agent, 7 * weeks, random)),
        known=roster_table((agent.agent_id, shift) for agent in drawn for shift in agent.tour),
        label=f"{n} x {weeks} seed {seed} {structure}-{len(queues)}",
    )


def configuration(mix: Sequence[str], queues: Sequence[str], weeks: int) -> Config:
    """Return the configuration of a mix of contracts; from four weeks on, one weekend in four is off."""
    weekends = {"weekends_off_per_4_weeks": int(weeks >= 4)}
    return build_config(
        {
            "centre": {"name": "bench", "timezone": ZONE, "interval_min": INTERVAL_MIN},
            "defaults": {"queue": {"service_level": 0.8, "hours": "Mon-Sun 07:00-23:00"}},
            "queues": {name: {} for name in queues},
            "contracts": {name: CONTRACTS[name] | weekends for name in mix},
            "schedule": {"weeks": weeks},
        }
    )


def skill_groups(structure: str, queues: int, random: np.random.Generator) -> list[tuple[int, ...]]:
    """Return the sets of queues that agents serve, best first; every queue is in one of them."""
    every = tuple(range(queues))
    match structure:
        case "disjoint":
            return [(queue,) for queue in every]
        case "nested":
            return [every[: depth + 1] for depth in every]
        case "chain":
            return [(queue, (queue + 1) % queues) for queue in every]
        case "all_round":
            return [every]
    some = [tuple(int(q) for q in random.permutation(queues)[: random.integers(1, 4)]) for _ in every]
    return [*some, every]


def _draw(
    number: int,
    config: Config,
    mix: Sequence[str],
    groups: Sequence[tuple[int, ...]],
    random: np.random.Generator,
) -> Drawn:
    """Return an agent with a tour; without leave, window and day off if none is found with them."""
    contract, skills = str(random.choice(mix)), groups[int(random.integers(len(groups)))]
    never = int(random.choice([0, 2, 4])) if random.random() < NEVER else None
    window = str(random.choice(WINDOWS, p=WINDOW_SHARES))
    days = int(random.integers(1, 5)) if random.random() < ON_LEAVE * config.schedule.weeks else 0
    first = 7 * int(random.integers(config.schedule.weeks)) + int(random.integers(8 - days))
    for leave, limits in (((first, days), (window, never)), ((0, 0), (WINDOWS[0], None))):
        whole_days = frozenset(range(leave[0], sum(leave)))
        terms = Terms(
            config.contracts[contract], config.schedule.weeks, whole_days, parse_span(limits[0]), limits[1]
        )
        tour = random_tour(terms, random)
        if tour is not None:
            row = {
                "agent_id": f"a{number:04d}",
                "name": f"Agent {number}",
                "contract": contract,
                "skills": ";".join(f"q{queue}" for queue in skills),
                "availability": f"{DAYS[limits[1]]} {limits[0]}",
            }
            return Drawn(row, skills, tour, leave)
    raise ValueError(f"no tour found for contract {contract}")


def _cover(need: Ints, agent: Drawn, random: np.random.Generator) -> None:
    for shift in agent.tour:
        for begin, end, activity, _ in shift.segments():
            if activity == "on_queue":
                first, last = ((minute - OPEN_MIN) // INTERVAL_MIN for minute in (begin, end))
                need[random.choice(agent.skills), shift.day, first:last] += 1


def _wishes(
    agent: Drawn, days: int, random: np.random.Generator
) -> Iterator[tuple[str, int, str, str, float]]:
    """Yield requests; most are met by the hidden roster."""
    shifts = {shift.day: shift for shift in agent.tour}
    if random.random() < WISHES:
        for day in range(days):
            met = day in shifts and random.random() < MET
            start = shifts[day].start_min if met else 30 * int(random.integers(14, 30))
            yield agent.agent_id, day, "prefer_start", clock(start), START_WEIGHT
    for day in range(days):
        if random.random() < WANTS_OFF and (day not in shifts or random.random() > MET):
            yield agent.agent_id, day, "day_off", "", DAY_OFF_WEIGHT

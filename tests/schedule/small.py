"""Small centres for the engine's tests: configuration, agents and requirements built in a few lines."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from wfm.config import Config, build_config
from wfm.conform import conform, empty
from wfm.schedule.horizon import first_whole_week
from wfm.schedule.inputs import Inputs
from wfm.schedule.problem import Problem, build_problem
from wfm.tables import ACTIVITY_TABLE, AGENTS, PINS, REQUESTS, REQUIREMENTS, ROSTER, TIME_OFF, Table

MONDAY = pd.Timestamp("2026-11-02")
ONE_CHOICE = 0.001  # a work limit of one neighbourhood: CP-SAT's start takes longer than all the rest
TOML = """
[centre]
name = "small"
timezone = "Europe/Berlin"
interval_min = 30
[sites.hamburg]
timezone = "Europe/Berlin"
[sites.porto]
timezone = "Europe/Lisbon"
[defaults.queue]
service_level = 0.8
hours = "Mon-Sun 08:00-16:00"
[queues.billing]
[queues.tech]
[contracts.short]
week_hours = [12, 20]
days_per_week = [3, 5]
shift_hours = [4, 5]
shift_step_min = 60
starts = ["08:00-12:00"]
start_step_min = 120
breaks = [{ minutes = 30, paid = false, from_min = 60, to_min = 150, min_shift_hours = 5 }]
break_step_min = 30
[contracts.full]
week_hours = [35, 40]
days_per_week = [4, 5]
shift_hours = [8, 9]
shift_step_min = 30
starts = ["07:00-10:00"]
breaks = [
  { activity = "break", minutes = 15, paid = true, from_min = 90, to_min = 180 },
  { activity = "lunch", minutes = 30, paid = false, from_min = 210, to_min = 330 },
]
"""


def config_with(extra: str = "", **replaced: str) -> Config:
    """Return the small configuration, lines `key = value` replaced by keyword, `extra` TOML appended."""
    text = TOML
    for key, value in replaced.items():
        lines = [f"{key} = {value}" if line.startswith(f"{key} =") else line for line in text.splitlines()]
        text = "\n".join(lines)
    return build_config(tomllib.loads(text + extra), text=text)


def agents_table(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """Return AGENTS; what a row leaves out gets a default."""
    default = {"site": "hamburg", "contract": "short", "skills": "billing", "availability": ""}
    full = [{"agent_id": f"a{i:02d}", "name": f"Agent {i}", **default, **row} for i, row in enumerate(rows)]
    return conform(pd.DataFrame(full), AGENTS)


def requirements_table(curves: Mapping[str, Sequence[int]], config: Config, weeks: int = 1) -> pd.DataFrame:
    """Return REQUIREMENTS: the same curve on every day from Monday, one number per interval from 08:00."""
    step = pd.Timedelta(minutes=config.centre.interval_min)
    rows = [
        (queue, MONDAY + pd.Timedelta(days=day, hours=8) + index * step, need)
        for queue, curve in curves.items()
        for day in range(7 * weeks)
        for index, need in enumerate(curve)
    ]
    frame = pd.DataFrame(rows, columns=["queue", "interval_start", "agents_to_schedule"])
    frame["interval_start"] = frame["interval_start"].dt.tz_localize("Europe/Berlin")
    same = dict.fromkeys(("agents_required", "agents_gross"), frame["agents_to_schedule"])
    return conform(frame.assign(offered=1.0, aht_s=1.0, load=1.0, queue_model="given", **same), REQUIREMENTS)


def problem_of(
    config: Config, agents: pd.DataFrame, requirements: pd.DataFrame, **tables: pd.DataFrame
) -> Problem:
    """Return the problem of the first week."""

    def given(name: str, table: Table) -> pd.DataFrame:
        return tables.get(name, empty(table))

    inputs = Inputs(
        requirements,
        agents,
        time_off=given("time_off", TIME_OFF),
        requests=given("requests", REQUESTS),
        pins=given("pins", PINS),
        previous=given("previous", ROSTER),
        activities=given("activities", ACTIVITY_TABLE),
    )
    return build_problem(inputs, config, first_whole_week(requirements, config), config.schedule.weeks)


def bumpy_centre(count: int, seed: int, config: Config) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return agents of both contracts, sites and skills, and a need they can just about meet."""
    random = np.random.default_rng(seed)
    skills = ["billing", "tech", "billing;tech"]
    agents = agents_table(
        [
            {
                "site": ["hamburg", "porto"][i % 2],
                "contract": ["full", "short"][int(random.random() < 0.4)],
                "skills": skills[int(random.integers(3))],
            }
            for i in range(count)
        ]
    )
    shape = np.array([1, 2, 3, 3, 3, 2, 2, 2, 3, 3, 3, 3, 2, 2, 1, 1])
    scale = count / 18
    curves = {queue: [round(v * scale * f) for v in shape] for queue, f in (("billing", 1.2), ("tech", 0.8))}
    return agents, requirements_table(curves, config)

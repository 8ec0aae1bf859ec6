"""Seeded centres for the roster benchmark: contracts, skills, leave and wishes as in the design's prototype.

Five contracts, three queues in four skill groups, open 07:00-23:00 in 15-minute intervals; about 13 % of
agent-weeks have leave; the requirement is 97 % of what the agents can give, shaped by the hour and the day.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfm.config import Config, build_config
from wfm.conform import Zones, conform
from wfm.tables import AGENTS, REQUESTS, REQUIREMENTS, TIME_OFF

MONDAY = pd.Timestamp("2026-11-02")
CONTRACTS = ("ft8", "ft10", "flex", "pt24", "pt20")
SHARES = (0.40, 0.10, 0.20, 0.15, 0.15)
WEEK_HOURS = {"ft8": 40.0, "ft10": 40.0, "flex": 36.0, "pt24": 22.0, "pt20": 17.5}
PRODUCTIVE = {"ft8": 0.94, "ft10": 0.95, "flex": 0.93, "pt24": 0.95, "pt20": 0.94}
SKILLS = (("q0",), ("q1",), ("q0", "q1"), ("q0", "q1", "q2"))
SKILL_SHARES = (0.35, 0.20, 0.25, 0.20)
TEXT = """
[centre]
name = "bench"
timezone = "Europe/Berlin"
[defaults.queue]
service_level = 0.8
hours = "Mon-Sun 07:00-23:00"
[queues.q0]
[queues.q1]
[queues.q2]
[contracts.ft8]
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
[contracts.ft10]
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
[contracts.flex]
week_hours = [32, 40]
days_per_week = [4, 6]
shift_hours = [6.5, 9.5]
shift_step_min = 60
starts = ["07:00-16:30"]
consecutive_days = 5
breaks = [
  { minutes = 15, from_min = 75, to_min = 120 },
  { activity = "lunch", minutes = 30, paid = false, from_min = 165, to_min = 240 },
  { minutes = 15, from_min = 300, to_min = 345 },
]
[contracts.pt24]
week_hours = [20, 24]
days_per_week = [3, 6]
shift_hours = [4, 6]
shift_step_min = 60
starts = ["07:00-19:00"]
consecutive_days = 5
breaks = [{ minutes = 15, from_min = 75, to_min = 135 }]
[contracts.pt20]
week_hours = [15, 20]
days_per_week = [3, 5]
shift_hours = [4, 5]
shift_step_min = 60
starts = ["07:00-19:00"]
consecutive_days = 5
breaks = [{ minutes = 15, from_min = 75, to_min = 135 }]
"""


@dataclass(frozen=True)
class BenchCentre:
    """One instance: configuration and conformed tables."""

    config: Config
    agents: pd.DataFrame
    requirements: pd.DataFrame
    time_off: pd.DataFrame
    requests: pd.DataFrame


def build_centre(count: int, weeks: int, seed: int, tightness: float = 0.97) -> BenchCentre:
    """Return a centre of `count` agents over `weeks` weeks; the same seed gives the same centre."""
    random = np.random.default_rng(seed)
    config = build_config(tomllib.loads(TEXT + f"\n[schedule]\nweeks = {weeks}\n"))
    contracts = random.choice(CONTRACTS, count, p=SHARES)
    windows = random.choice(["", "Mon-Sun 07:00-18:30", "Mon-Sun 11:00-23:00"], count, p=(0.70, 0.15, 0.15))
    long_days = np.isin(contracts, ["ft10", "ft8"])
    agents = pd.DataFrame(
        {
            "agent_id": [f"a{i:04d}" for i in range(count)],
            "name": [f"Agent {i}" for i in range(count)],
            "contract": contracts,
            "skills": [";".join(SKILLS[i]) for i in random.choice(len(SKILLS), count, p=SKILL_SHARES)],
            "availability": np.where(long_days & (windows == "Mon-Sun 07:00-18:30"), "", windows),
        }
    )
    time_off = _leave(agents["agent_id"].tolist(), weeks, random)
    hours = sum(WEEK_HOURS[name] * PRODUCTIVE[name] for name in contracts) * weeks * (1 - 0.13 * 3 / 5)
    return BenchCentre(
        config,
        conform(agents, AGENTS),
        _requirements(hours * 4 * tightness, weeks, random),
        time_off,
        _requests(agents["agent_id"].tolist(), weeks, random),
    )


def _leave(agents: list[str], weeks: int, random: np.random.Generator) -> pd.DataFrame:
    rows = []
    for agent in agents:
        for week in range(weeks):
            if random.random() < 0.13:
                days = int(random.integers(1, 6))
                first = MONDAY + pd.Timedelta(days=7 * week + int(random.integers(0, 6 - days)))
                stamps = [str(first + pd.Timedelta(days=step)) for step in (0, days)]
                rows.append((agent, *stamps, "leave", "true"))
    return conform(pd.DataFrame(rows, columns=TIME_OFF.names), TIME_OFF, zones=Zones(default="Europe/Berlin"))


def _requests(agents: list[str], weeks: int, random: np.random.Generator) -> pd.DataFrame:
    rows = []
    for agent in agents:
        wish = random.choice(["", "08:00", "11:30", "15:00"], p=(0.4, 0.25, 0.15, 0.2))
        for day in range(7 * weeks):
            date = f"{MONDAY + pd.Timedelta(days=day):%Y-%m-%d}"
            if random.random() < 0.03:
                rows.append((agent, date, "day_off", "", 1.0))
            elif wish:
                rows.append((agent, date, "prefer_start", wish, 0.25))
    return conform(pd.DataFrame(rows, columns=REQUESTS.names), REQUESTS)


def _requirements(agent_quarters: float, weeks: int, random: np.random.Generator) -> pd.DataFrame:
    hour = np.arange(64) / 4 + 7
    bumps = (
        ((10.7, 2.0, 1.0), (15.3, 2.4, 0.85), (19.5, 2.0, 0.35), 0.10, 0.50),
        ((11.3, 2.6, 0.9), (16.0, 2.6, 1.00), (20.0, 2.0, 0.25), 0.08, 0.33),
        ((10.0, 2.2, 0.8), (14.5, 3.0, 0.80), (19.0, 2.2, 0.45), 0.10, 0.17),
    )
    weekday = np.array([1.15, 1.05, 1.0, 1.0, 1.02, 0.62, 0.50])
    need = np.zeros((3, 7 * weeks, 64))
    for queue, (*peaks, floor, share) in enumerate(bumps):
        shape = sum(height * np.exp(-(((hour - at) / width) ** 2)) for at, width, height in peaks) + floor
        for day in range(7 * weeks):
            rough = np.convolve(random.normal(0, 1, 64), [0.25, 0.5, 0.25], "same") * 0.06
            level = share * weekday[day % 7] * (1 + random.normal(0, 0.05))
            need[queue, day] = shape / shape.sum() * level * (1 + rough)
    agents = np.round(need * agent_quarters / need.sum()).astype(int)
    starts = [
        (MONDAY + pd.Timedelta(days=day, hours=7) + pd.Timedelta(minutes=15) * slot)
        for day in range(7 * weeks)
        for slot in range(64)
    ]
    instants = pd.Series(starts).dt.tz_localize("Europe/Berlin")
    parts = [
        pd.DataFrame(
            {"queue": f"q{queue}", "interval_start": instants, "agents_to_schedule": agents[queue].ravel()}
        )
        for queue in range(3)
    ]
    frame = pd.concat(parts, ignore_index=True)
    same = dict.fromkeys(("agents_required", "agents_gross"), frame["agents_to_schedule"])
    return conform(frame.assign(offered=1.0, aht_s=1.0, load=1.0, queue_model="given", **same), REQUIREMENTS)

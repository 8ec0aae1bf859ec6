"""A made-up run for the tests of the report: every table of a centre of two sites, drawn from a seed.

The roster is not a good one, and no rule was asked; only its shape is that of a roster.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from wfm.config import Config, build_config
from wfm.conform import conform
from wfm.hours import parse_hours
from wfm.io.run_folder import RunTables
from wfm.localtime import open_mask
from wfm.simulate.options import Options as Simulation
from wfm.simulate.stage import simulate
from wfm.tables import AGENTS, COVERAGE, DAYS, FORECAST, HISTORY, REQUIREMENTS, ROSTER, SCORES

FIRST_DAY = pd.Timestamp("2026-03-02")
HISTORY_DAYS = 70
SITES = {"hamburg": "Europe/Berlin", "porto": "Europe/Lisbon"}
HOURS = "Mon-Fri 08:00-20:00;Sat 09:00-14:00"
BANDS = {
    "offered_p025": -1.96,
    "offered_p10": -1.28,
    "offered_p50": 0.0,
    "offered_p90": 1.28,
    "offered_p975": 1.96,
}


def config_of(queues: list[str], sites: dict[str, str] | None = None) -> Config:
    document: dict[str, Any] = {
        "centre": {"name": "Example centre", "timezone": "Europe/Berlin"},
        "defaults": {"queue": {"service_level": 0.8, "hours": HOURS, "patience_s": 180}},
        "sites": {name: {"timezone": timezone} for name, timezone in (sites or SITES).items()},
        "queues": {name: {} for name in queues},
        "contracts": {"full_time": {"week_hours": [35, 40], "days_per_week": [4, 5], "shift_hours": [8, 9]}},
    }
    return build_config(document)


def run_of(
    config: Config, *, agents: int = 30, weeks: int = 6, rostered_days: int = 7, seed: int = 1, teams: int = 4
) -> RunTables:
    """Return a run over the configuration's queues; the first queue is always a little short of people."""
    random = np.random.default_rng(seed)
    history, forecast = _contacts(config, weeks, random)
    requirements = _requirements(forecast)
    people = _agents(config, agents, teams, random)
    roster = _roster(people, config, rostered_days, random)
    coverage = _coverage(requirements, config, rostered_days, random)
    played = simulate(requirements, config, roster=roster, agents=people, options=Simulation(replications=2))
    return RunTables(
        history=history,
        forecast=forecast,
        days=_days(forecast, config),
        requirements=requirements,
        agents=people,
        roster=roster,
        coverage=coverage,
        scores=_scores(config),
        simulation=played.simulation,
        simulated_days=played.days,
        summary={
            "status": "feasible",
            "objective": 8400.0,
            "bound": 8205.5,
            "gap": (8400.0 - 8205.5) / 8400.0,
            "gap_h": (8400.0 - 8205.5) / 4,
            "parts": {"understaffed": 1200.0, "overstaffed": 700.0, "paid": 6100.0, "request": 400.0},
            "seed": 1,
            "seconds": 41.3,
            "warnings": [],
            "simulation": played.summary,
        },
        manifest={
            "version": "0.1.0",
            "seed": 1,
            "inputs": {"history": {"rows": len(history), "sha256": "ab12"}},
        },
    )


def rostered(
    config: Config, *, agents: int, days: int, teams: int, seed: int = 1
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return agents and their roster alone, which are made much faster than a whole run."""
    random = np.random.default_rng(seed)
    people = _agents(config, agents, teams, random)
    return people, _roster(people, config, days, random)


def _contacts(config: Config, weeks: int, random: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    first = FIRST_DAY - pd.Timedelta(days=HISTORY_DAYS)
    past, ahead = [], []
    for number, (name, queue) in enumerate(config.queues.items()):
        grid = pd.date_range(
            first,
            FIRST_DAY + pd.Timedelta(weeks=weeks),
            freq="15min",
            inclusive="left",
            tz=queue.timezone,
            unit="us",
        )
        grid = grid[open_mask(grid.tz_convert("UTC"), parse_hours(queue.hours), queue.timezone)]
        hour = np.asarray(grid.hour + grid.minute / 60)
        shape = np.exp(-(((hour - 10.5) / 2.2) ** 2)) + 0.7 * np.exp(-(((hour - 15.5) / 2.5) ** 2)) + 0.15
        rate = shape * (60 / (number + 1)) * np.where(grid.day_of_week == 0, 1.25, 1.0)
        rows = pd.DataFrame(
            {"queue": name, "interval_start": grid.tz_convert("UTC"), "aht_s": 240.0 + 30 * number}
        )
        before = np.asarray(grid < FIRST_DAY.tz_localize(queue.timezone))
        past.append(rows[before].assign(offered=random.poisson(rate[before]).astype(float)))
        mean = rate[~before]
        bands = {band: np.clip(mean + z * np.sqrt(mean * 1.6), 0, None) for band, z in BANDS.items()}
        ahead.append(rows[~before].assign(offered=mean, model="regression+median", **bands))
    return conform(pd.concat(past), HISTORY), conform(pd.concat(ahead), FORECAST)


def _days(forecast: pd.DataFrame, config: Config) -> pd.DataFrame:
    (timezone,) = set(config.queue_zones.values())
    date = forecast["interval_start"].dt.tz_convert(timezone).dt.tz_localize(None).dt.normalize()
    sums = forecast.groupby(["queue", date.rename("date")])["offered"].sum().reset_index()
    spread = {band: np.clip(sums["offered"] * (1 + z * 0.09), 0, None) for band, z in BANDS.items()}
    return conform(sums.assign(aht_s=240.0, **spread), DAYS)


def _requirements(forecast: pd.DataFrame) -> pd.DataFrame:
    load = forecast["offered"] * forecast["aht_s"] / 900
    needed = np.ceil(load + np.sqrt(load)).astype(int)
    staffing = {"agents_required": needed, "agents_to_schedule": np.ceil(needed / 0.93).astype(int)}
    return conform(
        forecast[["queue", "interval_start", "offered", "aht_s"]].assign(
            load=load, **staffing, agents_gross=np.ceil(needed / 0.75).astype(int), queue_model="erlang_a"
        ),
        REQUIREMENTS,
    )


def _agents(config: Config, count: int, teams: int, random: np.random.Generator) -> pd.DataFrame:
    sites = list(config.sites)
    number = np.arange(count)
    queues = list(config.queues)
    return conform(
        pd.DataFrame(
            {
                "agent_id": [f"a{index:03d}" for index in number],
                "name": [f"Agent {index:03d}" for index in number],
                "site": [sites[index % len(sites)] for index in number],
                "contract": "full_time",
                "skills": [";".join(random.permutation(queues)[:2]) for _ in number],
                "cost_per_hour": 20.0 + number % 7,
                "team": [
                    f"{sites[index % len(sites)]} {index // len(sites) % teams + 1}" for index in number
                ],
            }
        ),
        AGENTS,
    )


def _roster(people: pd.DataFrame, config: Config, days: int, random: np.random.Generator) -> pd.DataFrame:
    rows = []
    for agent in people.to_dict("records"):
        timezone = config.site_zones[agent["site"]]
        off = set(random.choice(7, size=2, replace=False).tolist())
        for offset in range(days):
            if offset % 7 in off:
                continue
            date = FIRST_DAY + pd.Timedelta(days=offset)
            begin = date + pd.Timedelta(minutes=int(random.integers(14, 27)) * 30)
            first_break = int(random.integers(6, 13)) * 15
            cuts = [0, first_break, first_break + 15, 240, 270, 390, 405, 510]
            kinds = ["on_queue", "break", "on_queue", "lunch", "on_queue", "break", "on_queue"]
            if random.random() < 0.1:
                kinds[2] = random.choice(["training", "meeting", "coaching", "leave"])
            for kind, start, end in zip(kinds, cuts, cuts[1:], strict=False):
                rows.append(
                    (
                        agent["agent_id"],
                        begin,
                        start,
                        end,
                        date,
                        kind,
                        kind != "lunch",
                        agent["site"],
                        timezone,
                    )
                )
    names = ["agent_id", "begin", "from", "to", "shift_date", "activity", "paid", "site", "timezone"]
    flat = pd.DataFrame(rows, columns=names)
    parts = []
    for name, part in flat.groupby("timezone"):
        begin = part["begin"].dt.tz_localize(str(name))
        parts.append(
            part.assign(
                start=(begin + pd.to_timedelta(part["from"], unit="min")).dt.tz_convert("UTC"),
                end=(begin + pd.to_timedelta(part["to"], unit="min")).dt.tz_convert("UTC"),
            )
        )
    return conform(pd.concat(parts)[ROSTER.names], ROSTER)


def _coverage(
    requirements: pd.DataFrame, config: Config, days: int, random: np.random.Generator
) -> pd.DataFrame:
    end = (FIRST_DAY + pd.Timedelta(days=days)).tz_localize(config.centre.timezone)
    rows = requirements[requirements["interval_start"] < end]
    short = (rows["queue"] == next(iter(config.queues))).to_numpy()
    drift = np.cumsum(random.normal(0, 0.5, len(rows)))
    drift = drift - pd.Series(drift).rolling(200, min_periods=1).mean().to_numpy() + 0.8
    spare = np.round(np.where(short, drift - 1.2, np.maximum(drift, 0.0)), 1)
    scheduled = np.maximum(rows["agents_to_schedule"] + spare, 0.0)
    frame = rows[["queue", "interval_start", "agents_required", "agents_to_schedule"]].assign(
        agents_scheduled=scheduled, net_staffing=scheduled - rows["agents_to_schedule"]
    )
    return conform(frame, COVERAGE)


def _scores(config: Config) -> pd.DataFrame:
    rows = [
        {
            "queue": queue,
            "model": model,
            "wape": wape,
            "day_wape": wape / 2,
            "bias": 0.012,
            "noise_floor": 0.11,
            "aht_wape": 0.06,
            "coverage_80": 0.79,
            "coverage_95": 0.94,
            "origins": 4,
            "intervals": 2000,
            "contacts": 40000.0,
            "chosen": model == "regression+median",
        }
        for queue in config.queues
        for model, wape in (("seasonal_naive", 0.191), ("median", 0.153), ("regression+median", 0.142))
    ]
    return conform(pd.DataFrame(rows), SCORES)

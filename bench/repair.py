"""The morning after: sick calls repaired, and the rules of all agents checked, in seconds.

    python bench/repair.py [--agents 200] [--seeds 1 2 3] [--plan-limit 40] [--json]

A roster of the prototype (`bench/prototype.py`) is planned once. For each seed 5 % of the agents fall sick on
a day on which they work, paid, and the day is repaired with as many changes allowed as there are sick; verify
is the judge. Then the rules of all agents are checked, a tenth of whom cannot keep theirs: how long it takes
to say so, and how many conflicts are named. Reading and writing files is only counted in `command_s`: that is
the whole command on the same case, from the start of Python to its end.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import pandas as pd

from bench.centres import FIRST_DAY, ZONE, BenchCentre
from bench.prototype import build
from wfm.conform import Zones, conform, empty
from wfm.errors import RuleError
from wfm.schedule.check import check
from wfm.schedule.inputs import Inputs
from wfm.schedule.options import Options
from wfm.schedule.repair import Limits, Window, repair
from wfm.schedule.stage import schedule
from wfm.schedule.verify import verify
from wfm.tables import ACTIVITY_TABLE, AGENTS, PINS, TIME_OFF

SICK = 0.05
TUESDAY = FIRST_DAY + pd.Timedelta(days=1)


def main() -> None:
    options = arguments()
    centre = build(options.agents, 1, 1)
    roster = schedule(
        centre.requirements,
        centre.agents,
        centre.config,
        first_day=centre.first_day,
        options=Options(time_limit_s=options.plan_limit),
        **centre.extras,
    ).roster
    rows = [repaired(centre, roster, seed) for seed in options.seeds]
    checks = [checked(centre, seed) for seed in options.seeds]
    if options.json:
        print(json.dumps({"repair": rows, "check": checks}, indent=1))
        return
    for row in (*rows, *checks):
        print(
            "  ".join(
                f"{key} {value:.2f}" if isinstance(value, float) else f"{key} {value}"
                for key, value in row.items()
            )
        )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--agents", type=int, default=200)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--plan-limit", type=float, default=40, help="time limit of the plan, seconds")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def repaired(centre: BenchCentre, roster: pd.DataFrame, seed: int) -> dict[str, Any]:
    """Return the figures of one repair."""
    random = np.random.default_rng(seed)
    there = roster.loc[roster["shift_date"] == TUESDAY, "agent_id"].unique()
    ill = random.choice(there, round(SICK * len(centre.agents)), replace=False)
    calls = conform(
        pd.DataFrame(
            [
                (
                    agent,
                    f"{TUESDAY:%Y-%m-%d}T00:00",
                    f"{TUESDAY + pd.Timedelta(days=1):%Y-%m-%d}T00:00",
                    "sick",
                    True,
                )
                for agent in ill
            ],
            columns=TIME_OFF.names,
        ),
        TIME_OFF,
        zones=Zones(default=ZONE),
    )
    time_off = conform(pd.concat([centre.time_off, calls], ignore_index=True), TIME_OFF)
    inputs = Inputs(
        centre.requirements,
        centre.agents,
        time_off,
        centre.requests,
        centre.pins,
        roster,
        empty(ACTIVITY_TABLE),
    )
    day = Window(TUESDAY.date(), TUESDAY.date())
    begun, cpu = time.monotonic(), time.process_time()
    result = repair(inputs, centre.config, day, Limits(len(ill)))
    wall_s, cpu_s = time.monotonic() - begun, time.process_time() - cpu
    verdict = verify(
        result.roster,
        centre.agents,
        centre.requirements,
        centre.config,
        first_day=centre.first_day,
        time_off=time_off,
        requests=centre.requests,
        pins=centre.pins,
        previous=roster,
        max_changed_shifts=len(ill),
    )
    return {
        "repair of": f"{len(centre.agents)} agents, {len(ill)} sick, seed {seed}",
        "wall_s": wall_s,
        "cpu_s": cpu_s,
        "changed": result.summary["changed_shifts"],
        "budget": len(ill),
        "understaffed_h before": result.summary["before_repair"]["understaffed_h"],
        "after": result.summary["understaffed_h"],
        "violations": len(verdict.violations),
        "unmet": len(result.summary["unmet"]),
        "command_s": command_s(centre, roster, time_off),
    }


def command_s(centre: BenchCentre, roster: pd.DataFrame, time_off: pd.DataFrame) -> float:
    """Return the seconds of `wfm repair` on Parquet files, from the start of Python to its end."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "wfm.toml").write_text(toml_of(centre), encoding="utf-8")
        tables = {"agents": centre.agents, "requirements": centre.requirements, "time_off": time_off}
        for key, table in {**tables, "requests": centre.requests, "roster": roster}.items():
            table.to_parquet(folder / f"{key}.parquet")
        options = [
            part for key in (*tables, "requests") for part in (f"--{key.replace('_', '-')}", f"{key}.parquet")
        ]
        words = ["repair", "roster.parquet", *options, "--day", f"{TUESDAY:%Y-%m-%d}", "-o", "new.parquet"]
        begun = time.monotonic()
        subprocess.run([sys.executable, "-m", "wfm", *words], cwd=folder, check=True, capture_output=True)
        return time.monotonic() - begun


def toml_of(centre: BenchCentre) -> str:
    """Return the configuration as a document (JSON values are TOML values where none is null)."""
    document = centre.config.model_dump(exclude_defaults=True, mode="json", by_alias=True)
    lines = []
    for section in ("centre", "schedule"):
        lines += [f"[{section}]", *_keys(document.get(section, {}))]
    for family in ("sites", "queues", "contracts"):
        for name, keys in document.get(family, {}).items():
            lines += [f"[{family}.{name}]", *_keys(keys)]
    return "\n".join(lines) + "\n"


def _keys(keys: dict[str, Any]) -> list[str]:
    return [f"{key} = {_value(value)}" for key, value in keys.items() if value is not None]


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(each)}" for key, each in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_value(each) for each in value) + "]"
    return json.dumps(value)


def checked(centre: BenchCentre, seed: int) -> dict[str, Any]:
    """Return how long it takes to find that a tenth of the agents cannot keep their rules, and to say why."""
    random = np.random.default_rng(seed)
    odd = random.choice(len(centre.agents), len(centre.agents) // 10, replace=False)
    agents = centre.agents.copy()
    agents["availability"] = agents["availability"].astype("object")
    agents["start_date"] = pd.Timestamp("2020-01-01")
    agents["week_hours_min"], agents["week_hours_max"] = np.nan, np.nan
    pins = []
    for number, index in enumerate(odd):
        match number % 4:
            case 0:
                agents.loc[index, "availability"] = "Mon-Tue 07:00-23:00"
            case 1:
                agents.loc[index, ["week_hours_min", "week_hours_max"]] = [55.0, 60.0]
            case 2:
                pins.append((agents.loc[index, "agent_id"], FIRST_DAY, "02:15", "10:15"))
            case _:
                pins += [
                    (agents.loc[index, "agent_id"], FIRST_DAY + pd.Timedelta(days=d), "off", "")
                    for d in range(7)
                ]
    broken = replace(centre, agents=conform(agents, AGENTS))
    begun, cpu = time.monotonic(), time.process_time()
    named = 0
    try:
        check(
            broken.requirements,
            broken.agents,
            broken.config,
            first_day=broken.first_day,
            time_off=broken.time_off,
            pins=conform(pd.DataFrame(pins, columns=PINS.names), PINS),
        )
    except RuleError as conflicts:
        named = len(conflicts.faults)
    return {
        "check of": f"{len(agents)} agents, {len(odd)} in conflict, seed {seed}",
        "wall_s": time.monotonic() - begun,
        "cpu_s": time.process_time() - cpu,
        "conflicts named": named,
    }


if __name__ == "__main__":
    main()

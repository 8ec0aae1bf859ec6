"""A whole night, cold, unchanged and after one change: seconds, CPU seconds and memory.

    python bench/nightly.py [--sites 10] [--queues 20] [--agents 100] [--weeks 60] [--workers 0]

Queues and agents are those of one site; a site's queues are its own. A year and more of made history: a
profile of the day with a yearly wave, Poisson counts by the quarter hour. The night is a process of its own,
as cron starts it; its CPU seconds are those of the processes that it waited for. `--demo` takes the sample
centre (150 agents, six queues, two sites that share queues) in place of a made one. `--dask ADDRESS` computes
on a cluster and says whether the plan is the same.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

SLOTS = range(32, 80)  # 08:00 to 20:00
CONFIG = """\
[centre]
timezone = "Europe/Berlin"
[defaults.queue]
hours = "Mon-Fri 08:00-20:00"
service_level = 0.80
answer_within_s = 20
patience_s = 180
{names}
[contracts.full_time]
week_hours = [35, 40]
days_per_week = [4, 5]
shift_hours = [8.0, 9.0]
shift_step_min = 30
starts = ["07:00-12:00"]
start_step_min = 30
rest_h = 11
consecutive_days = 6
breaks = [
  {{ activity = "break", minutes = 15, paid = true, from_min = 90, to_min = 180 }},
  {{ activity = "lunch", minutes = 30, paid = false, from_min = 210, to_min = 330 }},
]
[forecast]
horizon = "2w"
[schedule]
time_limit_s = 60
[nightly]
now = "2026-03-02T03:30"
[inputs]
history = "history.parquet"
agents = "agents.csv"
"""


def make(folder: Path, sites: int, queues: int, agents: int, weeks: int) -> None:
    """Write a centre of sites that share nothing, open on weekdays."""
    random = np.random.default_rng(1)
    last = pd.Timestamp("2026-03-01")
    dates = pd.date_range(last - pd.Timedelta(weeks=weeks) + pd.Timedelta(days=1), last, freq="D")
    dates = dates[dates.day_of_week < 5]
    local = np.add.outer(dates.to_numpy(), np.array([slot * 15 for slot in SLOTS], dtype="timedelta64[m]"))
    starts = pd.Series(local.ravel()).dt.tz_localize("Europe/Berlin").dt.tz_convert("UTC")
    shape = 1 + 0.6 * np.sin(np.linspace(0.3, 2.8, len(SLOTS)))
    season = 1 + 0.15 * np.sin(2 * np.pi * dates.day_of_year.to_numpy() / 365.25)
    parts, names, people = [], [], []
    for site in range(sites):
        own = [f"s{site}-q{queue}" for queue in range(queues)]
        names += [f'[queues."{name}"]' for name in own]
        names.append(f'[sites."site{site}"]')
        for name in own:
            size = agents * 0.4 / queues * random.uniform(0.5, 1.5)
            offered = random.poisson(size * np.outer(season, shape)).ravel()
            parts.append(
                pd.DataFrame({"queue": name, "interval_start": starts, "offered": offered, "aht_s": 240.0})
            )
        for number in range(agents):
            block = own[number % max(1, queues // 5) * 5 :][:5]  # whose queues share agents
            skills = ";".join(block[(number + step) % len(block)] for step in range(min(3, len(block))))
            people.append(f"s{site}a{number},Agent {site} {number},site{site},full_time,{skills}")
    history = pd.concat(parts, ignore_index=True)
    history.to_parquet(folder / "history.parquet", index=False)
    (folder / "agents.csv").write_text("\n".join(["agent_id,name,site,contract,skills", *people, ""]))
    (folder / "wfm.toml").write_text(CONFIG.format(names="\n".join(names)))
    print(f"{sites} sites, {sites * queues} queues, {sites * agents} agents, {len(history):,} intervals")


def night(folder: Path, label: str) -> None:
    """Run a night and print what it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "wfm", "nightly", "--log-level", "warning", "--json"],
        cwd=folder,
        text=True,
        capture_output=True,
        check=False,
    )
    seconds = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if done.returncode not in (0, 10):
        sys.exit(f"{label}: exit {done.returncode}\n{done.stderr[-3000:]}")
    figures = json.loads(done.stdout)
    manifest = json.loads((folder / "runs/current/manifest.json").read_text())
    stages = ", ".join(f"{name} {value:.0f}" for name, value in manifest["seconds"].items())
    print(
        f"{label}: {seconds:.1f} s ({stages}), {cpu:.1f} CPU s of ended processes, peak of the main process"
        f" {manifest['peak_memory_mib']} MiB, gap {figures['gap']:.1%},"
        f" understaffed {figures['understaffed_h'] / figures['required_h']:.2%}"
        f" of {figures['required_h']:.0f} h, {figures['status']}, unchanged {figures['unchanged']}",
        flush=True,
    )


def plan_of(folder: Path) -> dict[str, bytes]:
    """Return the tables of the published run."""
    return {path.name: path.read_bytes() for path in (folder / "runs/current").glob("*.parquet")}


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name, default in (("sites", 10), ("queues", 20), ("agents", 100), ("weeks", 60), ("workers", 0)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--demo", action="store_true")
    parser.add_argument("--dask")
    given = parser.parse_args()
    os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parents[1])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if given.demo:
            from wfm.demo import generate, write_centre

            write_centre(generate(1), folder)
        else:
            make(folder, given.sites, given.queues, given.agents, given.weeks)
        settings = folder / "wfm.toml"
        text = settings.read_text()
        settings.write_text(f"{text}\n[compute]\nworkers = {given.workers}\n")
        night(folder, "cold")
        night(folder, "unchanged")
        plan = plan_of(folder)
        if given.dask:
            (folder / "runs").rename(folder / "runs of processes")
            settings.write_text(f'{text}\n[compute]\nbackend = "dask"\nscheduler = "{given.dask}"\n')
            night(folder, "by dask")
            print("the same plan by Dask:", plan_of(folder) == plan)
        changed = re.sub(r"^seed = \d+\n", "", settings.read_text(), flags=re.MULTILINE)
        settings.write_text(changed.replace("[schedule]", "[schedule]\nseed = 2"))
        night(folder, "another seed of rosters")


if __name__ == "__main__":
    main()

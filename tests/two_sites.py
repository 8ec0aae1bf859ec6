"""A toy centre of two sites that share nothing: two queues each, costs that differ, one shift fills the day.

Small enough that a night takes seconds, and large enough to have parts that fail alone.
"""

from __future__ import annotations

from contextlib import chdir
from datetime import date, timedelta
from pathlib import Path

from wfm.config import Config
from wfm.io.history import read_history
from wfm.io.inputs import read_agents
from wfm.io.toml import load_config
from wfm.pipeline import PlanInputs

FIRST_DAY = date(2026, 1, 5)  # a Monday
WEEKS = 8
PLANNED = date(2026, 3, 2)
SITES = {"north": ("bills", "sales"), "south": ("claims", "orders")}
QUEUES = ("bills", "claims", "orders", "sales")
COST = {"north": 1.0, "south": 1.5}
CALLS = {"bills": 10, "sales": 7, "claims": 9, "orders": 8}

CONFIG = """\
[centre]
timezone = "Europe/Berlin"
interval_min = 60
[sites.north]
[sites.south]
[defaults.queue]
hours = "Mon-Fri 09:00-17:00"
service_level = 0.80
answer_within_s = 20
patience_s = 120
[queues.bills]
[queues.claims]
[queues.orders]
[queues.sales]
[contracts.full]
week_hours = [32, 40]
days_per_week = [4, 5]
shift_hours = [8.0, 8.0]
starts = ["09:00-09:00"]
rest_h = 11
[forecast]
horizon = "1w"
models = ["seasonal_naive", "day_regression", "median_days"]
[schedule]
time_limit_s = 1
[simulate]
replications = 8
[nightly]
now = "2026-03-02T03:30"
[inputs]
history = "history.csv"
agents = "agents.csv"
"""


def make_two_sites(folder: Path, config: str = CONFIG) -> None:
    """Write the configuration, the history and the agents into a folder."""
    rows = [
        f"{queue},{day}T{hour:02d}:00:00,{calls + (day.toordinal() * 7 + hour * 3) % 4},240"
        for queue, calls in CALLS.items()
        for day in (FIRST_DAY + timedelta(days=step) for step in range(7 * WEEKS))
        if day.weekday() < 5
        for hour in range(9, 17)
    ]
    people = [
        f"{site[0].upper()}{number},{site} {number},{site},full,{';'.join(queues)},{COST[site]}"
        for site, queues in SITES.items()
        for number in range(1, 5)
    ]
    with chdir(folder):
        Path("wfm.toml").write_text(config, encoding="utf-8")
        Path("history.csv").write_text("\n".join(["queue,interval_start,offered,aht_s", *rows, ""]))
        header = "agent_id,name,site,contract,skills,cost_per_hour"
        Path("agents.csv").write_text("\n".join([header, *people, ""]))


def two_sites(folder: Path) -> tuple[PlanInputs, Config]:
    """Return the tables and the configuration of the centre in a folder."""
    config = load_config(folder / "wfm.toml")
    history = read_history(folder / "history.csv", config)
    return PlanInputs(history, read_agents(folder / "agents.csv", config)), config

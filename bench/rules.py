"""What each labour rule costs: the prototype's centre planned without and with it, and with all of them.

    python bench/rules.py [--agents 200] [--weeks 1] [--limit 120] [--seed 1] [--only NAME ...] [--alone]

Every row is planned and verified in a process of its own (`bench/roster_run.py`). `costs` is the objective
against that of `none`: what the rule costs the centre; `wall_s` beside that of `none` is what it costs the
engine. The bound leaves some rules out (docs/rostering.md), so that a gap holds what these cost too. The
weeks before are the roster of `none`, a week and more earlier; it is also the plan to stay near (`changes`).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import pandas as pd

from bench.centres import FIRST_DAY, BenchCentre
from bench.prototype import build
from bench.roster_run import peak_mib, planned
from wfm.config import Config, Minors, Pattern
from wfm.conform import conform, empty
from wfm.tables import AGENTS, ROSTER

Change = Callable[[BenchCentre], BenchCentre]
WEEKS_BEFORE = 3
LAST_DAY = FIRST_DAY + pd.Timedelta(days=6)


def main() -> None:
    options = arguments()
    if options.one:
        print(json.dumps(row_of(json.loads(options.one))))
        return
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        chosen = options.only or [rule for rule in RULES if rule != "none"]
        for name in chosen if options.alone else ["none", *chosen]:
            case = {"name": name, "n": options.agents, "weeks": options.weeks, "seed": options.seed}
            rows.append(in_a_process({**case, "limit_s": options.limit, "folder": folder}))
            rows[-1]["costs"] = rows[-1]["objective"] / rows[0]["objective"] - 1
            if not options.json:
                show(rows[-1], header=len(rows) == 1)
    if options.json:
        print(json.dumps(rows, indent=1))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--agents", type=int, default=200)
    parser.add_argument("--weeks", type=int, default=1, help="of the horizon; history for one week only")
    parser.add_argument("--alone", action="store_true", help="without the row `none` and its history")
    parser.add_argument("--limit", type=float, default=120, help="time limit of a row, seconds")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", choices=list(RULES))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    return parser.parse_args()


def in_a_process(case: dict[str, Any]) -> dict[str, Any]:
    ended = subprocess.run(
        [sys.executable, __file__, "--one", json.dumps(case)], capture_output=True, text=True, check=False
    )
    if ended.returncode:
        raise SystemExit(f"{case['name']}: {ended.stderr.strip()}")
    row: dict[str, Any] = json.loads(ended.stdout)
    return row


def show(row: dict[str, Any], *, header: bool) -> None:
    columns = {
        "name": "20",
        "objective": "10.0f",
        "costs": "+8.2%",
        "gap": "8.2%",
        "understaffed": "12.3%",
        "violations": "10d",
        "wall_s": "8.1f",
        "cpu_s": "8.1f",
        "mib": "6d",
    }
    if header:
        print(
            " ".join(
                f"{name:>{max(8, len(f'{0:{form}}')) if name != 'name' else 20}}"
                for name, form in columns.items()
            )
        )
    print(" ".join(f"{row[name]:{form}}" for name, form in columns.items()), row["status"], flush=True)


def row_of(case: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of one rule; the roster of `none` is kept for the others."""
    folder = Path(case["folder"])
    centre = RULES[case["name"]](build(case["n"], case["weeks"], case["seed"]))
    kept = folder / "none.parquet"
    previous = empty(ROSTER) if not kept.exists() else conform(pd.read_parquet(kept), ROSTER)
    if case["name"] != "none" and case["weeks"] == 1 and len(previous):
        earlier = [before(previous, weeks) for weeks in range(1, WEEKS_BEFORE + 1)]
        plan = [previous] if case["name"] == "changes" else []
        centre = replace(centre, previous=conform(pd.concat([*earlier, *plan]), ROSTER))
    run = planned(centre, case["limit_s"])
    if case["name"] == "none":
        run.roster.to_parquet(kept)
    return {"name": case["name"], **run.row, "mib": peak_mib()}


def before(roster: pd.DataFrame, weeks: int) -> pd.DataFrame:
    """Return a roster so many weeks earlier."""
    span = pd.Timedelta(weeks=weeks)
    worked = set(zip(roster["agent_id"], roster["shift_date"], strict=True))
    alone = [  # a single day at the end of the history would be a short run that nobody can mend
        day == LAST_DAY and (agent, day - pd.Timedelta(days=1)) not in worked
        for agent, day in zip(roster["agent_id"], roster["shift_date"], strict=True)
    ]
    kept = roster[~pd.Series(alone, index=roster.index, dtype=bool)]
    return kept.assign(**{name: kept[name] - span for name in ("start", "end", "shift_date")})


def contracts(**keys: Any) -> Change:
    """Return a change of keys of every contract; a value may be a function of the contract."""

    def change(centre: BenchCentre) -> BenchCentre:
        changed = {
            name: each.model_copy(
                update={key: value(each) if callable(value) else value for key, value in keys.items()}
            )
            for name, each in centre.config.contracts.items()
        }
        return with_config(centre, contracts=changed)

    return change


def with_config(centre: BenchCentre, **update: Any) -> BenchCentre:
    config: Config = centre.config.model_copy(update=update)
    return replace(centre, config=config)


def some_agents(column: str, value: Any, every: int) -> Change:
    """Return a change of one column for every so many agents."""

    def change(centre: BenchCentre) -> BenchCentre:
        agents = centre.agents.copy()
        old = agents[column].astype("object") if column == "skills" else agents[column]
        chosen = [number % every == 0 for number in range(len(agents))]
        given = [value(cell) if callable(value) else value for cell in old]
        agents[column] = [new if pick else cell for new, cell, pick in zip(given, old, chosen, strict=True)]
        return replace(centre, agents=conform(agents, AGENTS))

    return change


def with_minors(centre: BenchCentre) -> BenchCentre:
    """Let every twentieth agent be seventeen (none of those on days of ten hours), with rules for it."""
    rules = Minors(night="20:00-06:00", day_hours=8, week_hours=40, days_per_week=5, rest_h=12)
    young = some_agents("birth_date", pd.Timestamp("2009-06-01"), 20)(centre)
    agents = young.agents.assign(
        birth_date=young.agents["birth_date"].mask(young.agents["contract"] == "ft10")
    )
    return with_config(replace(young, agents=conform(agents, AGENTS)), minors=rules)


def with_rotation(centre: BenchCentre) -> BenchCentre:
    """Let full-timers who can always come, without leave, have early and late midweeks in turn."""
    turns = Pattern(
        first_week=centre.first_day,
        weeks=("? ? E E ? ? ?", "? ? L L ? ? ?"),
        codes={"E": "07:00-11:00", "L": "10:00-14:30"},
    )
    agents, rules = centre.agents.copy(), centre.config.contracts
    full_time = agents["contract"] == "ft8"
    always = agents["availability"].fillna("").str.startswith(("Mon-Sun", "Mon,Tue,Wed,Thu,Fri,Sat,Sun"))
    free = ~agents["agent_id"].isin(centre.time_off["agent_id"])
    chosen = full_time & (always | (agents["availability"].fillna("") == "")) & free
    agents["contract"] = agents["contract"].astype("object").mask(chosen, "turns")
    agents["pattern_week"] = [1 + number % 2 for number in range(len(agents))]
    contracts = {**rules, "turns": rules["ft8"].model_copy(update={"pattern": "turns"})}
    moved = with_config(centre, contracts=contracts, patterns={"turns": turns})
    return replace(moved, agents=conform(agents, AGENTS))


def with_site(centre: BenchCentre) -> BenchCentre:
    """Ask for a tenth of the agents at every moment, and give seats to nine tenths of the largest need."""
    need = centre.requirements.groupby("interval_start")["agents_to_schedule"].sum()
    sites = {
        name: each.model_copy(
            update={"seats": int(1.3 * need.max()), "min_present": max(1, int(0.8 * need.min()))}
        )
        for name, each in centre.config.sites.items()
    }
    return with_config(centre, sites=sites)


def with_few_changes(centre: BenchCentre) -> BenchCentre:
    schedule = centre.config.schedule.model_copy(update={"max_changed_shifts_per_agent": 2})
    return with_config(centre, schedule=schedule)


def same(centre: BenchCentre) -> BenchCentre:
    return centre


RULES: dict[str, Change] = {
    "none": same,
    "history": same,
    "weekly_rest_h": contracts(weekly_rest_h=36),
    "min_consecutive_days": contracts(min_consecutive_days=2),
    "day_hours": contracts(day_hours=10),
    "overtime_hours": contracts(overtime_hours=4, overtime_price=1.5),
    "average_week_hours": contracts(average_week_hours=lambda c: (0.0, c.week_hours[1]), average_weeks=4),
    "longest_stretch_h": contracts(longest_stretch_h=4.5, break_spacing_min=75),
    "minors": with_minors,
    "pattern": with_rotation,
    "proficiency": some_agents("proficiency", 0.8, 5),
    "dated skills": some_agents("skills", lambda text: f"{text};q0[2026-11-05..]", 10),
    "sites": with_site,
    "changes": with_few_changes,
}


def everything(centre: BenchCentre) -> BenchCentre:
    """Return the centre under all of the rules at once.

    Over several weeks without the fewest days in a row: with a weekday never worked, a weekend off and the
    hours of the contract it cannot be kept by all.
    """
    keys: dict[str, Any] = {
        "weekly_rest_h": 36,
        "min_consecutive_days": 2 if centre.config.schedule.weeks == 1 else 1,
        "day_hours": 10,
        "overtime_hours": 4,
        "average_week_hours": lambda c: (0.0, c.week_hours[1] + 2),
        "average_weeks": 4,
        "longest_stretch_h": 4.5,
        "break_spacing_min": 75,
    }
    for change in (contracts(**keys), *(RULES[name] for name in LAYERED)):
        centre = change(centre)
    return centre


LAYERED = ("minors", "pattern", "proficiency", "dated skills", "sites")  # a plan before may break the others
RULES["all"] = everything

if __name__ == "__main__":
    main()

"""Published rosters for the tests of advice: from scenarios written by hand, or drawn at random."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from tests.schedule.verify.builder import MONDAY, Scenario, contract, day_after, standard
from wfm.conform import conform, empty
from wfm.schedule.advice import Published
from wfm.tables import AGENTS, PINS, REQUESTS, REQUIREMENTS, ROSTER, TIME_OFF, Table

SKILLS = ("calls", "chats", "calls;chats", "chats;calls")
STARTS = ("07:00", "08:00", "08:30", "10:00")


def published_of(scenario: Scenario, **more: Any) -> Published:
    """Return a scenario as a published roster from its Monday."""
    needs = [{**row, **requirement(row["agents_to_schedule"])} for row in scenario.needs]
    history = [row for rows in scenario.before.values() for row in rows]
    return Published(
        _table([row for rows in scenario.plans.values() for row in rows], ROSTER),
        _table(list(scenario.people.values()), AGENTS),
        _table(needs, REQUIREMENTS),
        scenario.config,
        time_off=_table(scenario.off, TIME_OFF) if scenario.off else None,
        requests=_table(scenario.wishes, REQUESTS) if scenario.wishes else None,
        pins=_table(scenario.pinned, PINS) if scenario.pinned else None,
        previous=_table(history, ROSTER) if history else None,
        **{"first_day": MONDAY, **more},
    )


def requirement(agents: int) -> dict[str, Any]:
    """Return the cells of a requirement row that do not matter here."""
    same = dict.fromkeys(("agents_required", "agents_gross"), agents)
    return {"offered": 1, "aht_s": 60, "load": 0.1, "queue_model": "erlang_c", **same}


def random_centre(seed: int, agents: int = 7, days: int = 2) -> Scenario:
    """Return agents of mixed skills, worth and teams with legal shifts on some days, and needs about them."""
    random = np.random.default_rng(seed)
    scenario = Scenario(sites={"hamburg": {}, "porto": {"timezone": "Europe/Lisbon"}})
    scenario.contracts = {"full": contract(week_hours=[0, 45], days_per_week=[0, 5], overtime_hours=3)}
    for number in range(agents):
        scenario.agent(
            f"a{number}",
            skills=str(random.choice(SKILLS)),
            site=str(random.choice(["hamburg", "porto"])),
            proficiency=float(random.choice([1, 1, 0.8, 1.15])),
            team=str(random.choice(["", "red", "blue"])),
            cost_per_hour=float(random.choice([10, 12.5, 20])),
        )
        for day in range(days):
            if random.random() < 0.75:
                hours = float(random.choice([8, 8.5, 9]))
                scenario.work(f"a{number}", day_after(day), standard(str(random.choice(STARTS)), hours))
    for queue in ("calls", "chats"):
        for day in range(days):
            for hour in range(8, 18):
                span = f"{hour:02d}:00-{hour + 1:02d}:00"
                scenario.need(queue, day_after(day), span, int(random.integers(0, agents // 2)))
    return scenario


def without(published: Published, shifts: list[tuple[str, date]]) -> Published:
    """Return the roster without the shifts of these agents and dates."""
    roster, gone = published.roster, pd.Series(False, index=published.roster.index)
    for agent_id, day in shifts:
        gone |= (roster["agent_id"] == agent_id) & (roster["shift_date"] == pd.Timestamp(day))
    return replace(published, roster=roster[~gone].reset_index(drop=True))


def understaffed_h(published: Published) -> float:
    """Return the hours that verify finds missing."""
    return published.judged().figures["understaffed_h"]


def _table(rows: list[dict[str, Any]], table: Table) -> pd.DataFrame:
    return conform(pd.DataFrame(rows), table) if rows else empty(table)

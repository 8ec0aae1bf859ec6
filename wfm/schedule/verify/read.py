"""From tables to a `Case`: to every agent of the table what concerns the agent.

Rows of agents that are not in the table are ignored here; of the roster, `strays` reports them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd

from wfm.config import Config
from wfm.errors import DataError, Fault
from wfm.hours import parse_hours
from wfm.localtime import local_dates
from wfm.schedule.verify import rows
from wfm.schedule.verify.activities import read_activities
from wfm.schedule.verify.case import Agent, Case, Horizon
from wfm.schedule.verify.contracts import contracts_of
from wfm.schedule.verify.freeze import frozen_shifts
from wfm.schedule.verify.violation import Violation
from wfm.skills import parse_skills


@dataclass(frozen=True)
class Tables:
    """The conformed tables of one verification; None where there is none."""

    roster: pd.DataFrame
    agents: pd.DataFrame
    requirements: pd.DataFrame
    time_off: pd.DataFrame | None = None
    requests: pd.DataFrame | None = None
    pins: pd.DataFrame | None = None
    previous: pd.DataFrame | None = None
    activities: pd.DataFrame | None = None
    elsewhere: pd.DataFrame | None = None


def read_case(tables: Tables, config: Config, horizon: Horizon, freeze_days: int = 0) -> Case:
    """Return the case; it leaves out agents whose site or contract the configuration does not have.

    The first `freeze_days` dates are frozen, as far as the module `freeze` says. Raises DataError for
    requests and pins whose clock times cannot be read, and for agents whose least hours are above their most.
    """
    frozen = horizon.dates[: max(0, freeze_days)]
    agents = (replace(one, frozen=frozen_shifts(one, frozen)) for one in _agents(tables, config, horizon))
    known = [] if tables.previous is None else sorted(set(tables.previous["shift_date"].dt.date))
    return Case(
        config,
        horizon,
        tuple(agents),
        rows_of(tables.requirements, config, horizon),
        known_from=min([horizon.first_day, *known]),
        replanned=any(day in horizon for day in known),
        mean_cost=float(tables.agents["cost_per_hour"].mean()) if len(tables.agents) else 0.0,
        activities=read_activities(tables.activities, _teams(tables.agents)),
        elsewhere=tables.elsewhere,
    )


def _teams(agents: pd.DataFrame) -> dict[str, str]:
    named = agents[agents["team"].notna()]
    return dict(zip(named["agent_id"], named["team"], strict=True))


def _agents(tables: Tables, config: Config, horizon: Horizon) -> Iterator[Agent]:
    people: list[Any] = [row for row in tables.agents.itertuples() if _is_known(row, config)]
    zones = {row.agent_id: config.sites[site_of(row, config)].timezone for row in people}
    contracts = contracts_of(people, config)
    faults: list[Fault] = []
    shifts, before = rows.shifts(tables.roster, zones), rows.shifts(tables.previous, zones)
    time_off = rows.time_off(tables.time_off)
    pins, requests = rows.pins(tables.pins, faults), rows.requests(tables.requests, faults)
    if faults:
        raise DataError(
            faults, hint="clock times are HH:MM, windows HH:MM-HH:MM, a day off is pinned by 'off'"
        )
    for row in people:
        own = row.agent_id
        yield Agent(
            own,
            site_of(row, config),
            zones[own],
            contracts[own],
            skills=parse_skills(row.skills),
            availability=parse_hours("" if pd.isna(row.availability) else row.availability),
            start_date=_day(row.start_date),
            end_date=_day(row.end_date),
            birth_date=_day(row.birth_date),
            cost_per_hour=row.cost_per_hour,
            proficiency=row.proficiency,
            pattern_week=int(row.pattern_week),
            time_off=tuple(time_off.get(own, ())),
            shifts=tuple(shift for shift in shifts.get(own, ()) if shift.date in horizon),
            history=tuple(shift for shift in before.get(own, ()) if shift.date < horizon.first_day),
            planned={shift.date: shift for shift in before.get(own, ()) if shift.date in horizon},
            pins=pins.get(own, {}),
            requests=tuple(requests.get(own, ())),
        )


def site_of(row: Any, config: Config) -> str:
    """Return the site of a row of agents: the only one where it names none, empty where there are several."""
    return (config.only_site or "") if pd.isna(row.site) else str(row.site)


def _is_known(row: Any, config: Config) -> bool:
    return site_of(row, config) in config.sites and row.contract in config.contracts


def _day(stamp: Any) -> date | None:
    return None if pd.isna(stamp) else stamp.date()


def rows_of(requirements: pd.DataFrame, config: Config, horizon: Horizon) -> pd.DataFrame:
    """Return the requirement rows whose date, in the zone of their queue, lies in the horizon."""
    first, last = pd.Timestamp(horizon.first_day), pd.Timestamp(horizon.last_day)
    inside = pd.Series(False, index=requirements.index)
    for queue, of_queue in requirements.groupby("queue"):
        timezone = config.queue_zones.get(str(queue), config.centre.timezone)
        inside[of_queue.index] = local_dates(of_queue["interval_start"], timezone).between(first, last)
    return requirements[inside].reset_index(drop=True)


def strays(tables: Tables, config: Config, horizon: Horizon) -> Iterator[Violation]:
    """What cannot be judged: agents without site or contract, shifts of strangers or outside the horizon."""
    for row in tables.agents.itertuples():
        if site_of(row, config) not in config.sites:
            text = f"'{site_of(row, config)}' is no site of the configuration"
            yield Violation(str(row.agent_id), horizon.first_day, "site", text)
        if row.contract not in config.contracts:
            text = f"'{row.contract}' is no contract of the configuration"
            yield Violation(str(row.agent_id), horizon.first_day, "contract", text)
    people = set(tables.agents["agent_id"])
    shifts = tables.roster[["agent_id", "shift_date"]].drop_duplicates()
    for agent_id, stamp in shifts.itertuples(index=False):
        if agent_id not in people:
            yield Violation(agent_id, stamp.date(), "agent_id", "a shift of an agent who is not in agents")
        if stamp.date() not in horizon:
            text = f"a shift outside the horizon {horizon.first_day} to {horizon.last_day}"
            yield Violation(agent_id, stamp.date(), "weeks", text)

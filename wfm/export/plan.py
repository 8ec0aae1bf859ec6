"""A roster to export: agents with names, teams, shifts and leave, read as `wfm verify` reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from wfm.config import Config
from wfm.conform import empty
from wfm.errors import DataError, Fault, UsageError
from wfm.export.request import Request
from wfm.io import inputs
from wfm.localtime import week_start_of
from wfm.schedule.verify.case import Agent, Case, Horizon
from wfm.schedule.verify.read import Tables, read_case
from wfm.tables import REQUIREMENTS


@dataclass(frozen=True)
class Person:
    """One agent of the plan; `team` is empty where agents.csv names none."""

    agent: Agent
    name: str
    team: str
    contract: str


@dataclass(frozen=True)
class Plan:
    """The people of a roster in whole weeks: `case` has the horizon, every shift, and the requirements."""

    config: Config
    case: Case
    people: Sequence[Person]

    @property
    def horizon(self) -> Horizon:
        """The weeks in which shifts of the roster start."""
        return self.case.horizon


def read_plan(request: Request) -> Plan:
    """Return the plan; UsageError without agents, DataError for an empty roster or one of other agents."""
    if request.agents is None:
        raise UsageError(
            "a roster is exported with names, and no agents are given",
            hint="name them with --agents, or as [inputs] agents in wfm.toml",
        )
    config = request.config
    agents = inputs.read_agents(request.agents, config)
    roster = inputs.read_roster(request.source, config)
    _check(roster, agents, request)
    requirements = inputs.read_optional(request.requirements, REQUIREMENTS, config)
    tables = Tables(
        roster,
        agents,
        empty(REQUIREMENTS) if requirements is None else requirements,
        inputs.read_time_off(request.time_off, config, agents),
    )
    case = read_case(tables, config, _horizon(roster, config))
    rows = agents.set_index("agent_id")[["name", "team", "contract"]].fillna("").astype(str)
    people = [Person(agent, *rows.loc[agent.agent_id]) for agent in case.agents]
    return Plan(config, case, people)


def _check(roster: pd.DataFrame, agents: pd.DataFrame, request: Request) -> None:
    if roster.empty:
        raise DataError([Fault("no shift", "there is nothing to export", str(request.source))])
    strangers = sorted(set(roster["agent_id"]) - set(agents["agent_id"]))
    if strangers:
        faults = [Fault("a shift of an agent who is not in agents", value=agent) for agent in strangers]
        raise DataError(
            faults, source=str(request.source), hint=f"name the agents of this roster, not {request.agents}"
        )


def _horizon(roster: pd.DataFrame, config: Config) -> Horizon:
    first, last = (
        week_start_of(day.date(), config.centre.week_start_number)
        for day in (roster["shift_date"].min(), roster["shift_date"].max())
    )
    return Horizon(first, (last - first) // timedelta(weeks=1) + 1)


def employed_in(person: Person, first: date, last: date) -> bool:
    """Return whether an agent is employed on at least one of the dates."""
    begin, end = person.agent.start_date, person.agent.end_date
    return (begin is None or begin <= last) and (end is None or end >= first)

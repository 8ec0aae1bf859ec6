"""Which requests a roster meets, agent by agent, by the same definition as `wfm verify`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from wfm.config import Config
from wfm.conform import empty
from wfm.io.run_folder import RunTables
from wfm.localtime import week_start_of
from wfm.schedule.verify.case import Horizon
from wfm.schedule.verify.goals import is_missed
from wfm.schedule.verify.read import Tables, read_case
from wfm.tables import REQUIREMENTS


@dataclass(frozen=True)
class Wishes:
    """How many requests an agent has for dates of the roster, and how many of them are met."""

    met: int
    asked: int


def requests_met(
    run: RunTables, config: Config, requests: pd.DataFrame | None, time_off: pd.DataFrame | None
) -> Mapping[str, Wishes] | None:
    """Return the wishes of each agent who has any; None without requests, a roster or its agents.

    `time_off` matters because a whole day of leave misses no `prefer_shift`. DataError for a request whose
    clock times cannot be read.
    """
    if requests is None or run.roster is None or run.roster.empty or run.agents is None:
        return None
    tables = Tables(run.roster, run.agents, empty(REQUIREMENTS), time_off=time_off, requests=requests)
    case = read_case(tables, config, _horizon(run.roster, config))
    found = {}
    for agent in case.agents:
        asked = [request for request in agent.requests if request.date in case.horizon]
        if asked:
            missed = sum(is_missed(request, agent) for request in asked)
            found[agent.agent_id] = Wishes(met=len(asked) - missed, asked=len(asked))
    return found


def requests_note(run: RunTables, wishes: Mapping[str, Wishes] | None) -> str:
    """Return how many requests are met in all; empty where that is not known.

    Where the summary of the run counted otherwise, the note says so: a file was changed since, or is another.
    """
    if wishes is None:
        return ""
    asked = sum(one.asked for one in wishes.values())
    met = sum(one.met for one in wishes.values())
    note = f"Requests: {met} of {asked} met."
    stated = run.summary or {}
    total, missed = stated.get("requests"), stated.get("requests_missed")
    if total is None or missed is None or (asked, asked - met) == (total, missed):
        return note
    return f"{note} The run itself counted {total - missed} of {total}: its requests or time off were others."


def _horizon(roster: pd.DataFrame, config: Config) -> Horizon:
    """Return the whole weeks in which shifts start."""
    dates = roster["shift_date"]
    first, last = (
        week_start_of(day.date(), config.centre.week_start_number) for day in (dates.min(), dates.max())
    )
    return Horizon(first, (last - first).days // 7 + 1)

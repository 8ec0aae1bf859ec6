"""A published roster with everything that it is judged by, and the judgement of `verify`."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

import pandas as pd

from wfm.config import Config
from wfm.conform import empty
from wfm.errors import ConfigError, DataError, Fault, UsageError
from wfm.localtime import week_start_of
from wfm.schedule.verify import Verification, verify
from wfm.schedule.verify.case import Case, Horizon
from wfm.schedule.verify.read import Tables, read_case
from wfm.tables import REQUIREMENTS


@dataclass(frozen=True)
class Published:
    """A roster, conformed as all its tables; None is a table that was not given.

    The horizon is `weeks` (default: of the configuration) from `first_day` (default: the week of the first
    shift), as `verify` reads it.
    """

    roster: pd.DataFrame
    agents: pd.DataFrame
    requirements: pd.DataFrame
    config: Config
    time_off: pd.DataFrame | None = None
    requests: pd.DataFrame | None = None
    pins: pd.DataFrame | None = None
    previous: pd.DataFrame | None = None
    activities: pd.DataFrame | None = None
    freeze_days: int = 0
    first_day: date | None = None
    weeks: int | None = None

    @property
    def horizon(self) -> Horizon:
        """The weeks of the roster; ConfigError if they do not begin a week, DataError if nothing tells."""
        week_start, first_day = self.config.centre.week_start_number, self.first_day
        if first_day is None:
            if self.roster.empty:
                fault = Fault("no shift, so that the first day of the roster is not known")
                raise DataError([fault], source="roster", hint="name the first day with --from")
            first_day = week_start_of(self.roster["shift_date"].min().date(), week_start)
        if first_day.weekday() != week_start:
            begin = self.config.centre.week_start
            fault = Fault(f"a roster begins on {begin}", column="--from", value=str(first_day))
            raise ConfigError([fault], hint="name a week start, or change [centre] week_start")
        return Horizon(first_day, self.config.schedule.weeks if self.weeks is None else self.weeks)

    def changed(self, roster: pd.DataFrame, time_off: pd.DataFrame | None = None) -> Published:
        """Return the same with another roster (and time off, if given), judged over the same horizon."""
        off = self.time_off if time_off is None else time_off
        return replace(self, roster=roster, time_off=off, first_day=self.horizon.first_day)

    def judged(self) -> Verification:
        """Return what `verify` says of it."""
        return verify(
            self.roster,
            self.agents,
            self.requirements,
            self.config,
            first_day=self.horizon.first_day,
            weeks=self.weeks,
            time_off=self.time_off,
            requests=self.requests,
            pins=self.pins,
            previous=self.previous,
            freeze_days=self.freeze_days,
            activities=self.activities,
        )

    def case(self) -> Case:
        """Return agents, shifts and requirements as plain objects."""
        tables = Tables(
            roster=self.roster,
            agents=self.agents,
            requirements=self.requirements,
            time_off=self.time_off,
            pins=self.pins,
            previous=self.previous,
            activities=self.activities,
        )
        return read_case(tables, self.config, self.horizon, self.freeze_days)

    def only(self, agent_id: str) -> Published:
        """Return the tables of one agent, without requirements; known dates stay those of all agents."""
        return replace(
            self,
            roster=_rows(self.roster, agent_id),
            agents=_rows(self.agents, agent_id),
            requirements=_no_requirements(),
            time_off=None if self.time_off is None else _rows(self.time_off, agent_id),
            requests=None,
            pins=None if self.pins is None else _rows(self.pins, agent_id),
            previous=self._history_of(agent_id),
            first_day=self.horizon.first_day,
        )

    def _history_of(self, agent_id: str) -> pd.DataFrame | None:
        """Return the agent's rows of `previous`, and a stranger's first row before and inside the horizon."""
        if self.previous is None or self.previous.empty:
            return self.previous
        dates = self.previous["shift_date"]
        inside = dates.between(pd.Timestamp(self.horizon.first_day), pd.Timestamp(self.horizon.last_day))
        kept = self.previous["agent_id"] == agent_id
        kept.iloc[int(dates.argmin())] = True
        if inside.any():
            kept.iloc[int(inside.argmax())] = True
        return self.previous[kept]

    def check_agent(self, agent_id: str) -> None:
        """Raise UsageError, with the nearest name, for an agent who is not in agents."""
        check_name(agent_id, self.agents["agent_id"], "agent")

    def check_date(self, day: date) -> None:
        """Raise UsageError for a date outside the horizon."""
        horizon = self.horizon
        if day not in horizon:
            raise UsageError(
                f"{day} is not a date of the roster, {horizon.first_day} to {horizon.last_day}",
                hint="name a date inside, or other weeks with --from and --weeks",
            )


def check_name(name: str, known: Iterable[str], noun: str) -> None:
    """Raise UsageError, with the nearest name, for a name that is not known."""
    names = [str(one) for one in known]
    if name not in names:
        near = difflib.get_close_matches(name, names, n=1)
        raise UsageError(f"no {noun} '{name}'", hint=f"did you mean '{near[0]}'?" if near else "see agents")


@cache
def _no_requirements() -> pd.DataFrame:
    return empty(REQUIREMENTS)


def _rows(table: pd.DataFrame, agent_id: str) -> pd.DataFrame:
    return table[table["agent_id"] == agent_id]

"""Shifts and paid hours of the roster, with agents' names, teams and sites beside them.

Dates and clock times are those of the agent's site. Paid hours are paid segments other than leave. A shift is
unpopular, and counted once, if it ends after `late_after`, overlaps `night` or starts on a weekend day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.config import Config
from wfm.hours import DAY_MIN, parse_clock, parse_span
from wfm.localtime import to_local
from wfm.report import wording

NO_TEAM = "No team"


@dataclass(frozen=True)
class SiteRoster:
    """One site: its people (indexed by agent_id), its segments and its shifts, with minutes after midnight.

    `begin_min` and `end_min` are elapsed from the local midnight of the shift's date; `begin_local` and
    `end_local` are what the clock on the wall shows.
    """

    name: str
    number: int
    timezone: str
    people: pd.DataFrame
    segments: pd.DataFrame
    shifts: pd.DataFrame

    @property
    def days(self) -> list[pd.Timestamp]:
        """Dates on which a shift starts."""
        return sorted(self.segments["shift_date"].unique())


def site_rosters(roster: pd.DataFrame, agents: pd.DataFrame | None, config: Config) -> list[SiteRoster]:
    """Return the sites of the roster in the order of the configuration, then others by name."""
    known = set(roster["site"].unique())
    names = [name for name in config.sites if name in known] + sorted(known - set(config.sites))
    return [
        _site(name, number, roster[roster["site"] == name], agents, config)
        for number, name in enumerate(names, start=1)
    ]


def paid_hours(segments: pd.DataFrame) -> pd.Series:
    """Return the paid hours of each segment, leave counting nothing."""
    length_h = (segments["end"] - segments["start"]).dt.total_seconds() / 3600
    return length_h.where(segments["paid"] & (segments["activity"] != "leave"), 0.0)


def cost(roster: pd.DataFrame, agents: pd.DataFrame | None) -> float | None:
    """Return paid hours times cost per hour; None where no agent has a cost of its own."""
    if agents is None or (agents["cost_per_hour"] == 1).all():
        return None
    rate = roster["agent_id"].map(agents.set_index("agent_id")["cost_per_hour"]).fillna(1.0)
    return float((paid_hours(roster) * rate).sum())


def _site(
    name: str, number: int, roster: pd.DataFrame, agents: pd.DataFrame | None, config: Config
) -> SiteRoster:
    timezone = config.site_zones.get(name, config.centre.timezone)
    midnight = roster["shift_date"].dt.tz_localize(timezone, nonexistent="shift_forward", ambiguous=True)
    segments = roster.assign(
        paid_h=paid_hours(roster),
        begin_min=(roster["start"] - midnight).dt.total_seconds() / 60,
        end_min=(roster["end"] - midnight).dt.total_seconds() / 60,
    )
    return SiteRoster(
        name=name,
        number=number,
        timezone=timezone,
        people=_people(name, roster, agents, config),
        segments=segments,
        shifts=_shifts(segments, timezone, config),
    )


def _people(site: str, roster: pd.DataFrame, agents: pd.DataFrame | None, config: Config) -> pd.DataFrame:
    """Return name, team, contract and employment of everybody of the site, indexed by agent_id."""
    rostered = pd.Index(roster["agent_id"].unique(), name="agent_id")
    if agents is None:
        people = pd.DataFrame({"name": rostered, "team": NO_TEAM, "contract": ""}, index=rostered)
        unknown = pd.Series(pd.NaT, index=rostered, dtype="datetime64[us]")
        return people.assign(start_date=unknown, end_date=unknown)
    everyone = agents.set_index("agent_id")
    here = everyone[everyone["site"].fillna(config.only_site or "") == site].index.union(rostered)
    people = everyone[["name", "team", "contract", "start_date", "end_date"]].reindex(here)
    people["name"] = people["name"].fillna(people.index.to_series())
    people["team"] = people["team"].fillna(NO_TEAM)
    people["contract"] = people["contract"].fillna("")
    return people


def _shifts(segments: pd.DataFrame, timezone: str, config: Config) -> pd.DataFrame:
    """Return one row for each agent and date at work: begin, end, paid hours, and why it is unpopular."""
    work = segments[segments["activity"] != "leave"]
    shifts = work.groupby(["agent_id", "shift_date"], as_index=False).agg(
        start=("start", "min"), end=("end", "max"), paid_h=("paid_h", "sum")
    )
    begin, end = to_local(shifts["start"], timezone), to_local(shifts["end"], timezone)
    return shifts.assign(
        begin_local=begin.dt.strftime("%H:%M"),
        end_local=end.dt.strftime("%H:%M"),
        **_unpopular(shifts["shift_date"], begin, end, config),
    )


def _unpopular(
    dates: pd.Series, begin: pd.Series, end: pd.Series, config: Config
) -> dict[str, NDArray[np.bool_]]:
    first = (begin - dates).dt.total_seconds().to_numpy() / 60
    last = (end - dates).dt.total_seconds().to_numpy() / 60
    night_from, night_to = parse_span(config.schedule.night)
    night = np.zeros(len(dates), dtype=bool)
    for shift in (-DAY_MIN, 0, DAY_MIN):
        night |= (first < night_to + shift) & (last > night_from + shift)
    late = last > parse_clock(config.schedule.late_after)
    weekend = dates.dt.day_of_week.isin(config.centre.weekend_numbers).to_numpy()
    return {"late": late, "night": night, "weekend": weekend, "unpopular": late | night | weekend}


def contract_hours(contract: str, config: Config) -> str:
    """Return the paid hours a week of a contract as `35-40 h`; empty for one that is not configured."""
    if contract not in config.contracts:
        return ""
    low, high = config.contracts[contract].week_hours
    return f"{low:g}{wording.EN_DASH}{high:g}{wording.NBSP}h" if low != high else f"{low:g}{wording.NBSP}h"

"""Two agents exchange what they do: a shift for a shift, or a shift for a day off.

Shifts keep their instants, and their breaks stay where they are; only agent and site of the rows change.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from wfm.conform import conform
from wfm.errors import Fault, RuleError, UsageError
from wfm.schedule.advice.effect import Effect, effect
from wfm.schedule.advice.published import Published
from wfm.schedule.verify.read import site_of
from wfm.tables import ROSTER


@dataclass(frozen=True)
class Swap:
    """The roster after a swap, and its effect; it is allowed if no rule is newly broken."""

    roster: pd.DataFrame
    effect: Effect

    @property
    def allowed(self) -> bool:
        """Whether no rule is broken that was kept before."""
        return not self.effect.broken


def swap(published: Published, one: str, date_one: date, other: str, date_other: date) -> Swap:
    """Return the roster in which `one` and `other` exchange what they do on these dates, and its effect.

    On one date they exchange whatever they do. On two, each gives its shift away and takes the other's, for
    which each must be off on the date of the other's. Raises UsageError for names and dates that are not in
    the tables and where there is nothing to exchange, RuleError if somebody would have two shifts on a date.
    """
    for agent_id, day in ((one, date_one), (other, date_other)):
        published.check_agent(agent_id)
        published.check_date(day)
    if one == other:
        raise UsageError(f"'{one}' cannot swap with itself", hint="name two agents")
    _check_shifts(published.roster, (one, date_one), (other, date_other))
    roster = exchanged(published, (one, date_one), (other, date_other))
    return Swap(roster, effect(published.judged(), published.changed(roster).judged()))


def exchanged(published: Published, given: tuple[str, date], taken: tuple[str, date]) -> pd.DataFrame:
    """Return ROSTER with the rows of these two agents and dates at the other agent, at the other's site."""
    roster, sites = published.roster, _sites(published)
    new = roster.copy()
    for (giver, day), (taker, _) in ((given, taken), (taken, given)):
        rows = _of(roster, giver, day)
        new.loc[rows, "agent_id"] = taker
        new.loc[rows, "site"] = sites[taker]
    return conform(new, ROSTER)


def _check_shifts(roster: pd.DataFrame, given: tuple[str, date], taken: tuple[str, date]) -> None:
    (one, date_one), (other, date_other) = given, taken
    works = [bool(_of(roster, *side).any()) for side in (given, taken)]
    if date_one == date_other:
        if not any(works):
            raise UsageError(f"{one} and {other} are both off on {date_one}", hint="name a date with a shift")
        return
    idle = [
        f"{who} has no shift on {day}"
        for (who, day), at_work in zip((given, taken), works, strict=True)
        if not at_work
    ]
    if idle:
        raise UsageError("; ".join(idle), hint="to exchange a shift for a day off, name one date")
    crossed = ((other, date_one), (one, date_other))
    faults = [
        Fault(f"{who} has a shift of its own on {day}, and an agent has one shift a date")
        for who, day in crossed
        if _of(roster, who, day).any()
    ]
    if faults:
        raise RuleError(faults, hint="exchange both dates instead, one swap for each")


def _of(roster: pd.DataFrame, agent_id: str, day: date) -> pd.Series:
    rows: pd.Series = (roster["agent_id"] == agent_id) & (roster["shift_date"] == pd.Timestamp(day))
    return rows


def _sites(published: Published) -> dict[str, str]:
    people: list[Any] = list(published.agents.itertuples())
    return {row.agent_id: site_of(row, published.config) for row in people}

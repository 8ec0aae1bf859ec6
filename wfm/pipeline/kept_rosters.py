"""Earlier rosters of sites whose own failed tonight, seen with tonight's tables.

Nobody who is away is published as working: shifts of people who have left (or moved to another site) and of
people who are off all the while are dropped, and a part of a shift that is time off now becomes leave. All
other shifts stay as they were told to the agents. What is left is verified against tonight's rules, and its
coverage, objective and hours are computed anew against tonight's requirements: the demand of a site without
any roster is missing in full, not forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pandas as pd

from wfm.config import employed
from wfm.conform import empty, joined
from wfm.errors import DataError, count_of
from wfm.localtime import day_bounds
from wfm.pipeline.site_parts import KEPT, SitePart
from wfm.schedule.inputs import with_site
from wfm.schedule.stage import ScheduleResult
from wfm.schedule.verify import PRICES, Verification, verify
from wfm.schedule.verify.case import Horizon
from wfm.schedule.verify.goals import is_missed
from wfm.schedule.verify.read import Tables, read_case
from wfm.schedule.verify.spans import Span, covers, overlap, union
from wfm.tables import ROSTER

MOST_NAMED = 5


@dataclass(frozen=True)
class KeptRoster:
    """The roster of some sites as it can be kept, and what must be told of it."""

    result: ScheduleResult
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class _Absent:
    agent_id: str
    day: date
    why: str

    def __str__(self) -> str:
        return f"{self.agent_id} {self.day.isoformat()} ({self.why})"


def kept_roster(part: SitePart, last: pd.DataFrame | None, first_day: date, weeks: int) -> KeptRoster:
    """Return the rows of the `last` ROSTER that are within the horizon and at the part's sites."""
    rows = empty(ROSTER) if last is None else _in_horizon(last, part.sites, first_day, weeks)
    found, absent, shortened = _without_absent(rows, part)
    verdict, judged, doubts = _judged(found, part, Horizon(first_day, weeks))
    broken = [str(violation) for violation in verdict.violations] if len(found) else []
    where = f"the roster kept for {', '.join(part.sites)}"
    remarks = [
        *_told(f"{where}: dropped, for they are not there", "shift", [str(one) for one in absent]),
        *_told(f"{where}: shortened, for time off was granted", "shift", [str(one) for one in shortened]),
        *(f"{where}: hours of single agents are not judged: {doubt}" for doubt in doubts),
        *_told(f"{where}: against the rules of tonight", "violation", broken),
    ]
    summary = _summary(verdict, found, judged, Horizon(first_day, weeks))
    return KeptRoster(ScheduleResult(found, verdict.coverage, summary, empty(PRICES)), tuple(remarks))


def _told(what: str, noun: str, items: Sequence[str]) -> Iterator[str]:
    if items:
        more = f" and {len(items) - MOST_NAMED} more" if len(items) > MOST_NAMED else ""
        yield f"{what}: {count_of(len(items), noun)}: {'; '.join(items[:MOST_NAMED])}{more}"


def _in_horizon(roster: pd.DataFrame, sites: Sequence[str], first_day: date, weeks: int) -> pd.DataFrame:
    days = roster["shift_date"].dt.date
    inside = (days >= first_day) & (days < first_day + timedelta(weeks=weeks))
    own: pd.DataFrame = roster[inside & roster["site"].isin(sites)].reset_index(drop=True)
    return own


def _without_absent(rows: pd.DataFrame, part: SitePart) -> tuple[pd.DataFrame, list[_Absent], list[_Absent]]:
    """Return the rows of those who are there, the shifts that were dropped, and those that were shortened."""
    people: dict[str, Any] = {
        str(row.agent_id): row for row in with_site(part.agents, part.config).itertuples()
    }
    away = _time_off(part.tables.get("time_off"))
    kept, dropped, shortened = [rows.iloc[:0]], [], []
    for key, shift in rows.groupby(["agent_id", "shift_date"], sort=True):
        name, day = _agent_and_day(key)
        why = _gone(people.get(name), shift, day)
        own = shift
        if not why and name in away:
            zone = part.config.sites[people[name].site].timezone
            own = _with_leave(shift, away[name], day_bounds(day, zone))
            why = "" if (own["activity"] == "on_queue").any() else "time off"
        if why:
            dropped.append(_Absent(name, day, why))
            continue
        if own is not shift:
            shortened.append(_Absent(name, day, "time off"))
        kept.append(own)
    return joined(kept, ROSTER), dropped, shortened


def _agent_and_day(key: Any) -> tuple[str, date]:
    return str(key[0]), key[1].date()


def _gone(agent: Any, shift: pd.DataFrame, day: date) -> str:
    """Return why an agent is not there on a date, time off aside; empty if the agent is."""
    if agent is None or (shift["site"] != agent.site).any():
        return f"no agent of {shift['site'].iloc[0]} any more"
    first, last = (None if pd.isna(stamp) else stamp.date() for stamp in (agent.start_date, agent.end_date))
    return "" if employed(first, last, day) else "not employed then"


def _time_off(table: pd.DataFrame | None) -> dict[str, list[tuple[Span, bool]]]:
    found: dict[str, list[tuple[Span, bool]]] = {}
    for row in () if table is None else table.itertuples():
        entry: Any = row
        span = entry.start.to_pydatetime(), entry.end.to_pydatetime()
        found.setdefault(str(entry.agent_id), []).append((span, bool(entry.paid)))
    return found


def _with_leave(shift: pd.DataFrame, away: Sequence[tuple[Span, bool]], day: Span) -> pd.DataFrame:
    """Return the segments of a shift with time off cut out of them as leave; the same frame if there is none.

    Time off that covers the whole date takes the whole shift, also what of it lies on the next date.
    """
    spans = union(span for span, _ in away)
    begin, end = shift["start"].min().to_pydatetime(), shift["end"].max().to_pydatetime()
    if covers(spans, day):
        spans = [(begin, end)]
    pieces: list[dict[Any, Any]] = []
    records: list[dict[Any, Any]] = shift.to_dict("records")
    for row in records:
        whole = row["start"].to_pydatetime(), row["end"].to_pydatetime()
        edges = sorted({*whole, *(edge for span in spans for edge in span if whole[0] < edge < whole[1])})
        for piece in pairwise(edges):
            off = row["activity"] != "leave" and any(overlap(piece, span) for span in spans)
            paid = any(is_paid for span, is_paid in away if overlap(piece, span)) if off else row["paid"]
            change = {"activity": "leave", "paid": paid} if off else {}
            pieces.append({**row, "start": pd.Timestamp(piece[0]), "end": pd.Timestamp(piece[1]), **change})
    if len(pieces) == len(shift) and all(
        piece["activity"] == activity for piece, activity in zip(pieces, shift["activity"], strict=True)
    ):
        return shift
    return pd.DataFrame(pieces)


def _judged(
    roster: pd.DataFrame, part: SitePart, horizon: Horizon
) -> tuple[Verification, SitePart, list[str]]:
    """Return the verification, by what, and what stood in its way: hours of agents that contradict."""
    try:
        return _verified(roster, part, horizon), part, []
    except DataError as error:
        bare = replace(
            part, agents=part.agents.assign(week_hours_min=float("nan"), week_hours_max=float("nan"))
        )
        doubt = "; ".join(line.strip() for line in error.problem.splitlines())
        return _verified(roster, bare, horizon), bare, [doubt]


def _verified(roster: pd.DataFrame, part: SitePart, horizon: Horizon) -> Verification:
    tables: dict[str, Any] = {**part.tables, "first_day": horizon.first_day, "weeks": horizon.weeks}
    agents = with_site(part.agents, part.config)
    return verify(roster, agents, part.requirements, part.config, **tables)


def _summary(verdict: Verification, roster: pd.DataFrame, part: SitePart, horizon: Horizon) -> dict[str, Any]:
    """Return the summary of a roster of which nothing is proven: no cost is negative, so the bound is 0."""
    asked, missed = _requests(roster, part, horizon)
    paid = part.config.schedule.weights.paid
    return {
        "status": KEPT,
        "objective": verdict.objective,
        "bound": 0.0,
        "gap": verdict.objective / max(1.0, verdict.objective),
        "gap_h": verdict.objective / paid if paid else None,
        "parts": dict(verdict.parts),
        **verdict.figures,
        "paid_h": verdict.parts["paid"] / paid if paid else None,
        "requests": asked,
        "requests_missed": missed,
        "first_day": str(horizon.first_day),
        "weeks": horizon.weeks,
        "agents": len(part.agents),
        "warnings": [],
        "unmet": [],
        "seconds": 0.0,
        "seed": part.config.schedule.seed,
    }


def _requests(roster: pd.DataFrame, part: SitePart, horizon: Horizon) -> tuple[int, int]:
    """Return how many requests the horizon has, and how many of them are not met."""
    tables: dict[str, Any] = dict(part.tables)
    agents = with_site(part.agents, part.config)
    case = read_case(Tables(roster, agents, part.requirements, **tables), part.config, horizon)
    within = [(one, agent) for agent in case.agents for one in agent.requests if one.date in horizon]
    return len(within), sum(is_missed(one, agent) for one, agent in within)

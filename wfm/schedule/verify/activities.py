"""Activities: trainings, meetings and coaching stand where they were ordered, once for each who takes part.

An agent who has no shift in the window of an activity need not take part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pandas as pd

from wfm.schedule.verify.case import Activity, Agent, Case, Segment
from wfm.schedule.verify.spans import overlap
from wfm.schedule.verify.violation import Violation

OFF_PHONE = ("training", "meeting", "coaching")
TEAM = "team:"


@dataclass(frozen=True)
class Place:
    """A segment of off-phone work and the date of its shift."""

    agent: Agent
    segment: Segment


def read_activities(table: pd.DataFrame | None, teams: Mapping[str, str]) -> tuple[Activity, ...]:
    """Return the activities with the ids of those who take part; `teams` tells the team of each agent."""
    if table is None:
        return ()
    names = ("activity_id", "kind", "agents", "minutes", "earliest", "latest", "together", "paid")
    found = []
    for row in zip(*(table[name] for name in names), strict=True):
        activity_id, kind, who, minutes, earliest, latest, together, paid = row
        members: set[str] = set()
        for name in (piece.strip() for piece in str(who).split(";") if piece.strip()):
            if name.startswith(TEAM):
                members |= {agent for agent, team in teams.items() if team == name.removeprefix(TEAM)}
            else:
                members.add(name)
        length = timedelta(minutes=int(minutes))
        window = (earliest.to_pydatetime(), latest.to_pydatetime())
        found.append(
            Activity(
                str(activity_id), str(kind), frozenset(members), length, window, bool(together), bool(paid)
            )
        )
    return tuple(sorted(found, key=lambda activity: (activity.window[1], activity.activity_id)))


def activities(case: Case) -> Iterator[Violation]:
    """Every activity has its segments, together if it must, and no other off-phone work stands anywhere."""
    places = {
        agent.agent_id: [
            Place(agent, segment)
            for shift in agent.shifts
            for segment in shift.segments
            if segment.activity in OFF_PHONE
        ]
        for agent in case.agents
    }
    for activity in case.activities:
        yield from _of_activity(activity, case, places)
    for left in places.values():
        for place in left:
            text = f"{_shown(place)} was not ordered"
            yield Violation(place.agent.agent_id, _date(place), "activities", text)


def _of_activity(activity: Activity, case: Case, places: dict[str, list[Place]]) -> Iterator[Violation]:
    starts: dict[datetime, Agent] = {}
    for agent in case.agents:
        if agent.agent_id not in activity.members:
            continue
        fitting = [place for place in places[agent.agent_id] if _fits(place.segment, activity)]
        if fitting:
            places[agent.agent_id].remove(fitting[0])
            starts.setdefault(fitting[0].segment.start, agent)
        elif any(overlap(shift.span, activity.window) for shift in agent.shifts):
            text = f"{activity.activity_id}: no {activity.kind} of {activity.length} in its window"
            yield Violation(agent.agent_id, case.horizon.first_day, "activities", text)
    if activity.together and len(starts) > 1:
        clocks = ", ".join(
            agent.clock(start) for start, agent in sorted(starts.items(), key=lambda at: at[0])
        )
        text = f"{activity.activity_id} begins at different times: {clocks}"
        yield Violation(activity.activity_id, case.horizon.first_day, "activities", text)


def _fits(segment: Segment, activity: Activity) -> bool:
    first, last = activity.window
    return (
        segment.activity == activity.kind
        and segment.end - segment.start == activity.length
        and first <= segment.start
        and segment.end <= last
        and segment.paid == activity.paid
    )


def _shown(place: Place) -> str:
    segment, agent = place.segment, place.agent
    return f"{segment.activity} {agent.clock(segment.start)}-{agent.clock(segment.end)}"


def _date(place: Place) -> date:
    return next(s.date for s in place.agent.shifts if place.segment in s.segments)

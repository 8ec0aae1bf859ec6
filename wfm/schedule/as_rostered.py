"""From the rows of a roster back to tours: shifts with their breaks where they stand, off-phone work kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.schedule.agents import Agent
from wfm.schedule.facts import Engagement, Facts
from wfm.schedule.problem import Problem
from wfm.schedule.solver import Tour

Ints = NDArray[np.int64]
Rows = list[tuple[int, int, int, str, bool]]  # day, begin, end (minutes of the grid), activity, paid
OFF_PHONE = ("training", "meeting", "coaching")


def rows_of_agents(roster: pd.DataFrame, problem: Problem) -> dict[str, Rows]:
    """Return the segments of the horizon by agent, in order."""
    index = {day: position for position, day in enumerate(problem.dates)}
    names = ("agent_id", "shift_date", "start", "end", "activity", "paid")
    found: dict[str, Rows] = {}
    for agent, stamp, start, end, activity, paid in zip(*(roster[name] for name in names), strict=True):
        day: date = stamp.date()
        if day in index:
            begin, until = problem.grid.minute(start), problem.grid.minute(end)
            found.setdefault(str(agent), []).append((index[day], begin, until, str(activity), bool(paid)))
    return found


def with_work_of_roster(facts: Facts, rows: Rows) -> Facts:
    """Return the facts with the trainings, meetings and coaching of a roster, struck ones left out."""
    away = [(absence.begin, absence.end) for absence in facts.absences]
    spans: dict[int, list[int]] = {}
    for day, begin, end, _, _ in rows:
        spans.setdefault(day, []).extend((begin, end))
    struck = {
        day
        for day, edges in spans.items()
        if any(begin < max(edges) and end > min(edges) for begin, end in away)
    }
    kept = tuple(
        Engagement(f"{activity} of the roster", activity, day, begin, end, paid)
        for day, begin, end, activity, paid in rows
        if activity in OFF_PHONE and day not in struck
    )
    return replace(facts, engagements=kept)


def with_breaks_of_roster(agent: Agent, tour: Tour, rows: Rows, slot_min: int) -> Tour:
    """Return the tour with the breaks of the roster on every date whose shift is the roster's."""
    structure, lengths = agent.shifts.structure, len(agent.shifts.length)
    offsets = tour.offsets.copy()
    by_day: dict[int, Rows] = {}
    for row in rows:
        by_day.setdefault(row[0], []).append(row)
    for day, segments in by_day.items():
        kind = int(tour.types[day])
        if kind < 0:
            continue
        begin = int(agent.shifts.begin[day, kind // lengths])
        end = begin + int(agent.shifts.length[kind % lengths])
        places = [(at - begin) // slot_min for _, at, _, what, _ in segments if what in ("break", "lunch")]
        same_shift = segments[0][1] == begin and segments[-1][2] == end
        z = int(structure.of_length[kind % lengths])
        if same_shift and _legal(agent, z, places, begin // slot_min):
            offsets[day, : len(places)] = places
    return replace(tour, offsets=offsets)


def _legal(agent: Agent, z: int, places: Sequence[int], begin_slot: int) -> bool:
    """Return whether breaks at these offsets (slots) are those of the structure, at legal places."""
    structure = agent.shifts.structure
    if len(places) != structure.count[z]:
        return False
    end_before = None
    for b, place in enumerate(places):
        first, last, width = (int(row[z, b]) for row in (structure.first, structure.last, structure.width))
        if not first <= place <= last or (place - first) % structure.step:
            return False
        if (
            end_before is not None
            and not structure.least_gap[z] <= place - end_before <= structure.most_gap[z]
        ):
            return False
        end_before = place + width
        at = begin_slot + place
        if agent.blocked[at + width] > agent.blocked[at]:
            return False
    return True

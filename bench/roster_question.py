"""A centre in plain numbers, as the peers of the roster benchmark are asked.

They place no breaks: every shift type has its breaks in the middle of their windows. Intervals of a day count
from midnight; no shift crosses midnight, and no agent has partial leave, pins or a history.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from bench.centres import FIRST_DAY, INTERVAL_MIN, ZONE, BenchCentre, Ints, Span, missed
from bench.tours import Shift, lengths, starts
from wfm.config import Break, Contract
from wfm.hours import DAY_MIN, parse_clock, parse_hours, parse_span

PER_DAY = DAY_MIN // INTERVAL_MIN


@dataclass(frozen=True)
class Person:
    """One agent: the shift types it may have by day, each with the weight of the requests it misses.

    `minutes` (paid) and `shifts` are (least, most) by week, after leave.
    """

    agent_id: str
    skills: frozenset[str]
    allowed: tuple[dict[int, float], ...]
    minutes: tuple[Span, ...]
    shifts: tuple[Span, ...]
    rest_min: int
    consecutive_days: int


@dataclass(frozen=True)
class Question:
    """Shift types, agents, and the need of each queue (days x intervals)."""

    shifts: list[Shift]
    people: list[Person]
    need: dict[str, Ints]

    @property
    def days(self) -> int:
        """Days of the horizon."""
        return len(self.people[0].allowed)


def question_of(centre: BenchCentre) -> Question:
    """Return a centre in plain numbers."""
    shifts: list[Shift] = []
    of_contract: dict[str, list[int]] = {}
    for name in sorted(set(centre.agents["contract"])):
        types = shift_types(centre.config.contracts[name])
        shifts += [shift for shift in types if shift not in shifts]
        of_contract[name] = [shifts.index(shift) for shift in types]
    people = []
    for row in centre.agents.to_dict("records"):
        types_of_agent = {number: shifts[number] for number in of_contract[row["contract"]]}
        people.append(_person(centre, row, types_of_agent))
    return Question(shifts, people, _need(centre))


def shift_types(contract: Contract) -> list[Shift]:
    """Return every shift type of a contract, each with one choice of breaks."""
    return [
        Shift(0, start, length, middle_breaks(contract, length))
        for length in lengths(contract)
        for start in starts(contract)
        if start + length <= DAY_MIN
    ]


def middle_breaks(contract: Contract, length: int) -> tuple[tuple[int, Break], ...]:
    """Return the breaks of a shift in the middle of their windows, as far as order and end allow."""
    found: list[tuple[int, Break]] = []
    for rest in contract.breaks:
        if rest.min_shift_hours * 60 <= length:
            earliest = found[-1][0] + found[-1][1].minutes if found else 0
            last = min(rest.to_min, length - rest.minutes)
            middle = (rest.from_min + last) // 2 // contract.break_step_min * contract.break_step_min
            found.append((max(middle, earliest), rest))
    return tuple(found)


def covered(shift: Shift) -> Ints:
    """Return 1 for every interval of the day that a shift is on queue, else 0."""
    on_queue = np.zeros(PER_DAY, dtype=np.int64)
    for begin, end, activity, _ in shift.segments():
        if activity == "on_queue":
            on_queue[begin // INTERVAL_MIN : end // INTERVAL_MIN] = 1
    return on_queue


def _person(centre: BenchCentre, row: Mapping[Hashable, Any], types: dict[int, Shift]) -> Person:
    contract = centre.config.contracts[row["contract"]]
    hours = parse_hours(row["availability"])
    leave = _days_of_leave(centre.time_off, row["agent_id"])
    requests = _requests(centre.requests, row["agent_id"])
    allowed: list[dict[int, float]] = [{} for _ in range(7 * centre.config.schedule.weeks)]
    for day, of_day in enumerate(allowed):
        spans = () if day in leave else hours.spans_of(day % 7)
        for number, shift in types.items():
            if any(first <= shift.start_min and shift.end_min <= last for first, last in spans):
                of_day[number] = _missed_weight(requests.get(day, []), shift)
    minutes, counts = [], []
    for week in range(centre.config.schedule.weeks):
        credited = sum(day // 7 == week and bool(hours.spans_of(day % 7)) for day in leave)
        least, most = contract.days_per_week
        credited = min(credited, most)
        counts.append((max(0, least - credited), most - credited))
        low, high = (limit - credited * contract.hours_of_leave_day for limit in contract.week_hours)
        minutes.append((max(0, round(low * 60)), max(0, round(high * 60))))
    skills = frozenset(row["skills"].split(";"))
    rest_min = round(contract.rest_h * 60)
    return Person(
        row["agent_id"],
        skills,
        tuple(allowed),
        tuple(minutes),
        tuple(counts),
        rest_min,
        contract.consecutive_days,
    )


def _missed_weight(requests: list[tuple[str, Span, float]], shift: Shift) -> float:
    span = (shift.start_min, shift.end_min)
    return sum(w for kind, wish, w in requests if kind == "day_off" or missed(kind, wish, span))


def _requests(table: pd.DataFrame, agent_id: str) -> dict[int, list[tuple[str, Span, float]]]:
    found: dict[int, list[tuple[str, Span, float]]] = {}
    rows = table[table["agent_id"] == agent_id]
    for date, kind, value, weight in zip(
        rows["date"], rows["kind"], rows["value"], rows["weight"], strict=True
    ):
        if kind == "day_off":
            span = (0, 0)
        else:
            span = (parse_clock(value), parse_clock(value)) if kind == "prefer_start" else parse_span(value)
        found.setdefault((date - FIRST_DAY).days, []).append((kind, span, weight))
    return found


def _days_of_leave(table: pd.DataFrame, agent_id: str) -> set[int]:
    rows = table[table["agent_id"] == agent_id]
    bounds = [
        (rows[name].dt.tz_convert(ZONE).dt.tz_localize(None) - FIRST_DAY).dt.days for name in ("start", "end")
    ]
    return {day for first, end in zip(*bounds, strict=True) for day in range(first, end)}


def _need(centre: BenchCentre) -> dict[str, Ints]:
    rows = centre.requirements
    minutes = (rows["interval_start"] - FIRST_DAY.tz_localize(ZONE)) // pd.Timedelta(minutes=INTERVAL_MIN)
    found = {}
    for queue, agents in rows.groupby("queue")["agents_to_schedule"]:
        need = np.zeros((7 * centre.config.schedule.weeks, PER_DAY), dtype=np.int64)
        need.ravel()[minutes[agents.index]] = agents
        found[str(queue)] = need
    return found

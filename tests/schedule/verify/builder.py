"""Small centres and rosters, written by hand: `legal_week()` breaks no rule, and a test changes one thing.

A day of work is a text of clock times and activities, `08:00 on_queue 12:00 lunch- 12:30 on_queue 16:30`; a
minus marks what is unpaid, `gap` leaves a hole, and a clock time before the last one is on the next day.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from wfm.config import Config, build_config
from wfm.conform import conform, empty
from wfm.schedule.verify import Verification, verify
from wfm.tables import AGENTS, PINS, REQUESTS, REQUIREMENTS, ROSTER, TIME_OFF, Table

MONDAY = date(2026, 3, 2)
BERLIN = "Europe/Berlin"
Cells = dict[str, Any]


def day_after(number: int, first: date = MONDAY) -> date:
    return first + timedelta(days=number)


def moment(day: date, clock: str, timezone: str = BERLIN, fold: int = 0) -> datetime:
    hours, minutes = (int(part) for part in clock.split(":"))
    on = day_after(hours // 24, day)
    local = datetime(on.year, on.month, on.day, hours % 24, minutes, tzinfo=ZoneInfo(timezone), fold=fold)
    return local.astimezone(ZoneInfo("UTC"))


def standard(start: str = "08:00", hours: float = 8.5) -> str:
    """A shift with the three breaks of the contract: after 2, 4 and 6 hours."""
    hour, minute = (int(part) for part in start.split(":"))
    first = hour * 60 + minute

    def at(offset: float) -> str:
        clock = first + int(offset)
        return f"{clock // 60 % 24:02d}:{clock % 60:02d}"

    return (
        f"{start} on_queue {at(120)} break {at(135)} on_queue {at(240)} lunch- {at(270)} on_queue "
        f"{at(360)} break {at(375)} on_queue {at(hours * 60)}"
    )


def segments(agent_id: str, day: date, plan: str, site: str, timezone: str) -> list[Cells]:
    words = plan.split()
    rows: list[Cells] = []
    begin, passed = moment(day, words[0], timezone), 0
    for activity, clock in zip(words[1::2], words[2::2], strict=True):
        end = moment(day + timedelta(days=passed), clock, timezone)
        if end <= begin:
            passed += 1
            end = moment(day + timedelta(days=passed), clock, timezone)
        if activity != "gap":
            rows.append(
                {
                    "agent_id": agent_id,
                    "start": begin,
                    "shift_date": pd.Timestamp(day),
                    "activity": activity.removesuffix("-"),
                    "end": end,
                    "paid": not activity.endswith("-"),
                    "site": site,
                }
            )
        begin = end
    return rows


def contract(**keys: Any) -> Cells:
    return {
        "week_hours": [35, 45],
        "days_per_week": [4, 5],
        "shift_hours": [8, 9],
        "shift_step_min": 30,
        "starts": ["06:00-14:00"],
        "start_step_min": 30,
        "rest_h": 11,
        "consecutive_days": 6,
        "breaks": [
            {"activity": "break", "minutes": 15, "paid": True, "from_min": 90, "to_min": 180},
            {"activity": "lunch", "minutes": 30, "paid": False, "from_min": 210, "to_min": 330},
            {
                "activity": "break",
                "minutes": 15,
                "paid": True,
                "from_min": 345,
                "to_min": 450,
                "min_shift_hours": 7.5,
            },
        ],
        **keys,
    }


@dataclass
class Scenario:
    """A centre with its tables, to be changed by a test and then verified."""

    centre: Cells = field(default_factory=lambda: {"timezone": BERLIN, "interval_min": 15})
    sites: dict[str, Cells] = field(default_factory=lambda: {"hamburg": {}})
    queues: dict[str, Cells] = field(default_factory=lambda: {"calls": {}, "chats": {}})
    contracts: dict[str, Cells] = field(default_factory=lambda: {"full": contract()})
    schedule: Cells = field(default_factory=dict)
    patterns: dict[str, Cells] = field(default_factory=dict)
    minors: Cells = field(default_factory=dict)
    people: dict[str, Cells] = field(default_factory=dict)
    plans: dict[tuple[str, date], list[Cells]] = field(default_factory=dict)
    before: dict[tuple[str, date], list[Cells]] = field(default_factory=dict)
    needs: list[Cells] = field(default_factory=list)
    off: list[Cells] = field(default_factory=list)
    wishes: list[Cells] = field(default_factory=list)
    pinned: list[Cells] = field(default_factory=list)

    def agent(self, agent_id: str, **cells: Any) -> None:
        given = {
            "agent_id": agent_id,
            "name": agent_id,
            "site": "hamburg",
            "contract": "full",
            "skills": "calls",
        }
        self.people[agent_id] = {**given, **self.people.get(agent_id, {}), **cells}

    def work(self, agent_id: str, day: date, plan: str) -> None:
        self.plans[agent_id, day] = self._segments(agent_id, day, plan)

    def worked(self, agent_id: str, day: date, plan: str) -> None:
        self.before[agent_id, day] = self._segments(agent_id, day, plan)

    def _segments(self, agent_id: str, day: date, plan: str) -> list[Cells]:
        site = self.people.get(agent_id, {"site": "hamburg"})["site"]
        timezone = self.sites[site].get("timezone", self.centre["timezone"])
        return segments(agent_id, day, plan, site, str(timezone))

    def rest(self, agent_id: str, day: date) -> None:
        self.plans.pop((agent_id, day), None)

    def need(self, queue: str, day: date, span: str, agents: int, timezone: str = BERLIN) -> None:
        """Let `queue` need agents in every interval of a span, e.g. 08:00-12:00."""
        first, last = (moment(day, clock, timezone) for clock in span.split("-"))
        while first < last:
            self.needs.append({"queue": queue, "interval_start": first, "agents_to_schedule": agents})
            first += timedelta(minutes=self.centre["interval_min"])

    def absent(self, agent_id: str, start: datetime, end: datetime, *, paid: bool = True) -> None:
        self.off.append({"agent_id": agent_id, "start": start, "end": end, "kind": "leave", "paid": paid})

    def leave_day(self, agent_id: str, day: date, *, paid: bool = True) -> None:
        self.absent(agent_id, moment(day, "00:00"), moment(day_after(1, day), "00:00"), paid=paid)

    def wish(self, agent_id: str, day: date, kind: str, value: str = "", weight: float = 1) -> None:
        cells = {
            "agent_id": agent_id,
            "date": pd.Timestamp(day),
            "kind": kind,
            "value": value,
            "weight": weight,
        }
        self.wishes.append(cells)

    def pin(self, agent_id: str, day: date, start: str, end: str = "") -> None:
        cells = {"agent_id": agent_id, "date": pd.Timestamp(day), "shift_start": start, "shift_end": end}
        self.pinned.append(cells)

    @property
    def config(self) -> Config:
        target = {"service_level": 0.8}
        return build_config(
            {
                "centre": self.centre,
                "sites": self.sites,
                "queues": {name: {**target, **keys} for name, keys in self.queues.items()},
                "contracts": self.contracts,
                "schedule": self.schedule,
                "patterns": self.patterns,
                "minors": self.minors,
            }
        )

    def verify(self, **options: Any) -> Verification:
        history = [row for rows in self.before.values() for row in rows]
        extra = {
            "time_off": (self.off, TIME_OFF),
            "requests": (self.wishes, REQUESTS),
            "pins": (self.pinned, PINS),
        }
        given = {name: self._table(rows, table) for name, (rows, table) in extra.items() if rows}
        return verify(
            self._table([row for rows in self.plans.values() for row in rows], ROSTER),
            self._table(list(self.people.values()), AGENTS),
            self._table([self._requirement(row) for row in self.needs], REQUIREMENTS),
            self.config,
            previous=self._table(history, ROSTER) if history else None,
            **{"first_day": MONDAY, **given, **options},
        )

    def lines(self, **options: Any) -> list[str]:
        return [str(violation) for violation in self.verify(**options).violations]

    @staticmethod
    def _requirement(row: Cells) -> Cells:
        agents = row["agents_to_schedule"]
        return {
            **row,
            "offered": 1,
            "aht_s": 60,
            "load": 0.1,
            "agents_required": agents,
            "agents_gross": agents,
            "queue_model": "erlang_c",
        }

    @staticmethod
    def _table(rows: list[Cells], table: Table) -> pd.DataFrame:
        return conform(pd.DataFrame(rows), table) if rows else empty(table)


def legal_week() -> Scenario:
    """Two agents, Monday to Friday 08:00-16:30, breaks half an hour apart from each other's."""
    scenario = Scenario()
    for agent_id in ("a1", "a2"):
        scenario.agent(agent_id)
        for number in range(5):
            scenario.work(agent_id, day_after(number), standard())
    scenario.need("calls", MONDAY, "08:00-16:30", 1)
    return scenario

"""What is verified, in plain objects: horizon, agents with their shifts, leave, pins and requests.

Instants are aware datetimes in UTC; `local_` times are naive wall clock of the agent's site; dates are the
site's. Lengths are `timedelta`, so that every comparison is exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pandas as pd

from wfm.config import Config, Contract
from wfm.hours import WeeklyHours
from wfm.localtime import zone
from wfm.schedule.verify.spans import Span
from wfm.skills import Skill

WEEK = timedelta(days=7)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Horizon:
    """Whole weeks from `first_day`, which is a week start."""

    first_day: date
    weeks: int

    @property
    def last_day(self) -> date:
        """The last date of the horizon."""
        return self.first_day + self.weeks * WEEK - DAY

    @property
    def dates(self) -> list[date]:
        """Every date of the horizon."""
        return [self.first_day + number * DAY for number in range(7 * self.weeks)]

    @property
    def week_starts(self) -> list[date]:
        """The first date of each week."""
        return self.dates[::7]

    def __contains__(self, day: date) -> bool:
        return self.first_day <= day <= self.last_day


@dataclass(frozen=True)
class Segment:
    """A row of the roster."""

    start: datetime
    end: datetime
    activity: str
    paid: bool

    @property
    def span(self) -> Span:
        """From start to end."""
        return self.start, self.end


@dataclass(frozen=True)
class Shift:
    """The segments of one agent and shift_date, by start."""

    date: date
    site: str
    start: datetime
    end: datetime
    local_start: datetime
    local_end: datetime
    segments: tuple[Segment, ...]

    @property
    def span(self) -> Span:
        """From the start of the first segment to the last end."""
        return self.start, self.end

    @property
    def length(self) -> timedelta:
        """Elapsed time, breaks included."""
        return self.end - self.start

    @property
    def paid(self) -> timedelta:
        """Paid time other than leave."""
        return sum((s.end - s.start for s in self.segments if s.paid and s.activity != "leave"), timedelta())

    def spans_of(self, activity: str) -> list[Span]:
        """Return the segments of one activity."""
        return [segment.span for segment in self.segments if segment.activity == activity]


@dataclass(frozen=True)
class TimeOff:
    """A granted absence."""

    start: datetime
    end: datetime
    paid: bool

    @property
    def span(self) -> Span:
        """From start to end."""
        return self.start, self.end


@dataclass(frozen=True)
class Request:
    """A wish; `start_min`, `end_min` are minutes after midnight of `date` (prefer_start: both the same)."""

    date: date
    kind: str
    start_min: int
    end_min: int
    weight: float


@dataclass(frozen=True)
class Agent:
    """A row of agents with all that concerns the agent.

    `shifts` are those of the horizon, `history` those of `previous` before it, both by date; `planned` are
    those of `previous` inside the horizon. `pins` and `frozen` hold (start, end) by the wall clock, or None
    for a day off.
    """

    agent_id: str
    site: str
    timezone: str
    contract: Contract
    skills: tuple[Skill, ...]
    availability: WeeklyHours
    start_date: date | None = None
    end_date: date | None = None
    birth_date: date | None = None
    cost_per_hour: float = 1.0
    proficiency: float = 1.0
    pattern_week: int = 1
    time_off: tuple[TimeOff, ...] = ()
    shifts: tuple[Shift, ...] = ()
    history: tuple[Shift, ...] = ()
    planned: Mapping[date, Shift] = field(default_factory=dict)
    pins: Mapping[date, Span | None] = field(default_factory=dict)
    frozen: Mapping[date, Span | None] = field(default_factory=dict)
    requests: tuple[Request, ...] = ()

    @property
    def queues(self) -> frozenset[str]:
        """The queues of all skills, whatever their dates."""
        return frozenset(skill.queue for skill in self.skills)

    @property
    def fixed(self) -> Mapping[date, Span | None]:
        """All dates on which the agent has no choice, pinned or frozen."""
        return {**self.frozen, **self.pins}

    def clock(self, moment: datetime) -> str:
        """Return the site's wall clock at an instant, `HH:MM` (with seconds where there are any)."""
        local = moment.astimezone(zone(self.timezone))
        return f"{local:%H:%M}" if local.second == 0 else f"{local:%H:%M:%S}"

    def shift_on(self, day: date) -> Shift | None:
        """Return the shift of the horizon that starts on this date."""
        return next((shift for shift in self.shifts if shift.date == day), None)


@dataclass(frozen=True)
class Activity:
    """Off-phone work that was ordered: `members` are the ids of those who take part, once each."""

    activity_id: str
    kind: str
    members: frozenset[str]
    length: timedelta
    window: Span
    together: bool
    paid: bool


@dataclass(frozen=True)
class Case:
    """A roster and everything it is judged by; `requirements` are the rows of the horizon.

    `known_from` is the first date of which it is known who worked; `replanned` says whether `previous` has
    rows inside the horizon; `mean_cost` is taken over all rows of agents; of `max_changed_shifts` None is no
    limit. `elsewhere` (interval_start, agents_to_schedule) is what rosters of other agents are for.
    """

    config: Config
    horizon: Horizon
    agents: tuple[Agent, ...]
    requirements: pd.DataFrame
    known_from: date
    replanned: bool
    mean_cost: float
    activities: tuple[Activity, ...] = ()
    max_changed_shifts: int | None = None
    elsewhere: pd.DataFrame | None = None

"""What is known of each agent: contract, skills, dates, leave, pins, wishes and the days before the horizon.

Days count from the first date of the horizon, times are minutes of the grid.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from wfm.config import Contract, Minors, Pattern
from wfm.hours import WeeklyHours


@dataclass(frozen=True)
class Absence:
    """A time off in minutes of the grid."""

    begin: int
    end: int
    paid: bool


@dataclass(frozen=True)
class Engagement:
    """Off-phone work placed for an agent: it lies inside the shift that starts on `day`."""

    activity_id: str
    kind: str
    day: int
    begin: int
    end: int
    paid: bool


@dataclass(frozen=True)
class Pin:
    """A shift fixed by hand: clock minutes of start and end on a date, or a day off (None)."""

    day: int
    when: date
    span: tuple[int, int] | None
    frozen: bool = False  # a published day that stays, not a planner's pin


@dataclass(frozen=True)
class Request:
    """A wish for one date: minutes of the clock where the kind has a value."""

    day: int
    kind: str
    span: tuple[int, int]
    weight: float


@dataclass(frozen=True)
class Grade:
    """From an interval on: queues served (positions, best first), and work done against a full agent."""

    first_interval: int
    skills: tuple[int, ...]
    worth: float


@dataclass(frozen=True)
class WeekBefore:
    """A whole known week before the horizon: hours paid, hours of leave credited, days of employment."""

    paid_h: Fraction
    paid_leave_h: Fraction
    unpaid_leave_h: Fraction
    employed_days: int


@dataclass(frozen=True)
class Facts:
    """One agent as the tables tell it; days count from the first date of the horizon.

    `open_spans` holds, per date, the availability that begins on it, in minutes of the grid, `eve_spans` that
    of the date before the horizon. Absences are sorted and do not overlap. `previous` maps a day to the begin
    and end of its shift in the plan to stay near. Weeks before the horizon count -1, -2, ... `grades` follow
    each other, the first from interval 0. `minor` says on which dates the agent is under age, `minor_eve` on
    that of the last shift before. `run_known` says whether the date before the run in the history is known;
    `weeks_before` are those known, the latest last.
    """

    agent_id: str
    site: str
    contract_name: str
    contract: Contract
    grades: tuple[Grade, ...]
    availability: WeeklyHours
    availability_text: str
    first_day: date | None
    last_day: date | None
    cost_ratio: float
    open_spans: tuple[tuple[tuple[int, int], ...], ...] = ()
    eve_spans: tuple[tuple[int, int], ...] = ()
    absences: tuple[Absence, ...] = ()
    engagements: tuple[Engagement, ...] = ()
    pins: tuple[Pin, ...] = ()
    requests: tuple[Request, ...] = ()
    last_end: int | None = None
    run_before: int = 0
    run_known: bool = False
    minor: tuple[bool, ...] = ()
    minor_eve: bool = False
    minors: Minors = field(default_factory=Minors)
    pattern: Pattern | None = None
    pattern_week: int = 1
    weeks_before: tuple[WeekBefore, ...] = ()
    most_changes: int | None = None
    weekends_worked_before: frozenset[int] = frozenset()
    weekends_known_before: int = 0
    previous: dict[int, tuple[int, int]] = field(default_factory=dict)
    compare_previous: bool = False

    @property
    def skills(self) -> tuple[int, ...]:
        """Queues served at the beginning of the horizon, best first."""
        return self.grades[0].skills

    @property
    def taken(self) -> list[tuple[int, int]]:
        """Begin and end of all leave and activities: no time on queue, and no break."""
        spans = [(absence.begin, absence.end) for absence in self.absences]
        return spans + [(engagement.begin, engagement.end) for engagement in self.engagements]

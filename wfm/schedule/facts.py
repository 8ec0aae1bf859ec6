"""What is known of each agent: contract, skills, dates, leave, pins, wishes and the days before the horizon.

Days count from the first date of the horizon, times are minutes of the grid.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from wfm.config import Contract
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


@dataclass(frozen=True)
class Request:
    """A wish for one date: minutes of the clock where the kind has a value."""

    day: int
    kind: str
    span: tuple[int, int]
    weight: float


@dataclass(frozen=True)
class Facts:
    """One agent as the tables tell it; days count from the first date of the horizon.

    `open_spans` holds, per date, the availability that begins on it, in minutes of the grid, `eve_spans` that
    of the date before the horizon. Absences are sorted and do not overlap. `previous` maps a day to the begin
    and end of its shift in the plan to stay near. Weeks before the horizon count -1, -2, ...
    """

    agent_id: str
    site: str
    contract_name: str
    contract: Contract
    skills: tuple[int, ...]
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
    weekends_worked_before: frozenset[int] = frozenset()
    weekends_known_before: int = 0
    previous: dict[int, tuple[int, int]] = field(default_factory=dict)
    compare_previous: bool = False

    @property
    def taken(self) -> list[tuple[int, int]]:
        """Begin and end of all leave and activities: no time on queue, and no break."""
        spans = [(absence.begin, absence.end) for absence in self.absences]
        return spans + [(engagement.begin, engagement.end) for engagement in self.engagements]

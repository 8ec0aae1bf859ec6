"""The centre as a whole and its sites."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from wfm.config.kinds import Calendar, Section, Timezone, Weekday
from wfm.hours import weekday_number


class Centre(Section):
    """The centre as a whole."""

    name: str = Field(default="centre", min_length=1, description="name as printed")
    timezone: Timezone = Field(default="UTC", description="IANA zone; queues and sites may have their own")
    interval_min: Literal[5, 10, 15, 30, 60] = Field(default=15, description="length of an interval, minutes")
    week_start: Weekday = Field(default="Mon", description="first day of a week")
    weekend: tuple[Weekday, ...] = Field(default=("Sat", "Sun"), description="days of the weekend")

    @property
    def week_start_number(self) -> int:
        """First weekday of a week, 0 is Monday."""
        return weekday_number(self.week_start)

    @property
    def weekend_numbers(self) -> frozenset[int]:
        """Weekdays of the weekend, 0 is Monday."""
        return frozenset(weekday_number(day) for day in self.weekend)


class Site(Section):
    """A site: dates, weeks and clock times of its agents."""

    timezone: Timezone = Field(default="UTC", description="IANA zone of the site; default: the centre's")
    holidays: Calendar = Field(default="", description="calendar of the holidays package, for its agents")
    seats: int | None = Field(default=None, ge=1, description="most agents inside a shift at one time")
    min_present: int = Field(default=0, ge=0, description="fewest agents on queue while a queue is open")

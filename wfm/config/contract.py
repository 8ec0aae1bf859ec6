"""Labour contracts: the shifts, weeks and breaks that their agents may have."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from wfm.config.kinds import Section, Starts
from wfm.hours import parse_clock

Pair = Annotated[tuple[float, float], Field(description="min, max")]


class Break(Section):
    """A break: it STARTS between `from_min` and `to_min` after the shift's start."""

    activity: Literal["break", "lunch"] = Field(default="break", description="break or lunch")
    minutes: int = Field(ge=1, le=240, description="length, minutes")
    paid: bool = Field(default=True, description="whether it is paid")
    from_min: int = Field(ge=0, le=24 * 60, description="earliest start after the shift's start, minutes")
    to_min: int = Field(ge=0, le=24 * 60, description="latest start after the shift's start, minutes")
    min_shift_hours: float = Field(
        default=0, ge=0, le=24, description="only in shifts of at least this length"
    )

    @model_validator(mode="after")
    def _ordered(self) -> Break:
        if self.to_min < self.from_min:
            raise ValueError(f"to_min {self.to_min} lies before from_min {self.from_min}")
        return self


class Contract(Section):
    """A labour contract: what shifts and weeks of its agents may look like."""

    week_hours: Pair = Field(default=(0, 40), description="paid hours per week, min and max")
    days_per_week: tuple[int, int] = Field(default=(0, 5), description="shifts per week, min and max")
    shift_hours: Pair = Field(
        default=(8, 8), description="length of a shift, breaks included, hours, min and max"
    )
    shift_step_min: int = Field(default=30, ge=5, le=240, description="step of shift lengths, minutes")
    starts: tuple[Starts, ...] = Field(default=("08:00",), min_length=1, description="earliest-latest start")
    start_step_min: int = Field(default=30, ge=5, le=240, description="step of starts, minutes")
    rest_h: float = Field(default=11, ge=0, le=48, description="rest between two shifts, elapsed hours")
    consecutive_days: int = Field(default=6, ge=1, le=31, description="most days of work in a row")
    min_consecutive_days: int = Field(default=1, ge=1, le=14, description="fewest days of work in a row")
    weekly_rest_h: float = Field(
        default=0, ge=0, le=120, description="one stretch without a shift within every week, elapsed hours"
    )
    day_hours: float | None = Field(default=None, gt=0, le=24, description="most paid hours of a shift")
    average_week_hours: Pair | None = Field(
        default=None, description="paid hours per week on average of average_weeks, min and max"
    )
    average_weeks: int = Field(
        default=17, ge=2, le=53, description="reference period: every so many weeks in a row known in full"
    )
    overtime_hours: float = Field(
        default=0, ge=0, le=40, description="paid hours per week beyond the max of week_hours, at most"
    )
    overtime_price: float = Field(
        default=1.5, ge=1, le=10, description="what an hour of overtime costs against an ordinary one"
    )
    pattern: str | None = Field(default=None, description="rotation of [patterns] that its agents follow")
    ramp: tuple[Annotated[float, Field(gt=0, le=1)], ...] = Field(
        default=(), description="work against a full agent in the 1st, 2nd, ... week after start_date"
    )
    weekends_off_per_4_weeks: int = Field(
        default=0, ge=0, le=4, description="whole weekends off in every rolling 4 weeks known in full"
    )
    leave_day_hours: float | None = Field(
        default=None, ge=0, le=24, description="hours a leave day credits; default max week_hours / max days"
    )
    breaks: tuple[Break, ...] = Field(default=(), description="breaks of a shift, in this order")
    break_step_min: int = Field(
        default=15, ge=5, le=60, description="grid of breaks from the shift's start, minutes"
    )
    longest_stretch_h: float | None = Field(
        default=None, gt=0, le=24, description="longest time in a shift without a break, elapsed hours"
    )
    break_spacing_min: int = Field(
        default=0, ge=0, le=600, description="least time from the end of a break to the next, minutes"
    )

    @property
    def hours_of_leave_day(self) -> float:
        """Hours one whole day of leave credits."""
        if self.leave_day_hours is not None:
            return self.leave_day_hours
        return self.week_hours[1] / self.days_per_week[1] if self.days_per_week[1] else 0.0

    def start_windows(self) -> list[tuple[int, int]]:
        """Earliest and latest start of each window, minutes after midnight."""
        windows = []
        for text in self.starts:
            first, dash, last = text.partition("-")
            windows.append((parse_clock(first), parse_clock(last) if dash else parse_clock(first)))
        return windows

    @model_validator(mode="after")
    def _ordered(self) -> Contract:
        for name in ("week_hours", "days_per_week", "shift_hours", "average_week_hours"):
            low, high = getattr(self, name) or (0, 0)
            if not 0 <= low <= high:
                raise ValueError(f"{name} must be [min, max] with 0 <= min <= max, not [{low:g}, {high:g}]")
        if not 0 < self.shift_hours[0] <= self.shift_hours[1] <= 24:
            raise ValueError("shift_hours must lie above 0 and at most 24")
        if self.days_per_week[1] > 7:
            raise ValueError("days_per_week is at most 7")
        if self.min_consecutive_days > self.consecutive_days:
            raise ValueError("min_consecutive_days is above consecutive_days")
        if any(last < first for first, last in self.start_windows()):
            raise ValueError("a window of starts must not cross midnight; write two windows")
        return self

"""Rules for the young: bounds that hold beside the contract's until an agent comes of age."""

from __future__ import annotations

from pydantic import Field

from wfm.config.kinds import Section, Span


class BreakTime(Section):
    """How much break a long shift must have at least."""

    over_hours: float = Field(ge=0, le=24, description="for shifts longer than this, breaks included")
    minutes: int = Field(ge=1, le=240, description="breaks of the shift together, minutes")


class Minors(Section):
    """Bounds for agents under age, by their birth_date; what is left out binds nothing."""

    under_age: int = Field(default=18, ge=14, le=25, description="age from which the bounds end, years")
    night: Span | None = Field(default=None, description="no shift overlaps it, by the clock of the site")
    day_hours: float | None = Field(default=None, gt=0, le=24, description="most paid hours of a shift")
    week_hours: float | None = Field(default=None, gt=0, le=168, description="most paid hours of a week")
    days_per_week: int | None = Field(default=None, ge=0, le=7, description="most shifts of a week")
    rest_h: float | None = Field(default=None, ge=0, le=48, description="rest between two shifts, hours")
    longest_stretch_h: float | None = Field(
        default=None, gt=0, le=24, description="longest time in a shift without a break, hours"
    )
    breaks: tuple[BreakTime, ...] = Field(default=(), description="least breaks of long shifts")

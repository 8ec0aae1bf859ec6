"""Named rotations: which days of a cycle of weeks are worked, and in which windows their shifts start."""

from __future__ import annotations

from datetime import date

from pydantic import Field, model_validator

from wfm.config.kinds import Section, Starts
from wfm.hours import parse_clock

OFF, FREE = "-", "?"  # no shift starts; whatever the contract allows


class Pattern(Section):
    """A rotation of weeks; every agent may be in another week of it (`pattern_week` of agents)."""

    first_week: date = Field(description="a week start on which week 1 of the rotation begins")
    weeks: tuple[str, ...] = Field(
        min_length=1,
        max_length=52,
        description="7 codes a week from week_start: `-` off, `?` free",
    )
    codes: dict[str, Starts] = Field(
        default_factory=dict, description="code: window in which the shift of such a day starts"
    )

    @model_validator(mode="after")
    def _known_codes(self) -> Pattern:
        for code, window in self.codes.items():
            first, _, last = window.partition("-")
            if code in (OFF, FREE) or len(code.split()) != 1:
                raise ValueError(f"'{code}' cannot be a code: use a word other than - and ?")
            if last and parse_clock(last) < parse_clock(first):
                raise ValueError(f"the window of '{code}' must not cross midnight")
        for number, week in enumerate(self.weeks, start=1):
            cells = week.split()
            if len(cells) != 7:
                raise ValueError(f"week {number} has {len(cells)} codes, not 7")
            for cell in cells:
                if cell not in (OFF, FREE) and cell not in self.codes:
                    raise ValueError(f"week {number}: no code '{cell}'; known are - ? {' '.join(self.codes)}")
        return self

    def cell(self, day: date, pattern_week: int) -> str:
        """Return the code of a date for an agent who is in week `pattern_week` (from 1) on `first_week`."""
        elapsed = (day - self.first_week).days
        week = (elapsed // 7 + pattern_week - 1) % len(self.weeks)
        return self.weeks[week].split()[elapsed % 7]

    def window(self, code: str) -> tuple[int, int]:
        """Return the earliest and latest start of a code, minutes after midnight."""
        first, _, last = self.codes[code].partition("-")
        return parse_clock(first), parse_clock(last or first)

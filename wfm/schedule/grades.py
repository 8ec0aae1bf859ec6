"""What an agent on queue counts for over time: skills with dates, proficiency, and the ramp of new hires.

They change at the first interval that starts on a new date of the agent's site.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from wfm.config import Contract
from wfm.localtime import day_bounds
from wfm.schedule.facts import Grade
from wfm.schedule.horizon import Grid
from wfm.skills import days_of_change, queues_on

DAYS_AFTER = 3  # a shift that starts on the last date ends before


def worth_on(day: date, proficiency: float, contract: Contract, first_day: date | None) -> float:
    """Return the work of an agent on a date against a full one: proficiency times the contract's ramp."""
    if first_day is None or day < first_day:
        return proficiency
    week = (day - first_day).days // 7
    return proficiency * contract.ramp[week] if week < len(contract.ramp) else proficiency


class GradeReader:
    """Reads the grades of agents on one grid, whose queues have positions."""

    def __init__(self, grid: Grid, dates: Sequence[date], queues: Sequence[str]) -> None:
        self.grid, self.queues = grid, {name: position for position, name in enumerate(queues)}
        self.first, self.last = dates[0] - timedelta(days=1), dates[-1] + timedelta(days=DAYS_AFTER)

    def grades(
        self, skills: str, proficiency: float, contract: Contract, first_day: date | None, timezone: str
    ) -> tuple[Grade, ...]:
        """Return the grades of an agent; one that never changes has just one."""
        found: list[Grade] = []
        for day in self._days(skills, contract, first_day):
            served = tuple(self.queues[name] for name in queues_on(skills, day) if name in self.queues)
            worth = worth_on(day, proficiency, contract, first_day)
            if not found or (found[-1].skills, found[-1].worth) != (served, worth):
                found.append(Grade(self._interval_of(day, timezone) if found else 0, served, worth))
        return tuple(found)

    def _days(self, skills: str, contract: Contract, first_day: date | None) -> list[date]:
        changes = {day for day in days_of_change(skills) if self.first < day <= self.last}
        if first_day is not None:
            steps = (first_day + timedelta(weeks=week) for week in range(len(contract.ramp) + 1))
            changes |= {day for day in steps if self.first < day <= self.last}
        return sorted({self.first} | changes)

    def _interval_of(self, day: date, timezone: str) -> int:
        """Return the first interval that starts on a date."""
        minute = self.grid.minute(day_bounds(day, timezone)[0])
        return max(0, -(-minute // self.grid.interval_min))

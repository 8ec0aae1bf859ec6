"""One broken rule in one line: who, when, which rule (by its configuration key) and the numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Violation:
    """`subject`: agent_id, name of a site, or `summary`; `rule`: configuration key, table or column."""

    subject: str
    date: date
    rule: str
    text: str

    def __str__(self) -> str:
        return f"{self.subject} {self.date:%Y-%m-%d} {self.rule}: {self.text}"


def hours_text(hours: Fraction | float | timedelta) -> str:
    """Return a number of hours as it stands in a message: `9.5 h`."""
    number = hours / HOUR if isinstance(hours, timedelta) else float(hours)
    return f"{round(number, 4):g} h"


def minutes_text(elapsed: timedelta) -> str:
    """Return a duration in minutes as it stands in a message: `15 min`."""
    return f"{round(elapsed / MINUTE, 4):g} min"


def count_text(count: int, noun: str) -> str:
    """Return `1 agent`, `2 agents`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"

"""One broken rule in one line: who, when, which rule (by its configuration key) and the numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)

RULE_NAMES = frozenset(
    {
        *("agent_id", "contract", "site", "weeks"),
        *("segments", "activity", "shift_date", "start_date", "end_date"),
        *(
            "starts",
            "start_step_min",
            "shift_hours",
            "shift_step_min",
            "day_hours",
            "availability",
            "pattern",
        ),
        *("breaks", "longest_stretch_h", "break_spacing_min"),
        *("rest_h", "weekly_rest_h", "consecutive_days", "min_consecutive_days", "weekends_off_per_4_weeks"),
        *("week_hours", "overtime_hours", "average_week_hours", "days_per_week"),
        *("minors.night", "minors.day_hours", "minors.longest_stretch_h", "minors.breaks", "minors.rest_h"),
        *("minors.week_hours", "minors.days_per_week"),
        *("time_off", "activities", "pins", "freeze"),
        *("max_changed_shifts_per_agent", "max_changed_shifts"),
        *("seats", "min_present", "objective"),
    }
)


@dataclass(frozen=True)
class Violation:
    """`subject`: agent_id, name of a site, activity, `roster` or `summary`; `rule`: one of `RULE_NAMES`.

    Rules are named by their configuration key, table or column.
    """

    subject: str
    date: date
    rule: str
    text: str

    def __post_init__(self) -> None:
        if self.rule not in RULE_NAMES:
            raise ValueError(f"'{self.rule}' is not in RULE_NAMES")

    def __str__(self) -> str:
        return f"{self.subject} {self.date:%Y-%m-%d} {self.rule}: {self.text}"


def hours_text(hours: Fraction | float | timedelta) -> str:
    """Return a number of hours as it stands in a message: `9.5 h`."""
    number = hours / HOUR if isinstance(hours, timedelta) else float(hours)
    return f"{round(number, 4):g} h"


def minutes_text(elapsed: timedelta) -> str:
    """Return a duration in minutes as it stands in a message: `15 min`."""
    return f"{round(elapsed / MINUTE, 4):g} min"

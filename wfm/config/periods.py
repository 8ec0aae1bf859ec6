"""Spans of local dates as the configuration and the agents table name them."""

from __future__ import annotations

import re
from datetime import date

LONGEST_HORIZON_DAYS = 1830


def days_in_horizon(text: str) -> int:
    """Return the calendar days of a horizon such as `6w` or `10d`; raise ValueError otherwise."""
    found = re.match(r"^([1-9]\d*)([dw])$", text.strip())
    if found is None:
        raise ValueError(f"'{text}' is not a horizon such as 6w or 10d")
    days = int(found[1]) * (7 if found[2] == "w" else 1)
    if days > LONGEST_HORIZON_DAYS:
        raise ValueError(f"'{text}' is too long: a horizon has at most {LONGEST_HORIZON_DAYS} days")
    return days


def employed(first: date | None, last: date | None, day: date) -> bool:
    """Return whether a day lies within employment; the end date is itself a day of employment."""
    return (first is None or day >= first) and (last is None or day <= last)


def age_on(birth_date: date | None, day: date) -> int | None:
    """Return the age in whole years on a date; born on 29 February, one is a year older on 1 March."""
    if birth_date is None:
        return None
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))

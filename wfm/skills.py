"""An agent's skills in the planner's notation: queues, best first, `;` between, each with dates if need be.

`billing;chat[2026-03-16..]` serves chat from 16 March on, `chat[..2026-06-30]` until 30 June, both days
included; `chat[2026-03-16..2026-06-30]` has both bounds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache

_SKILL = re.compile(r"^(?P<queue>[^\[\]]+?)\s*(?:\[\s*(?P<first>[\d-]*)\s*\.\.\s*(?P<last>[\d-]*)\s*\])?$")


@dataclass(frozen=True)
class Skill:
    """A queue that an agent serves, from the first to the last date if there are bounds."""

    queue: str
    first: date | None = None
    last: date | None = None

    def valid_on(self, day: date) -> bool:
        """Return whether the skill counts on a date."""
        return (self.first is None or day >= self.first) and (self.last is None or day <= self.last)


@cache
def parse_skills(text: str) -> tuple[Skill, ...]:
    """Read a list of skills; ValueError with the part that cannot be understood."""
    return tuple(_skill(part.strip()) for part in text.split(";") if part.strip())


def _skill(part: str) -> Skill:
    found = _SKILL.match(part)
    if found is None:
        raise ValueError(f"'{part}' is not a queue, or a queue with dates such as chat[2026-03-16..]")
    try:
        first, last = (date.fromisoformat(text) if text else None for text in (found["first"], found["last"]))
    except ValueError as error:
        raise ValueError(f"'{part}': dates are written 2026-03-16") from error
    if first is not None and last is not None and last < first:
        raise ValueError(f"'{part}': the last date lies before the first")
    return Skill(found["queue"].strip(), first, last)


def queues_of(text: str) -> tuple[str, ...]:
    """Return every queue of a list of skills, whatever its dates, best first, once each."""
    return tuple(dict.fromkeys(skill.queue for skill in parse_skills(text)))


def queues_on(text: str, day: date) -> tuple[str, ...]:
    """Return the queues served on a date, best first, once each."""
    return tuple(dict.fromkeys(skill.queue for skill in parse_skills(text) if skill.valid_on(day)))


def days_of_change(text: str) -> tuple[date, ...]:
    """Return the dates from which other queues are served than on the date before, sorted."""
    first = {skill.first for skill in parse_skills(text) if skill.first is not None}
    after = {date.fromordinal(skill.last.toordinal() + 1) for skill in parse_skills(text) if skill.last}
    return tuple(sorted(first | after))

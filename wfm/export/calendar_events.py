"""Shifts as events of a calendar, and how an event follows the one that was published before.

Sequence and status are those of RFC 5545: the number grows by one whenever anything that people see differs,
and a shift that is gone stays as a cancelled event, since a calendar that missed it would keep the old one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from wfm.export.sheet_names import visible
from wfm.schedule.verify.case import Agent, Segment, Shift
from wfm.schedule.verify.leave import exact_hours

KEEP_DAYS = 28  # events of dates before the plan stay so long


@dataclass(frozen=True)
class Event:
    """What people see of a shift; `start` and `end` are UTC, `text` is the VEVENT as published.

    `stamp` is when it became so, by the plan's own clock.
    """

    agent_id: str
    day: date
    start: datetime
    end: datetime
    summary: str
    description: str
    location: str
    cancelled: bool = False
    sequence: int = 0
    stamp: datetime | None = None
    text: str = ""

    def same(self, other: Event) -> bool:
        """Return whether people see the same."""
        return self._seen == other._seen

    @property
    def _seen(self) -> tuple[object, ...]:
        return (self.start, self.end, self.summary, self.description, self.location, self.cancelled)


def shift_event(agent: Agent, shift: Shift) -> Event:
    """Return the event of a shift: breaks and other work are lines of its description."""
    hours = float(exact_hours(shift.paid))
    head = f"{_span(agent, shift.start, shift.end)} ({agent.timezone}), {hours:.4g} h paid"
    lines = [_line(agent, segment) for segment in shift.segments if segment.activity != "on_queue"]
    return Event(
        agent.agent_id,
        shift.date,
        shift.start,
        shift.end,
        summary=f"Shift {_span(agent, shift.start, shift.end)}",
        description="\n".join([head, *lines]),
        location=without_backslash(visible(agent.site)),
    )


def without_backslash(text: str) -> str:
    """Return a name without `\\`: icalendar, and calendars too, take a `\\N` of a name for a line break."""
    return text.replace("\\", "/")


def _line(agent: Agent, segment: Segment) -> str:
    unpaid = "" if segment.paid else ", unpaid"
    return f"{_span(agent, segment.start, segment.end)} {segment.activity}{unpaid}"


def _span(agent: Agent, start: datetime, end: datetime) -> str:
    return f"{agent.clock(start)}-{agent.clock(end)}"


def followed(
    wanted: Mapping[str, Event], known: Mapping[str, Event], first: date, last: date
) -> dict[str, Event]:
    """Return the events to publish, by uid: `wanted` are those of the dates `first` to `last`.

    An event as it was known stays as it is; another one has the next sequence, and no text yet. What is known
    of these dates and not wanted is cancelled; dates after them stay, dates long before are let go.
    """
    begin = datetime(first.year, first.month, first.day, tzinfo=UTC)
    found: dict[str, Event] = {}
    for uid in sorted(known.keys() | wanted.keys()):
        old, new = known.get(uid), wanted.get(uid)
        if new is None and old is not None and first <= old.day <= last:
            new = old if old.cancelled else _cancelled(old)
        if new is None and old is not None and old.day >= first - timedelta(days=KEEP_DAYS):
            new = old
        if new is None:
            continue
        if old is not None and new.same(old):
            found[uid] = old
            continue
        sequence = 0 if old is None else old.sequence + 1
        stamp = begin + timedelta(seconds=sequence)
        if old is not None and old.stamp is not None:
            stamp = max(stamp, old.stamp + timedelta(seconds=1))
        found[uid] = replace(new, sequence=sequence, stamp=stamp, text="")
    return found


def _cancelled(event: Event) -> Event:
    return replace(event, summary=f"Cancelled: {event.summary}", cancelled=True)

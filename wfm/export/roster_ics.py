"""A roster as calendars, one file for each agent (RFC 5545): a folder that people's calendars subscribe to.

Times are UTC, so that no time zone needs describing and clock changes leave no doubt; the wall clock of the
site is in the words. Nothing asks the clock: an event is stamped with the plan's first day and its sequence.
Only what changed is made anew, the rest is the published text itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from wfm.errors import count_of
from wfm.export.calendar_events import Event, followed, shift_event, without_backslash
from wfm.export.calendar_folder import Folder, held_folder, write_if_new, write_index, write_state
from wfm.export.plan import Plan, read_plan
from wfm.export.request import DEMAND_OPTIONS, Exported, Request, refuse_options
from wfm.export.sheet_names import visible
from wfm.export.week_grid import is_work

COVER_OPTIONS = {"coverage": "--coverage", "requirements": "--requirements"}
PRODUCT = "-//openwfm//wfm//EN"
END = b"END:VCALENDAR"


def write(request: Request) -> Exported:
    """Write the calendars that changed, and the two private files of the folder.

    Raises UsageError for options that do not fit and for a folder of other things or under another key,
    DataError for a roster that is empty or of other agents, OutputError if the folder cannot be written,
    LockError while another export writes into it.
    """
    refuse_options(request, DEMAND_OPTIONS, "is not for a roster")
    refuse_options(request, COVER_OPTIONS, "is for the workbook")
    plan = read_plan(request)
    with held_folder(request.out) as folder:
        return _publish(plan, folder)


def _publish(plan: Plan, folder: Folder) -> Exported:
    events = followed(_wanted(plan, folder), folder.events, plan.horizon.first_day, plan.horizon.last_day)
    events = {
        uid: event if event.text else replace(event, text=_vevent(uid, event))
        for uid, event in events.items()
    }
    # First what is published, then the files: an export that broke off is completed by the next one.
    write_state(folder, events)
    written, agents = _write_calendars(plan, folder, events)
    known = folder.events
    new = sum(uid not in known for uid in events)
    figures = {
        "agents": agents,
        "events": len(events),
        "new": new,
        "changed": sum(
            uid in known and known[uid].sequence != event.sequence and not event.cancelled
            for uid, event in events.items()
        ),
        "cancelled": sum(
            uid in known and event.cancelled and not known[uid].cancelled for uid, event in events.items()
        ),
        "files_written": written,
    }
    shifts = count_of(figures["new"], "shift")
    notes = (f"{shifts} new, {figures['changed']} changed, {figures['cancelled']} cancelled",)
    return Exported("calendars of agents", agents, notes, figures)


def _wanted(plan: Plan, folder: Folder) -> dict[str, Event]:
    return {
        folder.uid(person.agent.agent_id, shift.date): shift_event(person.agent, shift)
        for person in plan.people
        for shift in person.agent.shifts
        if is_work(shift)
    }


def _write_calendars(plan: Plan, folder: Folder, events: Mapping[str, Event]) -> tuple[int, int]:
    """Write each agent's file, if it changed, and the index; return the files written, and the agents."""
    names = {person.agent.agent_id: without_backslash(visible(person.name)) for person in plan.people}
    own: dict[str, list[Event]] = {}
    for event in events.values():
        own.setdefault(event.agent_id, []).append(event)
    written = 0
    for agent_id, mine in own.items():
        content = _calendar(names.get(agent_id, ""), sorted(mine, key=lambda event: event.day))
        written += write_if_new(folder.path / folder.file_of(agent_id), content)
    for agent_id in {event.agent_id for event in folder.events.values()} - own.keys():
        (folder.path / folder.file_of(agent_id)).unlink(missing_ok=True)  # its last event is long past
    write_index(folder, ((agent, names.get(agent, ""), folder.file_of(agent)) for agent in sorted(own)))
    return written, len(own)


def _calendar(name: str, events: Sequence[Event]) -> bytes:
    from icalendar import Calendar, vText

    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    title = f"Shifts of {name}" if name else "Shifts"
    for name_property in ("name", "x-wr-calname"):
        calendar.add(name_property, vText(title))  # else it is written without escaping
    head, _, tail = calendar.to_ical().rpartition(END)
    return b"".join([head, *(event.text.encode() for event in events), END, tail])


def _vevent(uid: str, event: Event) -> str:
    from icalendar import Event as Component

    one = Component()
    one.add("uid", uid)
    one.add("dtstamp", event.stamp)
    one.add("sequence", event.sequence)
    one.add("dtstart", event.start)
    one.add("dtend", event.end)
    one.add("summary", event.summary)
    one.add("description", event.description)
    one.add("location", event.location)
    one.add("status", "CANCELLED" if event.cancelled else "CONFIRMED")
    one.add("transp", "TRANSPARENT" if event.cancelled else "OPAQUE")
    return str(one.to_ical(), "utf-8")

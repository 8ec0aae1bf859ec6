"""Rules of a site: seats at every moment, and presence on queue while a queue it can serve is open.

Shifts of the history that reach into the horizon sit on seats and answer contacts too.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from wfm.errors import count_of
from wfm.localtime import zone
from wfm.schedule.verify.case import Agent, Case
from wfm.schedule.verify.spans import Span, levels, union
from wfm.schedule.verify.violation import Violation

Worst = dict[date, tuple[int, datetime]]


def seats(site: str, case: Case) -> Iterator[Violation]:
    """No more agents inside a shift, breaks included, than seats; one line a date, with the worst moment."""
    limit = case.config.sites[site].seats
    if limit is None:
        return
    agents = agents_of(site, case)
    inside = {
        "history": [shift.span for agent in agents for shift in agent.history],
        "horizon": [shift.span for agent in agents for shift in agent.shifts],
    }
    worst: Worst = {}
    for start, _, under_way in levels(inside):
        if under_way.total() > limit and under_way["horizon"]:
            _keep(worst, _local(start, site, case), -under_way.total())
    for day, (negative, moment) in worst.items():
        text = f"{count_of(-negative, 'agent')} inside a shift at {moment:%H:%M}, {count_of(limit, 'seat')}"
        yield Violation(site, day, "seats", text)


def min_present(site: str, case: Case) -> Iterator[Violation]:
    """While a queue that the site's agents can serve is open, at least `min_present` of them are on queue."""
    least = case.config.sites[site].min_present
    agents = agents_of(site, case)
    if not least or not agents:
        return
    on_queue = [
        span
        for agent in agents
        for shift in (*agent.history, *agent.shifts)
        for span in shift.spans_of("on_queue")
    ]
    worst: Worst = {}
    for start, _, under_way in levels({"on_queue": on_queue, "open": open_spans(agents, case)}):
        if under_way["open"] and under_way["on_queue"] < least:
            _keep(worst, _local(start, site, case), under_way["on_queue"])
    for day, (count, moment) in worst.items():
        text = (
            f"{count_of(count, 'agent')} on queue at {moment:%H:%M}, at least {least} while a queue is open"
        )
        yield Violation(site, day, "min_present", text)


def agents_of(site: str, case: Case) -> list[Agent]:
    """Return the agents of a site."""
    return [agent for agent in case.agents if agent.site == site]


def open_spans(agents: list[Agent], case: Case) -> list[Span]:
    """Return when some queue that one of the agents can serve, whatever the date, has a requirement row."""
    queues = frozenset[str]().union(*(agent.queues for agent in agents))
    rows = case.requirements[case.requirements["queue"].isin(queues)]
    length = timedelta(minutes=case.config.centre.interval_min)
    starts = rows["interval_start"].drop_duplicates().dt.to_pydatetime()
    return union((start, start + length) for start in starts)


def _local(moment: datetime, site: str, case: Case) -> datetime:
    return moment.astimezone(zone(case.config.sites[site].timezone))


def _keep(worst: Worst, moment: datetime, level: int) -> None:
    """Keep the lowest level of each local date, the first of equals."""
    day = moment.date()
    if day not in worst or level < worst[day][0]:
        worst[day] = (level, moment)

"""Coverage: time on queue of each interval, split among the open queues, against what they need.

A queue is open in an interval if it has a requirement row there. A part of an interval counts by its share,
and an agent by what it is worth (module `worth`) on the date of its site on which the interval starts.
Intervals without a requirement row need nobody: all time on queue in them is surplus. The history
counts from the interval in which the horizon begins at the first site (or the requirements, if earlier).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pandas as pd

from wfm.conform import conform, empty
from wfm.errors import ConfigError, Fault
from wfm.localtime import day_bounds, zone
from wfm.schedule.verify.case import Agent, Case
from wfm.schedule.verify.spans import Span
from wfm.schedule.verify.split import Skills, split
from wfm.schedule.verify.worth import common_unit, service
from wfm.tables import COVERAGE

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

Supply = dict[datetime, dict[Skills, int]]
Needs = dict[datetime, dict[str, int]]


@dataclass(frozen=True)
class Cover:
    """`table` is COVERAGE; `intervals` has interval_start, required (R), on_queue (A), understaffed (U).

    Its rows are the intervals with a requirement row or with time on queue, in order.
    """

    table: pd.DataFrame
    intervals: pd.DataFrame


def cover(case: Case) -> Cover:
    """Return the coverage of the requirement rows of the horizon, and totals of every interval."""
    interval = timedelta(minutes=case.config.centre.interval_min)
    unit = common_unit(case.agents)
    length = interval // MICROSECOND * unit
    needs = _needs(case)
    supply = _supply(case, _Grid(interval, _offset(needs, interval)), needs, unit)
    totals, scheduled = [], {}
    for start in sorted(needs.keys() | supply.keys()):
        need = {queue: agents * length for queue, agents in needs.get(start, {}).items()}
        result = split(supply.get(start, {}), need)
        on_queue = sum(supply.get(start, {}).values())
        totals.append((start, sum(need.values()) / length, on_queue / length, result.missing / length))
        scheduled.update({(queue, start): time / length for queue, time in result.scheduled.items()})
    columns = ["interval_start", "required", "on_queue", "understaffed"]
    return Cover(_table(case, scheduled), pd.DataFrame(totals, columns=columns))


def _table(case: Case, scheduled: dict[tuple[str, datetime], float]) -> pd.DataFrame:
    if case.requirements.empty:
        return empty(COVERAGE)
    rows = case.requirements[["queue", "interval_start", "agents_required", "agents_to_schedule"]]
    starts = rows["interval_start"].dt.to_pydatetime()
    agents = pd.Series(
        [scheduled[key] for key in zip(rows["queue"], starts, strict=True)], index=rows.index, dtype="float64"
    )
    filled = rows.assign(agents_scheduled=agents, net_staffing=agents - rows["agents_to_schedule"])
    return conform(filled, COVERAGE)


def _needs(case: Case) -> Needs:
    """Return agents_to_schedule by interval and open queue."""
    needs: Needs = defaultdict(dict)
    rows = case.requirements
    starts = rows["interval_start"].dt.to_pydatetime()
    for queue, start, agents in zip(rows["queue"], starts, rows["agents_to_schedule"], strict=True):
        needs[start][queue] = int(agents)
    return dict(needs)


@dataclass(frozen=True)
class _Grid:
    """Interval starts: `offset` after the epoch, and every `interval` from there."""

    interval: timedelta
    offset: timedelta

    def start_of(self, moment: datetime) -> datetime:
        """Return the start of the interval that holds the moment."""
        return moment - (moment - EPOCH - self.offset) % self.interval

    def shares(self, span: Span) -> Iterator[tuple[datetime, int]]:
        """Yield the interval starts that the span touches, and its microseconds in each."""
        start = self.start_of(span[0])
        while start < span[1]:
            inside = min(span[1], start + self.interval) - max(span[0], start)
            yield start, inside // MICROSECOND
            start += self.interval


def _offset(needs: Needs, interval: timedelta) -> timedelta:
    """Return where the grid of the requirement rows lies; ConfigError if they lie on two."""
    offsets = {(start - EPOCH) % interval for start in needs}
    if len(offsets) > 1:
        problem = f"rows lie on different grids of {interval // timedelta(minutes=1)} minutes"
        hint = "zones that differ by half an hour need an interval_min of 30 or less"
        raise ConfigError([Fault(problem, column="centre.interval_min")], hint=hint)
    return next(iter(offsets), timedelta())


def _supply(case: Case, grid: _Grid, needs: Needs, unit: int) -> Supply:
    """Return microseconds on queue x worth x unit by interval and queues; of the history, what reaches in."""
    supply: Supply = defaultdict(lambda: defaultdict(int))
    begin = grid.start_of(min([*needs, *_midnights(case)]))
    for agent in case.agents:
        served = _Served(agent, unit)
        for shift in (*agent.history, *agent.shifts):
            if shift.end <= begin:
                continue
            for span in shift.spans_of("on_queue"):
                for start, time in grid.shares(span):
                    if start >= begin:
                        queues, worth = served.at(start)
                        supply[start][queues] += time * worth
    return {start: dict(groups) for start, groups in supply.items()}


class _Served:
    """The queues that an agent serves in an interval and its worth in units, known by date."""

    def __init__(self, agent: Agent, unit: int) -> None:
        self.agent, self.unit, self.zone = agent, unit, zone(agent.timezone)
        self.by_date: dict[date, tuple[Skills, int]] = {}

    def at(self, start: datetime) -> tuple[Skills, int]:
        day = start.astimezone(self.zone).date()
        if day not in self.by_date:
            found = service(self.agent, day)
            self.by_date[day] = found.queues, int(found.worth * self.unit)
        return self.by_date[day]


def _midnights(case: Case) -> list[datetime]:
    """Return the instants at which the horizon begins at the sites."""
    return [day_bounds(case.horizon.first_day, name)[0] for name in case.config.site_zones.values()]

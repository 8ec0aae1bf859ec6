"""Coverage that is kept exact while single shifts change: only the intervals of a shift are split anew.

Time on queue and need are whole numbers of one unit: microseconds x worth, worth made whole by `unit`. An
interval is a number on the grid of the requirement rows, counted from 1970.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from wfm.errors import ConfigError, Fault
from wfm.localtime import day_bounds, zone
from wfm.schedule.verify.case import Agent, Case
from wfm.schedule.verify.split import split
from wfm.schedule.verify.worth import common_unit, service

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
HOUR_US = 3_600_000_000

Span = tuple[datetime, datetime]
Queues = tuple[str, ...]


@dataclass(frozen=True)
class Share:
    """Time on queue (negative: taken away) of an agent in one interval, with the queues it serves then."""

    interval: int
    queues: Queues
    units: int


class Sheet:
    """Need and time on queue of every interval; `missing` and `surplus` are totals in units.

    Raises ConfigError if the requirement rows lie on several grids.
    """

    def __init__(self, case: Case) -> None:
        self.unit = common_unit(case.agents)
        self.length = case.config.centre.interval_min * 60_000_000
        starts = [microseconds(start) for start in case.requirements["interval_start"].dt.to_pydatetime()]
        self.offset = _offset(starts, self.length)
        self.needs: dict[int, dict[str, int]] = defaultdict(dict)
        rows = zip(starts, case.requirements["queue"], case.requirements["agents_to_schedule"], strict=True)
        for start, queue, agents in rows:
            self.needs[self.number(start)][str(queue)] = int(agents) * self.length * self.unit
        self.first = min([*self.needs, *(self.number(moment) for moment in _midnights(case))])
        self.supply: dict[int, dict[Queues, int]] = defaultdict(dict)
        self.lack: dict[int, int] = {number: sum(need.values()) for number, need in self.needs.items()}
        self.missing, self.surplus = sum(self.lack.values()), 0
        self._growth: dict[int, dict[tuple[Queues, int], int]] = defaultdict(dict)
        self._service: dict[tuple[str, int], tuple[Queues, int]] = {}
        self._dates: dict[tuple[str, int], date] = {}
        self._add_everybody(case)

    def _add_everybody(self, case: Case) -> None:
        for agent in case.agents:
            for shift in (*agent.history, *agent.shifts):
                for share in self.shares(agent, shift.spans_of("on_queue")):
                    groups = self.supply[share.interval]
                    groups[share.queues] = groups.get(share.queues, 0) + share.units
        supplied = sum(sum(groups.values()) for groups in self.supply.values())
        required = self.missing
        self.lack |= {number: self._lack_of(number, self.supply[number]) for number in self.supply}
        self.missing = sum(self.lack.values())
        self.surplus = supplied - required + self.missing

    def number(self, moment_us: int) -> int:
        """Return the number of the interval that holds a moment (microseconds since 1970)."""
        return (moment_us - self.offset) // self.length

    def start_of(self, number: int) -> datetime:
        """Return the instant at which an interval begins."""
        return EPOCH + timedelta(microseconds=number * self.length + self.offset)

    def hours(self, units: int) -> float:
        """Return agent-hours."""
        return units / (self.unit * HOUR_US)

    def pieces(self, spans: Iterable[Span]) -> Iterator[tuple[int, int]]:
        """Yield the intervals that spans touch, and the microseconds in each."""
        for start, end in spans:
            begin, stop = microseconds(start), microseconds(end)
            number = self.number(begin)
            edge = number * self.length + self.offset
            while edge < stop:
                yield number, min(stop, edge + self.length) - max(begin, edge)
                number, edge = number + 1, edge + self.length

    def shares(self, agent: Agent, more: Iterable[Span], less: Iterable[Span] = ()) -> list[Share]:
        """Return the time on queue that an agent has `more` and `less`, by interval, zeros left out."""
        net: dict[int, int] = defaultdict(int)
        for number, time in self.pieces(more):
            net[number] += time
        for number, time in self.pieces(less):
            net[number] -= time
        found = []
        for number, time in net.items():
            if time and number >= self.first:
                queues, worth = self.served(agent, number)
                found.append(Share(number, queues, time * worth))
        return found

    def served(self, agent: Agent, number: int) -> tuple[Queues, int]:
        """Return the queues that an agent serves in an interval, and its worth in units."""
        day = self.date_of(agent.timezone, number)
        key = agent.agent_id, day.toordinal()
        if key not in self._service:
            found = service(agent, day)
            self._service[key] = found.queues, int(found.worth * self.unit)
        return self._service[key]

    def date_of(self, timezone: str, number: int) -> date:
        """Return the local date on which an interval begins."""
        key = timezone, number
        if key not in self._dates:
            self._dates[key] = self.start_of(number).astimezone(zone(timezone)).date()
        return self._dates[key]

    def growth(self, shares: Iterable[Share]) -> int:
        """Return the units by which the lack would grow with these shares; at most one of each interval."""
        return sum(self.growth_of(share) for share in shares)

    def growth_of(self, share: Share) -> int:
        """Return the units by which the lack of one interval would grow."""
        lack = self.lack.get(share.interval, 0)
        if not lack and (share.units > 0 or share.interval not in self.needs):
            return 0
        known = self._growth[share.interval]
        key = share.queues, share.units
        if key not in known:
            groups = dict(self.supply.get(share.interval, {}))
            groups[share.queues] = groups.get(share.queues, 0) + share.units
            known[key] = self._lack_of(share.interval, groups) - lack
        return known[key]

    def apply(self, shares: Sequence[Share]) -> None:
        """Let the shares be so."""
        for share in shares:
            growth = self.growth_of(share)
            groups = self.supply[share.interval]
            groups[share.queues] = groups.get(share.queues, 0) + share.units
            self.lack[share.interval] = self.lack.get(share.interval, 0) + growth
            self.missing += growth
            self.surplus += share.units + growth
            self._growth.pop(share.interval, None)

    def _lack_of(self, number: int, groups: dict[Queues, int]) -> int:
        need = self.needs.get(number)
        return split(groups, need).missing if need else 0


def taken_back(shares: Iterable[Share]) -> list[Share]:
    """Return the shares that undo these."""
    return [Share(share.interval, share.queues, -share.units) for share in shares]


def microseconds(moment: datetime) -> int:
    """Return the microseconds since 1970."""
    return (moment - EPOCH) // MICROSECOND


def _offset(starts: Iterable[int], length: int) -> int:
    """Return where the grid of the requirement rows lies."""
    offsets = {start % length for start in starts}
    if len(offsets) > 1:
        problem = f"rows lie on different grids of {length // 60_000_000} minutes"
        hint = "zones that differ by half an hour need an interval_min of 30 or less"
        raise ConfigError([Fault(problem, column="centre.interval_min")], hint=hint)
    return next(iter(offsets), 0)


def _midnights(case: Case) -> list[int]:
    """Return when the horizon begins at the sites."""
    zones = case.config.site_zones.values()
    return [microseconds(day_bounds(case.horizon.first_day, name)[0]) for name in zones]

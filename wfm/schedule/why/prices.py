"""What a shift of one agent on one date adds to each part of the objective, all other shifts as they are.

Only the intervals that the shift touches are split anew, and the goals of the agent and of its site are those
of `verify`, so that differences are exact. Parts are in points of the objective (docs/rostering.md), named as
in `verify`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from wfm.schedule.advice.change import Change, changed_agent, on_queue
from wfm.schedule.advice.sheet import Share, Sheet
from wfm.schedule.verify.case import Agent, Case, Segment
from wfm.schedule.verify.goals import (
    changed_shifts,
    is_unpopular,
    overtime_at_mean_cost,
    paid_at_mean_cost,
    requests_missed,
    uneven_starts,
    unpopular_above_mean,
)
from wfm.schedule.verify.objective import UNIT_MIN
from wfm.schedule.verify.site import agents_of
from wfm.schedule.verify.spans import Span
from wfm.schedule.verify.split import split

OWN_PARTS = ("paid", "overtime", "request", "fairness", "start_consistency", "changed_shift")
PARTS = ("understaffed", "overstaffed", *OWN_PARTS)


@dataclass(frozen=True)
class Added:
    """What a shift adds against a day off: parts of the objective, and agent-hours missing and too many."""

    parts: Mapping[str, float]
    understaffed_h: float
    overstaffed_h: float


class Prices:
    """The centre without the shift of one agent and date, and what any shift of it would add."""

    def __init__(self, case: Case, agent: Agent, day: date) -> None:
        self.case, self.agent, self.day = case, agent, day
        self.free = self.worked(())
        self.sheet = Sheet(with_agent(case, self.free))
        self._coverage: dict[tuple[int, int], tuple[float, int, int]] = {}
        self._unfair: dict[int, int] = {}
        self._base = self._own(self.free)

    def worked(self, segments: Sequence[Segment]) -> Agent:
        """Return the agent with these segments on the date (none: a day off)."""
        return changed_agent(self.agent, Change("", self.agent.agent_id, self.day, tuple(segments)))

    def added(self, segments: Sequence[Segment]) -> Added:
        """Return what these segments add against a day off."""
        own = self._own(self.worked(segments))
        parts = {name: own[name] - self._base[name] for name in OWN_PARTS}
        costs = [self.coverage(*piece) for piece in self.times(on_queue(segments)).items()]
        missing, surplus = sum(cost[1] for cost in costs), sum(cost[2] for cost in costs)
        weights, units = self.case.config.schedule.weights, self.case.config.centre.interval_min / UNIT_MIN
        over = weights.overstaffed * units * surplus / self._whole
        under = weights.understaffed * units * sum(cost[0] for cost in costs)
        hours = self.sheet.hours
        return Added({"understaffed": under, "overstaffed": over, **parts}, hours(missing), hours(surplus))

    def times(self, spans: Iterable[Span]) -> dict[int, int]:
        """Return the microseconds on queue in each interval, by its number."""
        found: dict[int, int] = defaultdict(int)
        for number, time in self.sheet.pieces(spans):
            if number >= self.sheet.first:
                found[number] += time
        return dict(found)

    def points(self, number: int, time: int) -> float:
        """Return the points that a time on queue (microseconds) adds in one interval; below 0 it helps."""
        weights, units = self.case.config.schedule.weights, self.case.config.centre.interval_min / UNIT_MIN
        convex, _, surplus = self.coverage(number, time)
        return units * (weights.understaffed * convex + weights.overstaffed * surplus / self._whole)

    def coverage(self, number: int, time: int) -> tuple[float, int, int]:
        """Return what a time on queue adds: U (1 + U/R) in agents, and missing and surplus in units."""
        key = number, time
        if key not in self._coverage:
            lack, share = self.sheet.lack.get(number, 0), self._share(number, time)
            growth = self.sheet.growth_of(share) if share.units else 0
            convex = self._convex(number, lack + growth) - self._convex(number, lack)
            self._coverage[key] = convex, growth, share.units + growth
        return self._coverage[key]

    def scheduled(self, number: int, time: int) -> dict[str, float]:
        """Return the agents on each open queue of an interval if the agent has this time on queue in it."""
        share, groups = self._share(number, time), dict(self.sheet.supply.get(number, {}))
        groups[share.queues] = groups.get(share.queues, 0) + share.units
        found = split(groups, self.sheet.needs.get(number, {})).scheduled
        return {queue: units / self._whole for queue, units in sorted(found.items())}

    def needed(self, number: int) -> dict[str, float]:
        """Return the agents to schedule of each open queue of an interval."""
        return {queue: units / self._whole for queue, units in self.sheet.needs.get(number, {}).items()}

    @property
    def _whole(self) -> int:
        """Units of one agent in one interval."""
        return self.sheet.length * self.sheet.unit

    def _share(self, number: int, time: int) -> Share:
        queues, worth = self.sheet.served(self.free, number)
        return Share(number, queues, time * worth)

    def _convex(self, number: int, lack: int) -> float:
        required = sum(self.sheet.needs.get(number, {}).values())
        missing = lack / self._whole
        return missing * (1 + lack / required) if required else 0.0

    def _own(self, agent: Agent) -> dict[str, float]:
        case, weights = self.case, self.case.config.schedule.weights
        return {
            "paid": weights.paid * paid_at_mean_cost(agent, case.mean_cost),
            "overtime": weights.paid * overtime_at_mean_cost(agent, case),
            "request": weights.request * requests_missed(agent, case),
            "fairness": weights.fairness * self._unfair_at_site(agent),
            "start_consistency": weights.start_consistency * uneven_starts(agent),
            "changed_shift": weights.changed_shift * changed_shifts(agent, case),
        }

    def _unfair_at_site(self, agent: Agent) -> int:
        """Return the unpopular shifts above the site's mean; of the agent, only their number matters."""
        schedule, weekend = self.case.config.schedule, self.case.config.centre.weekend_numbers
        own = sum(is_unpopular(shift, schedule, weekend) for shift in agent.shifts)
        if own not in self._unfair:
            people = agents_of(agent.site, with_agent(self.case, agent))
            self._unfair[own] = unpopular_above_mean(people, self.case)
        return self._unfair[own]


def with_agent(case: Case, agent: Agent) -> Case:
    """Return the case with this agent in place of the one of the same id."""
    people = (agent if one.agent_id == agent.agent_id else one for one in case.agents)
    return replace(case, agents=tuple(people))

"""The split of agents among the open queues of one interval: least total understaffing, nobody counted twice.

Agents with the same list of skills are one group, and the groups are the sources of a small maximum flow into
the queues. Shares and needs are whole numbers of one unit (agent-microseconds), so the result is exact.
Source: Ford & Fulkerson, Flows in Networks (1962), with shortest augmenting paths (Edmonds & Karp 1972).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

Skills = tuple[str, ...]
Path = list[tuple[Skills, str]]


@dataclass(frozen=True)
class Split:
    """Time `scheduled` for each queue, surplus included, `missing` in all, and `idle` without open skill.

    `given` is the same by group (the open skills of its agents) and queue.
    """

    scheduled: Mapping[str, int]
    missing: int
    idle: int
    given: Mapping[tuple[Skills, str], int]


def split(supply: Mapping[Skills, int], need: Mapping[str, int]) -> Split:
    """Return the split of `supply` (time on queue by skills, best first) among the queues of `need`.

    Each group first serves its best skill, then the next; agents are moved between queues as long as that
    lessens what is missing; what then is left goes to the first listed skill that is open.
    """
    flow = _Flow(_by_open_skills(supply, need), dict(need))
    flow.fill_in_order_of_skills()
    while path := flow.augmenting_path():
        flow.augment(path)
    missing = sum(flow.missing.values())
    idle = flow.free.get((), 0)
    given = flow.with_surplus()
    scheduled = dict.fromkeys(need, 0)
    for (_, queue), time in given.items():
        scheduled[queue] += time
    return Split(scheduled, missing, idle, given)


def _by_open_skills(supply: Mapping[Skills, int], need: Mapping[str, int]) -> dict[Skills, int]:
    groups: dict[Skills, int] = {}
    for skills, time in supply.items():
        able = tuple(queue for queue in skills if queue in need)
        groups[able] = groups.get(able, 0) + time
    return dict(sorted(groups.items()))


class _Flow:
    """Time given by groups to queues; `free` time of groups and `missing` time of queues are what is left."""

    def __init__(self, free: dict[Skills, int], missing: dict[str, int]) -> None:
        self.free, self.missing = free, missing
        self.given: dict[tuple[Skills, str], int] = {(group, queue): 0 for group in free for queue in group}

    def fill_in_order_of_skills(self) -> None:
        for rank in range(max((len(group) for group in self.free), default=0)):
            for group in self.free:
                if rank < len(group):
                    self._give(group, group[rank], min(self.free[group], self.missing[group[rank]]))

    def _give(self, group: Skills, queue: str, time: int) -> None:
        self.given[group, queue] += time
        self.free[group] -= time
        self.missing[queue] -= time

    def augmenting_path(self) -> Path:
        """Return steps (group, queue) from a group with free time to a queue that lacks some; empty: none.

        At the queue of every step but the last, the group of the next step makes room.
        """
        came_by: dict[Skills, Path] = {group: [] for group, time in self.free.items() if time and group}
        waiting = deque(came_by)
        while waiting:
            group = waiting.popleft()
            for queue in group:
                path = [*came_by[group], (group, queue)]
                if self.missing[queue]:
                    return path
                for other in self.free:
                    if other not in came_by and self.given.get((other, queue), 0):
                        came_by[other] = path
                        waiting.append(other)
        return []

    def augment(self, path: Path) -> None:
        """Move as much time along the path as it allows."""
        moved = [(later[0], step[1]) for step, later in pairwise(path)]
        first, last = path[0][0], path[-1][1]
        time = min(self.free[first], self.missing[last], *(self.given[step] for step in moved))
        for step in path:
            self.given[step] += time
        for step in moved:
            self.given[step] -= time
        self.free[first] -= time
        self.missing[last] -= time

    def with_surplus(self) -> dict[tuple[Skills, str], int]:
        """Return the time of each group on each queue when free time goes to the first skill."""
        given = dict(self.given)
        for group, time in self.free.items():
            if group:
                given[group, group[0]] += time
        return given

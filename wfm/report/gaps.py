"""Where agents are missing: consecutive short intervals of a queue joined into spells, the worst first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from wfm.report import wording
from wfm.report.selection import BALANCED_AGENTS, QueueRows

WORST_SPELLS = 10


@dataclass(frozen=True)
class Spell:
    """Consecutive intervals of one queue with too few agents, local time of the queue."""

    queue: str
    when: str
    timezone: str
    missing: float
    worst_at: str
    scheduled: float
    to_schedule: int
    missing_h: float


def worst_spells(queues: Sequence[QueueRows], most: int = WORST_SPELLS) -> list[Spell]:
    """Return the spells with the most agents missing at one time, worst first."""
    found = [(queue, part) for queue in queues for part in _short_parts(queue)]
    found.sort(key=lambda spell: _weight(*spell))
    return [_spell(queue, part) for queue, part in found[:most]]


def _short_parts(queue: QueueRows) -> list[pd.DataFrame]:
    short = queue.coverage[queue.coverage["net_staffing"] <= -BALANCED_AGENTS]
    number = (short["interval_start"].diff() != pd.Timedelta(minutes=queue.interval_min)).cumsum()
    return [part for _, part in short.groupby(number)]


def _weight(queue: QueueRows, part: pd.DataFrame) -> tuple[float, float]:
    """Return what spells are sorted by: most agents missing at one time, then most agent-hours."""
    net = part["net_staffing"]
    return round(float(net.min()), 6), float(net.sum()) * queue.interval_h


def _spell(queue: QueueRows, part: pd.DataFrame) -> Spell:
    length = pd.Timedelta(minutes=queue.interval_min)
    (worst,) = part.nsmallest(1, "net_staffing").to_dict("records")
    begin, end = part["interval_start"].iloc[0], part["interval_start"].iloc[-1] + length
    until = wording.clock_time(end, queue.timezone)
    return Spell(
        queue=queue.name,
        when=f"{wording.moment(begin, queue.timezone)}{wording.EN_DASH}{until}",
        timezone=queue.timezone,
        missing=-float(worst["net_staffing"]),
        worst_at=wording.clock_time(worst["interval_start"], queue.timezone),
        scheduled=float(worst["agents_scheduled"]),
        to_schedule=int(worst["agents_to_schedule"]),
        missing_h=float(-part["net_staffing"].sum()) * queue.interval_h,
    )

"""The objective of a roster: eight parts, each a weight times what it counts; lower is better.

Every part has the weight of its name; only `overtime`, what hours beyond the max of a week cost more, has
that of `paid`. Per interval with R agents to schedule, A on queue and U missing (see `coverage`), in units of
15 minutes: understaffed U (1 + U/R), overstaffed A - R + U. The other parts are in `goals`.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from wfm.schedule.verify.case import Case
from wfm.schedule.verify.goals import (
    changed_shifts,
    overtime_at_mean_cost,
    paid_at_mean_cost,
    requests_missed,
    uneven_starts,
    unpopular_above_mean,
)
from wfm.schedule.verify.site import agents_of

UNIT_MIN = 15


@dataclass(frozen=True)
class Objective:
    """`parts` by name, `figures`: understaffed_h, overstaffed_h, required_h.

    `paid_hour` is what a paid hour of an agent of mean cost adds; 0 where paid hours have no price.
    """

    parts: dict[str, float]
    figures: dict[str, float]
    paid_hour: float

    @property
    def total(self) -> float:
        """The sum of the parts."""
        return sum(self.parts.values())


def objective(case: Case, intervals: pd.DataFrame) -> Objective:
    """Return parts and figures; `intervals` has required, on_queue and understaffed agents."""
    weights = case.config.schedule.weights
    interval_min = case.config.centre.interval_min
    required, missing = intervals["required"], intervals["understaffed"]
    surplus = intervals["on_queue"] - required + missing
    total = pd.Series(_total(intervals, case.elsewhere), intervals.index)
    convex = missing * (1 + missing / total.where(total > 0, 1.0))  # nothing is missing where R is 0
    units, hours = interval_min / UNIT_MIN, interval_min / 60
    parts = {
        "understaffed": weights.understaffed * units * float(convex.sum()),
        "overstaffed": weights.overstaffed * units * float(surplus.sum()),
        "paid": weights.paid * sum(paid_at_mean_cost(agent, case.mean_cost) for agent in case.agents),
        "overtime": weights.paid * sum(overtime_at_mean_cost(agent, case) for agent in case.agents),
        "request": weights.request * sum(requests_missed(agent, case) for agent in case.agents),
        "fairness": weights.fairness * sum(_unfair(site, case) for site in case.config.sites),
        "start_consistency": weights.start_consistency * sum(uneven_starts(agent) for agent in case.agents),
        "changed_shift": weights.changed_shift * sum(changed_shifts(agent, case) for agent in case.agents),
    }
    figures = {
        "understaffed_h": hours * float(missing.sum()),
        "overstaffed_h": hours * float(surplus.sum()),
        "required_h": hours * float(required.sum()),
    }
    return Objective(parts, figures, paid_hour=weights.paid if case.mean_cost else 0.0)


def _total(intervals: pd.DataFrame, elsewhere: pd.DataFrame | None) -> list[float]:
    """Return R of each interval: what is required of these agents, and what other rosters are for."""
    if elsewhere is None:
        return list(intervals["required"])
    others = dict(zip(elsewhere["interval_start"], elsewhere["agents_to_schedule"], strict=True))
    pairs = zip(intervals["interval_start"], intervals["required"], strict=True)
    return [required + others.get(start, 0.0) if required else 0.0 for start, required in pairs]


def _unfair(site: str, case: Case) -> int:
    return unpopular_above_mean(agents_of(site, case), case)

"""Figures of two runs: contacts, work, agent-hours, paid hours and cost, by queue or site and date.

Hours are agent-hours. A queue or site that only one run has counts 0 in the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from wfm.diff.run import Pair, Reach, Run, local_dates_of

SMALLEST = 1e-9

Measure = Callable[[pd.DataFrame, Run], pd.Series]


@dataclass(frozen=True)
class Figures:
    """One figure: `rows` has the key columns, `before` and `after`, for all of the common part."""

    name: str
    unit: str
    rows: pd.DataFrame

    @property
    def keys(self) -> list[str]:
        """The key columns; the first is the queue or site, the second the date."""
        return [str(name) for name in self.rows.columns[:2]]

    @property
    def changed(self) -> pd.DataFrame:
        """The rows that differ."""
        return self.rows[(self.rows["after"] - self.rows["before"]).abs() > SMALLEST]

    @property
    def totals(self) -> pd.DataFrame:
        """Sums over the dates, by queue or site."""
        return self.rows.groupby(self.keys[0], as_index=False, sort=True)[["before", "after"]].sum()


@dataclass(frozen=True)
class Kind:
    """A figure of the rows of one table: its value in each row is summed by queue and local date."""

    name: str
    unit: str
    measure: Measure


def _hours(run: Run) -> float:
    return run.config.centre.interval_min / 60


FORECAST_KINDS = (
    Kind("volume", "contacts", lambda rows, _: rows["offered"]),
    Kind("work", "hours of contacts", lambda rows, _: rows["offered"] * rows["aht_s"] / 3600),
)
REQUIREMENT_KINDS = (
    Kind("required", "agent-hours to schedule", lambda rows, run: rows["agents_to_schedule"] * _hours(run)),
)
COVERAGE_KINDS = (
    Kind("scheduled", "agent-hours on queue", lambda rows, run: rows["agents_scheduled"] * _hours(run)),
    Kind("missing", "agent-hours", lambda rows, run: (-rows["net_staffing"]).clip(lower=0) * _hours(run)),
    Kind("surplus", "agent-hours", lambda rows, run: rows["net_staffing"].clip(lower=0) * _hours(run)),
)


def by_queue_and_date(
    tables: Pair[pd.DataFrame], runs: Pair[Run], reach: Reach, kinds: Sequence[Kind]
) -> list[Figures]:
    """Return the figures of a table of intervals over the common part."""
    sides = []
    for rows, run in ((tables.before, runs.before), (tables.after, runs.after)):
        inside = reach.cut(rows, "interval_start")
        dates = local_dates_of(inside, run.config.queue_zones, run.config.centre.timezone)
        cells = {kind.name: kind.measure(inside, run).astype("float64") for kind in kinds}
        keyed = pd.DataFrame({"queue": inside["queue"].astype("str"), "date": dates, **cells})
        sides.append(keyed.groupby(["queue", "date"], sort=True).sum())
    return [_joined(kind.name, kind.unit, Pair(*(side[kind.name] for side in sides))) for kind in kinds]


def by_site_and_date(rosters: Pair[pd.DataFrame], runs: Pair[Run], reach: Reach) -> list[Figures]:
    """Return paid hours, and cost where both runs have agents, of the rosters over the common dates."""
    paid, cost = [], []
    for roster, run in ((rosters.before, runs.before), (rosters.after, runs.after)):
        rows = reach.cut(roster, "shift_date")
        rows = rows[rows["paid"].astype(bool) & (rows["activity"] != "leave")]
        hours = (rows["end"] - rows["start"]).dt.total_seconds() / 3600
        keys = {"site": rows["site"].astype("str"), "date": rows["shift_date"]}
        paid.append(
            pd.DataFrame({**keys, "value": hours}).groupby(["site", "date"], sort=True)["value"].sum()
        )
        price = _prices(rows, run) * hours
        cost.append(
            pd.DataFrame({**keys, "value": price}).groupby(["site", "date"], sort=True)["value"].sum()
        )
    found = [_joined("paid", "hours, leave aside", Pair(*paid))]
    if runs.before.tables.agents is not None and runs.after.tables.agents is not None:
        found.append(_joined("cost", "paid hours x cost_per_hour, overtime at the same price", Pair(*cost)))
    return found


def _prices(rows: pd.DataFrame, run: Run) -> pd.Series:
    """Return the cost of an hour of each row's agent; 1 for an agent who is not in agents."""
    if run.tables.agents is None:
        return pd.Series(1.0, index=rows.index)
    costs = run.tables.agents.set_index("agent_id")["cost_per_hour"]
    return rows["agent_id"].map(costs).fillna(1.0).astype("float64")


def _joined(name: str, unit: str, sides: Pair[pd.Series]) -> Figures:
    rows = pd.concat([sides.before, sides.after], axis=1, keys=["before", "after"]).fillna(0.0)
    return Figures(name, unit, rows.sort_index().reset_index())

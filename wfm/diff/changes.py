"""Two runs compared: what both have of the same time is compared, and the rest is named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from wfm.diff.figures import (
    COVERAGE_KINDS,
    FORECAST_KINDS,
    REQUIREMENT_KINDS,
    Figures,
    by_queue_and_date,
    by_site_and_date,
)
from wfm.diff.run import Pair, Reach, Run, reach_of
from wfm.diff.service import changed_service, service
from wfm.diff.settings import Setting, changed_parts, changed_settings, of_manifest
from wfm.diff.shifts import COLUMNS, changed_shifts

INTERVAL_TABLES = {
    "forecast": FORECAST_KINDS,
    "requirements": REQUIREMENT_KINDS,
    "coverage": COVERAGE_KINDS,
}


@dataclass(frozen=True)
class Changes:
    """What changed from run `before` to run `after`.

    `figures` are those of the common part, changed or not; `service` has queue, measure, before, after;
    `shifts` agent_id, name, date, kind, before, after. `reaches` say which part of each table was compared,
    `missing` which tables only one run has, or neither.
    """

    before: str
    after: str
    figures: tuple[Figures, ...]
    service: pd.DataFrame
    shifts: pd.DataFrame
    people: tuple[Setting, ...]
    objective: tuple[Setting, ...]
    settings: tuple[Setting, ...]
    manifest: tuple[Setting, ...]
    reaches: tuple[Reach, ...]
    missing: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs in what was compared, and nothing was left out."""
        same_reach = all(reach.before == reach.after for reach in self.reaches)
        told = (self.people, self.objective, self.settings, self.manifest)
        figures = all(one.changed.empty for one in self.figures)
        tables = changed_service(self.service).empty and self.shifts.empty
        return same_reach and figures and tables and not any(told)

    def figure(self, name: str) -> Figures | None:
        """Return a figure by its name (volume, work, required, scheduled, missing, surplus, paid, cost)."""
        return next((one for one in self.figures if one.name == name), None)


def changes_between(before: Run, after: Run) -> Changes:
    """Return what changed between two runs; pure: tables in, plain tables out."""
    runs = Pair(before, after)
    figures: list[Figures] = []
    reaches: list[Reach] = []
    for name, kinds in INTERVAL_TABLES.items():
        for tables, reach in _common(runs, name, "interval_start"):
            reaches.append(reach)
            figures += by_queue_and_date(tables, runs, reach, kinds)
    served, shifts = pd.DataFrame(columns=["queue", "measure", "before", "after"]), _no_shifts()
    for tables, reach in _common(runs, "simulation", "interval_start"):
        reaches.append(reach)
        served = service(tables, reach)
    for tables, reach in _common_roster(runs):
        reaches.append(reach)
        figures += by_site_and_date(tables, runs, reach)
        shifts = changed_shifts(tables, runs, reach)
    one, other = before.tables, after.tables
    return Changes(
        before.name,
        after.name,
        tuple(figures),
        served,
        shifts,
        changed_settings(_people(before), _people(after)),
        changed_parts(one.summary, other.summary),
        changed_settings(before.settings, after.settings),
        changed_settings(of_manifest(one.manifest), of_manifest(other.manifest)),
        tuple(reaches),
        tuple(_missing(runs)),
    )


def _common(runs: Pair[Run], name: str, column: str) -> Iterator[tuple[Pair[pd.DataFrame], Reach]]:
    """Yield a table of both runs with its reach, if both have rows of it."""
    one, other = getattr(runs.before.tables, name), getattr(runs.after.tables, name)
    if one is None or other is None:
        return
    tables = Pair(one, other)
    reach = reach_of(name, tables, column)
    if reach is not None:
        yield tables, reach


def _common_roster(runs: Pair[Run]) -> Iterator[tuple[Pair[pd.DataFrame], Reach]]:
    """Yield both rosters; a summary tells the weeks of its roster, whose first or last days may be off."""
    for tables, reach in _common(runs, "roster", "shift_date"):
        before = _weeks(runs.before.tables.summary) or reach.before
        yield tables, Reach("roster", before, _weeks(runs.after.tables.summary) or reach.after)


def _weeks(summary: Mapping[str, Any] | None) -> tuple[pd.Timestamp, pd.Timestamp] | None:
    if summary is None or "first_day" not in summary or "weeks" not in summary:
        return None
    first = pd.Timestamp(date.fromisoformat(str(summary["first_day"])))
    return first, first + pd.Timedelta(days=7 * int(summary["weeks"]) - 1)


def _people(run: Run) -> dict[str, Any]:
    """Return site, contract and skills of every agent as settings."""
    if run.tables.agents is None:
        return {}
    rows = run.tables.agents[["agent_id", "site", "contract", "skills"]].astype("str").fillna("")
    return {
        agent_id: "; ".join((site, contract, skills.replace(";", ",")))
        for agent_id, site, contract, skills in rows.itertuples(index=False)
    }


def _no_shifts() -> pd.DataFrame:
    return pd.DataFrame(columns=list(COLUMNS))


def _missing(runs: Pair[Run]) -> Iterator[str]:
    for name in (*INTERVAL_TABLES, "simulation", "roster", "agents"):
        lacking = [run.name for run in (runs.before, runs.after) if getattr(run.tables, name) is None]
        if lacking:
            yield f"{name}: not in {' and '.join(lacking)}"

"""The rows of each queue, with the wall clock of the queue beside every instant.

Added columns: `local` (naive wall clock), `date` (naive midnight) and `minute` (wall-clock minutes after
midnight). A table that the run does not have is an empty table here, so that a part of the page can ask for
rows and find none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from wfm.config import Config, Queue
from wfm.conform import empty
from wfm.io.run_folder import RunTables
from wfm.localtime import to_local
from wfm.tables import COVERAGE, DAYS, FORECAST, HISTORY, SCORES, SIMULATED_DAYS, SIMULATION, Table

BALANCED_AGENTS = 0.05  # a split among queues leaves crumbs: less than this is neither short nor over


@dataclass(frozen=True)
class QueueRows:
    """One queue of the run; `number` counts from 1 and stands for it in anchors, which hold no name.

    `simulation` and `simulated_days` are what the simulated roster gives, `simulated` the summary of it.
    """

    name: str
    number: int
    timezone: str
    settings: Queue | None
    interval_min: int
    history: pd.DataFrame
    forecast: pd.DataFrame
    days: pd.DataFrame
    coverage: pd.DataFrame
    scores: pd.DataFrame
    simulation: pd.DataFrame
    simulated_days: pd.DataFrame
    simulated: Mapping[str, Any]

    @property
    def interval_h(self) -> float:
        """Length of an interval, hours."""
        return self.interval_min / 60


def queue_rows(run: RunTables, config: Config) -> list[QueueRows]:
    """Return the queues that any table of the run names, in the order of the configuration."""
    coverage = _with_offered(run)
    timed = {
        "history": _by_queue(run.history),
        "forecast": _by_queue(run.forecast),
        "coverage": _by_queue(coverage),
        "simulation": _by_queue(run.simulation),
    }
    plain = {
        "days": _by_queue(run.days),
        "scores": _by_queue(run.scores),
        "simulated_days": _by_queue(run.simulated_days),
    }
    simulated = (run.summary or {}).get("simulation", {}).get("queues", {})
    known: set[str] = set().union(*timed.values(), *plain.values())
    names = [name for name in config.queues if name in known] + sorted(known - set(config.queues))
    queues = []
    for number, name in enumerate(names, start=1):
        timezone = config.queue_zones.get(name, config.centre.timezone)
        queues.append(
            QueueRows(
                name=name,
                number=number,
                timezone=timezone,
                settings=config.queues.get(name),
                interval_min=config.centre.interval_min,
                history=_local(_rows(timed["history"], name, HISTORY), timezone),
                forecast=_local(_rows(timed["forecast"], name, FORECAST), timezone),
                coverage=_local(_rows(timed["coverage"], name, COVERAGE), timezone),
                days=_rows(plain["days"], name, DAYS),
                scores=_rows(plain["scores"], name, SCORES),
                simulation=_local(_rows(timed["simulation"], name, SIMULATION), timezone),
                simulated_days=_rows(plain["simulated_days"], name, SIMULATED_DAYS),
                simulated=simulated.get(name, {}),
            )
        )
    return queues


def first_week(dates: pd.Series) -> pd.DatetimeIndex:
    """Return the seven dates from the first of `dates` (naive midnights) on; none if there are none."""
    if dates.empty:
        return pd.DatetimeIndex([])
    return pd.date_range(dates.min(), periods=7, freq="D")


def _with_offered(run: RunTables) -> pd.DataFrame | None:
    """Return coverage with the expected contacts of each interval, NaN where the run has no requirements."""
    if run.coverage is None:
        return None
    if run.requirements is None:
        return run.coverage.assign(offered=float("nan"))
    contacts = run.requirements[["queue", "interval_start", "offered"]]
    return run.coverage.merge(contacts, on=["queue", "interval_start"], how="left")


def _by_queue(frame: pd.DataFrame | None) -> dict[str, pd.DataFrame]:
    if frame is None or frame.empty:
        return {}
    parts: Iterable[tuple[object, pd.DataFrame]] = frame.groupby("queue", sort=False)
    return {str(name): rows for name, rows in parts}


def _rows(parts: dict[str, pd.DataFrame], name: str, table: Table) -> pd.DataFrame:
    rows = parts.get(name)
    if rows is None:
        rows = empty(table)
        return rows.assign(offered=pd.Series(dtype=float)) if table is COVERAGE else rows
    return rows.reset_index(drop=True)


def _local(rows: pd.DataFrame, timezone: str) -> pd.DataFrame:
    local = to_local(rows["interval_start"], timezone)
    date = local.dt.normalize()
    minute = (local - date).dt.total_seconds() / 60
    return rows.assign(local=local, date=date, minute=minute)

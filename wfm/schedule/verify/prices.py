"""The prices of a proof, read: sets of queues on intervals, with the requirement that they meet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.errors import DataError, Fault
from wfm.localtime import day_bounds
from wfm.schedule.verify.case import DAY, Case
from wfm.schedule.verify.timeline import Timeline
from wfm.tables import Column, Table

LONGEST_AFTER = 2 * DAY  # a shift that starts on the last date ends by then

PRICES = Table(
    "prices",
    ("queues", "interval_start"),
    (
        Column("queues", "text", "set of queues, a ;-list"),
        Column("interval_start", "time", "start of the interval"),
        Column("price", "number", "worth of an agent on queue for the set", "objective", low=0),
    ),
    description="prices that prove the bound of a roster",
)

Floats = NDArray[np.float64]
Queues = frozenset[str]


@dataclass(frozen=True)
class Priced:
    """Prices (sets x intervals) of sets of queues, with the requirement (queues x intervals) they meet."""

    timeline: Timeline
    sets: tuple[Queues, ...]
    prices: Floats
    required: dict[str, Floats]


def read_prices(case: Case, table: pd.DataFrame) -> Priced:
    """Return the prices of a table (PRICES); DataError for unknown queues and intervals, and below 0."""
    interval_min = case.config.centre.interval_min
    timeline = _timeline(case, interval_min)
    required: dict[str, Floats] = {}
    for queue, rows in case.requirements.groupby("queue"):
        required[str(queue)] = np.zeros(timeline.intervals)
        at = _intervals(rows["interval_start"], timeline)
        required[str(queue)][at] = rows["agents_to_schedule"].to_numpy(dtype=np.float64)
    names = [frozenset(name.strip() for name in str(text).split(";")) for text in table["queues"]]
    sets = tuple(dict.fromkeys(names))
    row_of = {name: row for row, name in enumerate(sets)}
    _check(table, set(case.config.queues), timeline)
    prices = np.zeros((len(sets), timeline.intervals))
    places = zip(names, _intervals(table["interval_start"], timeline), table["price"], strict=True)
    for name, interval, price in places:
        prices[row_of[name], interval] += price
    return Priced(timeline, sets, prices, required)


def _timeline(case: Case, interval_min: int) -> Timeline:
    """Return the intervals from a site's first midnight (or requirement) until the last shift has ended."""
    zones, horizon, interval = case.config.site_zones.values(), case.horizon, timedelta(minutes=interval_min)
    rows = [moment.to_pydatetime() for moment in case.requirements["interval_start"].agg(["min", "max"])]
    rows = [moment for moment in rows if not pd.isna(moment)]
    begin = min([*rows, *(day_bounds(horizon.first_day, zone)[0] for zone in zones)])
    end = max([*rows, *(day_bounds(horizon.last_day, zone)[1] for zone in zones)]) + LONGEST_AFTER
    grid = rows[0] if rows else begin
    origin: datetime = begin - (begin - grid) % interval
    return Timeline(origin, interval_min, -(-(end - origin) // interval))


def _intervals(starts: pd.Series, timeline: Timeline) -> list[int]:
    return [timeline.minute(moment.to_pydatetime()) // timeline.interval_min for moment in starts]


def _check(table: pd.DataFrame, known: set[str], timeline: Timeline) -> None:
    named = {name.strip() for text in table["queues"].unique() for name in str(text).split(";")}
    faults = [Fault("unknown queue", column="queues", value=name) for name in sorted(named - known)]
    for name, wrong in (("price", ~(table["price"] >= 0)), ("interval_start", _misplaced(table, timeline))):
        if wrong.any():
            problem = "below 0" if name == "price" else "no interval of the horizon"
            faults.append(Fault(problem, column=name, value=str(table.loc[wrong, name].iloc[0])))
    if faults:
        hint = "name the file that schedule --proof wrote for this roster"
        raise DataError(faults, source="proof", hint=hint)


def _misplaced(table: pd.DataFrame, timeline: Timeline) -> pd.Series:
    first = pd.Timestamp(timeline.origin)
    starts = pd.date_range(first, periods=timeline.intervals, freq=f"{timeline.interval_min}min", unit="us")
    misplaced: pd.Series = ~table["interval_start"].isin(starts)
    return misplaced

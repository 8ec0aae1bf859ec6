"""From the HISTORY table and the configuration to what is known of each queue: raw grid, calendar, events.

Nothing at or after `as_of` gets through. A queue without history borrows that of the queue it is `like`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from wfm.config import Config, Queue
from wfm.errors import DataError, Fault, count_of
from wfm.forecast.arrays import WEEK, IntArray
from wfm.forecast.calendar import QueueCalendar, opening, queue_calendar
from wfm.forecast.daygrid import Clock, DayGrid, borrowed, day_grid, instants
from wfm.forecast.events import Event, check_queues, events_of, holiday_dates
from wfm.forecast.horizon import first_day, local_date
from wfm.forecast.timeline import Source, numbered
from wfm.localtime import to_local

FEWEST_TELLING_ROWS = 20
MINUTE_US = 60_000_000
QUARTER_MIN = 91 * 24 * 60
FEWEST_OWN_DAYS = 14  # with fewer, a queue that is `like` another borrows its profile


@dataclass(frozen=True)
class QueueSource:
    """A queue before its forecast: what is known, and the local dates to forecast."""

    name: str
    queue: Queue
    source: Source
    future: pd.DatetimeIndex
    notes: tuple[str, ...] = ()
    borrowed: bool = False


@dataclass(frozen=True)
class Span:
    """What is asked for: calendar days from an instant on, and the EVENTS of then and before."""

    as_of: pd.Timestamp
    days: int
    events: pd.DataFrame


def default_as_of(history: pd.DataFrame, interval_min: int) -> pd.Timestamp:
    """Return the end of the last interval of the history; raise DataError if it is empty."""
    if len(history) == 0:
        raise DataError([Fault("no rows", "import contacts or an interval table first")], source="history")
    last: pd.Timestamp = history["interval_start"].max()
    return last + pd.Timedelta(minutes=interval_min)


def check_history(history: pd.DataFrame, config: Config) -> None:
    """Raise DataError for queues unknown to the configuration, and for intervals of another length."""
    check_queues(history["queue"], set(config.queues), "history")
    interval_min = config.centre.interval_min
    faults = []
    for queue, starts in history.groupby("queue", sort=True)["interval_start"]:
        found = _interval_of(starts, config.queues[str(queue)].timezone, interval_min)
        if found != interval_min:
            remedy = f"set [centre] interval_min, or import with intervals of {interval_min} min"
            problem = f"queue {queue} has intervals of {found} min"
            faults.append(Fault(problem, remedy, "history", None, "interval_start"))
    if faults:
        raise DataError(faults, source="history")


def check_past(history: pd.DataFrame, as_of: pd.Timestamp) -> None:
    """Raise DataError if nothing of the history lies before `as_of`."""
    if not (history["interval_start"] < as_of).any():
        first = history["interval_start"].min().isoformat()
        fault = Fault(f"no row before {as_of.isoformat()}; the history begins at {first}")
        raise DataError([fault], source="history", hint="name a later --as-of, or import older data")


def _interval_of(starts: pd.Series, timezone: str, expected_min: int) -> int:
    """Return the interval length (minutes) of the stamps; the expected one unless they contradict it."""
    stamps = instants(starts)
    minutes = _offsets_min(stamps, timezone)
    common = int(np.gcd.reduce(minutes, initial=60))
    if common % expected_min != 0:
        return int(np.gcd(common, expected_min))
    if common == expected_min or len(stamps) < FEWEST_TELLING_ROWS:
        return expected_min
    step_min = float(np.median(np.diff(stamps))) / MINUTE_US
    return common if step_min == common else expected_min


def _offsets_min(stamps: IntArray, timezone: str) -> IntArray:
    """Return the minutes past the local hour of instants, each once.

    Offsets of time zones are whole minutes and change with the clock by whole or half hours; one instant of
    every quarter of a year tells them all.
    """
    minutes = stamps // MINUTE_US
    quarters = np.arange(minutes.min() // QUARTER_MIN, minutes.max() // QUARTER_MIN + 1)
    past_hour = np.flatnonzero(np.bincount(minutes % 60, minlength=60))
    seasons = pd.Series(pd.to_datetime(quarters * QUARTER_MIN * MINUTE_US, unit="us", utc=True))
    local = to_local(seasons, timezone)
    offsets = np.unique(
        np.asarray((local - seasons.dt.tz_localize(None)).dt.total_seconds() // 60, dtype=np.int64) % 60
    )
    return np.unique((past_hour[:, None] + offsets) % 60)


def queue_sources(
    history: pd.DataFrame, config: Config, span: Span, names: Sequence[str] | None = None
) -> tuple[list[QueueSource], list[str]]:
    """Return what is known of each named queue (default: all), by name, and notes where nothing is known."""
    past = history[history["interval_start"] < span.as_of]
    by_queue = {str(queue): rows for queue, rows in past.groupby("queue", sort=True)}
    zones = {config.queues[name].timezone for name in config.queues}
    clocks = {zone: Clock.of(past["interval_start"], zone, config.centre.interval_min) for zone in zones}
    found, notes = list[QueueSource](), list[str]()
    for name in sorted(config.queues if names is None else names):
        like = config.queues[name].like or ""
        if name in by_queue or like in by_queue:
            found.append(_queue_source(name, config, by_queue, clocks, span))
        else:
            moment = span.as_of.isoformat()
            notes.append(f"{name}: no history before {moment}, no forecast (`like` names a model queue)")
    sources = numbered([item.source for item in found])
    return [replace(item, source=source) for item, source in zip(found, sources, strict=True)], notes


def own_events(name: str, config: Config, events: pd.DataFrame) -> tuple[Event, ...]:
    """Return the events that act on a queue; closed hours do not keep contacts away that arrive always."""
    queue = config.queues[name]
    found = events_of(name, queue.timezone, events)
    return tuple(event for event in found if not (event.kind == "closed" and queue.arrives_always))


def _queue_source(
    name: str,
    config: Config,
    by_queue: dict[str, pd.DataFrame],
    clocks: Mapping[str, Clock],
    span: Span,
) -> QueueSource:
    queue, interval_min = config.queues[name], config.centre.interval_min
    events = own_events(name, config, span.events)
    today = local_date(span.as_of, queue.timezone)
    rows = {other: by_queue[other] for other in (name, queue.like or "") if other in by_queue}
    oldest = min(local_date(part["interval_start"].min(), queue.timezone) for part in rows.values())
    days = pd.date_range(
        oldest - pd.Timedelta(days=2 * WEEK),
        today + pd.Timedelta(days=span.days + WEEK),
        freq="D",
        unit="us",
    )
    calendar = queue_calendar(name, queue, interval_min, days, holiday_dates(events))
    open_today = opening(pd.DatetimeIndex([today]), calendar)[0]
    first = first_day(span.as_of, queue.timezone, open_today, interval_min)
    grids = {
        other: _grid(part, queue, config, calendar, (first, clocks[queue.timezone]))
        for other, part in rows.items()
    }
    grid, notes = _own_or_borrowed(name, queue.like or "", grids)
    future = pd.date_range(first, periods=span.days, freq="D", unit="us")
    source = Source(name, grid, calendar, events)
    return QueueSource(name, queue, source, future, notes, borrowed=bool(notes))


def _grid(
    rows: pd.DataFrame,
    queue: Queue,
    config: Config,
    calendar: QueueCalendar,
    until: tuple[pd.Timestamp, Clock],
) -> DayGrid:
    """Return whole days before the first to forecast; the begun day only if there is no other."""
    first, clock = until
    grid = day_grid(rows, queue.timezone, config.centre.interval_min, clock)
    if config.import_.absent == "zero":
        grid = grid.with_zeros(opening(grid.dates, calendar))
    whole = grid.before(first)
    return whole if len(whole.dates) else grid


def _own_or_borrowed(name: str, like: str, grids: dict[str, DayGrid]) -> tuple[DayGrid, tuple[str, ...]]:
    """Return the history of a queue; with a note if another's stands in for what it lacks."""
    if name not in grids:
        return grids[like], (f"no history of its own: forecast as that of {like}",)
    own = grids[name]
    days = int((~np.isnan(own.offered)).any(axis=1).sum())
    if like not in grids or days >= FEWEST_OWN_DAYS:
        return own, ()
    return borrowed(own, grids[like]), (f"{count_of(days, 'day')} of its own: the rest borrowed from {like}",)

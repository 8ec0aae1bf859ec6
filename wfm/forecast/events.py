"""Events of one queue on its day grid: what they close, hide, multiply, or have still to teach.

kind holiday: its dates join the queue's holidays, unless it has an effect of its own; closed: no arrivals (a
queue whose contacts arrive always is not affected); outage, exclude: the intervals are no evidence of demand;
campaign, or a holiday with an effect: a multiplier, given or learnt from earlier events of the same name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from wfm.errors import DataError, Fault, count_of
from wfm.forecast.arrays import BoolArray, FloatArray, nan_median
from wfm.localtime import to_local

FEWEST_PAST_EVENTS = 2
HIDING = ("outage", "exclude")


@dataclass(frozen=True)
class Event:
    """One row of EVENTS for one queue, in the wall clock of the queue."""

    name: str
    kind: str
    start: pd.Timestamp
    end: pd.Timestamp
    effect: float | None

    def covers(self, starts: pd.DatetimeIndex, shape: tuple[int, ...]) -> BoolArray:
        """Return which cells (days, slots), whose wall-clock starts are given flat, the event touches."""
        length = pd.Timedelta(minutes=24 * 60 // shape[1])
        inside = np.asarray(starts < self.end) & np.asarray(starts + length > self.start)
        return inside.reshape(shape)


@dataclass(frozen=True)
class EventGrid:
    """What events do to the cells (days, slots): hidden, closed, multiplier of the ordinary demand."""

    hidden: BoolArray
    closed: BoolArray
    factor: FloatArray
    notes: tuple[str, ...]


def events_of(queue: str, timezone: str, events: pd.DataFrame) -> tuple[Event, ...]:
    """Return the events of a queue; a row without queue holds for all."""
    if events.empty:
        return ()
    own = events[events["queue"].isna() | events["queue"].isin([queue, ""])]
    starts, ends = to_local(own["from"], timezone), to_local(own["to"], timezone)
    return tuple(
        Event(name, kind, start, end, None if pd.isna(effect) else float(effect))
        for name, kind, start, end, effect in zip(
            own["name"], own["kind"], starts, ends, own["effect"], strict=True
        )
    )


def check_queues(queues: pd.Series, known: set[str], table: str) -> None:
    """Raise DataError if a table names queues that the configuration does not know."""
    unknown = sorted(set(queues.dropna().unique()) - known - {""})
    if unknown:
        remedy = "add it to wfm.toml or correct the name"
        faults = [Fault("unknown queue", remedy, table, None, "queue", name) for name in unknown]
        raise DataError(faults, source=table, hint=f"queues of the configuration: {', '.join(sorted(known))}")


def holiday_dates(events: tuple[Event, ...]) -> dict[date, str]:
    """Return the local dates that events declare holidays; with a given effect they are open days."""
    found: dict[date, str] = {}
    for event in events:
        if event.kind == "holiday" and event.effect is None:
            last = event.end - pd.Timedelta(microseconds=1)
            for day in pd.date_range(event.start.normalize(), last.normalize(), freq="D"):
                found[day.date()] = event.name
    return found


def cell_starts(dates: pd.DatetimeIndex, slots: int) -> pd.DatetimeIndex:
    """Return the wall-clock start of every cell of (days, slots), flat."""
    offsets = np.arange(slots) * np.timedelta64(24 * 60 // slots, "m")
    return pd.DatetimeIndex((dates.to_numpy()[:, None] + offsets[None, :]).ravel())


def touched(events: tuple[Event, ...], dates: pd.DatetimeIndex, shape: tuple[int, ...]) -> BoolArray:
    """Return the cells (days, slots) that any event touches: no evidence of what is ordinary."""
    starts = cell_starts(dates, shape[1])
    cells = np.zeros(shape, dtype=bool)
    for event in events:
        cells |= event.covers(starts, shape)
    return cells


def event_grid(
    events: tuple[Event, ...], dates: pd.DatetimeIndex, offered: FloatArray, baseline: FloatArray
) -> EventGrid:
    """Lay events on the cells (days, slots) of consecutive `dates`.

    `offered` and `baseline` (ordinary demand) are NaN where unknown and after the history. From them the
    effect of a campaign without one is learnt, if at least two earlier ones of its name were seen; campaigns
    seen less often are hidden, for they would pass for ordinary demand.
    """
    starts = cell_starts(dates, offered.shape[1])
    spans = [(event, event.covers(starts, offered.shape)) for event in events]
    learnt = _learnt_effects(spans, offered, baseline)
    hidden, closed = np.zeros(offered.shape, dtype=bool), np.zeros(offered.shape, dtype=bool)
    factor = np.ones(offered.shape)
    for event, cells in spans:
        effect = event.effect if event.effect is not None else learnt.get(event.name, (None, ""))[0]
        if event.kind in HIDING:
            hidden |= cells
        elif event.kind == "closed":
            closed |= cells
        elif effect is not None:
            factor[cells] *= effect
        elif event.kind == "campaign":
            hidden |= cells
    return EventGrid(hidden, closed, factor, tuple(note for _, note in learnt.values()))


def _learnt_effects(
    spans: list[tuple[Event, BoolArray]], offered: FloatArray, baseline: FloatArray
) -> dict[str, tuple[float | None, str]]:
    """Return for each campaign without effect the median of its past ratios (None: too few) and a note."""
    ratios: dict[str, list[float]] = {}
    for event, cells in spans:
        if event.kind == "campaign" and event.effect is None:
            seen = ratios.setdefault(event.name, [])
            known = cells & ~np.isnan(offered) & (baseline > 0)
            if known.any():
                seen.append(float(offered[known].sum() / baseline[known].sum()))
    return {name: _learnt(name, np.array(seen)) for name, seen in ratios.items()}


def _learnt(name: str, seen: FloatArray) -> tuple[float | None, str]:
    if len(seen) < FEWEST_PAST_EVENTS:
        count = f"{count_of(len(seen), 'event')} of this name in the history"
        return None, f"event '{name}': no effect learnt from {count}; give one in the events table"
    effect = float(nan_median(seen))
    return (
        effect,
        f"event '{name}': effect {effect:.2f} learnt from {count_of(len(seen), 'event')} of the history",
    )

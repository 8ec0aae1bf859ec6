"""What is wrong or strange in a history, before anything is learnt from it.

Findings are `wrong` (to be corrected or explained: gaps, outages, odd handle times, arrivals in closed time,
silent queues, counts that do not add up, clock-change days of the wrong length), or say what was looked at
and is in order. `wfm.forecast.doctor.checks` makes the acceptance checks of a history out of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfm.config import Config, Queue
from wfm.conform import conform
from wfm.errors import count_of
from wfm.forecast.arrays import WEEK, BoolArray, FloatArray
from wfm.forecast.calendar import QueueCalendar, opening, queue_calendar, with_learnt_holidays
from wfm.forecast.cleaning import clean
from wfm.forecast.daygrid import DayGrid, day_grid
from wfm.forecast.doctor.clock_days import ClockDay, clock_days
from wfm.forecast.doctor.finding import Finding, named
from wfm.forecast.sources import check_history
from wfm.localtime import local_dates
from wfm.tables import HISTORY

SHORTEST_AHT_S, LONGEST_AHT_S = 5.0, 7200.0
SILENT_DAYS = 28
TOLERATED = 0.02  # of contacts: of a day's that do not add up, of all handled ones that have no talk time


def examine(history: pd.DataFrame, config: Config) -> list[Finding]:
    """Return the findings of every configured queue; DataError as in `forecast`."""
    known = conform(history, HISTORY)
    check_history(known, config)
    last = known["interval_start"].max()
    findings: list[Finding] = []
    places = known.groupby("queue", sort=False).indices
    for name, queue in config.queues.items():
        rows = known.iloc[places.get(name, [])]
        if rows.empty:
            findings.append(Finding(name, "silent", True, "no row in the history"))
        else:
            findings += _examine_queue(name, queue, rows, config, last)
    return findings


def _examine_queue(
    name: str, queue: Queue, rows: pd.DataFrame, config: Config, last: pd.Timestamp
) -> Iterator[Finding]:
    grid = day_grid(rows, queue.timezone, config.centre.interval_min)
    calendar = with_learnt_holidays(
        queue_calendar(name, queue, config.centre.interval_min, grid.dates, {}), grid
    )
    is_open = opening(grid.dates, calendar) & grid.exists
    strange = _strange(grid, is_open, calendar)
    weeks = len(grid.dates) / 7
    yield Finding(
        name, "span", False, f"{grid.dates[0]:%Y-%m-%d} to {grid.dates[-1]:%Y-%m-%d}, {weeks:.1f} weeks"
    )
    yield from _gaps(name, grid, is_open)
    yield from _outages(name, grid, strange)
    yield from _odd(name, grid, strange)
    yield from _closed_time(name, queue, grid, is_open)
    yield from _handle_times(name, queue, rows)
    yield from _talk(name, queue, rows)
    yield from _balance(name, queue, rows)
    yield from _silence(name, queue, rows, last)
    yield from _clock_changes(name, queue, grid)
    yield from _clock_days(name, clock_days(rows, grid, calendar, queue.timezone, _missing(grid, is_open)))


def _gaps(name: str, grid: DayGrid, is_open: BoolArray) -> Iterator[Finding]:
    missing = _missing(grid, is_open)
    if missing.any():
        text = f"{count_of(int(missing.sum()), 'open interval')} missing, {_dates(grid, missing)}"
        yield Finding(name, "gap", True, text, _iso(grid, missing))


def _missing(grid: DayGrid, is_open: BoolArray) -> BoolArray:
    """Return the open cells without a row between the first and the last row."""
    known = np.flatnonzero(~np.isnan(grid.offered).ravel())
    between = np.zeros(grid.offered.size, dtype=bool)
    between[known[0] : known[-1] + 1] = True
    return np.asarray(is_open & np.isnan(grid.offered) & between.reshape(grid.offered.shape), dtype=bool)


@dataclass(frozen=True)
class _Strange:
    """What cleaning finds in the grid: masks (days, slots), level and what was due by the usual day."""

    down: BoolArray
    spike: BoolArray
    odd: BoolArray
    level: FloatArray
    due: FloatArray


def _strange(grid: DayGrid, is_open: BoolArray, calendar: QueueCalendar) -> _Strange:
    """Return what the models' own cleaning says of the grid."""
    holiday = np.array([name != "" for name in calendar.names(grid.dates)], dtype=bool)
    ordinary = np.where(is_open & ~holiday[:, None], grid.offered, np.nan)
    before = -len(ordinary) % WEEK  # whole weeks
    places = (np.arange(WEEK) + grid.dates[0].day_of_week - before) % WEEK
    whole = np.concatenate([np.full((before, grid.slots), np.nan), ordinary])
    cleaning = clean(whole[None], calendar.ordinary_week()[places][None])
    return _Strange(
        cleaning.down[0, before:],
        cleaning.spike[0, before:],
        cleaning.odd[0, before:],
        cleaning.level[0, before:],
        np.nan_to_num(cleaning.baseline()[0, before:]),
    )


def _outages(name: str, grid: DayGrid, strange: _Strange) -> Iterator[Finding]:
    if strange.down.any():
        lost = float(strange.due[strange.down].sum())
        where = _dates(grid, strange.down)
        down, due = count_of(int(strange.down.sum()), "interval"), count_of(f"{lost:.0f}", "contact")
        text = f"{down} of zero with about {due} due, {where}"
        yield Finding(name, "outage", True, text, _iso(grid, strange.down))


def _odd(name: str, grid: DayGrid, strange: _Strange) -> Iterator[Finding]:
    """Yield odd days, single intervals and a change of level."""
    if strange.odd.any():
        found = count_of(int(strange.odd.sum()), "day")
        text = f"{found} far from their weekday's usual total, {_dates(grid, strange.odd[:, None])}"
        text += "; name them in an events file if you know why"
        yield Finding(name, "odd day", True, text, _iso(grid, strange.odd[:, None]))
    if strange.spike.any():
        found = count_of(int(strange.spike.sum()), "interval")
        text = f"{found} far above the usual, {_dates(grid, strange.spike)}"
        yield Finding(name, "spike", True, text, _iso(grid, strange.spike))
    if strange.level[0] != 1.0:
        since = _dates(
            grid, (strange.level == 1.0)[:, None] & (np.arange(len(grid.dates)) == _first(strange))[:, None]
        )
        text = f"{strange.level[0] - 1:+.0%} {since} or so; forecasts are made at the new level"
        yield Finding(name, "level", False, text)


def _first(strange: _Strange) -> int:
    return int((strange.level == 1.0).argmax())


def _closed_time(name: str, queue: Queue, grid: DayGrid, is_open: BoolArray) -> Iterator[Finding]:
    arrived = np.where(~is_open & grid.exists, np.nan_to_num(grid.offered), 0.0)
    if not queue.arrives_always and arrived.sum() > 0:
        share = arrived.sum() / max(float(np.nansum(grid.offered)), 1.0)
        contacts = count_of(f"{arrived.sum():.0f}", "contact")
        text = f"{contacts} ({share:.2%}) outside the hours, {_dates(grid, arrived > 0)}"
        yield Finding(name, "closed time", True, f"{text}; they are not forecast", _iso(grid, arrived > 0))


def _handle_times(name: str, queue: Queue, rows: pd.DataFrame) -> Iterator[Finding]:
    aht_s = rows["aht_s"]
    odd = (aht_s < SHORTEST_AHT_S) | (aht_s > LONGEST_AHT_S)
    if odd.any():
        found = count_of(int(odd.sum()), "interval")
        text = f"{found} with aht_s outside {SHORTEST_AHT_S:g}-{LONGEST_AHT_S:g} s"
        dates = _row_dates(rows[odd], queue)
        yield Finding(name, "aht", True, f"{text}; seconds or milliseconds?", dates)
    elif aht_s.notna().any():
        yield Finding(name, "aht", False, f"median of intervals {aht_s.median():.0f} s")


def _talk(name: str, queue: Queue, rows: pd.DataFrame) -> Iterator[Finding]:
    """Yield intervals with handled contacts and a talk time of zero; a few may be calls of no length."""
    handled = rows["handled"].where(rows["talk_s"].notna(), 0.0).fillna(0.0)
    silent = (handled > 0) & (rows["talk_s"] == 0)
    if silent.any():
        share = float(handled[silent].sum() / handled.sum())
        contacts = count_of(f"{handled[silent].sum():.0f}", "handled contact")
        text = f"{count_of(int(silent.sum()), 'interval')} with {contacts} ({share:.1%})"
        dates = _row_dates(rows[silent], queue)
        yield Finding(name, "talk", share > TOLERATED, f"{text} and no talk time", dates)


def _balance(name: str, queue: Queue, rows: pd.DataFrame) -> Iterator[Finding]:
    counted = rows[["handled", "abandoned"]].notna().all(axis=1)
    if not counted.any():
        return
    whole = rows[counted].fillna({"flow_out": 0.0})
    days = whole.groupby(local_dates(whole["interval_start"], queue.timezone))
    sums = days[["offered", "handled", "abandoned", "flow_out"]].sum()
    left = (sums["offered"] - sums["handled"] - sums["abandoned"] - sums["flow_out"]).abs()
    off = left > TOLERATED * sums["offered"].clip(lower=1) + 1
    if off.any():
        text = f"offered differs from handled + abandoned + flow_out on {count_of(int(off.sum()), 'day')}"
        dates = tuple(f"{day:%Y-%m-%d}" for day in sums.index[off])
        yield Finding(name, "balance", True, f"{text} by more than {TOLERATED:.0%}", dates)


def _silence(name: str, queue: Queue, rows: pd.DataFrame, last: pd.Timestamp) -> Iterator[Finding]:
    """Yield spells without any contact: up to the `last` interval of all queues, and earlier ones."""
    active = rows.loc[rows["offered"] > 0, "interval_start"].sort_values(ignore_index=True)
    if active.empty:
        yield Finding(name, "silent", True, "no contact at all")
        return
    longest = pd.Timedelta(days=SILENT_DAYS)
    if last - active.iloc[-1] > longest:
        text = f"no contact for the last {count_of((last - active.iloc[-1]).days, 'day')}"
        yield Finding(
            name, "silent", True, text, (f"{local_dates(active, queue.timezone).iloc[-1]:%Y-%m-%d}",)
        )
    dates = local_dates(active, queue.timezone)
    for end in np.flatnonzero(active.diff() > longest):
        first, until = (f"{dates[place]:%Y-%m-%d}" for place in (end - 1, end))
        text = (
            f"no contact for {count_of((active[end] - active[end - 1]).days, 'day')}, from {first} to {until}"
        )
        yield Finding(name, "silent", True, text, (first, until))


def _clock_changes(name: str, queue: Queue, grid: DayGrid) -> Iterator[Finding]:
    short = np.asarray(~grid.exists.all(axis=1))
    if short.any():
        dates = ", ".join(f"{day:%Y-%m-%d}" for day in grid.dates[short])
        text = f"spring clock change on {dates}, in {queue.timezone}: the skipped hour has no rows"
        yield Finding(name, "clock change", False, text)


def _clock_days(name: str, days: list[ClockDay]) -> Iterator[Finding]:
    for day in days:
        yield Finding(name, "clock day", day.wrong, str(day), (day.date,))


def _dates(grid: DayGrid, cells: BoolArray) -> str:
    return f"on {named(_iso(grid, cells), 'days')}"


def _iso(grid: DayGrid, cells: BoolArray) -> tuple[str, ...]:
    """Return the dates (ISO) on which any of the cells (days, slots) holds."""
    return tuple(f"{day:%Y-%m-%d}" for day in grid.dates[np.asarray(cells.any(axis=1))])


def _row_dates(rows: pd.DataFrame, queue: Queue) -> tuple[str, ...]:
    """Return the local dates (ISO) of rows, each once, in order."""
    days = local_dates(rows["interval_start"], queue.timezone).drop_duplicates().sort_values()
    return tuple(days.dt.strftime("%Y-%m-%d"))

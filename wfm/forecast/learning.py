"""From what is known of queues to what models learn from, and what is true of the days to come.

One step for the real forecast and for every origin of a backtest, so that neither sees more than the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from wfm.forecast.arrays import WEEK, BoolArray, FloatArray, IntArray, ahead, anything, ratio
from wfm.forecast.cases import NO_HOLIDAY, Cases
from wfm.forecast.cleaning import LEAST_SHARE_SEEN, Cleaning, clean
from wfm.forecast.events import EventGrid, event_grid, touched
from wfm.forecast.profile import profile
from wfm.forecast.regression import DayEffects, day_effects
from wfm.forecast.special_shapes import special_shapes

SMALLEST_FACTOR = 0.05  # days that an effect nearly empties say nothing about ordinary demand


@dataclass(frozen=True)
class Learning:
    """What models may see: ordinary demand, NaN where unknown, masked, holiday or closed.

    `offered` (cases, days, slots) and `totals` (cases, days) are at the level of the last day, holidays and
    events taken out, the course of the month left in: `month` (cases, days and horizon) divides it out.
    """

    offered: FloatArray
    totals: FloatArray
    open_week: BoolArray
    effects: DayEffects
    day: IntArray

    @property
    def known_days(self) -> int:
        """Number of rows before the first day to forecast, whole weeks."""
        return int(self.offered.shape[1])

    @property
    def horizon_days(self) -> int:
        """Number of days to forecast."""
        return int(self.day.shape[1]) - self.known_days

    @cached_property
    def share(self) -> FloatArray:
        """Shares of the day (cases, 7, slots) by place."""
        return profile(self.offered, self.totals, self.open_week)

    @property
    def flat_totals(self) -> FloatArray:
        """Totals without the course of the month."""
        return self.totals / self.effects.month[:, : self.known_days]

    @property
    def coming_month(self) -> FloatArray:
        """Effect of the month (cases, horizon) on the days to forecast."""
        return self.effects.month[:, self.known_days :]


@dataclass(frozen=True)
class Learned:
    """The learning part; opening and calendar factor (cases, horizon, slots) of the days to forecast.

    `unscored` are past cells (cases, days, slots) hidden by outages and events: neither learnt from nor
    scored. `event_notes` are per case.
    """

    learning: Learning
    cleaning: Cleaning
    future_open: BoolArray
    future_factor: FloatArray
    event_factor: FloatArray | None
    unscored: BoolArray
    event_notes: tuple[tuple[str, ...], ...]


def learn(cases: Cases) -> Learned:
    """Return what can be learnt before the first day to forecast of each case."""
    days = cases.known_days
    holiday = cases.holiday[:, :days] != NO_HOLIDAY
    with_events = [row for row, events in enumerate(cases.events) if events]
    special = np.broadcast_to(holiday[:, :, None], cases.offered.shape)
    if with_events:
        special = special | _touched(cases, with_events)
    ordinary = np.where(special, np.nan, cases.offered) if holiday.any() or with_events else cases.offered
    cleaning = clean(ordinary, cases.open_week)
    happening = _happening(cases, cleaning, with_events) if with_events else None
    unscored = cleaning.down.copy()
    masked = cleaning.masked
    evidence = np.where(masked, np.nan, cases.offered) if masked.any() else cases.offered
    factor = None
    if happening is not None:
        factor = happening.factor
        unscored |= (happening.hidden | happening.closed)[:, :days]
        telling = factor[:, :days] > SMALLEST_FACTOR
        evidence = np.where(unscored | ~telling, np.nan, evidence / np.where(telling, factor[:, :days], 1.0))
    totals = _with_special(cleaning, evidence, anything(special)) * cleaning.level
    effects = day_effects(cases, totals)
    around = effects.around[:, :days]
    plain = np.where(holiday | (around < SMALLEST_FACTOR), np.nan, cleaning.level / around)
    learning = Learning(
        evidence * plain[:, :, None],
        np.where(holiday, np.nan, totals / around),
        cases.open_week,
        effects,
        cases.day,
    )
    future_open, future_factor = cases.is_open[:, days:], _future_factor(learning)
    if cases.never.any():
        future_factor = np.where(
            ahead(cases.never.astype(np.float64), cases.horizon_days) > 0, 0.0, future_factor
        )
    shapes = special_shapes(cases, effects, learning.share)
    if shapes is not None:
        future_factor = future_factor * shapes
    if happening is not None:
        future_open = future_open & ~happening.closed[:, days:]
        future_factor = future_factor * happening.factor[:, days:]
    notes = tuple(() for _ in cases.events) if happening is None else happening.notes
    coming = None if factor is None else factor[:, days:]
    return Learned(learning, cleaning, future_open, future_factor, coming, unscored, notes)


def _with_special(cleaning: Cleaning, evidence: FloatArray, special: BoolArray) -> FloatArray:
    """Return the totals with those of special days beside the ordinary ones'."""
    totals = cleaning.totals.copy()
    case, day = np.nonzero(special)
    offered, share = evidence[case, day], cleaning.share[case, day % WEEK]
    known = ~np.isnan(offered)
    seen = (known * share).sum(axis=1)
    contacts = np.where(known, offered, 0.0).sum(axis=1)
    totals[case, day] = np.where(seen >= LEAST_SHARE_SEEN, ratio(contacts, seen), np.nan)
    return totals


def _future_factor(learning: Learning) -> FloatArray:
    """Return the multipliers (cases, horizon, slots) of holidays and of days that follow another weekday."""
    days = learning.known_days
    around = learning.effects.around[:, days:, None]
    place = learning.effects.kinds.place[:, days:]
    other = place != np.arange(place.shape[1]) % WEEK
    if not other.any():
        return np.asarray(np.broadcast_to(around, (*place.shape, learning.open_week.shape[2])))
    own = ahead(learning.share, place.shape[1])
    shape = np.take_along_axis(learning.share, place[:, :, None], axis=1)
    usable = other[:, :, None] & (own > 0) & (shape > 0)
    return around * np.where(usable, shape / np.where(own > 0, own, 1.0), 1.0)


@dataclass(frozen=True)
class _Happening:
    """Events of all cases on their cells (cases, days and horizon, slots)."""

    hidden: BoolArray
    closed: BoolArray
    factor: FloatArray
    notes: tuple[tuple[str, ...], ...]


def _dates(days: IntArray) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(days.astype("datetime64[D]").astype("datetime64[us]"))


def _touched(cases: Cases, rows: list[int]) -> BoolArray:
    cells = np.zeros(cases.offered.shape, dtype=bool)
    for row in rows:
        cells[row] = touched(cases.events[row], _dates(cases.day[row, : cases.known_days]), cells[row].shape)
    return cells


def _happening(cases: Cases, cleaning: Cleaning, rows: list[int]) -> _Happening:
    """Return what events do, their effects learnt from ordinary demand where none is given."""
    shape = cases.is_open.shape
    hidden, closed, factor = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool), np.ones(shape)
    notes: list[tuple[str, ...]] = [() for _ in cases.events]
    baseline, coming = cleaning.baseline(), shape[1] - cases.known_days
    for row in rows:
        known = np.where(cleaning.down[row], np.nan, cases.offered[row])
        unknown = np.full((coming, shape[2]), np.nan)
        found: EventGrid = event_grid(
            cases.events[row],
            _dates(cases.day[row]),
            np.concatenate([known, unknown]),
            np.concatenate([baseline[row], unknown]),
        )
        hidden[row], closed[row], factor[row] = found.hidden, found.closed, found.factor
        notes[row] = found.notes
    return _Happening(hidden, closed, factor, tuple(notes))

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
    special = _special(cases)
    ordinary = np.where(special, np.nan, cases.offered) if special.any() else cases.offered
    cleaning = clean(ordinary, cases.open_week)
    happening = _happening(cases, cleaning) if any(cases.events) else None
    unscored = cleaning.down if happening is None else cleaning.down | happening.untold(cases.known_days)
    evidence = _evidence(cases, cleaning, happening)
    learning = _learning(cases, cleaning, evidence, anything(special))
    coming = slice(cases.known_days, None)
    opens, factor = cases.is_open[:, coming], _calendar_factor(cases, learning)
    if happening is None:
        return Learned(learning, cleaning, opens, factor, None, unscored, tuple(() for _ in cases.events))
    opens, events = opens & ~happening.closed[:, coming], happening.factor[:, coming]
    return Learned(learning, cleaning, opens, factor * events, events, unscored, happening.notes)


def _special(cases: Cases) -> BoolArray:
    """Return the cells (cases, days, slots) that holidays and events touch."""
    holiday = cases.holiday[:, : cases.known_days] != NO_HOLIDAY
    special = np.broadcast_to(holiday[:, :, None], cases.offered.shape)
    return special | _touched(cases) if any(cases.events) else special


def _evidence(cases: Cases, cleaning: Cleaning, happening: _Happening | None) -> FloatArray:
    """Return the contacts (cases, days, slots) that can be believed, effects of events taken out."""
    masked = cleaning.masked
    evidence = np.where(masked, np.nan, cases.offered) if masked.any() else cases.offered
    if happening is None:
        return evidence
    factor = happening.factor[:, : cases.known_days]
    silent = happening.untold(cases.known_days) | (factor <= SMALLEST_FACTOR)
    return np.where(silent, np.nan, evidence / np.where(silent, 1.0, factor))


def _learning(cases: Cases, cleaning: Cleaning, evidence: FloatArray, special: BoolArray) -> Learning:
    """Return the learning part: effects of the calendar learnt from day totals, then taken out."""
    days = cases.known_days
    holiday = cases.holiday[:, :days] != NO_HOLIDAY
    totals = _with_special(cleaning, evidence, special) * cleaning.level
    effects = day_effects(cases, totals)
    around = effects.around[:, :days]
    plain = np.where(holiday | (around < SMALLEST_FACTOR), np.nan, cleaning.level / around)
    totals = np.where(holiday, np.nan, totals / around)
    return Learning(evidence * plain[:, :, None], totals, cases.open_week, effects, cases.day)


def _calendar_factor(cases: Cases, learning: Learning) -> FloatArray:
    """Return the multipliers (cases, horizon, slots) of the days to forecast, events aside."""
    factor = _future_factor(learning)
    if cases.never.any():
        never = ahead(cases.never.astype(np.float64), cases.horizon_days) > 0
        factor = np.where(never, 0.0, factor)
    shapes = special_shapes(cases, learning.effects, learning.share)
    return factor if shapes is None else factor * shapes


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

    def untold(self, days: int) -> BoolArray:
        """Return the past cells (cases, days, slots) that events hide or close."""
        return np.asarray((self.hidden | self.closed)[:, :days], dtype=bool)


def _dates(days: IntArray) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(days.astype("datetime64[D]").astype("datetime64[us]"))


def _touched(cases: Cases) -> BoolArray:
    cells = np.zeros(cases.offered.shape, dtype=bool)
    for row in _with_events(cases):
        cells[row] = touched(cases.events[row], _dates(cases.day[row, : cases.known_days]), cells[row].shape)
    return cells


def _with_events(cases: Cases) -> list[int]:
    return [row for row, events in enumerate(cases.events) if events]


def _happening(cases: Cases, cleaning: Cleaning) -> _Happening:
    """Return what events do, their effects learnt from ordinary demand where none is given."""
    shape = cases.is_open.shape
    hidden, closed, factor = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool), np.ones(shape)
    notes: list[tuple[str, ...]] = [() for _ in cases.events]
    baseline, coming = cleaning.baseline(), shape[1] - cases.known_days
    for row in _with_events(cases):
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

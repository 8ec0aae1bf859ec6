"""Why a forecast is what it is: level, weekday, profile, month, holiday, event, models, overrides.

The parts are those of the day regression, whose product is its forecast; what the other models of the mean
make of it is one more factor. Overrides follow in file order. Contacts per interval or per local day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from wfm.config import Config
from wfm.conform import conform, empty
from wfm.errors import DataError, Fault
from wfm.forecast.arrays import WEEK, IntArray
from wfm.forecast.candidates import Candidates, candidates
from wfm.forecast.choice_words import choice_in_words
from wfm.forecast.forecast_rows import forecast_rows
from wfm.forecast.overrides import apply_overrides
from wfm.forecast.queue_forecast import Tested, expected_contacts, forecast_queue, tested_queues
from wfm.forecast.sources import Span, check_history, default_as_of, queue_sources
from wfm.localtime import to_local
from wfm.tables import EVENTS, HISTORY, OVERRIDES

REGRESSION = "day_regression"


@dataclass(frozen=True)
class Factor:
    """One part of a forecast: what it multiplies by, and why."""

    name: str
    value: float
    reason: str


@dataclass(frozen=True)
class ForecastExplanation:
    """The parts of one number: the level times the factors is `model_contacts`, the overrides make the rest.

    `contacts` and `aht_s` are what the forecast has, `overrides` what stood after each of them, with why;
    `choice` says why this model.
    """

    title: str
    level: float
    factors: tuple[Factor, ...]
    model: str
    model_contacts: float
    overrides: tuple[tuple[float, str], ...]
    contacts: float
    aht_s: float
    bands: tuple[float, ...] | None
    choice: tuple[str, ...] = ()

    def in_words(self) -> list[str]:
        """Return the explanation as lines of text."""
        lines = [f"{self.title}: {self.contacts:.2f} contacts expected, {self.aht_s:.0f} s each", ""]
        lines.append(f"  {'level':<10}{self.level:12.2f}  contacts of a mean opening day of that week")
        lines += [f"  {part.name:<10}{'x':>2}{part.value:10.4f}  {part.reason}" for part in self.factors]
        lines.append(f"  {'model':<10}{'=':>2}{self.model_contacts:10.2f}  {self.model}")
        lines += [f"  {'override':<10}{'->':>2}{value:10.2f}  {why}" for value, why in self.overrides]
        if self.bands is not None:
            low, inner, middle, upper, high = self.bands
            lines += ["", f"  80 %: {inner:g} to {upper:g}, 95 %: {low:g} to {high:g}, median {middle:g}"]
        if self.choice:
            lines += ["", *(f"  {line}" for line in self.choice)]
        return lines

    def facts(self) -> dict[str, object]:
        """Return the explanation as plain values for JSON; `bands` are the five of FORECAST, by quantile."""
        return {
            "title": self.title,
            "level": self.level,
            "factors": [vars(factor) for factor in self.factors],
            "model": self.model,
            "model_contacts": self.model_contacts,
            "overrides": [{"contacts": value, "why": why} for value, why in self.overrides],
            "contacts": self.contacts,
            "aht_s": self.aht_s,
            "bands": self.bands,
            "choice": list(self.choice),
        }


@dataclass(frozen=True)
class Asked:
    """Which number: of a queue, at an instant in the interval or (`whole_day`) on the local day."""

    queue: str
    moment: pd.Timestamp
    whole_day: bool
    horizon_days: int


def explain_forecast(
    history: pd.DataFrame,
    config: Config,
    asked: Asked,
    *,
    as_of: pd.Timestamp | None = None,
    models: Sequence[str] = (),
    events: pd.DataFrame | None = None,
    overrides: pd.DataFrame | None = None,
) -> ForecastExplanation:
    """Return why a forecast is what it is; it is made anew, from the same inputs.

    Raises DataError if there is no forecast of what is asked for.
    """
    known = conform(history, HISTORY)
    check_history(known, config)
    happening = empty(EVENTS) if events is None else conform(events, EVENTS)
    origin = default_as_of(known, config.centre.interval_min) if as_of is None else as_of
    items, _ = queue_sources(known, config, Span(origin, asked.horizon_days, happening))
    own = [item for item in items if item.name == asked.queue]
    if not own:
        fault = Fault(f"queue {asked.queue} has no history before {origin.isoformat()}")
        raise DataError([fault], source="history")
    field = _with_regression(candidates(tuple(models) or config.forecast.models))
    (tested,) = tested_queues(own, field, config.forecast.backtest_origins, None)
    rows, days = forecast_rows([forecast_queue(tested, field, config, origin)])
    at = _rows_of(rows, asked, config.queues[asked.queue].timezone)
    if not at.any():
        where = f"closed, or outside {asked.horizon_days} days from {origin.isoformat()}"
        fault = Fault(f"no forecast of {asked.queue} there: {where}")
        raise DataError([fault], source="forecast", hint="name another time, --as-of or --horizon")
    plain = _Plain(tested, field, rows, days, at)
    return plain.explained(_hand(rows, at, overrides, asked.queue, origin), whole_day=asked.whole_day)


def _with_regression(field: Candidates) -> Candidates:
    """Return candidates of which the day regression is one, for its parts are the explanation."""
    if REGRESSION in field.models:
        return field
    return replace(field, models=(*field.models, REGRESSION))


def _rows_of(rows: pd.DataFrame, asked: Asked, timezone: str) -> pd.Series:
    starts, moment = rows["interval_start"], asked.moment
    if asked.whole_day:
        day = to_local(pd.Series([moment]), timezone).dt.normalize()[0]
        found: pd.Series = to_local(starts, timezone).dt.normalize() == day
        return found
    before = starts[starts <= moment]
    inside = len(before) > 0 and moment - before.iloc[-1] < starts.diff().min()
    return starts == before.iloc[-1] if inside else pd.Series(False, index=rows.index)


def _hand(
    rows: pd.DataFrame, at: pd.Series, overrides: pd.DataFrame | None, queue: str, as_of: pd.Timestamp
) -> tuple[tuple[float, str], ...]:
    """Return the contacts after each override of the queue that changes them, and its own words."""
    if overrides is None:
        return ()
    found, standing = [], float(rows.loc[at, "offered"].sum())
    for number in range(len(overrides)):
        one = conform(overrides, OVERRIDES).iloc[[number]]
        if one["queue"].iloc[0] == queue and one["field"].iloc[0] == "offered":
            rows, _ = apply_overrides(rows, one, as_of)
            after = float(rows.loc[at, "offered"].sum())
            if after != standing:
                found.append((after, _override_in_words(one.iloc[0])))
            standing = after
    return tuple(found)


def _override_in_words(row: pd.Series) -> str:
    return f"{row['mode']} {row['value']:g} ({row['grain']}), by {row['author']}: {row['reason']}"


def _over(value: float, base: float) -> float:
    return float(value) / base if base > 0 else 1.0


@dataclass(frozen=True)
class _Plain:
    """The forecast of one queue before overrides, and the rows `at` that are asked about."""

    tested: Tested
    field: Candidates
    rows: pd.DataFrame
    days: pd.DataFrame
    at: pd.Series

    def explained(self, hand: tuple[tuple[float, str], ...], *, whole_day: bool) -> ForecastExplanation:
        """Return the explanation."""
        rows, zone = self.rows[self.at], self.tested.item.queue.timezone
        local = to_local(rows["interval_start"], zone)
        date = local.iloc[0].normalize()
        day = int((date - self.tested.item.future[0]).days)
        length = 24 * 60 // self.tested.item.source.grid.slots
        slots = np.asarray((local.dt.hour * 60 + local.dt.minute) // length, dtype=np.int64)
        model_contacts = float(rows["offered"].sum())
        level, factors = self._factors(day, slots, f"{date:%A}", local.iloc[0])
        weight = rows["offered"] if model_contacts > 0 else rows["offered"] + 1.0
        bands = (self.days[self.days["date"] == date] if whole_day else rows).iloc[0]
        names = ("offered_p025", "offered_p10", "offered_p50", "offered_p90", "offered_p975")
        when = f"{date:%Y-%m-%d %a}" if whole_day else f"{local.iloc[0]:%Y-%m-%d %a %H:%M}"
        return ForecastExplanation(
            f"{self.tested.item.name}, {when}",
            level,
            factors,
            str(rows["model"].iloc[0]),
            model_contacts,
            hand,
            hand[-1][0] if hand else model_contacts,
            float(np.average(rows["aht_s"], weights=weight)),
            None if hand else tuple(float(bands[name]) for name in names),
            tuple(choice_in_words(self.tested, self.field)),
        )

    def _factors(
        self, day: int, slots: IntArray, weekday: str, start: pd.Timestamp
    ) -> tuple[float, tuple[Factor, ...]]:
        """Return the level (contacts of a mean opening day) and the factors of the cells asked about."""
        learned, row = self.tested.made.learned, self.tested.made.row
        effects, at = learned.learning.effects, learned.learning.known_days + day
        week = at - day % WEEK + np.arange(WEEK)
        week = week[week < effects.ordinary.shape[1]]
        opens = learned.learning.open_week[row].any(axis=1)[: len(week)]
        level = float(effects.ordinary[row, week[opens] if opens.any() else week].mean())
        share = learned.learning.share[row, day % WEEK, slots]
        event = np.ones(len(slots))
        if learned.event_factor is not None:
            event = learned.event_factor[row, day, slots]
        calendar = learned.future_factor[row, day, slots] / np.where(event > 0, event, 1.0)
        ordinary = float(share.sum())
        near = _over((share * calendar).sum(), ordinary)
        happening = _over((share * calendar * event).sum(), near * ordinary)
        of_day = float(effects.ordinary[row, at])
        month = float(effects.month[row, at])
        regression = of_day * ordinary * month * near * happening
        chosen = float(expected_contacts(self.tested, self.field)[day, slots].sum())
        share_of = f"share of {start:%H:%M} in the day" if len(slots) == 1 else "share of the open intervals"
        factors = (
            Factor("weekday", _over(of_day, level), weekday),
            Factor("profile", ordinary, share_of),
            Factor("month", month, f"day {start.day} of the month"),
            Factor("holiday", near, self._holiday(day)),
            Factor("event", happening, self._event(event)),
            Factor("models", _over(chosen, regression), "the model used / day regression"),
        )
        return level, factors

    def _holiday(self, day: int) -> str:
        made = self.tested.made
        kinds, at = made.learned.learning.effects.kinds, made.learned.learning.known_days + day
        date = self.tested.item.future[day].date()
        if kinds.holiday[made.row, at]:
            return self.tested.item.source.calendar.holidays.get(date, "holiday")
        near = {
            "day before a holiday": kinds.before,
            "first day after a closed holiday": kinds.after_closed,
            "second day after a closed holiday": kinds.second_after_closed,
            "day after a holiday": kinds.after_open,
        }
        return next((words for words, days in near.items() if days[made.row, at]), "ordinary day")

    def _event(self, factor: np.ndarray) -> str:
        return "none" if (factor == 1.0).all() else "events file"

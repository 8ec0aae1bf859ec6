"""How earlier forecasts came true: each against what happened since, by lead time.

A forecast counts as made at the start of its first interval, of whichever queue: all before it was known, or
could have been. The lead of an interval is the number of local days of its queue from that moment to its own.
Of forecasts made at the same moment (a night repeated, a weekend without a new contact) the last one given
counts. An interval is scored once for every forecast of it.

Scored is what the history has a row of; a missing row is not a zero, unless `[import] absent = "zero"` says
so. Outages and closures count like any other interval, unless `events` are given: intervals that an outage,
an exclusion or a closure touches are then left out. A day is scored when each of its forecast intervals is,
and no contact came on it, in opening hours, before the forecast was made.

Ratios are fractions, sum / sum, as in `wfm.forecast.scoring`; bias above 0: the forecast was too high.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfm.config import Config, Queue
from wfm.conform import conform, empty
from wfm.errors import DataError, Fault
from wfm.forecast.arrays import BoolArray, FloatArray
from wfm.forecast.bands import inside
from wfm.forecast.events import HIDING, check_queues
from wfm.forecast.horizon import local_date
from wfm.forecast.scoring import bias, noise_floor, wape, weighted_error
from wfm.forecast.sources import check_history
from wfm.hours import WeeklyHours, parse_hours
from wfm.localtime import local_dates, open_mask
from wfm.tables import BANDS, EVENTS, FORECAST, HINDSIGHT, HISTORY

LEADS = (0, 1, 2, 4, 8, 15, 29)  # the first day of each row of HINDSIGHT
LONGEST_INTERVAL_MIN = 60  # a longer step is that of a queue open once a day
NOT_SCORED = (*HIDING, "closed")  # kinds whose intervals are no evidence, if events are given


@dataclass(frozen=True)
class EarlierForecast:
    """A forecast as it stood: the name of its run, the moment it was made (UTC), and its FORECAST rows."""

    run: str
    made: pd.Timestamp
    rows: pd.DataFrame

    @staticmethod
    def of(run: str, rows: pd.DataFrame) -> EarlierForecast:
        """Return a forecast made at the start of its first interval; DataError if it has none."""
        if rows.empty:
            raise DataError([Fault("a forecast without rows", "remove it", run)])
        return EarlierForecast(run, rows["interval_start"].min(), rows)


@dataclass(frozen=True)
class LastDay:
    """The last complete day of a queue against the newest forecast of it; contacts."""

    queue: str
    date: pd.Timestamp
    run: str
    lead_days: int
    offered: float
    forecast: float


@dataclass(frozen=True)
class Hindsight:
    """HINDSIGHT, the last complete day of each queue that has one, how many rows events hid, and notes."""

    scores: pd.DataFrame
    last_days: tuple[LastDay, ...]
    hidden: int
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Queue:
    """What happened in one queue, and how absent intervals and events are to be read."""

    name: str
    queue: Queue
    past: pd.DataFrame  # HISTORY rows of the queue, by interval_start
    spans: tuple[tuple[pd.Timestamp, pd.Timestamp], ...]  # events that hide
    interval: pd.Timedelta
    absent_is_zero: bool

    def hidden(self, starts: pd.Series) -> BoolArray:
        """Return which intervals an event touches."""
        found = np.zeros(len(starts), dtype=bool)
        for first, last in self.spans:
            found |= np.asarray((starts < last) & (starts + self.interval > first), dtype=bool)
        return found

    def began(self, made: pd.Timestamp) -> bool:
        """Return whether contacts came, in opening hours, on the local day of `made` and before it."""
        early = self.past.loc[made - pd.Timedelta(days=2) : made - pd.Timedelta(microseconds=1)]
        starts = pd.DatetimeIndex(early.index[(early["offered"] > 0).to_numpy()])
        zone = self.queue.timezone
        same = (local_dates(starts.to_series(), zone) == local_date(made, zone)).to_numpy()
        hours = WeeklyHours((), always=True) if self.queue.arrives_always else parse_hours(self.queue.hours)
        return bool((same & open_mask(starts, hours, zone)).any())


def hindsight(
    forecasts: Sequence[EarlierForecast],
    history: pd.DataFrame,
    config: Config,
    *,
    events: pd.DataFrame | None = None,
) -> Hindsight:
    """Return the accuracy of earlier forecasts per queue and lead, and of the last complete day.

    The table is empty when nothing of the forecasts has happened yet. Queues of a forecast that the
    configuration no longer has are left out, with a note. Raises DataError for a history or events of unknown
    queues, and for intervals that are not those of the configuration.
    """
    known = conform(history, HISTORY)
    happening = empty(EVENTS) if events is None else conform(events, EVENTS)
    check_history(known, config)
    check_queues(happening["queue"], set(config.queues), "events")
    queues = {
        str(name): _happened(str(name), rows, happening, config)
        for name, rows in known.groupby("queue", sort=True)
    }
    counted, repeats = _last_of_each_moment(forecasts)
    parts = [
        _judged(one.made, number, queues[str(name)], rows)
        for number, one in enumerate(counted)
        for name, rows in _rows(one, config.centre.interval_min).groupby("queue", sort=True)
        if str(name) in queues
    ]
    notes = (*repeats, *_gone(counted, config))
    happened = [part for part in parts if len(part)]
    if not happened:
        return Hindsight(empty(HINDSIGHT), (), 0, notes)
    judged = pd.concat(happened, ignore_index=True)
    scored = judged[judged["scored"]].reset_index(drop=True)
    return Hindsight(_scores(scored), _last_days(scored, counted), int(judged["hidden"].sum()), notes)


def _happened(name: str, rows: pd.DataFrame, events: pd.DataFrame, config: Config) -> _Queue:
    queue = config.queues[name]
    own = events[events["queue"].isna() | events["queue"].isin([name, ""])]
    kinds = HIDING if queue.arrives_always else NOT_SCORED  # closed hours keep no e-mail away
    own = own[own["kind"].isin(kinds)]
    spans = tuple(zip(own["from"], own["to"], strict=True))
    interval = pd.Timedelta(minutes=config.centre.interval_min)
    return _Queue(
        name, queue, rows.set_index("interval_start"), spans, interval, config.import_.absent == "zero"
    )


def _last_of_each_moment(
    forecasts: Sequence[EarlierForecast],
) -> tuple[list[EarlierForecast], tuple[str, ...]]:
    """Return the forecasts that count, oldest first, and a note if some do not."""
    last = {one.made: one for one in forecasts}
    left_out = len(forecasts) - len(last)
    note = f"{left_out} of {len(forecasts)} forecasts begin where a later one does, and are not scored"
    return [last[made] for made in sorted(last)], (note,) if left_out else ()


def _gone(forecasts: Sequence[EarlierForecast], config: Config) -> tuple[str, ...]:
    gone = sorted(
        {str(name) for one in forecasts for name in one.rows["queue"].unique()} - set(config.queues)
    )
    return tuple(f"{name}: in earlier forecasts, no longer in the configuration: not scored" for name in gone)


def _rows(forecast: EarlierForecast, interval_min: int) -> pd.DataFrame:
    """Return FORECAST; DataError if most rows follow each other at another distance than `interval_min`."""
    rows = conform(forecast.rows, FORECAST, source=forecast.run)
    same = rows["queue"] == rows["queue"].shift()
    steps = rows["interval_start"].diff()[same].dt.total_seconds().mode() // 60
    if len(steps) and steps[0] != interval_min and steps[0] <= LONGEST_INTERVAL_MIN:
        problem = f"intervals of {steps[0]:.0f} min, those of the configuration have {interval_min}"
        raise DataError([Fault(problem, "score it with the configuration it was made with", forecast.run)])
    return rows


def _judged(made: pd.Timestamp, number: int, happened: _Queue, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a forecast of a queue up to the last day of the history, with what came."""
    zone, past = happened.queue.timezone, happened.past
    rows = rows[rows["interval_start"] >= made]
    date = local_dates(rows["interval_start"], zone)
    inside_history = date <= local_date(past.index.max(), zone)
    rows, date = rows[inside_history].reset_index(drop=True), date[inside_history].reset_index(drop=True)
    came = past.reindex(rows["interval_start"]).reset_index(drop=True)
    actual = came["offered"]
    if happened.absent_is_zero:
        between = rows["interval_start"].between(past.index.min(), past.index.max())
        actual = actual.mask(actual.isna() & between, 0.0)
    today = local_date(made, zone)
    hidden = happened.hidden(rows["interval_start"]) & actual.notna().to_numpy()
    scored = actual.notna() & ~hidden
    whole = scored.groupby(date).transform("all") & ~((date == today) & happened.began(made))
    handled = came["handled"].astype("float64")
    return pd.DataFrame(
        {
            "queue": happened.name,
            "forecast_number": number,
            "date": date,
            "lead": (date - today).dt.days,
            "actual": actual,
            "aht_actual_s": came["aht_s"],
            "timed": handled.fillna(actual),  # contacts that the handle time is the mean of
            **{column: rows[column] for column in ("offered", "aht_s", *BANDS)},
            "hidden": hidden,
            "scored": scored,
            "whole": whole,
        }
    )


def _scores(scored: pd.DataFrame) -> pd.DataFrame:
    if scored.empty:
        return empty(HINDSIGHT)
    leads = np.array(LEADS)
    first = leads[np.searchsorted(leads, scored["lead"].to_numpy(), side="right") - 1]
    found = [
        {**_key(rows.iloc[0]), **_figures(rows)}
        for _, rows in scored.assign(lead_from_day=first).groupby(["queue", "lead_from_day"], sort=True)
    ]
    return conform(pd.DataFrame(found), HINDSIGHT)


def _key(row: pd.Series) -> dict[str, object]:
    first = int(row["lead_from_day"])
    later = [lead for lead in LEADS if lead > first]
    return {"queue": row["queue"], "lead_from_day": first, "lead_to_day": later[0] - 1 if later else None}


def _figures(rows: pd.DataFrame) -> dict[str, float]:
    """Return the columns of HINDSIGHT of some scored intervals."""
    expected, actual = _floats(rows, "offered"), _floats(rows, "actual")
    days = rows[rows["whole"]].groupby(["forecast_number", "date"])[["offered", "actual"]].sum()
    day_expected, day_actual = _floats(days, "offered"), _floats(days, "actual")
    low, inner_low, _, inner_high, high = (_floats(rows, band) for band in BANDS)
    timed = rows[rows["aht_actual_s"].notna() & (rows["aht_actual_s"] > 0) & (rows["timed"] > 0)]
    aht_s, aht_actual_s, contacts = (_floats(timed, name) for name in ("aht_s", "aht_actual_s", "timed"))
    return {
        "forecasts": rows["forecast_number"].nunique(),
        "intervals": len(rows),
        "days": len(days),
        "offered": actual.sum(),
        "forecast": expected.sum(),
        "wape": wape(expected, actual),
        "day_wape": wape(day_expected, day_actual),
        "bias": bias(expected, actual),
        "coverage_80": float(inside(actual, expected, inner_low, inner_high).mean()),
        "coverage_95": float(inside(actual, expected, low, high).mean()),
        "noise_floor": _floor(expected, actual),
        "day_noise_floor": _floor(day_expected, day_actual),
        "aht_wape": weighted_error(aht_s, aht_actual_s, contacts),
        "aht_bias": bias(contacts * aht_s, contacts * aht_actual_s),
    }


def _floats(rows: pd.DataFrame, name: str) -> FloatArray:
    return rows[name].to_numpy(dtype=np.float64)


def _floor(expected: FloatArray, actual: FloatArray) -> float:
    """Return the noise floor of counts with the means expected, at the level of what came."""
    total = float(expected.sum())
    return noise_floor(expected * (float(actual.sum()) / total)) if total > 0 else float("nan")


def _last_days(scored: pd.DataFrame, forecasts: Sequence[EarlierForecast]) -> tuple[LastDay, ...]:
    """Return for each queue its last complete day, by the newest forecast of it."""
    found = []
    for queue, rows in scored[scored["whole"]].groupby("queue", sort=True):
        day = rows[rows["date"] == rows["date"].max()]
        newest = day[day["forecast_number"] == day["forecast_number"].max()]
        first = newest.iloc[0]
        run = forecasts[int(first["forecast_number"])].run
        sums = newest[["actual", "offered"]].sum()
        figures = float(sums["actual"]), float(sums["offered"])
        found.append(LastDay(str(queue), first["date"], run, int(first["lead"]), *figures))
    return tuple(found)

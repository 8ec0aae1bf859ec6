"""Opening hours learnt from arrivals: the times of the week at which most days have contacts.

For each interval of the week, the share of its days on which a contact arrived. An interval with at least
`STRAY` of its days is open. A stretch between open ones counts as closed only if, at the rate of its
neighbours, contacts in it would have been all but certain: so quiet intervals stay open and a lunch break
does not. Stretches with hardly any contact are stray calls.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.hours import DAY_MIN, WEEK_MIN, WEEKDAYS
from wfm.localtime import to_local

STRAY = 0.1  # share of days below which contacts are strays
LEAST_EXPECTED = 9.0  # days with a contact, expected in a stretch: none at all has a chance of 1 in 8,000
FEWEST_CONTACTS = 4  # days with a contact in a stretch; fewer are strays
FEWEST_OF_WEEKDAY = 3  # days of one weekday to judge it by; with fewer Monday to Friday are taken together
LONGEST_GAP_DAYS = 7  # days without any row, beyond which the file has a hole
_NEIGHBOURS = 4
_WORKDAYS = 5
_SURE = 0.8  # typical share of days from which the edges of opening hours are read to the interval
_Spans = list[tuple[int, int]]


@dataclass(frozen=True)
class Learnt:
    """Weekly hours in the planner's notation (empty: always), and the number of days behind them.

    `is_known` is False where there were too few contacts: the hours are then empty.
    """

    hours: str
    days: int
    is_known: bool


def learnt_hours(history: pd.DataFrame, timezone: str, interval_min: int) -> dict[str, Learnt]:
    """Return the opening hours of each queue of HISTORY by the wall clock of `timezone`."""
    arrived = history[history["offered"] > 0]
    local = to_local(arrived["interval_start"], timezone)
    dates = pd.DatetimeIndex(local.dt.normalize())
    minutes = (local.dt.hour * 60 + local.dt.minute).to_numpy()
    looked_at = _days(dates)
    found = {}
    for queue in sorted(arrived["queue"].unique()):
        own = (arrived["queue"] == queue).to_numpy()
        days = looked_at[(looked_at >= dates[own].min()) & (looked_at <= dates[own].max())]
        found[str(queue)] = _learnt(dates[own], minutes[own], days, interval_min)
    return found


def hours_text(spans: Sequence[tuple[int, int]]) -> str:
    """Return open spans of a week, in minutes from Monday 00:00, in the planner's notation.

    Spans do not overlap; one that ends after the week goes on at its beginning. Empty text is always.
    """
    if sum(end - start for start, end in spans) >= WEEK_MIN:
        return ""
    of_day: dict[int, list[str]] = {day: [] for day in range(len(WEEKDAYS))}
    for start, end in sorted(piece for span in spans for piece in _daily(*span)):
        day, begin = divmod(start, DAY_MIN)
        until = end - day * DAY_MIN
        of_day[day % 7].append(f"{_clock(begin)}-{_clock(until)}")
    parts = []
    for _, group in itertools.groupby(of_day.items(), key=lambda item: item[1]):
        days = list(group)
        first, last = WEEKDAYS[days[0][0]], WEEKDAYS[days[-1][0]]
        name = first if first == last else f"{first}-{last}"
        parts += [f"{name} {text}" for text in days[0][1]]
    return ";".join(parts)


def _days(dates: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Return the calendar days from the first to the last date, without holes in the file."""
    seen = dates.unique().sort_values()
    if seen.empty:
        return seen
    every = pd.date_range(seen[0], seen[-1], freq="D")
    before = seen[np.maximum(seen.searchsorted(every, side="right") - 1, 0)]
    after = seen[np.minimum(seen.searchsorted(every), len(seen) - 1)]
    return every[(after - before) <= pd.Timedelta(days=LONGEST_GAP_DAYS)]


def _learnt(
    dates: pd.DatetimeIndex, minutes: NDArray[np.int64], days: pd.DatetimeIndex, interval_min: int
) -> Learnt:
    per_day = DAY_MIN // interval_min
    slots = np.asarray(dates.day_of_week) * per_day + minutes // interval_min
    pairs = pd.DataFrame({"slot": slots, "date": dates}).drop_duplicates()
    by_day = np.bincount(pairs["slot"], minlength=7 * per_day).astype(float).reshape(7, per_day)
    number = np.bincount(np.asarray(days.day_of_week), minlength=7).astype(float)
    if number[:_WORKDAYS].min() < FEWEST_OF_WEEKDAY:
        by_day[:_WORKDAYS] = by_day[:_WORKDAYS].sum(axis=0)
        number[:_WORKDAYS] = number[:_WORKDAYS].sum()
    hits, number = by_day.ravel(), np.repeat(number, per_day)
    is_open = _opened(hits, number)
    if not is_open.any():
        return Learnt("", len(days), is_known=False)
    share = float(np.median((hits / np.maximum(number, 1))[is_open]))
    step = interval_min if share >= _SURE else 60
    return Learnt(hours_text(_rounded(_runs(is_open), interval_min, step)), len(days), is_known=True)


def _opened(hits: NDArray[np.float64], number: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which intervals of the week are open, from the days with a contact and the days looked at."""
    share = hits / np.maximum(number, 1)
    least = np.where(number >= FEWEST_OF_WEEKDAY, 2, 1)
    is_open = (share >= STRAY) & (hits >= least)
    for start, end in _runs(~is_open):
        places = np.arange(start, end) % len(hits)
        if not is_open.any() or len(places) == len(hits):
            continue
        expected = _rate_beside(share, is_open, start, end) * number[places].sum()
        if expected < LEAST_EXPECTED or hits[places].sum() > expected / 4:
            is_open[places] = True
    for start, end in _runs(is_open):
        places = np.arange(start, end) % len(hits)
        if hits[places].sum() < FEWEST_CONTACTS:
            is_open[places] = False
    return is_open


def _rate_beside(share: NDArray[np.float64], is_open: NDArray[np.bool_], start: int, end: int) -> float:
    """Return the smaller of the mean shares of the open intervals before and after a stretch."""
    beside = [np.arange(start - _NEIGHBOURS, start), np.arange(end, end + _NEIGHBOURS)]
    means = [share[places % len(share)][is_open[places % len(share)]].mean() for places in beside]
    return float(min(means))


def _runs(mask: NDArray[np.bool_]) -> _Spans:
    """Return the (start, end) of stretches of a circle where `mask` holds; an end may pass the circle's."""
    size = len(mask)
    if mask.all() or not mask.any():
        return [(0, size)] if mask.all() else []
    begin = int(np.flatnonzero(~mask)[0])  # so that no stretch is cut
    turned = np.concatenate([[False], np.roll(mask, -begin), [False]]).astype(int)
    edges = np.flatnonzero(np.diff(turned)).reshape(-1, 2) + begin
    return [(int(start) % size, int(start) % size + int(end - start)) for start, end in edges]


def _rounded(runs: _Spans, interval_min: int, step: int) -> _Spans:
    """Return stretches in minutes, widened to whole steps; those that then touch are one."""
    wide = [
        (start * interval_min // step * step, -(-end * interval_min // step) * step) for start, end in runs
    ]
    mask = np.zeros(WEEK_MIN, dtype=bool)
    for start, end in wide:
        mask[np.arange(start, end) % WEEK_MIN] = True
    return _runs(mask)


def _daily(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield a span cut at midnights; one of at most a day that passes a single midnight stays whole."""
    next_midnight = (start // DAY_MIN + 1) * DAY_MIN
    if end - start <= DAY_MIN and end < next_midnight + DAY_MIN and end - start < DAY_MIN:
        yield start, end
        return
    while start < end:
        cut = min(end, (start // DAY_MIN + 1) * DAY_MIN)
        yield start, cut
        start = cut


def _clock(minute: int) -> str:
    if minute == DAY_MIN:
        return "24:00"
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"

"""What every contender of bench/forecast.py is asked, as days x slots, and how its answer is measured.

Runs inside the environment of the contender: standard library, numpy and pandas only. Stamps are local wall
time. A question holds a series and its origins; each origin's forecaster gets only the rows before it.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Question:
    """What is known at an origin, and what is wanted; `known` is indexed by stamp, opening hours only."""

    origin: pd.Timestamp
    known: pd.Series[float]
    wanted: pd.DatetimeIndex
    interval_min: int
    open_minutes: list[list[int]]  # of the days from Monday to Sunday
    holidays: dict[pd.Timestamp, str]
    config: dict[str, Any]  # of wfm


Forecaster = Callable[[Question], FloatArray]


@dataclass(frozen=True)
class Days:
    """Opening days x slots of a question: the first `past` are known, the others wanted; unknown is NaN."""

    dates: pd.DatetimeIndex
    minutes: IntArray
    offered: FloatArray
    is_open: BoolArray
    holiday: BoolArray
    past: int

    @property
    def weekday(self) -> IntArray:
        """Return 0 (Monday) to 6 of each day."""
        return np.asarray(self.dates.day_of_week, dtype=np.int64)

    @property
    def per_week(self) -> int:
        """Return how many days of a week are open."""
        return len(np.unique(self.weekday))

    def within_weeks(self, weeks: int) -> BoolArray:
        """Return which days are among the last known weeks."""
        since = self.dates[self.past] - pd.Timedelta(days=7 * weeks)
        return np.asarray((self.dates >= since) & (np.arange(len(self.dates)) < self.past), dtype=bool)

    def without_holidays(self) -> FloatArray:
        """Return the contacts, those of holidays unknown."""
        return np.where(self.holiday[:, None], np.nan, self.offered)

    def values(self, question: Question, made: FloatArray) -> FloatArray:
        """Return what was made for the future days x slots at the stamps that are wanted."""
        day = self.dates[self.past :].get_indexer(question.wanted.normalize())
        slot = np.searchsorted(self.minutes, minutes_of(question.wanted))
        return made[day, slot]


def days_of(question: Question) -> Days:
    """Return all opening days from the first that is known to the last that is wanted."""
    span = pd.date_range(question.known.index[0].normalize(), question.wanted[-1].normalize(), freq="D")
    dates = span[[bool(question.open_minutes[day]) for day in span.day_of_week]]
    minutes = np.array(sorted({own for day in question.open_minutes for own in day}), dtype=np.int64)
    stamps = pd.DatetimeIndex(question.known.index)
    offered = np.full((len(dates), len(minutes)), np.nan)
    row, column = dates.get_indexer(stamps.normalize()), np.searchsorted(minutes, minutes_of(stamps))
    offered[row, column] = question.known.to_numpy(dtype=np.float64)
    is_open = np.array([np.isin(minutes, question.open_minutes[day]) for day in dates.day_of_week])
    holiday = np.asarray(dates.isin(list(question.holidays)), dtype=bool)
    return Days(dates, minutes, offered, is_open, holiday, int((dates < question.origin).sum()))


def minutes_of(stamps: pd.DatetimeIndex) -> IntArray:
    return np.asarray(stamps.hour * 60 + stamps.minute, dtype=np.int64)


def weekly(days: Days, offered: FloatArray, middle: str = "mean") -> FloatArray:
    """Return the mean or median of the known per weekday and slot (7, slots), NaN without any."""
    cells = pd.DataFrame(offered[: days.past]).groupby(days.weekday[: days.past]).agg(middle)
    return cells.reindex(range(7)).to_numpy(dtype=np.float64)


def filled(days: Days, offered: FloatArray) -> FloatArray:
    """Return the known days, the mean of weekday and slot where nothing is known, closed slots 0."""
    means = weekly(days, offered)[days.weekday[: days.past]]
    past = np.where(np.isnan(offered[: days.past]), np.nan_to_num(means), offered[: days.past])
    return np.where(days.is_open[: days.past], past, 0.0)


def spread(days: Days, totals: FloatArray, weeks: int = 8) -> FloatArray:
    """Return totals of the future days over the slots, as ordinary days of their weekday were lately."""
    recent = np.where(days.within_weeks(weeks)[:, None], days.without_holidays(), np.nan)
    lately, ever = weekly(days, recent), weekly(days, days.without_holidays())
    means = np.nan_to_num(np.where(np.isnan(lately), ever, lately))
    shares = means / np.maximum(means.sum(axis=1, keepdims=True), 1e-9)
    return np.asarray(totals[:, None] * shares[days.weekday[days.past :]], dtype=np.float64)


def questions(asked: dict[str, Any]) -> Iterator[Question]:
    """Return the question of each origin; what came at or after it is cut off here."""
    series = pd.Series(asked["offered"], index=pd.to_datetime(asked["stamps"]), dtype=float)
    holidays = {pd.Timestamp(day): name for day, name in asked["holidays"].items()}
    for own in asked["origins"]:
        origin = pd.Timestamp(own["origin"])
        known = series[series.index < origin]
        wanted = pd.DatetimeIndex(pd.to_datetime(own["wanted"]))
        hours = asked["open_minutes"]
        yield Question(origin, known, wanted, asked["interval_min"], hours, holidays, asked["config"])


def answered(asked: dict[str, Any], forecaster: Forecaster) -> dict[str, Any]:
    """Return forecasts per origin (no negative ones), CPU seconds (median), memory, and what failed."""
    forecasts: list[list[float] | None] = []
    failed, seconds = dict[str, str](), list[float]()
    for question in questions(asked):
        begun = cpu_s()
        try:
            made = np.maximum(checked(forecaster(question), question), 0.0)
        except Exception as error:  # noqa: BLE001 - whatever a package raises is its answer, and reported
            failed[question.origin.isoformat()] = f"{type(error).__name__}: {last_line(str(error))}"
            forecasts.append(None)
            continue
        seconds.append(cpu_s() - begun)
        forecasts.append([round(float(value), 4) for value in made])
    median_s = statistics.median(seconds) if seconds else None
    return {"forecasts": forecasts, "failed": failed, "cpu_s": median_s, "mib": peak_mib()}


def checked(made: FloatArray, question: Question) -> FloatArray:
    """Return a forecast if it is one; raise ValueError if numbers are missing."""
    if len(made) != len(question.wanted):
        raise ValueError(f"{len(made)} forecasts of {len(question.wanted)} intervals")
    missing = int((~np.isfinite(made)).sum())
    if missing:
        raise ValueError(f"{missing} of {len(made)} forecasts are not numbers")
    return made


def last_line(text: str) -> str:
    return (text.strip().splitlines() or [""])[-1]


def cpu_s() -> float:
    """Return the CPU seconds of this process and of the programmes that it has run (Prophet's Stan)."""
    return time.process_time() + sum(os.times()[2:4])


def peak_mib() -> float | None:
    """Return the largest resident set of this programme alone; getrusage would count who started it."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return None  # not Linux
    (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return round(int(line.split()[1]) / 1024, 1)

"""SCORES and SCORE_PARTS of one queue: accuracy of each model at the rolling origins, honesty of its bands.

Everything is summed by origin and day first, so that any part (a week ahead, a weekday, holidays) is a sum of
days. The bands of an origin use the errors learnt at the other origins. The noise floor is that of Poisson
counts whose means are the mean of all models' forecasts, scaled to the contacts that came: one floor for the
queue. The gain over the planner's eight-week mean has a 95 % interval by the jackknife over target weeks, all
origins of a week together. Source: Efron & Tibshirani, An Introduction to the Bootstrap, ch. 11.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from wfm.forecast.arrays import WEEK, BoolArray, FloatArray, nan_mean, ratio
from wfm.forecast.bands import QUANTILES, inside, quantiles
from wfm.forecast.calibration import USUAL_INTERVAL, calibrate
from wfm.forecast.rolling import Rolled
from wfm.forecast.scoring import pinball, poisson_deviation, weighted_error

NAIVE, AVERAGE = "seasonal_naive", "moving_average"
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
FEWEST_WEEKS = 3
Row = dict[str, object]


@dataclass(frozen=True)
class DaySums:
    """Sums over the scored intervals of each day (origins, days); those of models (models, origins, days).

    `covered` holds intervals inside the 80 % and the 95 % band; NaN with `loss` for models without bands.
    """

    count: FloatArray
    actual: FloatArray
    floor: FloatArray
    error: FloatArray
    absolute: FloatArray
    square: FloatArray
    loss: FloatArray
    covered: tuple[FloatArray, FloatArray]


def day_sums(values: FloatArray, scored: BoolArray) -> FloatArray:
    """Return sums over the scored slots (..., origins, days)."""
    return np.asarray(np.where(scored, values, 0.0).sum(axis=-1), dtype=np.float64)


def all_sums(rolled: Rolled, banded: Collection[str]) -> DaySums:
    """Return the sums by day; models named in `banded` with their bands."""
    scored = rolled.scored
    actual = np.where(scored, rolled.actual, 0.0)
    error = np.where(scored, rolled.forecast - actual, 0.0)
    bands = [_band_sums(rolled, row, name in banded) for row, name in enumerate(rolled.models)]
    loss, inner, outer = (np.array(sums) for sums in zip(*bands, strict=True))
    return DaySums(
        scored.sum(axis=-1).astype(np.float64),
        actual.sum(axis=-1),
        day_sums(_floor(rolled), scored),
        error.sum(axis=-1),
        np.abs(error).sum(axis=-1),
        (error**2).sum(axis=-1),
        loss,
        (inner, outer),
    )


def _floor(rolled: Rolled) -> FloatArray:
    """Return the mean deviation of Poisson counts (origins, days, slots)."""
    mean = np.where(rolled.scored, rolled.forecast.mean(axis=0), 0.0)
    contacts, expected = float(np.nansum(rolled.actual)), float(mean.sum())
    return poisson_deviation(mean * contacts / expected) if expected > 0 else mean


def _band_sums(rolled: Rolled, row: int, banded: bool) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return loss and intervals inside both bands (origins, days), each origin's with the others' errors."""
    shape = rolled.actual.shape
    if not banded or not rolled.origins:
        unknown = np.full(shape[:2], np.nan)
        return unknown, unknown, unknown
    forecast, scored = rolled.forecast[row], rolled.scored
    calibration = calibrate(forecast, rolled.actual, USUAL_INTERVAL)
    origin, day, slot = np.nonzero(scored)
    errors = [calibration.error(at).of_day(np.arange(shape[1])) for at in range(shape[0])]
    inner, outer = (np.array(sides)[origin, day] for sides in zip(*errors, strict=True))
    came = rolled.actual[origin, day, slot]
    mean = forecast[origin, day, slot]
    bands = quantiles(mean, inner, outer)
    key = origin * shape[1] + day
    parts = (
        pinball(bands, came, np.array(QUANTILES)),
        inside(came, mean, bands[:, 1], bands[:, 3]),
        inside(came, mean, bands[:, 0], bands[:, 4]),
    )
    size = shape[0] * shape[1]
    sums = [np.bincount(key, part, minlength=size).reshape(shape[:2]) for part in parts]
    loss, within, around = (np.asarray(one, dtype=np.float64) for one in sums)
    return loss, within, around


def score_rows(
    queue: str, rolled: Rolled, sums: DaySums, labels: dict[str, str], chosen: str, usual_step: float
) -> list[Row]:
    """Return one row of SCORES per model; ratios are NaN if no origin fitted into the history.

    `usual_step` is the mean difference (contacts) of an interval from that of the week before in the past.
    """
    common = {"queue": queue, "aht_wape": _aht_error(rolled), "origins": rolled.origins}
    everything = np.ones((1, *sums.count.shape), dtype=bool)
    figures = _accuracy(rolled, sums, everything, usual_step)
    return [
        {
            **common,
            "model": labels.get(name, name),
            "chosen": name == chosen,
            **{key: values[0, row] for key, values in figures.items()},
        }
        for row, name in enumerate(rolled.models)
    ]


def part_rows(
    queue: str, rolled: Rolled, sums: DaySums, labels: dict[str, str], usual_step: float
) -> list[Row]:
    """Return one row of SCORE_PARTS per model and part that has any contact."""
    parts = _parts(rolled)
    figures = _accuracy(rolled, sums, np.array(list(parts.values())), usual_step)
    return [
        {
            "queue": queue,
            "model": labels.get(name, name),
            "part": part,
            **{key: values[number, row] for key, values in figures.items()},
        }
        for number, part in enumerate(parts)
        if figures["contacts"][number, 0] > 0
        for row, name in enumerate(rolled.models)
    ]


def _parts(rolled: Rolled) -> dict[str, BoolArray]:
    """Return the days (origins, days) of each part."""
    origins, days = rolled.special.shape
    ahead = np.broadcast_to(np.arange(days) // WEEK, (origins, days))
    weekday = (rolled.first[:, None] + np.arange(days) + 3) % WEEK  # 1970-01-01 was a Thursday
    weeks = {f"week {week + 1}": ahead == week for week in range(-(-days // WEEK))}
    kinds = {name: (weekday == number) & ~rolled.special for number, name in enumerate(WEEKDAYS)}
    return {**weeks, **kinds, "holiday": rolled.special}


def _accuracy(rolled: Rolled, sums: DaySums, parts: BoolArray, usual_step: float) -> dict[str, FloatArray]:
    """Return the figures (parts, models) over the days (origins, days) of each part."""
    size = sums.count.size
    days = parts.reshape(len(parts), size).astype(np.float64)

    def total(values: FloatArray) -> FloatArray:
        """Return sums (parts, models), or (parts, 1) of what is the same for all models."""
        return days @ values.reshape(values.size // size if size else len(rolled.models), size).T

    contacts, count = total(sums.actual), total(sums.count)
    absolute = total(sums.absolute)
    wape, floor = ratio(absolute, contacts), ratio(total(sums.floor), contacts)
    naive = wape[:, [rolled.models.index(NAIVE)]]
    gain, low, high = _gain(rolled, sums, days)
    figures = {
        "wape": wape,
        "day_wape": ratio(total(np.abs(sums.error)), contacts),
        "bias": ratio(total(sums.error), contacts),
        "rmse": np.sqrt(ratio(total(sums.square), count)),
        "mase": ratio(ratio(absolute, count), np.array(usual_step)),
        "pinball": ratio(total(sums.loss), count),
        "coverage_80": ratio(total(sums.covered[0]), count),
        "coverage_95": ratio(total(sums.covered[1]), count),
        "noise_floor": floor,
        "skill": 1.0 - ratio(wape - floor, naive - floor),
        "gain": gain,
        "gain_low": low,
        "gain_high": high,
        "intervals": count,
        "contacts": contacts,
    }
    shape = wape.shape
    return {key: np.broadcast_to(values, shape) for key, values in figures.items()}


def _gain(rolled: Rolled, sums: DaySums, days: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the gains (parts, models) over the eight-week mean, and the ends of their 95 % intervals.

    The ends are NaN with too few weeks.
    """
    target = (rolled.first[:, None] + np.arange(sums.count.shape[1])).ravel() // WEEK
    weeks = (np.unique(target)[:, None] == target).astype(np.float64)
    errors = sums.absolute.reshape(len(rolled.models), days.shape[1])
    by_week = np.matmul(days[:, None] * errors, weeks.T)
    row = rolled.models.index(AVERAGE)
    other = by_week[:, [row]]
    gain = 1.0 - ratio(by_week.sum(axis=2), other.sum(axis=2))
    left_out = 1.0 - ratio(
        by_week.sum(axis=2, keepdims=True) - by_week, other.sum(axis=2, keepdims=True) - other
    )
    left_out = np.where(other > 0, left_out, np.nan)  # a week without any error of the mean tells nothing
    telling = (~np.isnan(left_out)).sum(axis=2)
    scatter = np.nansum((left_out - nan_mean(left_out, axis=2)[..., None]) ** 2, axis=2)
    error = np.sqrt(np.maximum(telling - 1, 0) / np.maximum(telling, 1) * scatter)
    reach = np.where(telling >= FEWEST_WEEKS, stdtrit(np.maximum(telling - 1, 1), 0.975) * error, np.nan)
    reach[:, row] = np.nan
    return gain, gain - reach, gain + reach


def _aht_error(rolled: Rolled) -> float:
    known = ~np.isnan(rolled.aht_actual_s) & ~np.isnan(rolled.aht_forecast_s) & rolled.scored
    contacts = np.where(np.isnan(rolled.handled), rolled.actual, rolled.handled)
    return weighted_error(rolled.aht_forecast_s[known], rolled.aht_actual_s[known], contacts[known])

"""SCORES rows of one queue: how accurate each model was at the rolling origins, and how honest its bands.

The bands of an origin use the errors learnt at the other origins. The noise floor is that of Poisson counts
whose means are the mean of all models' forecasts, scaled to the contacts that came: one floor for the queue.
"""

from __future__ import annotations

import numpy as np

from wfm.forecast.arrays import FloatArray, nan_mean
from wfm.forecast.bands import INNER, OUTER, USUAL_INTERVAL, calibrate, covered
from wfm.forecast.rolling import Rolled
from wfm.forecast.scoring import bias, noise_floor, wape, weighted_error


def score_rows(queue: str, rolled: Rolled, labels: dict[str, str], chosen: str) -> list[dict[str, object]]:
    """Return one row per model of `rolled`; ratios are NaN if no origin fitted into the history."""
    common = {
        "queue": queue,
        "noise_floor": _floor(rolled),
        "aht_wape": _aht_error(rolled),
        "origins": rolled.origins,
        "intervals": int(rolled.scored.sum()),
        "contacts": float(np.nansum(rolled.actual)),
    }
    return [
        {**common, "model": labels.get(name, name), "chosen": name == chosen, **_accuracy(rolled, row)}
        for row, name in enumerate(rolled.models)
    ]


def _accuracy(rolled: Rolled, row: int) -> dict[str, float]:
    forecast, scored = rolled.forecast[row], rolled.scored
    days, actual_days = day_sums(forecast, rolled.actual), day_sums(rolled.actual, rolled.actual)
    known = ~np.isnan(actual_days)
    inner, outer = _coverages(forecast, rolled.actual)
    return {
        "wape": wape(forecast[scored], rolled.actual[scored]),
        "day_wape": wape(days[known], actual_days[known]),
        "bias": bias(forecast[scored], rolled.actual[scored]),
        "coverage_80": inner,
        "coverage_95": outer,
    }


def day_sums(values: FloatArray, actual: FloatArray) -> FloatArray:
    """Return sums over the scored slots (origins, days), NaN for days without any."""
    scored = ~np.isnan(actual)
    sums = np.where(scored, values, 0.0).sum(axis=-1)
    return np.where(scored.any(axis=-1), sums, np.nan)


def _floor(rolled: Rolled) -> float:
    mean = rolled.forecast.mean(axis=0)[rolled.scored]
    contacts, expected = float(np.nansum(rolled.actual)), float(mean.sum())
    return noise_floor(mean * contacts / expected) if expected > 0 else float("nan")


def _aht_error(rolled: Rolled) -> float:
    known = ~np.isnan(rolled.aht_actual) & ~np.isnan(rolled.aht_forecast) & rolled.scored
    contacts = np.where(np.isnan(rolled.handled), rolled.actual, rolled.handled)
    return weighted_error(rolled.aht_forecast[known], rolled.aht_actual[known], contacts[known])


def _coverages(forecast: FloatArray, actual: FloatArray) -> tuple[float, float]:
    """Return the coverage of the 80 % and the 95 % band, each origin's with the errors of the others."""
    if not len(actual):
        return float("nan"), float("nan")
    calibration = calibrate(forecast, actual, USUAL_INTERVAL)
    inner, outer = [], []
    for origin, scored in enumerate(~np.isnan(actual)):
        came, mean, error = actual[origin][scored], forecast[origin][scored], calibration.error(origin)
        inner.append(covered(came, mean, error.inner, INNER))
        outer.append(covered(came, mean, error.outer, OUTER))
    shares = np.concatenate(inner), np.concatenate(outer)
    return float(nan_mean(shares[0])), float(nan_mean(shares[1]))

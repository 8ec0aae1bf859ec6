"""How much a public holiday, the day before and the day after differ from an ordinary day of their weekday.

Effects are multipliers of the day, learnt on the log of actual / baseline: pooled over all holidays of the
queue, then each name pulled from the pooled effect towards what it did itself. Thin evidence is shrunk: `n`
days count n / (n + strength), the rest is the prior (no effect).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from wfm.forecast.arrays import BoolArray, FloatArray, nan_median, ratio

POOLED_STRENGTH = 0.5
NAME_STRENGTH = 1.0
NEIGHBOUR_STRENGTH = 3.0
LOWEST_RATIO = 0.02


def holiday_factors(names: Sequence[str], offered: FloatArray, baseline: FloatArray) -> FloatArray:
    """Return the multiplier of each day (days,); `names` holds a holiday's name or is empty."""
    log_ratio = _log_ratio(offered, baseline)
    holiday = np.array([name != "" for name in names], dtype=bool)
    effect = np.zeros(len(names))
    pooled = _shrunk(log_ratio[holiday], POOLED_STRENGTH, 0.0)
    for name in sorted(set(names) - {""}):
        days = np.array([other == name for other in names], dtype=bool)
        effect[days] = _shrunk(log_ratio[days], NAME_STRENGTH, pooled)
    for days in (_before(holiday), _after(holiday)):
        effect[days] += _shrunk(log_ratio[days], NEIGHBOUR_STRENGTH, 0.0)
    return np.exp(effect)


def _log_ratio(offered: FloatArray, baseline: FloatArray) -> FloatArray:
    known = ~np.isnan(offered) & ~np.isnan(baseline)
    seen = np.where(known, offered, 0.0).sum(axis=1)
    expected = np.where(known, baseline, 0.0).sum(axis=1)
    return np.log(np.maximum(ratio(seen, expected), LOWEST_RATIO))


def _shrunk(values: FloatArray, strength: float, prior: float) -> float:
    known = values[~np.isnan(values)]
    if len(known) == 0:
        return prior
    return float((len(known) * nan_median(known) + strength * prior) / (len(known) + strength))


def _before(holiday: BoolArray) -> BoolArray:
    return np.append(holiday[1:], False) & ~holiday


def _after(holiday: BoolArray) -> BoolArray:
    return np.append(False, holiday[:-1]) & ~holiday

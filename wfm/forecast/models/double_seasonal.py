"""Double-seasonal exponential smoothing of the intervals of open time: level, slot of day, slot of week.

Taylor's additive form without trend, on roots sqrt(y + 1/4) of contacts per interval: their noise is the same
in busy and quiet intervals, so that one rate suits all, and zeros are no trouble (dividing by a quiet slot's
factor, the multiplicative form, would turn one contact at night into a new level). With the error
r = y - (level + daily + weekly), a step is

    level += a r;   daily += d (1 - a) r;   weekly += w (1 - a) r,

his equations in error form; the forecast adds phi^h times the last error. The rates are the best of a small
grid per case by the squared error one step ahead, phi is its least-squares slope. Unknown and closed
intervals leave everything as it is. Source: J. W. Taylor, Short-term electricity demand forecasting using
double seasonal exponential smoothing, Journal of the Operational Research Society 54 (2003).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from wfm.forecast.arrays import (
    WEEK,
    BoolArray,
    FloatArray,
    IntArray,
    ahead,
    anything,
    by_week,
    completed,
    nan_mean,
    ratio,
)
from wfm.forecast.learning import Learning

WEEKS, FIRST_WEEKS = 26, 4  # learnt from, and of these those that begin level and seasons
LEVEL_HALF_LIFE_DAYS = (4.0, 14.0, 42.0)
DAILY, WEEKLY = (0.01, 0.05), (0.05, 0.15)
GRID = np.array(list(product(LEVEL_HALF_LIFE_DAYS, DAILY, WEEKLY))).T
LARGEST_PHI = 0.95


@dataclass
class _State:
    """Level (cases, rates), daily (slots, cases, rates) and weekly (7, slots, cases, rates), all of roots.

    `last` are the last errors (cases, rates), `square` (slots, cases, rates) sums of their squares; `before`
    and `both` (cases, rates) are sums of squares and products of errors that follow each other.
    """

    level: FloatArray
    daily: FloatArray
    weekly: FloatArray
    last: FloatArray
    square: FloatArray
    before: FloatArray
    both: FloatArray


def predict(learning: Learning) -> FloatArray:
    """Return contacts (cases, horizon, slots), zero where the ordinary week is closed."""
    flat = learning.offered / learning.effects.month[:, : learning.known_days, None]
    roots = np.sqrt(flat[:, -WEEK * WEEKS :] + 0.25)
    state = _begun(roots)
    _run(state, roots, _rates(learning.open_week))
    opens = ahead(learning.open_week.astype(np.float64), learning.horizon_days)
    root, square = _coming(state, opens)
    count = (~np.isnan(roots)).sum(axis=1).astype(np.float64)
    noise = np.nan_to_num(ratio(square, count))[:, None]  # what squaring a mean of roots loses of the mean
    contacts = np.maximum(np.maximum(root, 0.0) ** 2 - 0.25 + noise, 0.0)
    known = anything(count > 0)[:, None, None]
    return np.where(known, contacts, 0.0) * opens * learning.coming_month[:, :, None]


def _coming(state: _State, opens: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the roots (cases, horizon, slots) to come, and the squared errors (cases, slots) in the past."""
    case = np.arange(len(opens))
    chosen, phi = _best(state)
    weekly = np.moveaxis(state.weekly[:, :, case, chosen], 2, 0)
    week = state.level[case, chosen, None, None] + state.daily[:, case, chosen].T[:, None] + weekly
    step = np.cumsum(opens.reshape(len(opens), -1), axis=1).reshape(opens.shape)
    last = phi[:, None, None] ** step * state.last[case, chosen, None, None]
    return ahead(week, opens.shape[1]) + last, state.square[:, case, chosen].T


def _begun(roots: FloatArray) -> _State:
    """Return the state before the first day: the mean week of the first weeks of which anything is known."""
    weeks = by_week(roots)
    seen = np.cumsum(anything(anything(~np.isnan(weeks))), axis=1)
    first = nan_mean(np.where((seen <= FIRST_WEEKS)[:, :, None, None], weeks, np.nan), axis=1)
    pattern = np.where(np.isnan(first), nan_mean(weeks, axis=1), first)
    level = np.nan_to_num(nan_mean(pattern.reshape(len(pattern), -1), axis=1))
    daily = np.nan_to_num(nan_mean(pattern, axis=1)) - level[:, None]
    week = completed(pattern)
    weekly = week - level[:, None, None] - daily[:, None]
    cases, size, slots = len(roots), GRID.shape[1], roots.shape[2]
    return _State(
        np.repeat(level[:, None], size, axis=1),
        np.repeat(daily.T[:, :, None], size, axis=2),
        np.repeat(np.moveaxis(weekly, 0, 2)[..., None], size, axis=3),
        np.zeros((cases, size)),
        np.zeros((slots, cases, size)),
        np.zeros((cases, size)),
        np.zeros((cases, size)),
    )


def _rates(open_week: BoolArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the rates (cases, rates) per interval: a level forgets half in so many days of open time."""
    per_day = open_week.sum(axis=(1, 2)) / np.maximum(anything(open_week).sum(axis=1), 1)
    half_life_days, daily, weekly = GRID
    level = 1.0 - 0.5 ** (1.0 / (np.maximum(per_day, 1.0)[:, None] * half_life_days))
    return level, daily * (1.0 - level), weekly * (1.0 - level)


def _run(state: _State, roots: FloatArray, rates: tuple[FloatArray, FloatArray, FloatArray]) -> None:
    """Take the state through the roots (cases, days, slots), interval by interval."""
    known = ~np.isnan(roots)
    value, weight = np.nan_to_num(roots), known.astype(np.float64)
    level_rate, daily_rate, weekly_rate = rates
    for day, slot in np.argwhere(known.any(axis=0)):
        daily, weekly = state.daily[slot], state.weekly[day % WEEK, slot]
        seen = weight[:, day, slot, None]
        error = seen * (value[:, day, slot, None] - state.level - daily - weekly)
        state.level += level_rate * error
        daily += daily_rate * error
        weekly += weekly_rate * error
        state.square[slot] += error * error
        state.both += error * state.last
        state.before += seen * state.last * state.last
        state.last += seen * (error - state.last)


def _best(state: _State) -> tuple[IntArray, FloatArray]:
    """Return the column (cases,) of the grid with the least error one step ahead, and its phi (cases,)."""
    slope = np.clip(np.nan_to_num(ratio(state.both, state.before)), 0.0, LARGEST_PHI)
    squared = state.square.sum(axis=0) - 2 * slope * state.both + slope**2 * state.before
    chosen = squared.argmin(axis=1)
    return chosen, slope[np.arange(len(slope)), chosen]

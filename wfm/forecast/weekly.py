"""Weekly patterns and day profiles: shares of the day by weekday and slot, shrunken where the history is
thin.

A pattern is (7, slots) contacts, a profile the same with rows that sum to 1 over the open slots. Totals are
contacts of a whole ordinary day: a day with gaps is scaled up by the share of the profile that was seen.
"""

from __future__ import annotations

import numpy as np

from wfm.forecast.arrays import BoolArray, FloatArray, IntArray, nan_mean, ratio
from wfm.forecast.learning import Learning

LEAST_SHARE_SEEN = 0.5
PROFILE_WEEKS = 13
FITTING_ROUNDS = 10


def weekday_stack(learning: Learning, weeks: int) -> FloatArray:
    """Return the last `weeks` weeks as (weeks, 7, slots), the latest last, by weekday; NaN where unknown."""
    slots = learning.offered.shape[1]
    days = learning.offered[-7 * weeks :]
    stack = np.full((7 * weeks, slots), np.nan)
    if len(days) == 0:
        return stack.reshape(weeks, 7, slots)
    stack[len(stack) - len(days) :] = days
    first_weekday = (int(learning.weekdays[-1]) + 1) % 7
    return np.roll(stack.reshape(weeks, 7, slots), first_weekday, axis=1)


def completed(pattern: FloatArray) -> FloatArray:
    """Return the pattern with unknown cells at the mean of the other weekdays at that slot, else zero."""
    any_day = nan_mean(pattern)
    return np.nan_to_num(np.where(np.isnan(pattern), any_day[None, :], pattern))


def profiles(learning: Learning, weeks: int = PROFILE_WEEKS) -> FloatArray:
    """Return (7, slots) shares of the day; a weekday's own shares are shrunk to the shape all weekdays share.

    Empirical Bayes per weekday: the own share counts tau^2 / (tau^2 + v), v its sampling variance and tau^2
    the variance of true shares between weekdays, both estimated over the slots of the day.
    """
    stack = weekday_stack(learning, weeks)
    pattern = np.where(learning.open_week, completed(nan_mean(stack)), 0.0)
    own, common = _shares(pattern), _shares(_common_shape(pattern, learning.open_week))
    counted = np.where(np.isnan(stack), 0.0, stack).sum(axis=(0, 2))
    sampling = ratio(np.ones(7), counted)  # sum over slots of p (1 - p) / n, nearly
    between = ((own - common) ** 2).sum(axis=1)
    weight = np.nan_to_num(1.0 - ratio(sampling, between), nan=0.0).clip(0.0, 1.0)
    return weight[:, None] * own + (1.0 - weight[:, None]) * common


def _common_shape(pattern: FloatArray, is_open: BoolArray) -> FloatArray:
    """Return (7, slots) the pattern as level of the weekday x shape of the day, where open.

    Iterative proportional fitting, so that a weekday of short hours does not bend the shape of the others.
    """
    level = pattern.sum(axis=1)
    shape = np.zeros(pattern.shape[1])
    for _ in range(FITTING_ROUNDS):
        shape = np.nan_to_num(ratio(pattern.sum(axis=0), (is_open * level[:, None]).sum(axis=0)))
        level = np.nan_to_num(ratio(pattern.sum(axis=1), (is_open * shape).sum(axis=1)))
    return np.where(is_open, shape, 0.0)


def _shares(pattern: FloatArray) -> FloatArray:
    return np.nan_to_num(ratio(pattern, pattern.sum(axis=1, keepdims=True)))


def day_totals(learning: Learning, profile: FloatArray) -> FloatArray:
    """Return the total of each day (days,), NaN where less than half of the profile was seen."""
    known = ~np.isnan(learning.offered)
    seen = (known * profile[learning.weekdays]).sum(axis=1)
    contacts = np.where(known, learning.offered, 0.0).sum(axis=1)
    return np.where(seen >= LEAST_SHARE_SEEN, ratio(contacts, seen), np.nan)


def spread(totals: FloatArray, profile: FloatArray, weekdays: IntArray) -> FloatArray:
    """Return (days, slots): day totals times the profile of their weekday."""
    return totals[:, None] * profile[weekdays]

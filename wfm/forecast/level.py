"""The prior of a level that moves: a slow random walk plus swings that fade, at knots in time.

Between knots the level is linear. The walk goes both ways from the last known day, so that a longer history
does not change what is expected of its end. Days count from the first day to forecast; the knots go on over
the horizon, where the random walk stays and the swings fade. Covariances are of log contacts.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from wfm.forecast.arrays import FloatArray

KNOT_DAYS, OLD_KNOT_DAYS = 14, 28
RECENT_DAYS = 182
WALK_SD = 0.008  # in KNOT_DAYS
SWING_SD, SWING_DAYS = 0.04, 30.0
LAST_KNOWN = -1.0


@lru_cache(maxsize=256)
def level_terms(known_days: int, horizon_days: int) -> tuple[FloatArray, FloatArray]:
    """Return the terms (days, knots) of the rows before and in the horizon, and their prior covariance."""
    knots = _knots(known_days, horizon_days)
    time = np.arange(-known_days, horizon_days, dtype=np.float64)
    terms = np.column_stack([np.interp(time, knots, unit) for unit in np.eye(len(knots))])
    away = knots - LAST_KNOWN
    same_side = away[:, None] * away > 0
    walk = WALK_SD**2 / KNOT_DAYS * np.where(same_side, np.minimum(np.abs(away)[:, None], np.abs(away)), 0.0)
    swing = SWING_SD**2 * np.exp(-np.abs(knots[:, None] - knots) / SWING_DAYS)
    return terms, walk + swing


def _knots(known_days: int, horizon_days: int) -> FloatArray:
    recent = np.arange(-1, -min(known_days, RECENT_DAYS) - KNOT_DAYS, -KNOT_DAYS)
    old = np.arange(recent[-1] - OLD_KNOT_DAYS, -known_days - OLD_KNOT_DAYS, -OLD_KNOT_DAYS)
    coming = np.arange(-1 + KNOT_DAYS, horizon_days + KNOT_DAYS, KNOT_DAYS)
    return np.concatenate([old[::-1], recent[::-1], coming]).astype(np.float64)

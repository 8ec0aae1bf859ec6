"""Robust regression of day totals on weekday, moving level and month (`wfm.forecast.regression`), times the
weekday profile.
"""

from __future__ import annotations

from wfm.forecast.arrays import FloatArray
from wfm.forecast.learning import Learning
from wfm.forecast.profile import spread


def predict(learning: Learning) -> FloatArray:
    """Return the regression's day totals spread over the day."""
    ordinary = learning.effects.ordinary[:, learning.known_days :]
    return spread(ordinary * learning.coming_month, learning.share)

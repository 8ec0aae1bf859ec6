"""The course of holidays and of the days before them: when in the day they differ from an ordinary weekday.

Holidays close early, begin late or move calls to the evening. For each of the two kinds the contacts of a
slot over what the weekday's profile expected, pooled over all days seen, smoothed over neighbouring slots and
pulled to 1 where little was expected. The total of the day is not touched.
"""

from __future__ import annotations

import numpy as np

from wfm.forecast.arrays import WEEK, BoolArray, FloatArray, ahead
from wfm.forecast.cases import Cases
from wfm.forecast.regression import DayEffects

STRENGTH = 10.0  # contacts of a slot that `no difference` counts for
SMOOTHING = np.array([0.25, 0.5, 0.25])


def special_shapes(cases: Cases, effects: DayEffects, share: FloatArray) -> FloatArray | None:
    """Return multipliers (cases, horizon, slots) of the days to forecast; None if all are 1."""
    days = cases.known_days
    shape = np.ones((len(cases.day), cases.horizon_days, share.shape[2]))
    found = False
    for kind in (effects.kinds.holiday, effects.kinds.before):
        coming = kind[:, days:]
        for case in np.flatnonzero(coming.any(axis=1) & kind[:, :days].any(axis=1)):
            factor = _slots(cases.offered[case], share[case], kind[case, :days])
            own = ahead(share[case : case + 1], cases.horizon_days)[0, coming[case]]
            total = (own * factor).sum(axis=1, keepdims=True)
            shape[case, coming[case]] = np.where(total > 0, factor / np.where(total > 0, total, 1.0), 1.0)
            found = True
    return shape if found else None


def _slots(offered: FloatArray, share: FloatArray, special: BoolArray) -> FloatArray:
    """Return the multiplier of each slot (slots,) from the special days of one case."""
    rows = np.flatnonzero(special & (np.nan_to_num(offered).sum(axis=1) > 0))
    usual = share[rows % WEEK]
    known = ~np.isnan(offered[rows])
    count = np.where(known, offered[rows], 0.0)
    seen = (usual * known).sum(axis=1, keepdims=True)
    expected = usual * known * count.sum(axis=1, keepdims=True) / np.where(seen > 0, seen, 1.0)
    ratio = (count.sum(axis=0) + STRENGTH) / (expected.sum(axis=0) + STRENGTH)
    return np.convolve(np.pad(ratio, 1, mode="edge"), SMOOTHING, mode="valid")

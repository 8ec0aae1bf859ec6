"""Gradient-boosted trees that correct the eight-week mean, one booster per case; optional (`lightgbm`).

A training row is an interval of open time as seen from a weekly origin of the past: means and medians of the
same weekday and slot and levels of the last weeks, all before that origin, and as its target what came after.
Contacts per interval are Poisson; the log of their mean is an offset (the eight-week mean, times the month)
plus the trees, so that trees learn only where that mean goes wrong. Just the course of the month and level
shifts are those known today. Deterministic: one thread, a fixed seed. Source: Ke et al., LightGBM: A Highly
Efficient Gradient Boosting Decision Tree, NIPS 30 (2017).
"""

from __future__ import annotations

from types import ModuleType

import numpy as np

from wfm.errors import ConfigError, Fault
from wfm.forecast.arrays import WEEK, BoolArray, FloatArray, ahead, by_week, completed, nan_mean, nan_median
from wfm.forecast.learning import Learning

SNAPSHOTS, FEWEST_SNAPSHOTS = 26, 4  # weekly origins of the past to learn from
CELL_WEEKS, LEVEL_WEEKS = (4, 8), (1, 2, 4)
LONGEST_LEAD_DAYS = 28
LEAST_MEAN = 0.05  # contacts: an offset needs a log
ROUNDS = 50
BOOSTING = {
    "objective": "poisson",
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_data_in_leaf": 50,
    "boost_from_average": False,  # the offset is where to begin
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "seed": 1,
    "verbosity": -1,
}


def predict(learning: Learning) -> FloatArray:
    """Return contacts (cases, horizon, slots), zero where the ordinary week is closed.

    With too few weeks to learn from, and with no contacts in them, it is the offset alone. Raises ConfigError
    if the package is not installed.
    """
    package = _package()
    flat = by_week(learning.offered / learning.effects.month[:, : learning.known_days, None])
    opens = ahead(learning.open_week.astype(np.float64), learning.horizon_days) > 0
    made = np.zeros(opens.shape)
    for case in range(len(flat)):
        made[case] = _case(package, flat[case], learning.effects.month[case], opens[case])
    return made


def _package() -> ModuleType:
    try:
        import lightgbm
    except ModuleNotFoundError as error:
        if error.name != "lightgbm":
            raise
        remedy = "pip install 'openwfm[lightgbm]', or choose another model"
        fault = Fault("this forecast model needs the package lightgbm", remedy, value="lightgbm")
        raise ConfigError([fault]) from None
    package: ModuleType = lightgbm
    return package


def _case(package: ModuleType, flat: FloatArray, month: FloatArray, opens: BoolArray) -> FloatArray:
    """Return contacts (horizon, slots) after known weeks (weeks, 7, slots).

    `month` is the effect of the month on the known days and the horizon.
    """
    weeks, days = len(flat), len(opens)
    rows, offset = _rows(flat, month[WEEK * weeks :])
    lead = min(days, LONGEST_LEAD_DAYS)
    terms, offsets, targets = [], [], []
    for origin in _origins(flat):
        came = flat[origin:].reshape(-1, flat.shape[2])[:lead]
        ahead_month = month[WEEK * origin :][: len(came)]
        then, base = _rows(flat[:origin], ahead_month)
        known = ~np.isnan(came) & opens[: len(came)]
        terms.append(then[known])
        offsets.append(base[known])
        targets.append((came * ahead_month[:, None])[known])
    if len(terms) < FEWEST_SNAPSHOTS or not any(target.any() for target in targets):
        return np.where(opens, np.exp(offset) - LEAST_MEAN, 0.0)
    learnt = package.Dataset(
        np.concatenate(terms),
        np.concatenate(targets) + LEAST_MEAN,
        init_score=np.concatenate(offsets),
        params=BOOSTING,
    )
    trees = package.train(BOOSTING, learnt, ROUNDS)
    logs = offset[opens] + np.asarray(trees.predict(rows[opens], raw_score=True), dtype=np.float64)
    made = np.zeros(opens.shape)
    made[opens] = np.maximum(np.exp(logs) - LEAST_MEAN, 0.0)
    return made


def _origins(flat: FloatArray) -> range:
    """Return the weeks of past origins, each after the fewest weeks that tell something of a cell."""
    known = np.flatnonzero((~np.isnan(flat)).any(axis=(1, 2)))
    first = int(known[0]) + min(CELL_WEEKS) if len(known) else len(flat)
    return range(max(first, len(flat) - SNAPSHOTS), len(flat))


def _rows(flat: FloatArray, month: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return features (days, slots, features) and offsets (days, slots) of the days after some known weeks.

    `month` (days,) is the effect of the month on these days.
    """
    days, slots = len(month), flat.shape[2]
    middles = [middle(flat[-weeks:]) for weeks in CELL_WEEKS for middle in (nan_mean, nan_median)]
    cells = [ahead(completed(week[None]), days)[0] for week in middles]
    usual = completed(nan_mean(flat[-max(CELL_WEEKS) :])[None])[0]
    levels = [np.full((days, slots), _level(flat[-weeks:], usual)) for weeks in LEVEL_WEEKS]
    day, slot = np.indices((days, slots))
    offset = np.log(ahead(usual[None], days)[0] * month[:, None] + LEAST_MEAN)
    effect = np.repeat(month[:, None], slots, axis=1)
    return np.stack([day % WEEK, slot, day, effect, *cells, *levels], axis=2), offset


def _level(recent: FloatArray, usual: FloatArray) -> float:
    """Return the contacts of some weeks (weeks, 7, slots) as a multiple of the usual (7, slots)."""
    expected = float(np.where(np.isnan(recent), 0.0, usual).sum())
    return float(np.nansum(recent)) / expected if expected > 0 else 1.0

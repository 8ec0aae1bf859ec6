"""The service that two runs expect by their simulations, by queue over the common part.

Shares are means over the intervals, weighted by what they are shares of: contacts with redials, answered
contacts for the wait.
"""

from __future__ import annotations

import pandas as pd

from wfm.diff.figures import SMALLEST
from wfm.diff.run import Pair, Reach

WEIGHTS = {
    "service_level": "attempts",
    "abandonment": "attempts",
    "asa_s": "handled",
    "within_deadline": "attempts",
}


def service(tables: Pair[pd.DataFrame], reach: Reach) -> pd.DataFrame:
    """Return queue, measure, before, after; a measure that a queue has in neither run has no row."""
    sides = [_means(reach.cut(rows, "interval_start")) for rows in (tables.before, tables.after)]
    rows = pd.concat(sides, axis=1, keys=["before", "after"]).sort_index()
    return rows.reset_index()


def changed_service(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that differ; a measure that only one run has differs."""
    same = (rows["after"] - rows["before"]).abs() <= SMALLEST
    return rows[~same]


def _means(rows: pd.DataFrame) -> pd.Series:
    found = {}
    for queue, own in rows.groupby("queue", sort=True):
        for measure, weight in WEIGHTS.items():
            known = own[own[measure].notna() & (own[weight] > 0)]
            if len(known):
                mean = (known[measure] * known[weight]).sum() / known[weight].sum()
                found[str(queue), measure] = float(mean)
    index = pd.MultiIndex.from_tuples(list(found), names=["queue", "measure"])
    return pd.Series(list(found.values()), index=index, dtype="float64")

"""Expected contacts as whole contacts, so that no total drifts: the method of largest remainders.

Every value is rounded down, then those with the largest fractions up, until the total of the group is the
whole number nearest to its exact total. Source: Hamilton's method in Balinski & Young, Fair
Representation (2nd ed., 2001), each group for itself.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def whole(values: NDArray[np.float64], groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return values >= 0 as whole numbers: each moves by less than 1, the total of a group by at most 1/2.

    `groups` numbers the group of each value from 0. Of equal fractions the earlier value is rounded up.
    """
    floors = np.floor(values)
    fractions = values - floors
    missing = np.floor(np.bincount(groups, fractions) + 0.5)
    order = np.lexsort((-fractions, groups))  # stable, so that equal fractions stay in their order
    ordered = groups[order]
    place = np.arange(len(values)) - np.searchsorted(ordered, ordered)
    up = np.zeros(len(values), dtype=np.int64)
    up[order] = place < missing[ordered]
    return floors.astype(np.int64) + up

"""The modified offered load: how many contacts would be in service over a day, were there always an agent.

Contacts that arrived in earlier intervals are still being handled, those of this one not all yet, so that the
load follows m' = lambda - m / aht. Lambda and AHT are constant in each interval, where the solution is an
exponential. Where m hardly moves, `wfm.erlang.non_stationary` staffs its mean over the interval. Loads in
erlangs, times in seconds.
Source: Jagerman (1975); Massey & Whitt (1994), Annals of Applied Probability 4, 1145-1160.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

AHT_OF_INTERVAL = 0.25  # handle times beyond this share of the interval need the modified load


def modified_offered_load(
    offered: NDArray[np.float64],
    aht_s: NDArray[np.float64],
    interval_s: float,
    contiguous: NDArray[np.bool_],
    initial: float = 0.0,
) -> NDArray[np.float64]:
    """Return the mean load of each interval, rows in order of time.

    `contiguous[i]` says that interval i follows interval i - 1 without a gap; after a gap the queue starts
    empty. `initial` is the load in service when the first interval begins.
    """
    load = np.empty(len(offered))
    _follow(offered, aht_s, float(interval_s), contiguous, float(initial), load)
    return load


def calls_of_mean_load(
    offered: NDArray[np.float64], aht_s: NDArray[np.float64], interval_s: float, contiguous: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return the contacts per interval that come to its mean load by themselves; 0 without a handle time."""
    load = modified_offered_load(offered, aht_s, interval_s, contiguous)
    return np.divide(load * interval_s, aht_s, out=np.zeros_like(load), where=aht_s > 0.0)


@njit(cache=True)
def _follow(
    offered: NDArray[np.float64],
    aht_s: NDArray[np.float64],
    interval_s: float,
    contiguous: NDArray[np.bool_],
    initial: float,
    load: NDArray[np.float64],
) -> None:
    in_service = initial
    for row in range(offered.size):
        if row > 0 and not contiguous[row]:
            in_service = 0.0
        if aht_s[row] <= 0.0:
            load[row] = in_service = 0.0
            continue
        steady = offered[row] * aht_s[row] / interval_s
        elapsed = interval_s / aht_s[row]
        faded = -math.expm1(-elapsed)
        load[row] = max(0.0, steady + (in_service - steady) * faded / elapsed)
        in_service = in_service + (steady - in_service) * faded

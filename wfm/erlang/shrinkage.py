"""From agents on queue to agents in the roster and on the payroll: shrinkage in exact rational arithmetic.

Shares are read as the decimals written in the configuration. P are planned causes (the roster places them), U
unplanned ones, n the agents required. Additive shares of paid time: to schedule n (1 - P) / (1 - P - U),
gross n / (1 - P - U). Multiplicative shares of what is left: n / product(1 - s), over the unplanned causes
to schedule, over all causes gross. Each is rounded up once, from n.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fractions import Fraction
from math import prod
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wfm.erlang.exact import decimal

Mode = Literal["additive", "multiplicative"]


class Headcount(NamedTuple):
    """Agents to put into the roster, and agents on the payroll, for agents on queue."""

    agents_to_schedule: NDArray[np.int64]
    agents_gross: NDArray[np.int64]


def with_shrinkage(
    agents_required: NDArray[np.int64],
    shrinkage: Mapping[str, float],
    planned: Collection[str],
    mode: Mode = "additive",
) -> Headcount:
    """Return the headcount behind each number of agents required; ValueError if nobody is left at work."""
    to_schedule, gross = factors(shrinkage, planned, mode)
    distinct, back = np.unique(agents_required, return_inverse=True)
    back = back.reshape(agents_required.shape)
    return Headcount(_rounded_up(distinct, to_schedule)[back], _rounded_up(distinct, gross)[back])


def factors(
    shrinkage: Mapping[str, float], planned: Collection[str], mode: Mode
) -> tuple[Fraction, Fraction]:
    """Return agents to schedule and gross agents per agent required, before rounding."""
    of_plan = [decimal(share) for cause, share in shrinkage.items() if cause in planned]
    beyond = [decimal(share) for cause, share in shrinkage.items() if cause not in planned]
    if mode == "multiplicative":
        left_unplanned = prod((1 - share for share in beyond), start=Fraction(1))
        left = left_unplanned * prod((1 - share for share in of_plan), start=Fraction(1))
        rostered = Fraction(1)
    else:
        rostered = 1 - sum(of_plan, Fraction(0))
        left = left_unplanned = rostered - sum(beyond, Fraction(0))
    if left <= 0:
        raise ValueError(f"shrinkage leaves nobody at work: {dict(shrinkage)} ({mode})")
    return rostered / left_unplanned, 1 / left


def _rounded_up(agents: NDArray[np.int64], factor: Fraction) -> NDArray[np.int64]:
    up, down = factor.numerator, factor.denominator
    return np.array([-(-count * up // down) for count in agents.tolist()], dtype=np.int64)

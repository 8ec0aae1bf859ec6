"""A first staffing of skill groups: as if every queue had agents of its own, from the groups that cost least.

A queue alone needs its load and a safety of the order of the load's square root; the cheapest way to let the
groups give all queues so many is a linear programme of flows. Queues that share agents need fewer: the search
(`wfm.erlang.multi_skill`) takes away what pooling saves.
Source: Halfin & Whitt (1981), Operations Research 29, 567-588 (square-root staffing); Gurvich, Luedtke &
Tezcan (2010), Management Science 56, 1093-1115 (staffing of call centres with many skills by flows).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

MISSING = 1000.0  # price of an agent that a queue lacks, in those of the dearest group


def first_staffing(alone: Ints, serves: Flags, cost: Floats, most: Ints) -> Ints:
    """Return agents per group (G) that could give every queue (Q) as many as it needs `alone`.

    `serves` is (G, Q). Where the groups are too small for that, every queue gets what there is.
    """
    from scipy.optimize import linprog

    groups, queues = serves.shape
    pairs = np.argwhere(serves)
    gives = np.zeros((queues, len(pairs)))
    gives[pairs[:, 1], np.arange(len(pairs))] = -1.0
    takes = np.zeros((groups, len(pairs)))
    takes[pairs[:, 0], np.arange(len(pairs))] = 1.0
    solved = linprog(
        np.concatenate([cost[pairs[:, 0]], np.full(queues, MISSING * float(cost.max()))]),
        A_ub=np.block([[gives, -np.eye(queues)], [takes, np.zeros((groups, queues))]]),
        b_ub=np.concatenate([-alone.astype(np.float64), most.astype(np.float64)]),
    )
    needed: Ints = np.ceil(takes @ solved.x[: len(pairs)] - 1e-6).astype(np.int64)
    return np.minimum(needed, most)

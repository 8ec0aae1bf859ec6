"""Many independent pieces of work: on the processes of this machine, or on a Dask cluster.

`map_unordered` yields how each piece ended, as it ends. A piece that fails, hangs or kills its worker is an
outcome of its own and never takes the others along: a broken pool is made anew, the pieces that were in it
are tried again one at a time, and the one that breaks it again is named. What is mapped must be a pure
function of its item; then the outcomes are the same for any number of workers, on any backend.

A piece may `tell` how far it is, wherever it runs; only processes of this machine pass that on.
"""

from __future__ import annotations

from wfm.executor.cluster import Dask
from wfm.executor.pieces import (
    Backend,
    Effort,
    Heard,
    Here,
    Outcome,
    listening,
    map_unordered,
    tell,
    unheard,
)
from wfm.executor.processes import Processes

__all__ = [
    "Backend",
    "Dask",
    "Effort",
    "Heard",
    "Here",
    "Outcome",
    "Processes",
    "listening",
    "map_unordered",
    "tell",
    "unheard",
]

"""The rows of some queues of a table, cut out only where and when they are needed.

The history of a large centre is in memory once; the parts of a stage hold a view of it. A part that is
sent to another process takes its own rows along, and no others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Cut:
    """The rows of `queues`; `table` is sorted by queue, and `bounds` say where each begins and ends."""

    table: pd.DataFrame
    bounds: Mapping[str, tuple[int, int]]
    queues: tuple[str, ...]

    def rows(self) -> pd.DataFrame:
        """Return a copy of the rows, in their order, with a fresh index."""
        bounds = sorted(self.bounds[name] for name in self.queues if name in self.bounds)
        parts = [self.table.iloc[begin:end] for begin, end in bounds]
        return pd.concat(parts, ignore_index=True) if parts else self.table.iloc[:0]

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the rows of these queues alone."""
        return cut, (self.rows(), self.queues)


def cut(table: pd.DataFrame, queues: Sequence[str]) -> Cut:
    """Return the cut of some queues from a table that is sorted by queue."""
    return Cut(table, bounds_of(table), tuple(queues))


def bounds_of(table: pd.DataFrame) -> dict[str, tuple[int, int]]:
    """Return where the rows of each queue begin and end; ValueError unless each stands in one piece."""
    codes, names = pd.factorize(table["queue"])
    begins = np.flatnonzero(np.diff(codes, prepend=-1))
    if len(begins) != len(names):
        raise ValueError("the table is not sorted by queue")
    edges = pairwise([*begins.tolist(), len(table)])
    return dict(zip(map(str, names), edges, strict=True))

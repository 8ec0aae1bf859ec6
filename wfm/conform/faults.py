"""The faults of one frame, each with the line, column and value it has in the file."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.errors import MOST_FAULTS_SHOWN, DataError, Fault
from wfm.tables import Table


class FrameFaults:
    """Collects faults of one frame; counts all, keeps enough to print."""

    def __init__(self, frame: pd.DataFrame, source: str, lines: NDArray[np.int64] | None) -> None:
        self.frame, self.source = frame, source
        self.lines = np.arange(len(frame)) + 2 if lines is None else lines
        self.kept: list[Fault] = []
        self.total = 0

    def add(self, bad: NDArray[np.bool_], column: str, problem: str, remedy: str) -> None:
        """Record every row where `bad` holds."""
        self.add_each(bad, column, lambda _: (problem, remedy))

    def add_each(
        self, bad: NDArray[np.bool_], column: str, explain: Callable[[str], tuple[str, str]]
    ) -> None:
        """Record every row where `bad` holds; `explain` gives problem and remedy of a value."""
        positions = np.flatnonzero(bad)
        self.total += len(positions)
        for position in positions[:MOST_FAULTS_SHOWN]:
            value = self.frame[column].iloc[position] if column in self.frame else None
            text = None if value is None or pd.isna(value) else str(value)
            row = int(self.lines[position])
            self.kept.append(Fault(*explain(text or ""), "", row, column, text))

    def add_one(self, fault: Fault) -> None:
        """Record one fault."""
        self.total += 1
        self.kept.append(fault)

    def raise_if_any(self, table: Table) -> None:
        """Raise DataError with the faults in the order of rows and columns; nothing if there is none."""
        if self.total:
            self.kept.sort(key=lambda fault: (fault.row or 0, fault.column or ""))
            hint = f"the {table.name} table has: {', '.join(table.names)}"
            raise DataError(self.kept, source=self.source or table.name, hint=hint, total=self.total)

"""Whose wall clock the stamps of a table show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from wfm.conform.distinct import EMPTY, distinct_texts
from wfm.stamps import Ambiguous, Nonexistent


@dataclass(frozen=True)
class Zones:
    """Whose wall clock a stamp without offset shows: the zone named by the value of `column`."""

    column: str = "queue"
    names: Mapping[str, str] = field(default_factory=dict)
    default: str = "UTC"
    ambiguous: Ambiguous = "error"
    nonexistent: Nonexistent = "error"

    def of(self, frame: pd.DataFrame) -> pd.Series:
        """Return the zone's name for each row, as a category."""
        codes, texts = (
            distinct_texts(frame[self.column]) if self.column in frame else (np.full(len(frame), EMPTY), [])
        )
        zone_of = [*(self.names.get(text, self.default) for text in texts), self.default]
        which, names = pd.factorize(np.array(zone_of, dtype=object))
        return pd.Series(pd.Categorical.from_codes(which[codes], pd.Index(names)), index=frame.index)

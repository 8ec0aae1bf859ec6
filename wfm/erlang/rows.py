"""What the rows of one queue say of each other, and of the load that they were staffed for."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

MOVING = "offered_load"  # a part of `queue_model` where the load is followed through the day


def contiguous(rows: pd.DataFrame, interval_min: int) -> NDArray[np.bool_]:
    """Return which rows follow the one before without a gap."""
    step = rows["interval_start"].diff()
    return np.asarray(step == pd.Timedelta(minutes=interval_min))


def is_moving(queue_model: str) -> bool:
    """Return whether a row of REQUIREMENTS was staffed for a load that is followed through the day."""
    return MOVING in queue_model.split("/")

"""The contract of an agent: the one that its row names, with the week hours of the row if there are any."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from wfm.config import Config, Contract
from wfm.errors import DataError, Fault


def contracts_of(people: Sequence[Any], config: Config) -> dict[str, Contract]:
    """Return the contract of each row of agents by agent_id; DataError where a min lies above the max."""
    found, faults = {}, []
    for row in people:
        contract = config.contracts[row.contract]
        own = (row.week_hours_min, row.week_hours_max)
        least, most = (_or(*pair) for pair in zip(own, contract.week_hours, strict=True))
        if least > most:
            problem = f"agent {row.agent_id}: week_hours from {least:g} to {most:g} (contract {row.contract})"
            faults.append(Fault(problem, column="week_hours_min, week_hours_max"))
        found[str(row.agent_id)] = contract.model_copy(update={"week_hours": (least, most)})
    if faults:
        hint = "the min of an agent must not lie above its max, nor above that of its contract"
        raise DataError(faults, source="agents", hint=hint)
    return found


def _or(own: Any, default: float) -> float:
    """Return the agent's own number, if there is one."""
    return default if pd.isna(own) else float(own)

"""The tables of one run, conformed, and the names in them checked against the configuration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.config import Config
from wfm.conform import conform, empty
from wfm.errors import DataError, Fault
from wfm.skills import queues_of
from wfm.tables import Table


@dataclass(frozen=True)
class Inputs:
    """The tables of one run, conformed; absent ones are empty.

    `elsewhere` has the agents_to_schedule per interval_start that rosters of other agents meet: they count in
    R, the total that an interval's missing agents are set against, and nowhere else.
    """

    requirements: pd.DataFrame
    agents: pd.DataFrame
    time_off: pd.DataFrame
    requests: pd.DataFrame
    pins: pd.DataFrame
    previous: pd.DataFrame
    activities: pd.DataFrame
    frozen: frozenset[tuple[str, pd.Timestamp]] = frozenset()  # pins that are published days
    elsewhere: pd.DataFrame | None = None


def with_site(agents: pd.DataFrame, config: Config) -> pd.DataFrame:
    """Return agents with their site filled in; DataError where a site, contract or skill does not exist."""
    agents = agents.assign(site=agents["site"].fillna(config.only_site or ""))
    faults: list[Fault] = []
    columns = (agents[name] for name in ("agent_id", "site", "contract", "skills"))
    for agent, site, contract, skills in zip(*columns, strict=True):
        if site not in config.sites:
            faults.append(Fault(f"agent {agent}: unknown site", column="site", value=str(site)))
        if contract not in config.contracts:
            faults.append(Fault(f"agent {agent}: unknown contract", column="contract", value=str(contract)))
        faults += [
            Fault(f"agent {agent}: unknown skill", column="skills", value=skill)
            for skill in queues_of(str(skills))
            if skill not in config.queues
        ]
    if faults:
        raise DataError(faults, source="agents", hint="name sites, contracts and queues of wfm.toml")
    return agents


def with_elsewhere(
    own: NDArray[np.float64], starts: pd.DatetimeIndex, elsewhere: pd.DataFrame | None
) -> NDArray[np.float64]:
    """Return R per interval: what is required here and elsewhere, 0 where nothing is required here."""
    if elsewhere is None or elsewhere.empty:
        return own
    others = elsewhere.set_index("interval_start")["agents_to_schedule"].reindex(starts, fill_value=0)
    return np.where(own > 0, own + others.to_numpy(dtype=np.float64), 0.0)


def table_or_empty(frame: pd.DataFrame | None, table: Table) -> pd.DataFrame:
    """Return a frame conformed to its table, an empty one where there is none."""
    return empty(table) if frame is None else conform(frame, table)

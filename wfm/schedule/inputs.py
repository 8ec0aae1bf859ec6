"""The tables of one run, conformed, and the names in them checked against the configuration."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from wfm.config import Config
from wfm.conform import conform, empty
from wfm.errors import DataError, Fault
from wfm.skills import queues_of
from wfm.tables import Table


@dataclass(frozen=True)
class Inputs:
    """The tables of one run, conformed; absent ones are empty."""

    requirements: pd.DataFrame
    agents: pd.DataFrame
    time_off: pd.DataFrame
    requests: pd.DataFrame
    pins: pd.DataFrame
    previous: pd.DataFrame
    activities: pd.DataFrame
    frozen: frozenset[tuple[str, pd.Timestamp]] = frozenset()  # pins that are published days


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


def table_or_empty(frame: pd.DataFrame | None, table: Table) -> pd.DataFrame:
    """Return a frame conformed to its table, an empty one where there is none."""
    return empty(table) if frame is None else conform(frame, table)

"""The planner's files: each read as its table, in the right wall clock, names checked against the configuration."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from wfm.config import Config
from wfm.conform import Zones
from wfm.io.tables import read_table
from wfm.tables import (
    AGENTS,
    BACKLOG,
    EVENTS,
    FORECAST,
    HISTORY,
    OVERRIDES,
    PINS,
    REQUESTS,
    REQUIREMENTS,
    ROSTER,
    TIME_OFF,
    Table,
)

BY_QUEUE = (HISTORY, FORECAST, REQUIREMENTS, OVERRIDES, EVENTS, BACKLOG)


def queue_zones(config: Config) -> Zones:
    """Return whose wall clock the stamps of queue tables show."""
    return Zones(
        "queue",
        config.queue_zones,
        config.centre.timezone,
        config.import_.ambiguous,
        config.import_.nonexistent,
    )


def site_zones(config: Config) -> Zones:
    """Return whose wall clock the stamps of a roster show."""
    return Zones("site", config.site_zones, config.centre.timezone)


def agent_zones(config: Config, agents: pd.DataFrame) -> Zones:
    """Return whose wall clock the stamps of an agent's rows show."""
    sites = agents["site"].fillna(config.only_site or "")
    names = {
        agent: config.sites[site].timezone for agent, site in zip(agents["agent_id"], sites, strict=True)
    }
    return Zones("agent_id", names, config.centre.timezone)


def read_queue_table(path: Path, table: Table, config: Config) -> pd.DataFrame:
    """Return a table keyed by queue; DataError names queues that the configuration does not have."""
    return read_table(path, table, queue_zones(config), {"queue": config.queues})


def read_agents(path: Path, config: Config) -> pd.DataFrame:
    """Return AGENTS; DataError names unknown sites, contracts and skills."""
    known = {"site": config.sites, "contract": config.contracts, "skills": config.queues}
    return read_table(path, AGENTS, known=known)


def read_roster(path: Path, config: Config) -> pd.DataFrame:
    """Return ROSTER."""
    return read_table(path, ROSTER, site_zones(config), {"site": config.sites})


def read_time_off(path: Path | None, config: Config, agents: pd.DataFrame) -> pd.DataFrame | None:
    """Return TIME_OFF, or None without a path."""
    return None if path is None else read_table(path, TIME_OFF, agent_zones(config, agents))


def read_requests(path: Path | None) -> pd.DataFrame | None:
    """Return REQUESTS, or None without a path."""
    return None if path is None else read_table(path, REQUESTS)


def read_pins(path: Path | None) -> pd.DataFrame | None:
    """Return PINS, or None without a path."""
    return None if path is None else read_table(path, PINS)


def read_optional(path: Path | None, table: Table, config: Config) -> pd.DataFrame | None:
    """Return a table keyed by queue, or None without a path."""
    return None if path is None else read_queue_table(path, table, config)

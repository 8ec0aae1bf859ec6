"""Writing a generated centre into a folder, as a planner would find it."""

from __future__ import annotations

from pathlib import Path

from wfm.conform import Zones
from wfm.demo.generator import Centre
from wfm.errors import OutputError
from wfm.io.atomic import write_text
from wfm.io.tables import write_table
from wfm.tables import TABLES

CONFIG_FILE = "wfm.toml"
FILES = {
    "history": "history.parquet",
    "contacts": "contacts.csv.gz",
    "agents": "agents.csv",
    "time_off": "time_off.csv",
    "requests": "requests.csv",
    "overrides": "overrides.csv",
    "events": "events.csv",
    "backlog": "backlog.csv",
}


def write_centre(centre: Centre, folder: Path) -> None:
    """Write wfm.toml and every table of `centre` into `folder`, which is made if it is not there.

    Stamps carry the offset of the queue's wall clock, those of time off that of the agent's site.
    Files of an earlier run are replaced. Raises OutputError when the disk does not allow it.
    """
    make_folder(folder)
    write_text(folder / CONFIG_FILE, centre.config_text)
    for name, file in FILES.items():
        write_part(centre, name, folder / file)


def make_folder(folder: Path) -> None:
    """Make the folder and those above it; OutputError when something does not allow it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem = f"{folder} cannot be made: {error.strerror or error}"
        raise OutputError(problem, hint="name another folder, or check the permissions") from error


def write_part(centre: Centre, name: str, path: Path) -> None:
    """Write one table of the centre to `path`, its stamps in the right zones."""
    write_table(getattr(centre, name), TABLES[name], path, zones_of(centre, name))


def zones_of(centre: Centre, name: str) -> Zones:
    """Return whose wall clock the stamps of a table show: the queue's, in time off the agent's site's."""
    config = centre.config
    if name != "time_off":
        return Zones("queue", config.queue_zones, config.centre.timezone)
    sites = centre.agents.set_index("agent_id")["site"].to_dict()
    zones = {str(agent_id): config.sites[site].timezone for agent_id, site in sites.items()}
    return Zones("agent_id", zones, config.centre.timezone)

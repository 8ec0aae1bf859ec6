"""What `wfm staff --skill-requirements` does: skill groups staffed by simulation, written and summed up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from wfm.cli.common import say, share_bar
from wfm.errors import count_of

if TYPE_CHECKING:
    import pandas as pd

    from wfm.config import Config

MOST_NAMED = 5  # intervals that miss


def staff_groups_to(
    out: Path, requirements: pd.DataFrame, config: Config, agents: Path | None
) -> dict[str, Any]:
    """Staff the groups of the configuration, or else those of the agents; write them; return the figures."""
    from wfm.conform import Zones
    from wfm.errors import ConfigError, Fault
    from wfm.io.inputs import read_agents
    from wfm.io.tables import write_table
    from wfm.skill_staffing import groups_of_agents, staff_skill_groups
    from wfm.tables import SKILL_REQUIREMENTS

    groups = dict(config.skill_groups)
    if not groups and agents is not None:
        groups = groups_of_agents(read_agents(agents, config))
    if not groups:
        fault = Fault("no skill groups", "add [skill_groups.NAME], or give --agents", column="skill_groups")
        raise ConfigError([fault])
    with share_bar("skill groups") as done:
        found = staff_skill_groups(requirements, groups, config, done=done)
    write_table(found.table, SKILL_REQUIREMENTS, out, Zones(default=config.centre.timezone))
    hours = config.centre.interval_min / 60
    rows = found.table.groupby("group", sort=True)["agents_required"].sum() * hours
    cost = sum(float(rows[name]) * groups[name].cost_per_hour for name in rows.index)
    alone = float(requirements["agents_required"].sum() * hours)
    for name in left_out(requirements, config):
        say(f"warning: queue {name}: groups are staffed for the rate as forecast, its uncertainty left out")
    say(
        f"skill groups: {rows.sum():.0f} agent-hours on queue"
        f" ({alone:.0f} if every queue had agents of its own), cost on queue {cost:.0f} -> {out}"
    )
    for start in found.missed[:MOST_NAMED]:
        local = start.tz_convert(config.centre.timezone)
        say(f"warning: {local:%Y-%m-%d %H:%M}: no staffing of the groups keeps every promise")
    if len(found.missed) > MOST_NAMED:
        say(f"warning: and {count_of(len(found.missed) - MOST_NAMED, 'more interval')}")
    by_group = {str(name): float(rows[name]) for name in rows.index}
    return {"agent_hours": by_group, "cost_on_queue": cost, "intervals_missed": len(found.missed)}


def left_out(requirements: pd.DataFrame, config: Config) -> list[str]:
    """Return the live queues whose staffing knows more of their arrivals than the groups' does."""
    names = [str(name) for name in requirements["queue"].unique()]
    return [
        name
        for name in names
        if not config.queues[name].deferred
        and (config.queues[name].uncertainty != "none" or config.queues[name].peakedness > 1)
    ]

"""`wfm staff`: the requirements, what they cost, and how they would change."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wfm.cli.common import (
    WFM_TOML,
    AsJson,
    ConfigPath,
    OptionalPath,
    OutPath,
    configuration,
    say,
    share_bar,
    summarise,
)
from wfm.cli.screen import show_requirements
from wfm.cli.skill_groups import staff_groups_to
from wfm.cli.values import check_tables
from wfm.errors import UsageError, count_of

if TYPE_CHECKING:
    import pandas as pd

    from wfm.config import Config


def add_to(app: typer.Typer) -> None:
    """Register the command of this file."""
    app.command()(staff)


def staff(
    forecast: Annotated[Path, typer.Argument(help="Forecast.")],
    out: OutPath,
    config: ConfigPath = WFM_TOML,
    backlog: Annotated[OptionalPath, typer.Option(help="Open deferred work.")] = None,
    costs: Annotated[
        OptionalPath, typer.Option(help="Write hours, full-time equivalents and cost by day and month.")
    ] = None,
    sensitivity: Annotated[
        OptionalPath,
        typer.Option(help="Write and show what other volume, handle time, shrinkage or targets would need."),
    ] = None,
    skill_requirements: Annotated[
        OptionalPath, typer.Option(help="Write agents per skill group, where queues share agents.")
    ] = None,
    agents: Annotated[
        OptionalPath, typer.Option(help="Agents who form the groups, without [skill_groups].")
    ] = None,
    fractional: Annotated[
        bool, typer.Option("--fractional", help="Add agents_fractional, for costing.")
    ] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Simulate the result and name the intervals that miss.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """The fewest agents that meet every target, per queue and interval, and what they cost.

    Example: wfm staff forecast.parquet -o requirements.parquet --costs costs.csv --sensitivity what_if.csv
    """
    from wfm.erlang import staff as stage
    from wfm.erlang.costing import costs as costs_of
    from wfm.erlang.costs_in_words import costs_as_values, costs_in_words
    from wfm.io.inputs import queue_zones, read_optional, read_queue_table
    from wfm.io.tables import write_table
    from wfm.tables import BACKLOG, COSTS, FORECAST, REQUIREMENTS

    check_tables(out, costs, sensitivity, skill_requirements, as_json=as_json)
    settings = configuration(config)
    if agents is not None and (skill_requirements is None or settings.skill_groups):
        raise UsageError(
            "--agents says who forms the skill groups"
            + (", which [skill_groups] of the configuration says already" if settings.skill_groups else ""),
            hint="leave it out" if settings.skill_groups else "give --skill-requirements too",
        )
    expected, open_work = (
        read_queue_table(forecast, FORECAST, settings),
        read_optional(backlog, BACKLOG, settings),
    )
    exact = fractional or costs is not None or sensitivity is not None
    requirements = stage(expected, settings, open_work, fractional=exact)
    costed = costs_of(requirements, settings)
    shown = requirements if fractional else requirements.drop(columns="agents_fractional")
    write_table(shown, REQUIREMENTS, out, queue_zones(settings))
    hours = requirements["agents_to_schedule"].sum() * settings.centre.interval_min / 60
    say(f"staff: {count_of(len(requirements), 'interval')}, {hours:.0f} agent-hours to schedule -> {out}")
    show_requirements(requirements, settings.centre.timezone, settings.centre.interval_min)
    for line in costs_in_words(costed):
        say(line)
    figures: dict[str, Any] = {"intervals": len(requirements), "agent_hours_to_schedule": hours}
    figures["costs"] = costs_as_values(costed)
    if costs is not None:
        write_table(costed, COSTS, costs)
    if sensitivity is not None:
        figures["sensitivity"] = varied(requirements, settings, expected, open_work, costed, sensitivity)
    if skill_requirements is not None:
        figures["skill_groups"] = staff_groups_to(skill_requirements, requirements, settings, agents)
    if verify and len(requirements):
        figures["simulation"] = simulated(requirements, settings, expected, open_work)
    summarise(figures, as_json)


def varied(
    requirements: pd.DataFrame,
    config: Config,
    expected: pd.DataFrame,
    backlog: pd.DataFrame | None,
    costed: pd.DataFrame,
    out: Path,
) -> list[dict[str, Any]]:
    """Write the sensitivity, say it in short, and return its rows."""
    from wfm.erlang.costs_in_words import plain_rows, sensitivity_in_words
    from wfm.erlang.sensitivity import sensitivity as stage
    from wfm.io.tables import write_table
    from wfm.tables import SENSITIVITY

    table = stage(expected, config, requirements, backlog)
    write_table(table, SENSITIVITY, out)
    for line in sensitivity_in_words(table, costed, config):
        say(line)
    return plain_rows(table)


def simulated(
    requirements: pd.DataFrame, config: Config, expected: pd.DataFrame, backlog: pd.DataFrame | None
) -> dict[str, Any]:
    """Say what service as many agents as required give, and return the summary."""
    from wfm.pipeline import simulation_in_words
    from wfm.simulate.stage import simulate

    with share_bar("simulate") as done:
        proof = simulate(requirements, config, forecast=expected, backlog=backlog, done=done)
    for line in simulation_in_words(proof, config):
        say(line)
    return proof.summary

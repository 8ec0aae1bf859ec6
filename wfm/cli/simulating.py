"""The command that proves a plan: simulate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
from wfm.cli.screen import show_service
from wfm.cli.values import check_folder, check_tables
from wfm.errors import UsageError

if TYPE_CHECKING:
    from wfm.simulate.options import Staffing


def add_to(app: typer.Typer) -> None:
    """Register the command of this file."""
    app.command()(simulate)


def simulate(
    plan: Annotated[Path, typer.Argument(help="A roster, or requirements.", metavar="ROSTER|REQUIREMENTS")],
    out: OutPath,
    config: ConfigPath = WFM_TOML,
    requirements: Annotated[OptionalPath, typer.Option(help="Of a roster: its requirements.")] = None,
    agents: Annotated[OptionalPath, typer.Option(help="Of a roster: its agents.")] = None,
    forecast: Annotated[OptionalPath, typer.Option(help="Arrivals, closed time included.")] = None,
    days: Annotated[
        OptionalPath, typer.Option(help="Day totals of the forecast: how uncertain they are.")
    ] = None,
    backlog: Annotated[OptionalPath, typer.Option(help="Open deferred work.")] = None,
    contacts: Annotated[OptionalPath, typer.Option(help="Log whose handle times are drawn from.")] = None,
    staffing: Annotated[str, typer.Option(help="Of requirements: required, or scheduled.")] = "required",
    replications: Annotated[int | None, typer.Option(help="So many, not by precision.", min=1)] = None,
    precision: Annotated[
        float | None, typer.Option(help="Half-width of each service level's confidence interval.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of every random choice.", min=0)] = None,
    no_shrinkage: Annotated[bool, typer.Option("--no-shrinkage", help="Nobody is sick or away.")] = False,
    workers: Annotated[int | None, typer.Option(help="Threads; default: all cores.", min=1)] = None,
    day_results: Annotated[OptionalPath, typer.Option(help="Write how days vary.")] = None,
    summary: Annotated[OptionalPath, typer.Option(help="Write the summary (JSON).")] = None,
    as_json: AsJson = False,
) -> None:
    """The service a plan will give, contact by contact, and how sure that is.

    Example: wfm simulate roster.csv --requirements requirements.csv --agents agents.csv -o simulation.csv
    """
    from wfm.io import inputs
    from wfm.io.history import is_roster
    from wfm.io.results import write_simulation
    from wfm.pipeline import simulation_in_words
    from wfm.simulate.options import Options
    from wfm.simulate.stage import simulate as stage
    from wfm.tables import BACKLOG, CONTACTS, DAYS, FORECAST, REQUIREMENTS

    check_tables(out, day_results, as_json=as_json)
    check_folder(summary)
    check_precision(precision)
    settings = configuration(config)
    named = check_roster_inputs(requirements, agents) if is_roster(plan) else None
    required = inputs.read_queue_table(plan if named is None else named[0], REQUIREMENTS, settings)
    with share_bar("simulate") as done:
        result = stage(
            required,
            settings,
            roster=None if named is None else inputs.read_roster(plan, settings),
            agents=None if named is None else inputs.read_agents(named[1], settings),
            forecast=inputs.read_optional(forecast, FORECAST, settings),
            days=inputs.read_optional(days, DAYS, settings),
            backlog=inputs.read_optional(backlog, BACKLOG, settings),
            contacts=inputs.read_optional(contacts, CONTACTS, settings),
            options=Options(
                parse_staffing(staffing), replications, precision, seed, not no_shrinkage, workers
            ),
            done=done,
        )
    write_simulation(result, settings, out, day_results, summary)
    for line in simulation_in_words(result, settings):
        say(line)
    show_service(result.simulation, settings.centre.timezone)
    summarise(result.summary, as_json)


def check_precision(precision: float | None) -> None:
    """Refuse a precision that cannot be reached or says nothing."""
    if precision is not None and not 0 < precision < 1:
        raise UsageError(f"--precision {precision:g} is no share", hint="write e.g. 0.01 for +-1 point")


def check_roster_inputs(requirements: Path | None, agents: Path | None) -> tuple[Path, Path]:
    """Return both files without which a roster cannot be simulated; UsageError if one is not named."""
    if requirements is None or agents is None:
        lacking = "--requirements" if requirements is None else "--agents"
        raise UsageError(
            f"a roster is simulated with its requirements and agents: {lacking} is missing",
            hint="name the tables it was made from with --requirements and --agents",
        )
    return requirements, agents


def parse_staffing(text: str) -> Staffing:
    """Read --staffing."""
    match text:
        case "required" | "scheduled":
            return text
    raise UsageError(f"--staffing {text}: no such staffing", hint="write required or scheduled")

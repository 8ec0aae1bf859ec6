"""Commands of the chain: import, forecast, backtest, staff, schedule, verify."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wfm.cli.common import (
    WFM_TOML,
    AsJson,
    ConfigPath,
    OptionalPath,
    OutPath,
    configuration,
    parse_date,
    parse_horizon,
    parse_moment,
    parse_seconds,
    progress_bar,
    say,
    summarise,
)

VIOLATIONS_FOUND = 5


def add_to(app: typer.Typer) -> None:
    """Register the commands of this file."""
    app.command("import")(import_)
    for command in (forecast, backtest, staff, schedule, verify):
        app.command()(command)


def import_(
    source: Annotated[list[Path], typer.Argument(help="Per-contact logs or interval exports.")],
    out: OutPath,
    config: ConfigPath = WFM_TOML,
    preset: Annotated[str | None, typer.Option(help="A mapping shipped with wfm.")] = None,
    mapping: Annotated[OptionalPath, typer.Option(help="A mapping file, see docs/import.md.")] = None,
    quarantine: Annotated[
        OptionalPath, typer.Option(help="Refused rows (default: beside the result).")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Call logs or interval exports -> history; rows that cannot be believed go to the quarantine.

    Example: wfm import calls.csv.gz -o history.parquet --mapping mapping.toml
    """
    from wfm.cli.importing import run_import

    summarise(run_import(source, configuration(config), out, preset, mapping, quarantine), as_json)


def forecast(
    history: Annotated[Path, typer.Argument(help="History, or a per-contact log.")],
    out: OutPath,
    config: ConfigPath = WFM_TOML,
    horizon: Annotated[str | None, typer.Option(help="Local calendar days, e.g. 6w or 10d.")] = None,
    as_of: Annotated[str | None, typer.Option(help="Forecast from here; later rows are ignored.")] = None,
    model: Annotated[list[str] | None, typer.Option(help="Model to use (repeatable).")] = None,
    overrides: Annotated[OptionalPath, typer.Option(help="Overrides.")] = None,
    events: Annotated[OptionalPath, typer.Option(help="Events.")] = None,
    days: Annotated[OptionalPath, typer.Option(help="Write day totals with their own bands.")] = None,
    mapping: Annotated[OptionalPath, typer.Option(help="Mapping file of a per-contact log.")] = None,
    as_json: AsJson = False,
) -> None:
    """Expected contacts and handle time per queue and interval, with bands.

    Example: wfm forecast data/samples/history.csv -o forecast.csv --config data/samples/wfm.toml
    """
    from wfm.forecast import forecast as stage
    from wfm.io.inputs import queue_zones, read_optional
    from wfm.io.history import read_history
    from wfm.io.tables import write_table
    from wfm.tables import DAYS, EVENTS, FORECAST, OVERRIDES

    settings = configuration(config)
    result = stage(
        read_history(history, settings, mapping=mapping),
        settings,
        horizon_days=parse_horizon(horizon or settings.forecast.horizon),
        as_of=parse_moment(as_of, settings.centre.timezone),
        models=model or settings.forecast.models,
        events=read_optional(events, EVENTS, settings),
        overrides=read_optional(overrides, OVERRIDES, settings),
    )
    write_table(result.forecast, FORECAST, out, queue_zones(settings))
    if days is not None:
        write_table(result.days, DAYS, days)
    for note in result.notes:
        say(note)
    say(
        f"forecast: {len(result.forecast)} intervals, {result.forecast['offered'].sum():.0f} contacts -> {out}"
    )
    summarise({"intervals": len(result.forecast), "notes": list(result.notes)}, as_json)


def backtest(
    history: Annotated[Path, typer.Argument(help="History, or a per-contact log.")],
    out: OutPath,
    config: ConfigPath = WFM_TOML,
    horizon: Annotated[str, typer.Option(help="Local calendar days forecast at each origin.")] = "2w",
    origins: Annotated[int | None, typer.Option(help="Rolling origins.", min=1)] = None,
    as_of: Annotated[str | None, typer.Option(help="Later rows are ignored.")] = None,
    model: Annotated[list[str] | None, typer.Option(help="Model to score (repeatable).")] = None,
    events: Annotated[OptionalPath, typer.Option(help="Events.")] = None,
    mapping: Annotated[OptionalPath, typer.Option(help="Mapping file of a per-contact log.")] = None,
    as_json: AsJson = False,
) -> None:
    """Rolling-origin accuracy per queue and model, beside the error that nobody can beat.

    Example: wfm backtest history.parquet -o scores.csv --horizon 2w --origins 6
    """
    from wfm.forecast import backtest as stage
    from wfm.io.inputs import queue_zones, read_optional
    from wfm.io.history import read_history
    from wfm.io.tables import write_table
    from wfm.pipeline import scores_in_words
    from wfm.tables import EVENTS, SCORES

    settings = configuration(config)
    scores = stage(
        read_history(history, settings, mapping=mapping),
        settings,
        horizon_days=parse_horizon(horizon),
        origins=origins or settings.forecast.backtest_origins,
        models=model or settings.forecast.models,
        as_of=parse_moment(as_of, settings.centre.timezone),
        events=read_optional(events, EVENTS, settings),
    )
    write_table(scores, SCORES, out, queue_zones(settings))
    for line in scores_in_words(scores):
        say(line)
    summarise({"rows": len(scores)}, as_json)


def staff(
    forecast: Annotated[Path, typer.Argument(help="Forecast.")],
    out: OutPath,
    config: ConfigPath = WFM_TOML,
    backlog: Annotated[OptionalPath, typer.Option(help="Open deferred work.")] = None,
    as_json: AsJson = False,
) -> None:
    """The fewest agents that meet every target, per queue and interval.

    Example: wfm staff forecast.parquet -o requirements.parquet
    """
    from wfm.erlang import staff as stage
    from wfm.io.inputs import queue_zones, read_optional, read_queue_table
    from wfm.io.tables import write_table
    from wfm.tables import BACKLOG, FORECAST, REQUIREMENTS

    settings = configuration(config)
    requirements = stage(
        read_queue_table(forecast, FORECAST, settings), settings, read_optional(backlog, BACKLOG, settings)
    )
    write_table(requirements, REQUIREMENTS, out, queue_zones(settings))
    hours = requirements["agents_to_schedule"].sum() * settings.centre.interval_min / 60
    say(f"staff: {len(requirements)} intervals, {hours:.0f} agent-hours to schedule -> {out}")
    summarise({"intervals": len(requirements), "agent_hours_to_schedule": hours}, as_json)


def schedule(
    requirements: Annotated[Path, typer.Argument(help="Requirements.")],
    agents: Annotated[Path, typer.Option(help="Agents.")],
    out: OutPath,
    config: ConfigPath = WFM_TOML,
    coverage: Annotated[OptionalPath, typer.Option(help="Write the coverage.")] = None,
    summary: Annotated[OptionalPath, typer.Option(help="Write the summary (JSON).")] = None,
    proof: Annotated[OptionalPath, typer.Option(help="Write the prices of the bound.")] = None,
    from_: Annotated[str | None, typer.Option("--from", help="First day, a week start.")] = None,
    time_off: Annotated[OptionalPath, typer.Option(help="Granted absence.")] = None,
    requests: Annotated[OptionalPath, typer.Option(help="Wishes.")] = None,
    pins: Annotated[OptionalPath, typer.Option(help="Shifts fixed by hand.")] = None,
    previous: Annotated[
        OptionalPath,
        typer.Option(help="The roster before; its rows inside the horizon are the plan to stay near."),
    ] = None,
    time_limit: Annotated[str | None, typer.Option(help="Wall-clock limit, e.g. 60s.")] = None,
    work_limit: Annotated[float | None, typer.Option(help="Deterministic effort of CP-SAT.", min=0)] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of every random choice.", min=0)] = None,
    weeks: Annotated[int | None, typer.Option(help="Weeks of the horizon.", min=1, max=26)] = None,
    as_json: AsJson = False,
) -> None:
    """A legal roster with breaks near the least cost, and how far from the best it can be at most.

    Example: wfm schedule requirements.parquet --agents agents.csv -o roster.parquet --summary summary.json
    """
    from wfm.io import inputs
    from wfm.io.results import write_schedule
    from wfm.pipeline import schedule_in_words
    from wfm.schedule.options import Options
    from wfm.schedule.stage import schedule as stage
    from wfm.tables import REQUIREMENTS

    settings = configuration(config)
    staff_table = inputs.read_agents(agents, settings)
    with progress_bar("schedule") as listener:
        result = stage(
            inputs.read_queue_table(requirements, REQUIREMENTS, settings),
            staff_table,
            settings,
            first_day=parse_date(from_),
            time_off=inputs.read_time_off(time_off, settings, staff_table),
            requests=inputs.read_requests(requests),
            pins=inputs.read_pins(pins),
            previous=None if previous is None else inputs.read_roster(previous, settings),
            options=Options(
                None if time_limit is None else parse_seconds(time_limit), work_limit, seed, weeks
            ),
            progress=listener,
        )
    write_schedule(result, settings, out, coverage, summary, proof)
    for line in schedule_in_words(result.summary):
        say(line)
    summarise(result.summary, as_json)


def verify(
    roster: Annotated[Path, typer.Argument(help="Roster.")],
    agents: Annotated[Path, typer.Option(help="Agents.")],
    requirements: Annotated[Path, typer.Option(help="Requirements.")],
    config: ConfigPath = WFM_TOML,
    from_: Annotated[str | None, typer.Option("--from", help="First day, a week start.")] = None,
    time_off: Annotated[OptionalPath, typer.Option(help="Granted absence.")] = None,
    requests: Annotated[OptionalPath, typer.Option(help="Wishes.")] = None,
    pins: Annotated[OptionalPath, typer.Option(help="Shifts fixed by hand.")] = None,
    previous: Annotated[OptionalPath, typer.Option(help="The roster before.")] = None,
    summary: Annotated[OptionalPath, typer.Option(help="Summary whose objective is recomputed.")] = None,
    weeks: Annotated[int | None, typer.Option(help="Weeks of the horizon.", min=1, max=26)] = None,
    as_json: AsJson = False,
) -> None:
    """Check every hard rule of a roster without the solver, and recompute coverage and objective.

    Example: wfm verify roster.parquet --agents agents.csv --requirements requirements.parquet
    """
    from wfm.io import inputs
    from wfm.io.results import read_summary
    from wfm.schedule.verify import verify as stage
    from wfm.tables import REQUIREMENTS

    settings = configuration(config)
    staff_table = inputs.read_agents(agents, settings)
    result = stage(
        inputs.read_roster(roster, settings),
        staff_table,
        inputs.read_queue_table(requirements, REQUIREMENTS, settings),
        settings,
        first_day=parse_date(from_),
        weeks=weeks,
        time_off=inputs.read_time_off(time_off, settings, staff_table),
        requests=inputs.read_requests(requests),
        pins=inputs.read_pins(pins),
        previous=None if previous is None else inputs.read_roster(previous, settings),
        summary=None if summary is None else read_summary(summary),
    )
    for violation in result.violations:
        typer.echo(str(violation))
    say(f"verify: {len(result.violations)} violations, objective {result.objective:.2f}")
    summarise(
        {"violations": len(result.violations), "objective": result.objective, "parts": result.parts}, as_json
    )
    if result.violations:
        raise typer.Exit(VIOLATIONS_FOUND)

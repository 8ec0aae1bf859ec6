"""Commands around the roster: schedule, verify."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
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
    progress_bar,
    say,
    stop_on_interrupt,
    summarise,
)
from wfm.cli.screen import show_coverage
from wfm.cli.values import check_folder, check_tables, parse_first_day, parse_freeze, parse_limit
from wfm.errors import UsageError, count_of

if TYPE_CHECKING:
    import pandas as pd

    from wfm.config import Config

VIOLATIONS_FOUND = 5


def add_to(app: typer.Typer) -> None:
    """Register the commands of this file."""
    for command in (schedule, verify):
        app.command()(command)


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
    pins: Annotated[OptionalPath, typer.Option(help="Shifts fixed by hand, or an edited workbook.")] = None,
    previous: Annotated[
        OptionalPath,
        typer.Option(help="The roster before; its rows inside the horizon are the plan to stay near."),
    ] = None,
    activities: Annotated[OptionalPath, typer.Option(help="Trainings, meetings, coaching to place.")] = None,
    max_changed_shifts: Annotated[
        int | None, typer.Option(help="At most so many shifts differ from --previous.", min=0)
    ] = None,
    freeze: Annotated[
        str | None, typer.Option(help="First days that stay as in --previous, e.g. 14d.")
    ] = None,
    time_limit: Annotated[str | None, typer.Option(help="Wall-clock limit, e.g. 60s.")] = None,
    work_limit: Annotated[float | None, typer.Option(help="Deterministic effort of CP-SAT.", min=0)] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of every random choice.", min=0)] = None,
    weeks: Annotated[int | None, typer.Option(help="Weeks of the horizon.", min=1, max=26)] = None,
    skill_requirements: Annotated[
        OptionalPath, typer.Option(help="Cover skill groups in place of queues (wfm staff).")
    ] = None,
    best_effort: Annotated[
        bool,
        typer.Option("--best-effort", help="Where rules conflict: the best legal roster, the rest told."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only check that the rules can be kept; write nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """A legal roster with breaks near the least cost, and how far from the best it can be at most.

    Example: wfm schedule requirements.parquet --agents agents.csv -o roster.parquet --summary summary.json
    """
    from wfm.io import inputs
    from wfm.io.results import write_schedule
    from wfm.pipeline import schedule_in_words
    from wfm.schedule.horizon import first_whole_week
    from wfm.schedule.options import Options
    from wfm.tables import REQUIREMENTS

    check_tables(out, coverage, proof, as_json=as_json)
    check_folder(summary)
    settings = configuration(config)
    first_day, limit_s = parse_first_day(from_, settings), parse_limit(time_limit)
    frozen_days = parse_freeze(freeze, previous)
    required = inputs.read_queue_table(requirements, REQUIREMENTS, settings)
    check_reach(required, settings, first_day, weeks)
    staff_table = inputs.read_agents(agents, settings)
    tables = {
        "time_off": inputs.read_time_off(time_off, settings, staff_table),
        "pins": read_pins(pins),
        "previous": None if previous is None else inputs.read_roster(previous, settings),
    }
    if skill_requirements is not None:
        first_day = first_day or first_whole_week(required, settings)
        required, staff_table, settings = groups_in_place(skill_requirements, required, staff_table, settings)
    options = Options(limit_s, work_limit, seed, weeks, frozen_days, max_changed_shifts, best_effort)
    if dry_run:
        from wfm.schedule.check import check

        for text in check(required, staff_table, settings, first_day=first_day, options=options, **tables):
            say(f"warning: {text}")
        say(f"schedule: the rules of {count_of(len(staff_table), 'agent')} and of their sites can be kept")
        summarise({"agents": len(staff_table), "conflicts": 0}, as_json)
        return
    from wfm.schedule.stage import schedule as stage

    with progress_bar("schedule") as listener, stop_on_interrupt() as stop:
        result = stage(
            required,
            staff_table,
            settings,
            first_day=first_day,
            requests=inputs.read_requests(requests),
            activities=inputs.read_activities(activities, settings, staff_table),
            options=options,
            **tables,
            progress=listener,
            stop=stop,
        )
    write_schedule(result, settings, out, coverage, summary, proof)
    for line in schedule_in_words(result.summary):
        say(line)
    show_coverage(result.coverage, settings.centre.timezone)
    summarise(result.summary, as_json)


def verify(
    roster: Annotated[Path, typer.Argument(help="Roster.")],
    agents: Annotated[Path, typer.Option(help="Agents.")],
    requirements: Annotated[Path, typer.Option(help="Requirements.")],
    config: ConfigPath = WFM_TOML,
    from_: Annotated[str | None, typer.Option("--from", help="First day, a week start.")] = None,
    time_off: Annotated[OptionalPath, typer.Option(help="Granted absence.")] = None,
    requests: Annotated[OptionalPath, typer.Option(help="Wishes.")] = None,
    pins: Annotated[OptionalPath, typer.Option(help="Shifts fixed by hand, or an edited workbook.")] = None,
    previous: Annotated[OptionalPath, typer.Option(help="The roster before.")] = None,
    freeze: Annotated[
        str | None, typer.Option(help="First days that must be as in --previous, e.g. 14d.")
    ] = None,
    max_changed_shifts: Annotated[
        int | None, typer.Option(help="At most so many shifts differ from --previous.", min=0)
    ] = None,
    activities: Annotated[OptionalPath, typer.Option(help="Trainings, meetings, coaching.")] = None,
    skill_requirements: Annotated[
        OptionalPath, typer.Option(help="Of a roster for skill groups in place of queues.")
    ] = None,
    summary: Annotated[OptionalPath, typer.Option(help="Summary whose objective is recomputed.")] = None,
    proof: Annotated[OptionalPath, typer.Option(help="Prices from which the bound is recomputed.")] = None,
    weeks: Annotated[int | None, typer.Option(help="Weeks of the horizon.", min=1, max=26)] = None,
    as_json: AsJson = False,
) -> None:
    """Check every hard rule of a roster without the solver, and recompute coverage and objective.

    Example: wfm verify roster.parquet --agents agents.csv --requirements requirements.parquet
    """
    from wfm.io import inputs
    from wfm.io.results import read_summary
    from wfm.io.tables import read_table
    from wfm.schedule.horizon import first_whole_week
    from wfm.schedule.verify import PRICES
    from wfm.schedule.verify import verify as stage
    from wfm.tables import REQUIREMENTS

    settings = configuration(config)
    frozen_days = parse_freeze(freeze, previous)
    staff_table = inputs.read_agents(agents, settings)
    required = inputs.read_queue_table(requirements, REQUIREMENTS, settings)
    first_day = parse_first_day(from_, settings)
    granted = inputs.read_time_off(time_off, settings, staff_table)
    known_activities = inputs.read_activities(activities, settings, staff_table)
    if skill_requirements is not None:
        first_day = first_day or first_whole_week(required, settings)
        required, staff_table, settings = groups_in_place(skill_requirements, required, staff_table, settings)
    claimed = None if summary is None else read_summary(summary)
    prices = None if proof is None else read_table(proof, PRICES, known={"queues": settings.queues})
    if prices is not None:
        say("bound: recomputing the cheapest tour of every agent, which takes long for many")
    result = stage(
        inputs.read_roster(roster, settings),
        staff_table,
        required,
        settings,
        first_day=first_day,
        weeks=weeks,
        time_off=granted,
        requests=inputs.read_requests(requests),
        pins=read_pins(pins),
        previous=None if previous is None else inputs.read_roster(previous, settings),
        freeze_days=frozen_days,
        max_changed_shifts=max_changed_shifts,
        activities=known_activities,
        summary=claimed,
        proof=prices,
    )
    lines = [str(violation) for violation in result.violations]
    for line in lines:
        typer.echo(line, err=as_json)  # with --json standard output is for one object
    say(f"verify: {count_of(len(lines), 'violation')}, objective {result.objective:.2f}")
    show_coverage(result.coverage, settings.centre.timezone)
    found: dict[str, Any] = {
        "violations": len(lines),
        "lines": lines,
        "objective": result.objective,
        "parts": result.parts,
    }
    if prices is not None:
        say(bound_in_words(result.bound, claimed))
        found["bound_recomputed"] = result.bound
    summarise(found, as_json)
    if lines:
        raise typer.Exit(VIOLATIONS_FOUND)


def read_pins(path: Path | None) -> pd.DataFrame | None:
    """Return the pins of an option; of an edited workbook it is said how many edits were found."""
    from wfm.io.inputs import read_pins as read
    from wfm.io.workbook_pins import is_workbook

    pins = read(path)
    if path is not None and pins is not None and is_workbook(path):
        say(f"pins: {count_of(len(pins), 'edited cell')} of {path}")
    return pins


def check_same_time(of_queues: pd.DataFrame, of_groups: pd.DataFrame, path: Path) -> None:
    """Refuse skill requirements that do not speak of the intervals of the requirements."""
    from wfm.errors import DataError, Fault

    missing = sorted(set(of_queues["interval_start"]) - set(of_groups["interval_start"]))
    if missing:
        fault = Fault(
            f"no row for {len(missing)} of the requirements' intervals, the first at"
            f" {missing[0]:%Y-%m-%d %H:%M} UTC"
        )
        hint = "make both with one wfm staff --skill-requirements"
        raise DataError([fault], source=str(path), hint=hint)


def groups_in_place(
    path: Path, requirements: pd.DataFrame, agents: pd.DataFrame, config: Config
) -> tuple[pd.DataFrame, pd.DataFrame, Config]:
    """Return requirements, agents and configuration with the skill groups of a file as queues.

    DataError where the file does not speak of the intervals of the requirements.
    """
    from wfm.conform import Zones
    from wfm.io.tables import read_table
    from wfm.schedule.skill_groups import groups_as_queues
    from wfm.tables import SKILL_REQUIREMENTS

    zones = Zones(default=config.centre.timezone)
    plan = groups_as_queues(read_table(path, SKILL_REQUIREMENTS, zones), agents, config)
    check_same_time(requirements, plan.requirements, path)
    for text in plan.warnings:
        say(f"warning: {text}")
    return plan.requirements, plan.agents, plan.config


def bound_in_words(bound: float | None, summary: Mapping[str, Any] | None) -> str:
    """Return the recomputed bound beside the summary's."""
    stated = "" if summary is None or "bound" not in summary else f" (summary says {summary['bound']})"
    return f"bound: {'none' if bound is None else f'{bound:.6f}'} recomputed from the prices{stated}"


def check_reach(
    requirements: pd.DataFrame, config: Config, first_day: date | None, weeks: int | None
) -> None:
    """Refuse a --from whose horizon has no requirement at all: the roster would be about nothing."""
    from wfm.schedule.horizon import horizon_dates, rows_in_horizon

    if first_day is None:
        return
    dates = horizon_dates(first_day, weeks or config.schedule.weeks)
    if rows_in_horizon(requirements, dates, config).empty:
        starts = requirements["interval_start"].dt.strftime("%Y-%m-%d")
        raise UsageError(
            f"--from {first_day}: the requirements have no row from {dates[0]} to {dates[-1]}",
            hint=f"they reach from {starts.min()} to {starts.max()}: name a week inside, or forecast further",
        )

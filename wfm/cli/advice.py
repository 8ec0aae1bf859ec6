"""Decisions of the day beside a published roster: swap, leave, suggest."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wfm.cli.common import WFM_TOML, AsJson, ConfigPath, OptionalPath, configuration, say, summarise
from wfm.cli.values import STANDARD_OUTPUT, check_tables, parse_date, parse_first_day, parse_freeze
from wfm.errors import UsageError, count_of

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from wfm.schedule.advice import Absence, Effect, Published, Swap

RULE_BROKEN = 5

RosterPath = Annotated[Path, typer.Argument(help="The published roster.")]
AgentsPath = Annotated[Path, typer.Option("--agents", help="Agents.")]
RequirementsPath = Annotated[Path, typer.Option("--requirements", help="Requirements.")]
TimeOff = Annotated[OptionalPath, typer.Option("--time-off", help="Granted absence.")]
Requests = Annotated[OptionalPath, typer.Option("--requests", help="Wishes.")]
Pins = Annotated[OptionalPath, typer.Option("--pins", help="Shifts fixed by hand.")]
Previous = Annotated[OptionalPath, typer.Option("--previous", help="The roster before.")]
Activities = Annotated[OptionalPath, typer.Option("--activities", help="Trainings, meetings, coaching.")]
Freeze = Annotated[
    str | None, typer.Option("--freeze", help="First days that must be as in --previous, e.g. 14d.")
]
From = Annotated[str | None, typer.Option("--from", help="First day, a week start.")]
Weeks = Annotated[int | None, typer.Option("--weeks", help="Weeks of the horizon.", min=1, max=26)]
Tolerance = Annotated[
    float, typer.Option("--tolerance", help="Agent-hours by which understaffing may grow.", min=0)
]
TableOut = Annotated[
    OptionalPath,
    typer.Option("-o", "--out", help="Write the table (.csv, .csv.gz, .parquet, - for stdout)."),
]


def add_to(app: typer.Typer) -> None:
    """Register the commands of this file."""
    for command in (swap, leave, suggest):
        app.command()(command)


@dataclass(frozen=True)
class Files:
    """The options that every command of this file has."""

    roster: Path
    agents: Path
    requirements: Path
    config: Path
    time_off: Path | None
    requests: Path | None
    pins: Path | None
    previous: Path | None
    activities: Path | None
    freeze: str | None
    first_day: str | None
    weeks: int | None


def swap(
    roster: RosterPath,
    agent_a: Annotated[str, typer.Argument(help="One agent.")],
    date_a: Annotated[str, typer.Argument(help="Date of its shift (or day off), YYYY-MM-DD.")],
    agent_b: Annotated[str, typer.Argument(help="The other agent.")],
    agents: AgentsPath,
    requirements: RequirementsPath,
    date_b: Annotated[str | None, typer.Argument(help="Date of its shift; default DATE_A.")] = None,
    out: Annotated[
        OptionalPath,
        typer.Option("-o", "--out", help="Write the roster after an allowed swap (.csv, .csv.gz, .parquet)."),
    ] = None,
    config: ConfigPath = WFM_TOML,
    from_: From = None,
    time_off: TimeOff = None,
    requests: Requests = None,
    pins: Pins = None,
    previous: Previous = None,
    freeze: Freeze = None,
    activities: Activities = None,
    weeks: Weeks = None,
    as_json: AsJson = False,
) -> None:
    """Two agents exchange what they do: is it allowed, and what does it do to coverage? Ends with 5 if not.

    Example: wfm swap roster.csv a017 2026-03-06 a042 --agents agents.csv --requirements requirements.csv
    """
    from wfm.io.inputs import site_zones
    from wfm.io.tables import write_table
    from wfm.schedule.advice import swap as stage
    from wfm.tables import ROSTER

    check_tables(out, as_json=as_json)
    first, second = day_of(date_a), day_of(date_a if date_b is None else date_b)
    published = read(
        Files(
            roster,
            agents,
            requirements,
            config,
            time_off,
            requests,
            pins,
            previous,
            activities,
            freeze,
            from_,
            weeks,
        )
    )
    found = stage(published, agent_a, first, agent_b, second)
    quiet = as_json or out == STANDARD_OUTPUT
    tell_effect(found.effect, published.config.centre.timezone, quiet=quiet)
    say(f"swap: {answer_of_swap(found)}")
    if found.allowed and out is not None:
        write_table(found.roster, ROSTER, out, site_zones(published.config))
    summarise({"allowed": found.allowed, **found.effect.facts()}, as_json)
    if not found.allowed:
        raise typer.Exit(RULE_BROKEN)


def leave(
    roster: RosterPath,
    agents: AgentsPath,
    requirements: RequirementsPath,
    team: Annotated[str | None, typer.Option(help="Only this team.")] = None,
    date_: Annotated[str | None, typer.Option("--date", help="Only this date, YYYY-MM-DD.")] = None,
    agent: Annotated[str | None, typer.Option(help="May this agent be off on --date?")] = None,
    unpaid: Annotated[bool, typer.Option("--unpaid", help="The leave of --agent is not paid.")] = False,
    tolerance: Tolerance = 0.0,
    out: TableOut = None,
    config: ConfigPath = WFM_TOML,
    from_: From = None,
    time_off: TimeOff = None,
    requests: Requests = None,
    pins: Pins = None,
    previous: Previous = None,
    freeze: Freeze = None,
    activities: Activities = None,
    weeks: Weeks = None,
    as_json: AsJson = False,
) -> None:
    """How many more may be off, by date and team; with --agent and --date: can this leave be approved?

    Example: wfm leave roster.csv --agents agents.csv --requirements requirements.csv --date 2026-03-06
    """
    from wfm.io.tables import write_table
    from wfm.schedule.advice import HEADROOM, ask_leave, headroom

    check_tables(out, as_json=as_json)
    check_question(agent, date_, team, out)
    check_tolerance(tolerance)
    day = None if date_ is None else day_of(date_)
    published = read(
        Files(
            roster,
            agents,
            requirements,
            config,
            time_off,
            requests,
            pins,
            previous,
            activities,
            freeze,
            from_,
            weeks,
        )
    )
    if agent is not None and day is not None:
        answer(ask_leave(published, agent, day, tolerance, paid=not unpaid), published, as_json=as_json)
        return
    table = headroom(published, None if day is None else [day], team, tolerance)
    if out is not None:
        write_table(table, HEADROOM, out)
    elif not as_json:
        show(table, published.config.centre.timezone)
    say(
        f"leave: {count_of(len(table), 'row')}; headroom counts understaffing, "
        "the rules of each agent are not looked at"
    )
    summarise({"tolerance_h": tolerance, "headroom": records(table)}, as_json)


def suggest(
    roster: RosterPath,
    agents: AgentsPath,
    requirements: RequirementsPath,
    date_: Annotated[str | None, typer.Option("--date", help="Only this date, YYYY-MM-DD.")] = None,
    most: Annotated[int, typer.Option(help="Most suggestions of each kind.", min=1)] = 10,
    out: TableOut = None,
    new_roster: Annotated[
        OptionalPath, typer.Option(help="Write the roster with all suggestions applied.")
    ] = None,
    new_time_off: Annotated[
        OptionalPath, typer.Option(help="Write the time off with all suggestions applied.")
    ] = None,
    config: ConfigPath = WFM_TOML,
    from_: From = None,
    time_off: TimeOff = None,
    requests: Requests = None,
    pins: Pins = None,
    previous: Previous = None,
    freeze: Freeze = None,
    activities: Activities = None,
    weeks: Weeks = None,
    as_json: AsJson = False,
) -> None:
    """Overtime where agents are missing, voluntary time off where there are too many; every rule kept.

    Example: wfm suggest roster.csv --agents agents.csv --requirements requirements.csv -o suggestions.csv
    """
    from wfm.io.tables import write_table
    from wfm.schedule.advice import SUGGESTIONS
    from wfm.schedule.advice import suggest as stage

    check_tables(out, new_roster, new_time_off, as_json=as_json)
    day = None if date_ is None else day_of(date_)
    published = read(
        Files(
            roster,
            agents,
            requirements,
            config,
            time_off,
            requests,
            pins,
            previous,
            activities,
            freeze,
            from_,
            weeks,
        )
    )
    found = stage(published, None if day is None else [day], most)
    write_applied(found.published, new_roster, new_time_off)
    if out is not None:
        write_table(found.table, SUGGESTIONS, out)
    elif not as_json:
        show(found.table, published.config.centre.timezone)
    kinds = found.table["kind"].value_counts()
    counts = ", ".join(f"{kinds.get(kind, 0)} {kind}" for kind in ("overtime", "call_in", "time_off"))
    say(f"suggest: {counts}; no rule of an agent or site would be broken")
    summarise({"suggestions": records(found.table)}, as_json)


def read(files: Files) -> Published:
    """Return the roster and its tables; errors name the file that is wrong."""
    from wfm.io import inputs
    from wfm.schedule.advice import Published
    from wfm.tables import REQUIREMENTS

    settings = configuration(files.config)
    frozen_days = parse_freeze(files.freeze, files.previous)
    first_day = parse_first_day(files.first_day, settings)
    staff_table = inputs.read_agents(files.agents, settings)
    return Published(
        inputs.read_roster(files.roster, settings),
        staff_table,
        inputs.read_queue_table(files.requirements, REQUIREMENTS, settings),
        settings,
        time_off=inputs.read_time_off(files.time_off, settings, staff_table),
        requests=inputs.read_requests(files.requests),
        pins=inputs.read_pins(files.pins),
        previous=None if files.previous is None else inputs.read_roster(files.previous, settings),
        activities=inputs.read_activities(files.activities, settings, staff_table),
        freeze_days=frozen_days,
        first_day=first_day,
        weeks=files.weeks,
    )


def day_of(text: str) -> date:
    """Read a date that must be there."""
    day = parse_date(text)
    if day is None:
        raise UsageError("no date", hint="write YYYY-MM-DD")
    return day


def check_question(agent: str | None, day: str | None, team: str | None, out: Path | None) -> None:
    """Refuse options of `leave` that do not go together."""
    if agent is None:
        return
    if day is None:
        raise UsageError(f"--agent {agent} without --date", hint="name the date of the leave with --date")
    if team is not None or out is not None:
        given = "--team" if team is not None else "-o"
        raise UsageError(f"--agent asks about one agent; {given} belongs to the table", hint="leave it out")


def check_tolerance(hours: float) -> None:
    """Refuse a tolerance that is no number of hours."""
    if not isfinite(hours):
        raise UsageError(f"--tolerance {hours} is no number of hours", hint="write e.g. --tolerance 0.5")


def answer(absence: Absence, published: Published, *, as_json: bool) -> None:
    """Tell whether a leave can be approved; ends with 5 if a rule would be broken."""
    who = f"{absence.agent_id} on {absence.date}"
    facts = {"agent_id": absence.agent_id, "date": str(absence.date), "approved": absence.approved}
    if absence.effect is None:
        say(f"leave: yes, {absence.agent_id} {absence.off_anyway} on {absence.date} anyway")
        summarise({**facts, "off_anyway": absence.off_anyway}, as_json)
        return
    tell_effect(absence.effect, published.config.centre.timezone, quiet=as_json)
    say(f"leave: {'yes' if absence.approved else 'no'}, {who}: {in_words(absence.effect)}")
    summarise({**facts, "off_anyway": "", **absence.effect.facts()}, as_json)
    if absence.effect.broken:
        raise typer.Exit(RULE_BROKEN)


def answer_of_swap(found: Swap) -> str:
    """Return whether a swap is allowed, and its effect."""
    return f"{'allowed' if found.allowed else 'not allowed'}, {in_words(found.effect)}"


def in_words(effect: Effect) -> str:
    """Return rules and figures before and after in one line."""
    count = len(effect.broken)
    rules = f"{count_of(count, 'rule') if count else 'no rule'} newly broken"
    before, after = effect.before, effect.after
    figures = ", ".join(
        f"{name} {before[key]:.2f} -> {after[key]:.2f}{unit}"
        for name, key, unit in (
            ("understaffed", "understaffed_h", " h"),
            ("overstaffed", "overstaffed_h", " h"),
            ("objective", "objective", ""),
        )
    )
    return f"{rules}; {figures}"


def tell_effect(effect: Effect, timezone: str, *, quiet: bool) -> None:
    """Print broken rules and the intervals that change; `quiet`: stdout has another product."""
    for violation in effect.broken:
        typer.echo(str(violation), err=quiet)
    for violation in effect.still_broken:
        say(f"broken before, and now: {violation}")
    if len(effect.changes) and not quiet:
        show(effect.changes, timezone)


def write_applied(published: Published, roster: Path | None, time_off: Path | None) -> None:
    """Write roster and time off where they have a path."""
    from wfm.conform import empty
    from wfm.io.inputs import agent_zones, site_zones
    from wfm.io.tables import write_table
    from wfm.tables import ROSTER, TIME_OFF

    if time_off is not None:
        absences = empty(TIME_OFF) if published.time_off is None else published.time_off
        write_table(absences, TIME_OFF, time_off, agent_zones(published.config, published.agents))
    if roster is not None:
        write_table(published.roster, ROSTER, roster, site_zones(published.config))


def show(table: pd.DataFrame, timezone: str) -> None:
    """Print a table on standard output, its columns aligned; empty columns are left out."""
    filled = table.loc[:, [name for name in table if table[name].notna().any() and (table[name] != "").any()]]
    cells = [[str(name), *texts_of(filled[name], timezone)] for name in filled]
    widths = [max(len(cell) for cell in column) for column in cells]
    for row in zip(*cells, strict=True):
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        typer.echo(line.rstrip())


def texts_of(column: pd.Series, timezone: str) -> list[str]:
    """Return the cells as text: times by this clock, numbers with two decimals, nothing as -."""
    import pandas as pd

    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return list(column.dt.tz_convert(timezone).dt.strftime("%Y-%m-%d %H:%M"))
    if pd.api.types.is_datetime64_dtype(column.dtype):
        return list(column.dt.strftime("%Y-%m-%d"))
    if pd.api.types.is_float_dtype(column.dtype):
        return ["-" if pd.isna(value) else f"{value:.2f}" for value in column]
    return ["-" if pd.isna(value) or value == "" else str(value) for value in column]


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows as plain values for JSON: dates as text, nothing as null."""
    import pandas as pd

    rows = table.assign(date=table["date"].dt.strftime("%Y-%m-%d")).to_dict("records")
    return [{str(key): None if pd.isna(value) else value for key, value in row.items()} for row in rows]

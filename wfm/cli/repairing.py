"""The command that repairs a published roster."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any

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
    summarise,
)
from wfm.cli.rostering import read_pins
from wfm.cli.values import check_folder, check_tables, parse_date
from wfm.errors import UsageError, count_of

MOST_CHANGES_SAID = 20


def add_to(app: typer.Typer) -> None:
    """Register the command of this file."""
    app.command()(repair)


def repair(
    roster: Annotated[Path, typer.Argument(help="The published roster; earlier rows are history.")],
    agents: Annotated[Path, typer.Option(help="Agents.")],
    requirements: Annotated[Path, typer.Option(help="Requirements.")],
    out: OutPath,
    config: ConfigPath = WFM_TOML,
    day: Annotated[str | None, typer.Option(help="The one date to repair.")] = None,
    from_: Annotated[str | None, typer.Option("--from", help="First date that may change.")] = None,
    to: Annotated[str | None, typer.Option(help="Last date that may change.")] = None,
    time_off: Annotated[OptionalPath, typer.Option(help="Granted absence, sick calls among it.")] = None,
    requests: Annotated[OptionalPath, typer.Option(help="Wishes.")] = None,
    pins: Annotated[OptionalPath, typer.Option(help="Shifts fixed by hand, or an edited workbook.")] = None,
    max_changed_shifts: Annotated[
        int | None, typer.Option(help="Budget: at most so many shifts change.", min=0)
    ] = None,
    max_changes_per_agent: Annotated[
        int | None, typer.Option(help="At most so many shifts of one agent change.", min=0)
    ] = None,
    breaks_only: Annotated[bool, typer.Option("--breaks-only", help="Move breaks, change no shift.")] = False,
    changes: Annotated[OptionalPath, typer.Option(help="Write who works otherwise than published.")] = None,
    coverage: Annotated[OptionalPath, typer.Option(help="Write the coverage.")] = None,
    summary: Annotated[OptionalPath, typer.Option(help="Write the summary (JSON).")] = None,
    as_json: AsJson = False,
) -> None:
    """After sick calls, pins or a new requirement: few changes of a published roster, every rule kept.

    Example: wfm repair roster.csv --day 2026-03-04 --agents agents.csv --requirements req.csv -o new.csv
    """
    from wfm.io import inputs
    from wfm.io.results import write_repair
    from wfm.schedule.inputs import Inputs, table_or_empty
    from wfm.schedule.repair import Limits, Window
    from wfm.schedule.repair import repair as stage
    from wfm.tables import ACTIVITY_TABLE, PINS, REQUESTS, REQUIREMENTS, TIME_OFF

    check_tables(out, coverage, changes, as_json=as_json)
    check_folder(summary)
    settings = configuration(config)
    if max_changes_per_agent is not None:
        limited = settings.schedule.model_copy(update={"max_changed_shifts_per_agent": max_changes_per_agent})
        settings = settings.model_copy(update={"schedule": limited})
    first, last = window_of(day, from_, to)
    staff = inputs.read_agents(agents, settings)
    published = inputs.read_roster(roster, settings)
    check_published(published["shift_date"], first, last)
    given = Inputs(
        requirements=inputs.read_queue_table(requirements, REQUIREMENTS, settings),
        agents=staff,
        time_off=table_or_empty(inputs.read_time_off(time_off, settings, staff), TIME_OFF),
        requests=table_or_empty(inputs.read_requests(requests), REQUESTS),
        pins=table_or_empty(read_pins(pins), PINS),
        previous=published,
        activities=table_or_empty(None, ACTIVITY_TABLE),
    )
    with progress_bar("repair") as listener:
        result = stage(
            given, settings, Window(first, last), Limits(max_changed_shifts, breaks_only), listener
        )
    write_repair(result, settings, out, coverage, changes, summary)
    for line in repair_in_words(result.summary, result.changes):
        say(line)
    summarise(result.summary, as_json)


def window_of(day: str | None, first: str | None, last: str | None) -> tuple[date, date]:
    """Read --day, or --from and --to: the first and last date that may change."""
    one, begin, end = parse_date(day), parse_date(first), parse_date(last)
    if one is not None and (begin is not None or end is not None):
        raise UsageError(
            "--day stands alone", hint="name one date with --day, or several with --from and --to"
        )
    if one is not None:
        return one, one
    if begin is None:
        raise UsageError(
            "no date to repair", hint="name one date with --day, or several with --from and --to"
        )
    end = begin if end is None else end
    if end < begin:
        raise UsageError(f"--to {end} lies before --from {begin}", hint="give the earlier date to --from")
    return begin, end


def check_published(dates: Any, first: date, last: date) -> None:
    """Refuse a window without any published shift: there is nothing to repair."""
    inside = dates.dt.date.between(first, last)
    if not inside.any():
        reach = (
            f"it has shifts from {dates.min():%Y-%m-%d} to {dates.max():%Y-%m-%d}"
            if len(dates)
            else "it is empty"
        )
        raise UsageError(f"the roster has no shift from {first} to {last}", hint=f"{reach}; see --day")


def repair_in_words(summary: Mapping[str, Any], changes: Any) -> list[str]:
    """Return what a repair did as sentences."""
    before, budget = summary["before_repair"], summary["max_changed_shifts"]
    lines = [f"warning: {text}" for text in summary["warnings"]]
    lines += [f"unmet: {one['subject']} {one['rule']}: {one['text']}" for one in summary["unmet"]]
    struck = int((changes["reason"] == "time off").sum())
    allowed = "" if budget is None else f" of {budget} allowed"
    lines.append(
        f"repair: {count_of(struck, 'shift')} struck by time off,"
        f" {summary['changed_shifts']} others changed{allowed};"
        f" understaffed {before['understaffed_h']:.1f} h -> {summary['understaffed_h']:.1f} h"
        f" of {summary['required_h']:.0f} h, overstaffed {before['overstaffed_h']:.1f} h ->"
        f" {summary['overstaffed_h']:.1f} h"
    )
    others = changes[changes["reason"] != "time off"]
    for row in others.head(MOST_CHANGES_SAID).itertuples():
        lines.append(f"  {row.agent_id} {row.date:%Y-%m-%d}: {row.was} -> {row.becomes}")
    if len(others) > MOST_CHANGES_SAID:
        lines.append(f"  and {len(others) - MOST_CHANGES_SAID} more, see --changes")
    return lines

"""Commands around the chain: demo, init, nightly, report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from wfm import interrupt
from wfm.cli.common import (
    WFM_TOML,
    AsJson,
    ConfigPath,
    configuration,
    progress_bar,
    say,
    summarise,
)
from wfm.cli.values import STANDARD_OUTPUT, check_folder, parse_moment
from wfm.errors import UsageError

LogLevel = Literal["debug", "info", "warning", "error"]


def add_to(app: typer.Typer) -> None:
    """Register the commands of this file."""
    for command in (demo, init, nightly, report):
        app.command()(command)


def demo(
    folder: Annotated[Path, typer.Argument(help="Folder to make the centre in.")] = Path("demo"),
    seed: Annotated[int, typer.Option(help="Seed of the generator.", min=0)] = 1,
) -> None:
    """A generated two-site, three-channel centre and the whole chain over it; prints the report's path.

    Example: wfm demo demo
    """
    from wfm.demo import generate, write_centre
    from wfm.nightly import run_night

    say(f"demo: generating a centre of 150 agents, six queues and a year of history (seed {seed})")
    write_centre(generate(seed), folder)
    with progress_bar("schedule") as listener:
        night = run_night(folder / WFM_TOML, say=say, progress=listener)
    if night.exit_code:
        raise typer.Exit(night.exit_code)
    typer.echo(night.report)


def init(
    folder: Annotated[Path, typer.Argument(help="Folder of the planning project.")] = Path(),
    export: Annotated[Path | None, typer.Option("--from", help="Begin with your own log or export.")] = None,
    timezone: Annotated[str | None, typer.Option(help="Of the centre, with --from.")] = None,
    mapping: Annotated[Path | None, typer.Option(help="Mapping of the export, with --from.")] = None,
) -> None:
    """A planning project: a commented wfm.toml and sample tables that work at once, or your own export.

    Example: wfm init planning --from calls.csv --timezone Europe/Berlin
    """
    if export is not None:
        from wfm.cli.sniffing import init_from

        init_from(export, folder, timezone, mapping)
        return
    if timezone is not None or mapping is not None:
        raise UsageError("--timezone and --mapping go with --from", hint="name your export with --from")
    from wfm.demo import write_project

    for path in write_project(folder):
        say(f"written {path}")
    say(f"next: cd {folder} && wfm forecast history.csv -o forecast.csv")


def nightly(
    config: ConfigPath = WFM_TOML,
    as_of: Annotated[str | None, typer.Option(help="Plan from here; later rows are ignored.")] = None,
    accept_changes: Annotated[
        bool, typer.Option("--accept-changes", help="Publish although the forecast jumps, this once.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check the inputs, say what would be done, write nothing.")
    ] = False,
    log_level: Annotated[
        LogLevel | None, typer.Option(help="Least level said aloud; default: [nightly] log_level.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Warnings and errors only.")] = False,
    as_json: AsJson = False,
) -> None:
    """The whole chain, for cron: into a new run folder, published only when it is complete.

    Example: wfm nightly --config wfm.toml
    """
    interrupt.end_at_once()  # libraries are imported, which make all kinds of errors of an interrupt
    from wfm.nightly import Wishes, run_night
    from wfm.schedule.options import silent

    moment = parse_moment(as_of, configuration(config).centre.timezone)
    level = "warning" if quiet and log_level is None else log_level
    wishes = Wishes(moment, accept_changes=accept_changes, dry_run=dry_run, log_level=level)
    interrupt.end_in_order()
    with progress_bar("schedule") as listener:
        night = run_night(config, wishes, say=say, progress=silent if quiet else listener)
    if night.folder is not None and not quiet:
        told = "stands, nothing has changed" if night.unchanged else "is published"
        say(f"nightly: {night.folder.name} {told}; the page is {night.report}")
    summarise(night.summary, as_json)
    if night.exit_code:
        raise typer.Exit(night.exit_code)


def report(
    run: Annotated[Path, typer.Argument(help="Run folder, e.g. runs/current.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The page to write, - for stdout.")] = Path(
        "report.html"
    ),
    config: ConfigPath = WFM_TOML,
    requests: Annotated[
        Path | None, typer.Option(help="Requests, to count those met; default: that of wfm.toml.")
    ] = None,
    time_off: Annotated[
        Path | None, typer.Option(help="Time off, for the same; default: that of wfm.toml.")
    ] = None,
    previous: Annotated[
        Path | None, typer.Option(help="Run to compare with; default: the night before.")
    ] = None,
) -> None:
    """One self-contained page that opens offline: outlook, forecasts, coverage, rosters.

    Example: wfm report runs/current -o report.html
    """
    from wfm.cli.reporting import page_of
    from wfm.io.atomic import write_text

    check_folder(out)
    page = page_of(run, config, requests=requests, time_off=time_off, previous=previous)
    if out == STANDARD_OUTPUT:
        typer.echo(page)
    else:
        write_text(out, page)
    say(f"report -> {out}")

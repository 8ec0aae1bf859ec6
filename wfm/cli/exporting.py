"""`wfm export`: tables as people and other systems take them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wfm.cli.common import (
    WFM_TOML,
    AsJson,
    ConfigPath,
    OptionalPath,
    configuration,
    say,
    summarise,
)
from wfm.cli.run_files import in_config
from wfm.cli.values import STANDARD_OUTPUT, check_folder
from wfm.errors import UsageError, count_of

if TYPE_CHECKING:
    from wfm.export import Exported, Request

FOLDERS = ("ics", "svg", "png")  # formats of which each result is a folder


def add_to(app: typer.Typer) -> None:
    """Register the command of this file."""
    app.command()(export)


def export(
    file: Annotated[Path, typer.Argument(help="Roster, run folder (svg, png), forecast or history.")],
    format_: Annotated[str, typer.Option("--format", help="xlsx, ics, svg, png, connect-wfm, genesys-wfm.")],
    out: Annotated[
        Path, typer.Option("-o", "--out", help="Result: .xlsx, .csv, - or a folder (ics, svg, png).")
    ],
    config: ConfigPath = WFM_TOML,
    queues: Annotated[
        OptionalPath, typer.Option(help="CSV with queue,name,id: what the queues are called there.")
    ] = None,
    queue: Annotated[list[str] | None, typer.Option(help="Only this queue (repeatable).")] = None,
    interval: Annotated[int | None, typer.Option(help="Minutes of Amazon Connect: 15 or 30.")] = None,
    daily: Annotated[
        str | None, typer.Option(help="Whole days too: the forecast time zone set in Amazon Connect.")
    ] = None,
    agents: Annotated[OptionalPath, typer.Option(help="Agents; default: [inputs] agents.")] = None,
    time_off: Annotated[OptionalPath, typer.Option(help="Granted absence, to mark leave.")] = None,
    coverage: Annotated[OptionalPath, typer.Option(help="Coverage of the roster, for its staffing.")] = None,
    requirements: Annotated[
        OptionalPath, typer.Option(help="Requirements, to compute the staffing where no coverage is.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """A roster for people (workbook, calendars), charts, or a forecast or history for another system.

    Example: wfm export roster.parquet --format xlsx --agents agents.csv --coverage coverage.csv -o plan.xlsx
    """
    from wfm.export import PLAN_FORMATS, Request, named_format

    if as_json and out == STANDARD_OUTPUT:
        raise UsageError("standard output can take the file or --json, not both", hint="write to a file")
    write = named_format(format_, {"svg": write_svg, "png": write_png})
    if out == STANDARD_OUTPUT and format_ in FOLDERS:
        raise UsageError(f"--format {format_} makes several files", hint="name a folder with -o")
    check_folder(out)
    kept = file / WFM_TOML.name  # a run folder has the configuration that it was made with
    settings = configuration(kept if config == WFM_TOML and not config.exists() and kept.exists() else config)
    if format_ in PLAN_FORMATS:
        agents = in_config(agents, settings.inputs.agents, config)
        time_off = in_config(time_off, settings.inputs.time_off, config)
    demand = (queues, tuple(queue or ()), interval, daily)
    done = write(Request(file, out, settings, *demand, agents, time_off, coverage, requirements))
    for note in done.notes:
        say(f"export: {note}")
    say(f"export: {done.title}, {count_of(done.rows, 'row')} -> {out}")
    summarise({"format": format_, "rows": done.rows, **done.figures, "notes": list(done.notes)}, as_json)


def write_svg(request: Request) -> Exported:
    """Write the charts of a run folder into a folder, which is made if need be."""
    return write_pictures(request, ".svg", str.encode)


def write_png(request: Request) -> Exported:
    """Write the charts of a run folder as PNG; nothing is made on a machine that cannot draw them."""
    from wfm.report.raster import rasteriser

    return write_pictures(request, ".png", rasteriser())


def write_pictures(request: Request, suffix: str, drawn: Callable[[str], bytes]) -> Exported:
    """Write each chart of a run folder as `drawn` makes it of its SVG."""
    from wfm.export.request import DEMAND_OPTIONS, PLAN_OPTIONS, Exported, refuse_options
    from wfm.io.inputs import queue_zones
    from wfm.io.run_folder import read_run
    from wfm.report import picture_files

    refuse_options(request, DEMAND_OPTIONS | PLAN_OPTIONS, "is not for pictures")
    config = request.config
    tables = read_run(request.source, queue_zones(config))
    written = picture_files.write_pictures(tables, config, request.out, suffix, drawn)
    kept = older_pictures(request.out, {path.stem for path in written}, suffix)
    return Exported("charts", len(written), kept)


def older_pictures(folder: Path, written: set[str], suffix: str) -> tuple[str, ...]:
    """Return a note on pictures of an earlier export that this run does not have."""
    numbered = (path for path in sorted(folder.glob(f"*-[0-9]*-*{suffix}")) if path.stem not in written)
    older = [path.name for path in numbered if path.name.startswith(("queue-", "site-"))]
    return (
        (f"left from an earlier export: {count_of(len(older), 'picture')}, the first {older[0]}",)
        if older
        else ()
    )

"""`wfm export`: tables as other systems take them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

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
from wfm.cli.values import STANDARD_OUTPUT, check_folder
from wfm.errors import UsageError


def add_to(app: typer.Typer) -> None:
    """Register the command of this file."""
    app.command()(export)


def export(
    file: Annotated[Path, typer.Argument(help="Forecast or history.")],
    format_: Annotated[str, typer.Option("--format", help="connect-wfm or genesys-wfm.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Result (.csv, - for stdout).")],
    config: ConfigPath = WFM_TOML,
    queues: Annotated[
        OptionalPath, typer.Option(help="CSV with queue,name,id: what the queues are called there.")
    ] = None,
    queue: Annotated[list[str] | None, typer.Option(help="Only this queue (repeatable).")] = None,
    interval: Annotated[int | None, typer.Option(help="Minutes of Amazon Connect: 15 or 30.")] = None,
    daily: Annotated[
        str | None, typer.Option(help="Whole days too: the forecast time zone set in Amazon Connect.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """A forecast or history as the file that another planning system imports.

    Example: wfm export forecast.csv --format connect-wfm --queues queues.csv --daily UTC -o override.csv
    """
    from wfm.export import Request, named_format

    if as_json and out == STANDARD_OUTPUT:
        raise UsageError("standard output can take the file or --json, not both", hint="write to a file")
    write = named_format(format_)
    check_folder(out)
    settings = configuration(config)
    done = write(Request(file, out, settings, queues, tuple(queue or ()), interval, daily))
    for note in done.notes:
        say(f"export: {note}")
    say(f"export: {done.title}, {done.rows} rows -> {out}")
    summarise({"format": format_, "rows": done.rows, **done.figures, "notes": list(done.notes)}, as_json)

"""`wfm explain`: why a number is what it is."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Annotated

import typer

from wfm.cli.common import WFM_TOML, ConfigPath, OptionalPath, configuration
from wfm.cli.values import parse_moment
from wfm.errors import UsageError

NIGHTLY_FORECAST = Path("runs/current/forecast.parquet")


def add_to(app: typer.Typer) -> None:
    """Register the group of this file."""
    group = typer.Typer(help="Why a number is what it is.", no_args_is_help=True, rich_markup_mode=None)
    group.command()(interval)
    app.add_typer(group, name="explain")


def interval(
    queue: Annotated[str, typer.Argument(help="Queue.")],
    start: Annotated[str, typer.Argument(help="Start of the interval; without offset the queue's time.")],
    forecast: Annotated[Path, typer.Option(help="The forecast behind the requirement.")] = (NIGHTLY_FORECAST),
    backlog: Annotated[
        OptionalPath, typer.Option(help="Open deferred work; default: [inputs] backlog, if there is one.")
    ] = None,
    config: ConfigPath = WFM_TOML,
) -> None:
    """Offered, load, model, the agents each target asks for, shrinkage: with formulas.

    Example: wfm explain interval billing_voice 2026-03-02T10:00 --forecast forecast.parquet
    """
    from wfm.erlang.explanation import explain_interval
    from wfm.io.inputs import read_optional, read_queue_table
    from wfm.tables import BACKLOG, FORECAST

    settings = configuration(config)
    if queue not in settings.queues:
        near = difflib.get_close_matches(queue, list(settings.queues), n=1)
        known = f"did you mean '{near[0]}'?" if near else f"queues: {', '.join(settings.queues)}"
        raise UsageError(f"no queue '{queue}'", hint=known)
    if forecast == NIGHTLY_FORECAST and not forecast.exists():
        raise UsageError("no nightly run here yet", hint="name the forecast with --forecast forecast.csv")
    named = settings.inputs.backlog
    if backlog is None and named is not None and (config.parent / named).exists():
        backlog = config.parent / named
    moment = parse_moment(start, settings.queues[queue].timezone)
    rows = read_queue_table(forecast, FORECAST, settings)
    waiting = read_optional(backlog, BACKLOG, settings) if settings.queues[queue].deferred else None
    for line in explain_interval(rows, settings, queue, moment, waiting) if moment is not None else ():
        typer.echo(line)

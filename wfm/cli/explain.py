"""`wfm explain`: why a number is what it is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wfm.cli.common import WFM_TOML, ConfigPath, configuration
from wfm.cli.values import parse_moment
from wfm.errors import UsageError


def add_to(app: typer.Typer) -> None:
    """Register the group of this file."""
    group = typer.Typer(help="Why a number is what it is.", no_args_is_help=True, rich_markup_mode=None)
    group.command()(interval)
    app.add_typer(group, name="explain")


def interval(
    queue: Annotated[str, typer.Argument(help="Queue.")],
    start: Annotated[str, typer.Argument(help="Start of the interval; without offset the queue's time.")],
    forecast: Annotated[Path, typer.Option(help="The forecast behind the requirement.")] = Path(
        "runs/current/forecast.parquet"
    ),
    config: ConfigPath = WFM_TOML,
) -> None:
    """Offered, load, model, the agents each target asks for, shrinkage: with formulas.

    Example: wfm explain interval billing_voice 2026-03-02T10:00 --forecast forecast.parquet
    """
    from wfm.erlang.explanation import explain_interval
    from wfm.io.inputs import read_queue_table
    from wfm.tables import FORECAST

    settings = configuration(config)
    if queue not in settings.queues:
        raise UsageError(f"no queue '{queue}'", hint=f"queues: {', '.join(settings.queues)}")
    moment = parse_moment(start, settings.queues[queue].timezone)
    rows = read_queue_table(forecast, FORECAST, settings)
    for line in explain_interval(rows, settings, queue, moment) if moment is not None else ():
        typer.echo(line)

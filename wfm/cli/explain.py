"""`wfm explain`: why a number is what it is."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wfm.cli.common import WFM_TOML, ConfigPath, OptionalPath, configuration
from wfm.cli.values import parse_horizon, parse_moment
from wfm.errors import UsageError

if TYPE_CHECKING:
    from wfm.config import Config

NIGHTLY_FORECAST = Path("runs/current/forecast.parquet")
NIGHTLY_HISTORY = Path("runs/current/history.parquet")


def add_to(app: typer.Typer) -> None:
    """Register the group of this file."""
    group = typer.Typer(help="Why a number is what it is.", no_args_is_help=True, rich_markup_mode=None)
    group.command()(interval)
    group.command()(forecast)
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
    check_queue(queue, settings)
    if forecast == NIGHTLY_FORECAST and not forecast.exists():
        raise UsageError("no nightly run here yet", hint="name the forecast with --forecast forecast.csv")
    backlog = given(backlog, settings.inputs.backlog, config)
    moment = parse_moment(start, settings.queues[queue].timezone)
    rows = read_queue_table(forecast, FORECAST, settings)
    waiting = read_optional(backlog, BACKLOG, settings) if settings.queues[queue].deferred else None
    for line in explain_interval(rows, settings, queue, moment, waiting) if moment is not None else ():
        typer.echo(line)


def forecast(
    queue: Annotated[str, typer.Argument(help="Queue.")],
    when: Annotated[str, typer.Argument(help="A day (2026-03-02), or an interval (2026-03-02T10:00).")],
    history: Annotated[Path, typer.Option(help="History that the forecast learns from.")] = NIGHTLY_HISTORY,
    horizon: Annotated[str | None, typer.Option(help="Local calendar days, e.g. 6w or 10d.")] = None,
    as_of: Annotated[str | None, typer.Option(help="Forecast from here; later rows are ignored.")] = None,
    model: Annotated[list[str] | None, typer.Option(help="Model to use (repeatable).")] = None,
    overrides: Annotated[
        OptionalPath, typer.Option(help="Overrides; default: [inputs] overrides, if there are any.")
    ] = None,
    events: Annotated[
        OptionalPath, typer.Option(help="Events; default: [inputs] events, if there are any.")
    ] = None,
    config: ConfigPath = WFM_TOML,
) -> None:
    """Level, weekday, profile, month, holiday, event, models, overrides: what makes a forecast.

    Example: wfm explain forecast billing_voice 2026-03-02T10:00 --history history.csv
    """
    from wfm.forecast.explanation import Asked, explain_forecast
    from wfm.io.history import read_history
    from wfm.io.inputs import read_optional
    from wfm.tables import EVENTS, OVERRIDES

    settings = configuration(config)
    check_queue(queue, settings)
    if history == NIGHTLY_HISTORY and not history.exists():
        raise UsageError("no nightly run here yet", hint="name the history with --history history.csv")
    zone = settings.queues[queue].timezone
    moment = parse_moment(when, zone)
    if moment is None:
        return
    days = parse_horizon(settings.forecast.horizon if horizon is None else horizon)
    explanation = explain_forecast(
        read_history(history, settings, mapping=None),
        settings,
        Asked(queue, moment, len(when) == len("2026-03-02"), days),
        as_of=parse_moment(as_of, settings.centre.timezone),
        models=tuple(model or ()),
        events=read_optional(given(events, settings.inputs.events, config), EVENTS, settings),
        overrides=read_optional(given(overrides, settings.inputs.overrides, config), OVERRIDES, settings),
    )
    for line in explanation.in_words():
        typer.echo(line)


def check_queue(queue: str, settings: Config) -> None:
    """Raise UsageError, with the nearest name, for a queue that is not configured."""
    if queue not in settings.queues:
        near = difflib.get_close_matches(queue, list(settings.queues), n=1)
        known = f"did you mean '{near[0]}'?" if near else f"queues: {', '.join(settings.queues)}"
        raise UsageError(f"no queue '{queue}'", hint=known)


def given(path: Path | None, named: str | None, config: Path) -> Path | None:
    """Return the file of an option, or the one that the configuration names, if it exists."""
    if path is None and named is not None and (config.parent / named).exists():
        return config.parent / named
    return path

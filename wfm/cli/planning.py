"""Commands of the chain up to the forecast: import, forecast, backtest."""

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
    say,
    summarise,
)
from wfm.cli.screen import show_scores, show_volume
from wfm.cli.values import check_tables, parse_horizon, parse_moment
from wfm.cli.working import at_work
from wfm.errors import UsageError, count_of

OptionalOutPath = Annotated[OptionalPath, typer.Option("-o", "--out", help="Result; only --sniff has none.")]


def add_to(app: typer.Typer) -> None:
    """Register the commands of this file."""
    app.command("import")(import_)
    for command in (forecast, backtest):
        app.command()(command)


def import_(
    source: Annotated[list[Path], typer.Argument(help="Per-contact logs or interval exports.")],
    out: OptionalOutPath = None,
    config: ConfigPath = WFM_TOML,
    preset: Annotated[str | None, typer.Option(help="A mapping shipped with wfm.")] = None,
    mapping: Annotated[OptionalPath, typer.Option(help="A mapping file, see docs/import.md.")] = None,
    quarantine: Annotated[
        OptionalPath, typer.Option(help="Refused rows (default: beside the result).")
    ] = None,
    store: Annotated[
        OptionalPath, typer.Option(help="Folder that keeps every contact once; the result is all of it.")
    ] = None,
    sniff: Annotated[bool, typer.Option("--sniff", help="Only say what each file is.")] = False,
    as_json: AsJson = False,
) -> None:
    """Call logs or interval exports -> history; rows that cannot be believed go to the quarantine.

    Example: wfm import calls.csv.gz -o history.parquet --mapping mapping.toml
    """
    if sniff:
        from wfm.cli.sniffing import refuse_options, run_sniff

        refuse_options(out, preset, mapping, quarantine, store)
        run_sniff(source, config, as_json=as_json)
        return
    from wfm.cli.importing import Places, run_import

    if out is None:
        raise UsageError("no result is named", hint="add -o history.parquet, or --sniff to look at the files")
    check_tables(out, quarantine, as_json=as_json)
    places = Places(out, quarantine, store)
    summarise(run_import(source, configuration(config), places, preset=preset, mapping=mapping), as_json)


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
    scores: Annotated[OptionalPath, typer.Option(help="Write the backtest behind the choice.")] = None,
    mapping: Annotated[OptionalPath, typer.Option(help="Mapping file of a per-contact log.")] = None,
    as_json: AsJson = False,
) -> None:
    """Expected contacts and handle time per queue and interval, with bands.

    Example: wfm forecast data/samples/history.csv -o forecast.csv --config data/samples/wfm.toml
    """
    from wfm.forecast import forecast as stage
    from wfm.forecast.in_words import chosen_scores, scores_in_words
    from wfm.io.history import read_history
    from wfm.io.inputs import queue_zones, read_optional
    from wfm.io.tables import write_table
    from wfm.tables import DAYS, EVENTS, FORECAST, OVERRIDES, SCORES

    check_tables(out, days, scores, as_json=as_json)
    settings = configuration(config)
    horizon_days = parse_horizon(settings.forecast.horizon if horizon is None else horizon)
    moment = parse_moment(as_of, settings.centre.timezone)
    result = stage(
        read_history(history, settings, mapping=mapping),
        settings,
        horizon_days=horizon_days,
        as_of=moment,
        models=known_models(model) or settings.forecast.models,
        events=read_optional(events, EVENTS, settings),
        overrides=read_optional(overrides, OVERRIDES, settings),
    )
    write_table(result.forecast, FORECAST, out, queue_zones(settings))
    if days is not None:
        write_table(result.days, DAYS, days)
    if scores is not None:
        write_table(result.scores, SCORES, scores)
    for line in (*result.notes, *scores_in_words(result.scores)):
        say(line)
    contacts = float(result.forecast["offered"].sum())
    say(
        f"forecast: {count_of(len(result.forecast), 'interval')},"
        f" {count_of(f'{contacts:.0f}', 'contact')} -> {out}"
    )
    show_volume(result.forecast, settings.centre.timezone, "expected contacts")
    figures = {"intervals": len(result.forecast), "offered": contacts, "notes": list(result.notes)}
    summarise({**figures, "scores": chosen_scores(result.scores)}, as_json)


def backtest(
    history: Annotated[Path, typer.Argument(help="History, or a per-contact log.")],
    out: OutPath,
    config: ConfigPath = WFM_TOML,
    horizon: Annotated[str, typer.Option(help="Local calendar days forecast at each origin.")] = "2w",
    origins: Annotated[int | None, typer.Option(help="Rolling origins.", min=1)] = None,
    as_of: Annotated[str | None, typer.Option(help="Later rows are ignored.")] = None,
    model: Annotated[list[str] | None, typer.Option(help="Model to score (repeatable).")] = None,
    events: Annotated[OptionalPath, typer.Option(help="Events.")] = None,
    parts: Annotated[OptionalPath, typer.Option(help="Write scores by lead time and kind of day.")] = None,
    mapping: Annotated[OptionalPath, typer.Option(help="Mapping file of a per-contact log.")] = None,
    as_json: AsJson = False,
) -> None:
    """Rolling-origin accuracy per queue and model, beside the error that nobody can beat.

    Example: wfm backtest history.parquet -o scores.csv --horizon 2w --origins 6
    """
    from wfm.forecast.in_words import scores_in_words
    from wfm.io.history import read_history
    from wfm.io.inputs import queue_zones, read_optional
    from wfm.io.tables import write_table
    from wfm.pipeline import Question, backtest_in_parts
    from wfm.tables import EVENTS, SCORE_PARTS, SCORES

    check_tables(out, parts, as_json=as_json)
    settings = configuration(config)
    horizon_days = parse_horizon(horizon)
    moment = parse_moment(as_of, settings.centre.timezone)
    question = Question(
        horizon_days,
        origins or settings.forecast.backtest_origins,
        known_models(model) or settings.forecast.models,
        moment,
    )
    known, happening = (
        read_history(history, settings, mapping=mapping),
        read_optional(events, EVENTS, settings),
    )
    with at_work(settings, config, "backtest") as work:
        result = backtest_in_parts(known, settings, question, happening, work)
    write_table(result.scores, SCORES, out, queue_zones(settings))
    if parts is not None:
        write_table(result.parts, SCORE_PARTS, parts, queue_zones(settings))
    for line in scores_in_words(result.scores):
        say(line)
    show_scores(result.scores)
    summarise({"rows": len(result.scores)}, as_json)


def known_models(names: list[str] | None) -> tuple[str, ...]:
    """Return the models of --model; UsageError for one that does not exist."""
    from wfm.errors import ConfigError
    from wfm.forecast.registry import selected

    try:
        return selected(names) if names else ()
    except ConfigError as error:
        faults = "; ".join(f"--model {fault.value}: {fault.problem}" for fault in error.faults)
        raise UsageError(faults, hint=error.faults[0].remedy) from error

"""`wfm score`: how earlier forecasts came true, by lead time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
from wfm.cli.values import check_tables
from wfm.errors import count_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wfm.config import Config
    from wfm.forecast.hindsight import EarlierForecast
    from wfm.io.earlier import ForecastFile


def add_to(app: typer.Typer) -> None:
    """Register the command of this file."""
    app.command()(score)


def score(
    out: OutPath,
    places: Annotated[
        list[Path] | None,
        typer.Argument(help="Folder of runs, runs or forecasts; default: [outputs] runs."),
    ] = None,
    history: Annotated[
        OptionalPath,
        typer.Option(help="What happened; default: that of the newest run, else [inputs] history."),
    ] = None,
    config: ConfigPath = WFM_TOML,
    events: Annotated[OptionalPath, typer.Option(help="Leave out outages and closures of these.")] = None,
    mapping: Annotated[OptionalPath, typer.Option(help="Mapping file of a per-contact log.")] = None,
    as_json: AsJson = False,
) -> None:
    """How earlier forecasts came true: error, bias and bands per queue and lead time, beside the noise floor.

    Example: wfm score runs --history history.parquet -o score.csv
    """
    from wfm.forecast.hindsight import hindsight
    from wfm.forecast.hindsight_words import hindsight_facts, hindsight_in_words, nothing_to_score
    from wfm.io.earlier import find_forecasts, history_beside
    from wfm.io.history import read_history
    from wfm.io.inputs import queue_zones, read_optional
    from wfm.io.tables import write_table
    from wfm.tables import EVENTS, HINDSIGHT

    check_tables(out, as_json=as_json)
    settings = configuration(config)
    files = find_forecasts(places or [config.parent / settings.outputs.runs])
    forecasts = read_forecasts(files, settings)
    if history is None:
        past = history_beside(files, settings, config.parent, mapping=mapping)
    else:
        past = read_history(history, settings, mapping=mapping)
    found = hindsight(forecasts, past, settings, events=read_optional(events, EVENTS, settings))
    if found.scores.empty:
        raise nothing_to_score(forecasts, past)
    write_table(found.scores, HINDSIGHT, out, queue_zones(settings))
    for line in hindsight_in_words(found):
        say(line)
    scored = count_of(found.scores["intervals"].sum(), "interval")
    say(f"score: {scored} of {count_of(len(forecasts), 'forecast')} -> {out}")
    summarise({"forecasts": len(forecasts), **hindsight_facts(found)}, as_json)


def read_forecasts(files: Sequence[ForecastFile], settings: Config) -> list[EarlierForecast]:
    """Return the forecasts; DataError for one that has no rows. Queues may have left the configuration."""
    from wfm.forecast.hindsight import EarlierForecast
    from wfm.io.inputs import queue_zones
    from wfm.io.tables import read_table
    from wfm.tables import FORECAST

    zones = queue_zones(settings)
    return [EarlierForecast.of(one.name, read_table(one.path, FORECAST, zones)) for one in files]

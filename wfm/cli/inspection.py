"""Commands that look without changing anything: doctor, status."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from wfm.cli.common import WFM_TOML, AsJson, ConfigPath, OptionalPath, configuration, say, summarise
from wfm.errors import count_of

SOMETHING_WRONG = 4


def add_to(app: typer.Typer) -> None:
    """Register the commands of this file."""
    for command in (doctor, status):
        app.command()(command)


def doctor(
    files: Annotated[list[Path], typer.Argument(help="Histories, logs of contacts or interval exports.")],
    config: ConfigPath = WFM_TOML,
    preset: Annotated[str | None, typer.Option(help="Telephone system that the files come from.")] = None,
    mapping: Annotated[OptionalPath, typer.Option(help="Mapping file of the files' columns.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="End with 4 if anything is wrong.")] = False,
    as_json: AsJson = False,
) -> None:
    """The eleven acceptance checks of a history or an export, then gaps, odd days and more.

    Example: wfm doctor history.parquet --strict
    """
    from wfm.cli.recognising import recognising
    from wfm.io.acceptance import accept

    settings = configuration(config)
    examine = partial(accept, files, settings, mapping=mapping)
    found, _ = recognising(lambda: examine(preset=preset), lambda seen: examine(preset=seen), files, settings)
    for line in () if as_json else found.lines():
        typer.echo(line)
    say(f"doctor: {count_of(found.wrong, 'finding')} to look at in {count_of(len(settings.queues), 'queue')}")
    summarise(found.summary(), as_json)
    if strict and found.wrong:
        raise typer.Exit(SOMETHING_WRONG)


def status(
    config: ConfigPath = WFM_TOML,
    last: Annotated[int, typer.Option(help="How many runs to show.", min=1)] = 7,
    as_json: AsJson = False,
) -> None:
    """The last nightly runs: which is published, what each gave.

    Example: wfm status --config wfm.toml
    """
    from wfm.nightly.history import last_runs

    settings = configuration(config)
    runs = last_runs(config.resolve().parent / settings.outputs.runs, last)
    for run in runs if not as_json else ():
        typer.echo(str(run))
    if not runs:
        say("status: no run yet; start one with `wfm nightly`")
    summarise({"runs": [run.facts() for run in runs]}, as_json)

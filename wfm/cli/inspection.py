"""Commands that look without changing anything: doctor, status."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wfm.cli.common import WFM_TOML, AsJson, ConfigPath, OptionalPath, configuration, say, summarise

SOMETHING_WRONG = 4


def add_to(app: typer.Typer) -> None:
    """Register the commands of this file."""
    for command in (doctor, status):
        app.command()(command)


def doctor(
    history: Annotated[Path, typer.Argument(help="History, or a per-contact log.")],
    config: ConfigPath = WFM_TOML,
    mapping: Annotated[OptionalPath, typer.Option(help="Mapping file of a per-contact log.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="End with 4 if anything is wrong.")] = False,
    as_json: AsJson = False,
) -> None:
    """Gaps, outages, odd days and handle times, clock changes, silent queues.

    Example: wfm doctor history.parquet --strict
    """
    from wfm.forecast.doctor import examine
    from wfm.io.history import read_history

    settings = configuration(config)
    findings = examine(read_history(history, settings, mapping=mapping), settings)
    wrong = [finding for finding in findings if finding.wrong]
    if not as_json:
        for finding in findings:
            typer.echo(f"{'!' if finding.wrong else ' '} {finding}")
    say(f"doctor: {len(wrong)} findings to look at in {len(settings.queues)} queues")
    summarise({"findings": [vars(finding) for finding in findings], "wrong": len(wrong)}, as_json)
    if strict and wrong:
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

"""The command line, `wfm COMMAND`: parse, read, call one function, write, summarise, exit code."""

from __future__ import annotations

import os
import sys

import typer

from wfm.cli import (
    advice,
    calculator,
    callbacks,
    centre,
    diffing,
    explain,
    exporting,
    inspection,
    outbound,
    planning,
    repairing,
    rostering,
    scoring,
    simulating,
    staffing,
)
from wfm.cli.common import stop_on_error

app = typer.Typer(
    name="wfm",
    help="Plan a contact centre: call logs -> forecast -> staffing -> rosters. Every number explained.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
centre.add_to(app)
planning.add_to(app)
scoring.add_to(app)
staffing.add_to(app)
rostering.add_to(app)
repairing.add_to(app)
advice.add_to(app)
simulating.add_to(app)
inspection.add_to(app)
calculator.add_to(app)
outbound.add_to(app)
callbacks.add_to(app)
explain.add_to(app)
diffing.add_to(app)
exporting.add_to(app)


def _show_version(wanted: bool) -> None:
    if wanted:
        from wfm import __version__

        typer.echo(f"wfm {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", help="Show the version and end.", callback=_show_version, is_eager=True
    ),
) -> None:
    """Plan a contact centre: call logs -> forecast -> staffing -> rosters. Every number explained."""


def main() -> None:
    """Run the command line; a WfmError becomes its message and exit code."""
    for library in ("OMP", "OPENBLAS", "MKL"):
        # before numpy is imported: on small matrices more threads only wait for each other (SARIMAX took
        # eleven times as long), and sums of many threads are not the same bytes on every machine
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")
    with stop_on_error():
        app()
    sys.exit(0)

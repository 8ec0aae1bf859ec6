"""`wfm diff`: what changed between two runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wfm.cli.common import WFM_TOML, AsJson, OptionalPath, configuration, say, summarise

if TYPE_CHECKING:
    from wfm.diff import Run
    from wfm.diff.in_words import Section
    from wfm.io.run_folder import RunTables


def add_to(app: typer.Typer) -> None:
    """Register the command of this file."""
    app.command()(diff)


def diff(
    run_a: Annotated[Path, typer.Argument(help="Run folder, the earlier.")],
    run_b: Annotated[Path, typer.Argument(help="Run folder, the later.")],
    config: Annotated[
        OptionalPath, typer.Option("--config", help="For zones and intervals; default: that of each run.")
    ] = None,
    most: Annotated[int, typer.Option(help="Rows of days, shifts and keys to show, each.", min=1)] = 20,
    as_json: AsJson = False,
) -> None:
    """What changed between two runs: contacts, agents, service, cost, shifts and who has them, settings.

    Example: wfm diff runs/20260301T2300Z-001 runs/current
    """
    from wfm.diff import changes_between
    from wfm.diff.in_words import facts, headline, sections

    found = changes_between(read_side(run_a, config), read_side(run_b, config))
    for section in sections(found, most) if not as_json else ():
        show(section)
    for line in headline(found):
        say(line)
    summarise(facts(found) if as_json else {}, as_json)


def read_side(folder: Path, config: Path | None, tables: RunTables | None = None) -> Run:
    """Return a run with its settings; `tables` are those of its folder, if they are read already.

    Its configuration is its own, else ./wfm.toml, unless one is named.
    """
    from wfm.diff import compared_tables, run_of
    from wfm.io.run_paths import settings_file

    found = compared_tables(folder) if tables is None else tables
    used = config or settings_file(folder) or WFM_TOML
    return run_of(folder, name_of(folder), configuration(used), found)


def name_of(folder: Path) -> str:
    """Return a run's name as it was given, and what it points at."""
    return f"{folder} ({folder.resolve().name})" if folder.is_symlink() else str(folder)


def show(section: Section) -> None:
    """Print a table: ruled on a terminal, aligned text elsewhere."""
    left_out = f"... and {section.left_out} more, see --most and --json"
    if not sys.stdout.isatty():
        typer.echo(f"{section.title}:")
        cells = [section.header, *section.rows]
        widths = [max(len(row[at]) for row in cells) for at in range(len(section.header))]
        for row in cells:
            line = "  ".join(
                cell.ljust(width) if at < section.texts else cell.rjust(width)
                for at, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            typer.echo(f"  {line.rstrip()}")
        typer.echo(f"  {left_out}\n" if section.left_out else "")
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=Text(section.title), title_justify="left")
    for at, name in enumerate(section.header):
        table.add_column(Text(name), justify="left" if at < section.texts else "right")
    for row in section.rows:
        table.add_row(*(Text(cell) for cell in row))  # Text: names are not markup
    console = Console(markup=False, highlight=False)
    console.print(table)
    if section.left_out:
        console.print(left_out)

"""What commands share: options, talk on stderr, summaries on stdout, exit codes."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wfm.errors import UsageError, WfmError

if TYPE_CHECKING:
    import pandas as pd

    from wfm.config import Config
    from wfm.schedule.options import Progress

INTERRUPTED = 130

ConfigPath = Annotated[Path, typer.Option("--config", help="The configuration.", show_default=True)]
OutPath = Annotated[Path, typer.Option("-o", "--out", help="Result (.csv, .csv.gz, .parquet, - for stdout).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print a machine-readable summary on stdout.")]
OptionalPath = Path | None
WFM_TOML = Path("wfm.toml")


@contextmanager
def stop_on_error() -> Iterator[None]:
    """Turn expected failures into a message on stderr and an exit code; a bug keeps its traceback."""
    try:
        yield
    except WfmError as error:
        say(f"wfm: {error}")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        say("wfm: interrupted; nothing was changed")
        sys.exit(INTERRUPTED)


def say(text: str) -> None:
    """Print one message on stderr, with control characters of data made visible."""
    lines = ("".join(c if c.isprintable() else ascii(c)[1:-1] for c in line) for line in text.splitlines())
    typer.echo("\n".join(lines), err=True)


def summarise(summary: Mapping[str, Any], as_json: bool) -> None:
    """Print a summary as JSON on stdout, if that was asked for."""
    if as_json:
        typer.echo(json.dumps(summary, ensure_ascii=False, default=str, allow_nan=False))


def configuration(path: Path) -> Config:
    """Return the configuration at `path`."""
    from wfm.io.toml import load_config

    return load_config(path)


def parse_date(text: str | None) -> date | None:
    """Read YYYY-MM-DD."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"'{text}' is not a date", hint="write YYYY-MM-DD") from error


def parse_moment(text: str | None, timezone: str) -> pd.Timestamp | None:
    """Read an ISO 8601 moment; without offset it is local time of `timezone`."""
    if text is None:
        return None
    import pandas as pd

    from wfm.localtime import instant

    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"'{text}' is not a time", hint="write 2026-03-02T00:00 or with an offset"
        ) from error
    aware = moment if moment.tzinfo is not None else instant(moment, timezone)
    return pd.Timestamp(aware).tz_convert("UTC")


def parse_seconds(text: str) -> float:
    """Read a duration such as 90, 90s, 30m or 1h in seconds."""
    units = {"s": 1, "m": 60, "h": 3600}
    number, unit = (text[:-1], text[-1]) if text and text[-1] in units else (text, "s")
    try:
        seconds = float(number) * units[unit]
    except ValueError as error:
        raise UsageError(f"'{text}' is not a duration", hint="write 180s, 30m or 1h") from error
    if not 0 <= seconds < float("inf"):
        raise UsageError(f"'{text}' is not a duration", hint="a duration is 0 or more")
    return seconds


def parse_horizon(text: str) -> int:
    """Read a horizon such as 6w in days."""
    from wfm.config import days_in_horizon

    try:
        return days_in_horizon(text)
    except ValueError as error:
        raise UsageError(str(error), hint="write a number of weeks or days, e.g. 6w or 10d") from error


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[Progress], None]]:
    """Yield a listener: a bar on a terminal, a plain line per tenth elsewhere."""
    if sys.stderr.isatty():
        with _live_bar(title) as listener:
            yield listener
        return
    shown: set[tuple[str, int]] = set()

    def line(event: Progress) -> None:
        tenth = int(event.share_done * 5)
        if (event.phase, tenth) not in shown:
            shown.add((event.phase, tenth))
            say(f"{title}: {event.phase} {event.share_done:.0%}{figures(event)}")

    yield line


@contextmanager
def _live_bar(title: str) -> Iterator[Callable[[Progress], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True, markup=False), transient=True) as bar:
        task = bar.add_task(title, total=1.0)
        yield lambda event: bar.update(
            task, completed=event.share_done, description=f"{title}: {event.phase}{figures(event)}"
        )


def figures(event: Progress) -> str:
    """Return objective, bound and gap of a progress event in words."""
    if event.objective is None:
        return ""
    text = f", objective {event.objective:.0f}"
    if event.bound is not None and event.bound > float("-inf"):
        gap = (event.objective - event.bound) / max(1.0, abs(event.objective))
        text += f", bound {event.bound:.0f}, gap {gap:.1%}"
    return text

"""What commands share: options, talk on stderr, summaries on stdout, exit codes."""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wfm import interrupt
from wfm.errors import OutputError, WfmError
from wfm.interrupt import INTERRUPTED

if TYPE_CHECKING:
    from wfm.config import Config
    from wfm.schedule.options import Progress

PIPE_CLOSED = 7
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)

ConfigPath = Annotated[Path, typer.Option("--config", help="The configuration.", show_default=True)]
OutPath = Annotated[Path, typer.Option("-o", "--out", help="Result (.csv, .csv.gz, .parquet, - for stdout).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print a machine-readable summary on stdout.")]
OptionalPath = Path | None
WFM_TOML = Path("wfm.toml")


@contextmanager
def stop_on_error() -> Iterator[None]:
    """Turn expected failures into a message on stderr and an exit code; a bug keeps its traceback."""
    try:
        with _standard_output(), _told_to_end():
            yield
    except WfmError as error:
        say(f"wfm: {error}")
        sys.exit(error.exit_code)
    except SystemExit as end:
        if end.code == INTERRUPTED:  # what typer makes of Ctrl-C
            say(interrupt.MESSAGE)
        if isinstance(end.__context__, BrokenPipeError):
            sys.exit(PIPE_CLOSED)
        raise


@contextmanager
def _told_to_end() -> Iterator[None]:
    """End with 130 whatever a library made of an interrupt."""
    try:
        yield
    except Exception:
        if interrupt.told_to_end():
            sys.exit(INTERRUPTED)
        raise


@contextmanager
def _standard_output() -> Iterator[None]:
    """Flush standard output at the end; one that is full is an OutputError, one nobody reads ends quietly.

    Files are written through `wfm.io.atomic`, which reports their errors: an error that names no file is the
    stream's.
    """
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except OSError as error:
        _let_go_of_standard_output()
        if isinstance(error, BrokenPipeError):
            sys.exit(PIPE_CLOSED)
        if error.errno not in NO_ROOM or error.filename is not None:
            raise
        problem = f"standard output cannot be written: {error.strerror}"
        raise OutputError(problem, hint="free some space, or write to another disk") from error


def _let_go_of_standard_output() -> None:
    """Point the stream at nothing, or the interpreter would fail on it again when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def say(text: str) -> None:
    """Print one message on stderr, with control characters of data made visible."""
    lines = ("".join(c if c.isprintable() else ascii(c)[1:-1] for c in line) for line in text.split("\n"))
    typer.echo("\n".join(lines), err=True)


def summarise(summary: Mapping[str, Any], as_json: bool) -> None:
    """Print a summary as JSON on stdout, if that was asked for."""
    if as_json:
        typer.echo(json.dumps(summary, ensure_ascii=False, default=str, allow_nan=False))


def configuration(path: Path) -> Config:
    """Return the configuration at `path`."""
    from wfm.io.toml import load_config

    return load_config(path)


@contextmanager
def stop_on_interrupt() -> Iterator[Callable[[], bool]]:
    """Yield a question that says True after the first Ctrl-C; the second one interrupts at once."""
    asked: list[int] = []

    def ask(number: int, _: object) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(number)
        say("stopping with the best roster so far; Ctrl-C again ends at once")

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield lambda: bool(asked)
    finally:
        signal.signal(signal.SIGINT, before)


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
def share_bar(title: str) -> Iterator[Callable[[float], None]]:
    """Yield a listener to the share that is done: a bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True, markup=False), transient=True) as bar:
        task = bar.add_task(title, total=1.0)
        yield lambda share: bar.update(task, completed=share)


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

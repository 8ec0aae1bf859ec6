"""One night: from the inputs of wfm.toml to a published run folder; what it ends with, and who hears of it.

Whatever happens, a whole plan stands in the morning: tonight's, or the one before. When a step fails and a
plan was published before, that one stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from wfm import interrupt
from wfm.config import Config, LogLevel
from wfm.errors import ConfigError, OutputError, WfmError
from wfm.interrupt import INTERRUPTED
from wfm.io.atomic import write_text
from wfm.io.lock import locked
from wfm.io.toml import load_config
from wfm.nightly.alert import alert
from wfm.nightly.chain import Chain, Done
from wfm.nightly.codes import BUG, KEPT_PREVIOUS, KILLED, PUBLISHED_WITH_GAPS
from wfm.nightly.history import record
from wfm.nightly.journal import Journal
from wfm.nightly.publish import CURRENT
from wfm.pipeline import Say
from wfm.schedule.options import Listener, silent

BEGUN = ".begun"


@dataclass(frozen=True)
class Wishes:
    """What the caller wants: the moment to plan from, a jump of the forecast taken as it is, only a look."""

    as_of: pd.Timestamp | None = None
    accept_changes: bool = False
    dry_run: bool = False
    log_level: LogLevel | None = None


@dataclass(frozen=True)
class Night:
    """How a night ended: its folder (None when the plan before was kept), exit code and summary."""

    folder: Path | None
    exit_code: int = 0
    summary: Mapping[str, Any] = field(default_factory=dict)
    unchanged: bool = False

    @property
    def report(self) -> str:
        """Path of the report of the published run."""
        return "" if self.folder is None else str(self.folder / "report.html")


def run_night(
    config_path: Path,
    wishes: Wishes | None = None,
    *,
    say: Say = lambda _: None,
    progress: Listener = silent,
) -> Night:
    """Run the chain for one configuration; LockError when another run is at it.

    A night that fails and has no plan to keep raises its error, after the command of `[nightly] alert`.
    """
    wishes = wishes or Wishes()
    config = load_config(config_path)
    runs = config_path.resolve().parent / config.outputs.runs
    if wishes.dry_run:
        return _looked(config, config_path, runs, wishes, say)
    level = wishes.log_level or config.nightly.log_level
    with ExitStack() as held:
        try:
            _make_folder(runs)
            held.enter_context(locked(runs / ".lock"))
        except WfmError as error:  # a night that hangs would else keep all others from running, unheard
            base = config_path.resolve().parent
            alert(config, base, error.exit_code, str(error), Journal(say, level))
            raise
        journal = Journal(say, level, runs)
        chain = Chain(config, config_path, runs, journal, progress)
        try:
            _begin(chain)
            return _watched(chain, wishes)
        finally:
            (runs / BEGUN).unlink(missing_ok=True)
            journal.close(config.outputs.keep)


def _begin(chain: Chain) -> None:
    """Mark that a night has begun; one that left such a mark was killed, which is recorded and told now."""
    mark = chain.runs / BEGUN
    try:
        if mark.exists():
            begun = mark.read_text(encoding="utf-8")
            words = f"the night begun at {begun} never ended: it was killed, or the machine stopped"
            chain.journal.write("warning", words)
            _note(chain.runs, "", KILLED, words, chain.journal)
            alert(chain.config, chain.base, KILLED, words, chain.journal)
        write_text(mark, datetime.now(UTC).isoformat(timespec="seconds"))
    except OutputError as trouble:  # a full disk: the night itself will say so
        chain.journal.write("warning", str(trouble))


def _make_folder(runs: Path) -> None:
    try:
        runs.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{runs} cannot be made: {error.strerror}", hint="check [outputs] runs") from error


def _looked(config: Config, config_path: Path, runs: Path, wishes: Wishes, say: Say) -> Night:
    """Return what a night would do; nothing is written, and nobody is told."""
    journal = Journal(say, wishes.log_level or config.nightly.log_level)
    facts = Chain(config, config_path, runs, journal, silent).look(wishes.as_of)
    return Night(None, 0, facts)


def _watched(chain: Chain, wishes: Wishes) -> Night:
    """Return how the chain ended; every end is in the list of nights, and all but good ones in an alert."""
    runs, journal, base = chain.runs, chain.journal, chain.base
    try:
        done = _interruptible(chain, wishes)
    except WfmError as error:
        night = _failed(runs, error, journal)
        alert(chain.config, base, night.exit_code, str(error), journal)
        if night.exit_code != KEPT_PREVIOUS:
            raise
        return night
    except KeyboardInterrupt:  # somebody did it, who needs no alert
        _note(runs, "", INTERRUPTED, "interrupted", journal)
        raise
    except Exception as bug:
        words = f"a bug: {type(bug).__name__}: {bug}"
        _note(runs, "", BUG, words, journal)
        alert(chain.config, base, BUG, words, journal)
        raise
    return _ended(chain, done)


def _interruptible(chain: Chain, wishes: Wishes) -> Done:
    """Return how the chain ended; KeyboardInterrupt if it was told to end, whatever came of that."""
    try:
        return chain.run(wishes.as_of, accept_changes=wishes.accept_changes)
    except Exception as error:
        if interrupt.told_to_end():
            raise KeyboardInterrupt from error
        raise


def _ended(chain: Chain, done: Done) -> Night:
    journal = chain.journal
    for gap in done.gaps:
        journal.write("warning", f"nightly: published with a gap: {gap}")
    code = PUBLISHED_WITH_GAPS if done.gaps else 0
    _note(chain.runs, done.folder.name, code, "", journal)
    alert(chain.config, chain.base, code, "published with gaps\n" + "\n".join(done.gaps), journal)
    summary = {"run": done.folder.name, **done.summary, "gaps": list(done.gaps), "unchanged": done.unchanged}
    return Night(done.folder, code, summary, done.unchanged)


def _failed(runs: Path, error: WfmError, journal: Journal) -> Night:
    """Return how a failed night ends: with 11 when a plan published before stands, else as the error says."""
    kept = (runs / CURRENT).exists() and not isinstance(error, ConfigError)
    code = KEPT_PREVIOUS if kept else error.exit_code
    _note(runs, "", code, error.problem, journal)
    journal.write("error", f"{error}\n  the plan published before was kept" if kept else str(error))
    return Night(None, code, {"error": error.problem, "exit_code": error.exit_code})


def _note(runs: Path, run: str, exit_code: int, error: str, journal: Journal) -> None:
    """Keep the night in the list that `wfm status` shows; a full disk must not change how the night ends."""
    try:
        record(runs, run, exit_code, error)
    except OutputError as trouble:
        journal.write("warning", str(trouble))

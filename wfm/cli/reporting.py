"""The page of `wfm report`: a run, the files of wfm.toml that it was made with, and the run before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from wfm.cli.common import WFM_TOML, configuration
from wfm.cli.diffing import read_side
from wfm.cli.run_files import in_config

if TYPE_CHECKING:
    from wfm.diff import Changes, Run
    from wfm.io.run_folder import RunTables


def page_of(
    run: Path, config: Path, *, requests: Path | None, time_off: Path | None, previous: Path | None
) -> str:
    """Return the page of a run; what is None is taken from wfm.toml or the folder of runs, if it is there."""
    from wfm.io.inputs import queue_zones, read_requests, read_time_off
    from wfm.io.run_folder import read_run
    from wfm.report import render

    kept = run / WFM_TOML.name
    used = kept if config == WFM_TOML and not config.exists() and kept.exists() else config
    settings = configuration(used)
    tables = read_run(run, queue_zones(settings))
    asked = in_config(requests, settings.inputs.requests, used)
    away = in_config(time_off, settings.inputs.time_off, used)
    return render(
        tables,
        settings,
        requests=read_requests(asked),
        time_off=None if tables.agents is None else read_time_off(away, settings, tables.agents),
        changes=changes_since(run, tables, previous, used),
    )


def changes_since(run: Path, tables: RunTables, previous: Path | None, config: Path) -> Changes | None:
    """Return what changed since `previous`, by default the night before; None where there is none.

    `tables` are those of the run; `config` is for runs that hold no configuration of their own.
    """
    from wfm.diff import changes_between
    from wfm.io.run_paths import run_before

    before = run_before(run) if previous is None else previous
    return None if before is None else changes_between(_named(before, config), _named(run, config, tables))


def _named(folder: Path, config: Path, tables: RunTables | None = None) -> Run:
    """Return a run under the name of its folder: a page tells nobody where it lay."""
    from wfm.io.run_paths import settings_file

    own = None if settings_file(folder) else config
    return replace(read_side(folder, own, tables), name=folder.resolve().name)

"""One night: read the inputs of wfm.toml, run the chain, write a run folder, publish it.

The folder is built under a hidden name and renamed when complete; `current` is a relative link switched
by rename, so a reader always sees a whole plan. When a step fails and a plan was published before, that one
stays.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from wfm.config import Config
from wfm.diff import Changes, Run, changes_between
from wfm.errors import ConfigError, Fault, OutputError, WfmError
from wfm.io import inputs
from wfm.io.atomic import write_text
from wfm.io.history import read_history
from wfm.io.intake import take_in
from wfm.io.lock import locked
from wfm.io.results import write_json
from wfm.io.run_folder import RUN_TABLES, read_run
from wfm.io.run_paths import settings_file
from wfm.io.tables import write_table
from wfm.io.toml import load_config, read_document
from wfm.nightly.fresh import check_fresh, judged_at
from wfm.nightly.history import record
from wfm.nightly.journal import Journal
from wfm.nightly.manifest import manifest_of
from wfm.nightly.publish import CURRENT, drop_old, new_part, new_run_id, publish
from wfm.pipeline import Plan, PlanInputs, Say, make_plan
from wfm.report import render
from wfm.schedule.options import Listener, silent
from wfm.tables import (
    AGENTS,
    BACKLOG,
    COVERAGE,
    DAYS,
    EVENTS,
    FORECAST,
    HISTORY,
    OVERRIDES,
    REQUIREMENTS,
    ROSTER,
    SCORE_PARTS,
    SCORES,
    SIMULATED_DAYS,
    SIMULATION,
)

PUBLISHED_WITH_GAPS = 10
KEPT_PREVIOUS = 11
BUG = 1


@dataclass(frozen=True)
class Night:
    """How a night ended: its folder (None when the plan before was kept), exit code and summary."""

    folder: Path | None
    exit_code: int = 0
    summary: Mapping[str, Any] = field(default_factory=dict)

    @property
    def report(self) -> str:
        """Path of the report of the published run."""
        return "" if self.folder is None else str(self.folder / "report.html")


def run_night(
    config_path: Path,
    *,
    as_of: pd.Timestamp | None = None,
    say: Say = lambda _: None,
    progress: Listener = silent,
) -> Night:
    """Run the chain for one configuration; LockError when another run is at it."""
    config = load_config(config_path)
    base = config_path.resolve().parent
    runs = base / config.outputs.runs
    try:
        runs.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{runs} cannot be made: {error.strerror}", hint="check [outputs] runs") from error
    with locked(runs / ".lock"):
        journal = Journal(say)
        try:
            night = _run(config, config_path, runs, as_of, journal, progress)
        except WfmError as error:
            night = _failed(runs, error, journal)
            if night.exit_code != KEPT_PREVIOUS:
                raise
        except Exception as bug:
            _note(runs, "", BUG, f"a bug: {type(bug).__name__}: {bug}", journal)
            raise
        else:
            _note(runs, str(night.summary["run"]), night.exit_code, "", journal)
        return night


def _failed(runs: Path, error: WfmError, journal: Journal) -> Night:
    """Return how a failed night ends: with 11 when a plan published before stands, else as the error says."""
    kept = (runs / CURRENT).exists() and not isinstance(error, ConfigError)
    code = KEPT_PREVIOUS if kept else error.exit_code
    _note(runs, "", code, error.problem, journal)
    if kept:
        journal.write("error", f"{error}\n  the plan published before was kept")
    return Night(None, code, {"error": error.problem, "exit_code": error.exit_code})


def _note(runs: Path, run: str, exit_code: int, error: str, journal: Journal) -> None:
    """Keep the night in the list that `wfm status` shows; a full disk must not change how the night ends."""
    try:
        record(runs, run, exit_code, error)
    except OutputError as trouble:
        journal.write("warning", str(trouble))


def _run(
    config: Config,
    config_path: Path,
    runs: Path,
    as_of: pd.Timestamp | None,
    journal: Journal,
    progress: Listener,
) -> Night:
    base = config_path.resolve().parent
    tables = _read_inputs(config, base, runs, journal)
    moment, source = judged_at(config, as_of)
    journal.write("info", f"nightly: freshness judged at {moment.isoformat(timespec='minutes')} ({source})")
    check_fresh(tables.history, config, moment)
    if tables.previous is not None:
        journal.write("info", "nightly: the published roster is the plan to stay near")
    plan = make_plan(
        tables, config, as_of=as_of, say=lambda text: journal.write("info", text), progress=progress
    )
    gaps = _gaps(plan, config)
    moment = plan.forecast.forecast["interval_start"].min()
    run_id = new_run_id(runs, moment)
    part = new_part(runs, run_id)
    try:
        _write(part, tables, plan, config)
        write_json(manifest_of(run_id, config, base, plan), part / "manifest.json")
        write_text(part / "log.jsonl", journal.text())
        write_text(part / config_path.name, config_path.read_text(encoding="utf-8"))
        page = render(
            read_run(part),
            config,
            requests=tables.requests,
            time_off=tables.time_off,
            changes=_changes(runs / CURRENT, part, run_id, config, journal),
        )
        write_text(part / "report.html", page)
        folder = publish(part, runs, run_id)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    drop_old(runs, config.outputs.keep)
    for gap in gaps:
        journal.write("warning", f"nightly: published with a gap: {gap}")
    code = PUBLISHED_WITH_GAPS if gaps else 0
    return Night(folder, code, {"run": run_id, **plan.schedule.summary, "gaps": gaps})


def _changes(before: Path, part: Path, run_id: str, config: Config, journal: Journal) -> Changes | None:
    """Return what changes against the published run; None without one, or with one that cannot be read."""
    if not before.exists():
        return None
    wanted = [table for table in RUN_TABLES if table is not HISTORY]
    try:
        own = settings_file(before)
        settings = {} if own is None else read_document(own)
        old_config = config if own is None else load_config(own)
        old = Run(before.resolve().name, read_run(before, wanted=wanted), old_config, settings)
        kept = settings_file(part)
        new = Run(run_id, read_run(part, wanted=wanted), config, {} if kept is None else read_document(kept))
        return changes_between(old, new)
    except WfmError as error:  # a run of another version; the night's plan does not depend on it
        journal.write("warning", f"nightly: not compared with the published run: {error.problem}")
        return None


def _gaps(plan: Plan, config: Config) -> list[str]:
    """Return what the plan does not cover in words: queues that no forecast could be made for."""
    planned = set(plan.requirements["queue"])
    return [f"queue {name} has no forecast" for name in config.queues if name not in planned]


def _read_inputs(config: Config, base: Path, runs: Path, journal: Journal) -> PlanInputs:
    named = config.inputs
    if named.agents is None or (named.contacts is None and named.history is None):
        fault = Fault("nightly needs agents, and contacts or history", column="inputs")
        raise ConfigError([fault], hint='e.g. [inputs] history = "history.parquet", agents = "agents.csv"')

    def path(name: str | None) -> Path | None:
        return None if name is None else base / name

    agents = inputs.read_agents(base / named.agents, config)
    current = runs / CURRENT / "roster.parquet"
    return PlanInputs(
        history=_history(config, base, journal),
        agents=agents,
        time_off=inputs.read_time_off(path(named.time_off), config, agents),
        requests=inputs.read_requests(path(named.requests)),
        pins=inputs.read_pins(path(named.pins)),
        activities=inputs.read_activities(path(named.activities), config, agents),
        overrides=inputs.read_optional(path(named.overrides), OVERRIDES, config),
        events=inputs.read_optional(path(named.events), EVENTS, config),
        backlog=inputs.read_optional(path(named.backlog), BACKLOG, config),
        previous=inputs.read_roster(current, config) if current.exists() else None,
    )


def _history(config: Config, base: Path, journal: Journal) -> pd.DataFrame:
    mapping = None if config.inputs.mapping is None else base / config.inputs.mapping
    if config.inputs.contacts is None:
        names = config.inputs.history or ()
        files = [names] if isinstance(names, str) else list(names)
        return pd.concat(
            [read_history(base / name, config, mapping=mapping) for name in files], ignore_index=True
        )
    contacts = config.inputs.contacts
    files = [contacts] if isinstance(contacts, str) else list(contacts)
    intake = take_in([base / name for name in files], config, mapping=mapping)
    journal.write("info", f"import: {intake.rows_kept} of {intake.rows_read} rows kept")
    return intake.history


def _write(folder: Path, tables: PlanInputs, plan: Plan, config: Config) -> None:
    queues, sites = inputs.queue_zones(config), inputs.site_zones(config)
    written = (
        (tables.history, HISTORY, queues),
        (tables.agents, AGENTS, None),
        (plan.forecast.forecast, FORECAST, queues),
        (plan.forecast.days, DAYS, None),
        (plan.forecast.scores, SCORES, None),
        (plan.forecast.parts, SCORE_PARTS, None),
        (plan.requirements, REQUIREMENTS, queues),
        (plan.schedule.roster, ROSTER, sites),
        (plan.schedule.coverage, COVERAGE, queues),
    )
    for frame, table, zones in written:
        write_table(frame, table, folder / f"{table.name}.parquet", zones)
    proof = plan.proof.roster
    if proof is not None:
        write_table(proof.simulation, SIMULATION, folder / "simulation.parquet", queues)
        write_table(proof.days, SIMULATED_DAYS, folder / "simulated_days.parquet")
    simulated = {} if proof is None else {"simulation": proof.summary}
    write_json({**plan.schedule.summary, **simulated}, folder / "summary.json")

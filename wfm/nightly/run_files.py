"""The files of a run: tables, summary, checks, page, exports; in a folder that nobody reads yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from wfm.config import Config
from wfm.conform import conform
from wfm.diff import Changes, changes_between, run_of
from wfm.diff.in_words import facts as changes_facts
from wfm.errors import OutputError, WfmError
from wfm.export import Request, named_format
from wfm.forecast.doctor import Finding
from wfm.io import inputs
from wfm.io.atomic import write_text
from wfm.io.quarantine import write_quarantine
from wfm.io.results import read_summary, write_json
from wfm.io.run_folder import RUN_TABLES, RunTables
from wfm.io.run_paths import read_manifest, settings_file
from wfm.io.tables import write_table
from wfm.nightly.journal import Journal
from wfm.nightly.results import Imported
from wfm.pipeline import Plan, PlanInputs
from wfm.report import render
from wfm.report.picture_files import write_pictures
from wfm.tables import (
    AGENTS,
    COVERAGE,
    DAYS,
    FORECAST,
    HINDSIGHT,
    HISTORY,
    REQUIREMENTS,
    ROSTER,
    SCORE_PARTS,
    SCORES,
    SIMULATED_DAYS,
    SIMULATION,
)

EXPORTS = "exports"
FILES = {
    "xlsx": ("roster.parquet", "roster.xlsx"),
    "connect-wfm": ("forecast.parquet", "connect-wfm.csv"),
    "genesys-wfm": ("forecast.parquet", "genesys-wfm.csv"),
}


@dataclass(frozen=True)
class Material:
    """All that a run's files are written from."""

    inputs: PlanInputs
    imported: Imported
    findings: Sequence[Finding]
    hindsight: pd.DataFrame | None
    plan: Plan
    gaps: Sequence[str]
    config: Config
    config_path: Path


def write_run(folder: Path, run_id: str, before: Path | None, made: Material, journal: Journal) -> None:
    """Write every file of a run but its log and manifest; OutputError when one cannot be written.

    The manifest is there already, but for the digests: the page tells of it.
    """
    frames = _write_tables(folder, made)
    write_json(_summary(made), folder / "summary.json")
    write_json({"findings": [_facts(one) for one in made.findings]}, folder / "doctor.json")
    if made.imported.quarantine is not None:
        write_quarantine(made.imported.quarantine, folder / "quarantine.csv")
    write_text(folder / made.config_path.name, made.config_path.read_text(encoding="utf-8"))
    tables = RunTables(
        **frames, summary=read_summary(folder / "summary.json"), manifest=read_manifest(folder)
    )
    changes = _changes(before, folder, run_id, tables, made.config, journal)
    if changes is not None:
        write_json(changes_facts(changes), folder / "diff.json")
    page = render(
        tables,
        made.config,
        requests=made.inputs.requests,
        time_off=made.inputs.time_off,
        changes=changes,
    )
    write_text(folder / "report.html", page)
    _export(folder, tables, made, journal)


def _write_tables(folder: Path, made: Material) -> dict[str, Any]:
    """Write the tables; return those that a run is read by, as they would be read back."""
    plan, config = made.plan, made.config
    queues, sites = inputs.queue_zones(config), inputs.site_zones(config)
    proof = plan.proof.roster
    written = [
        (made.inputs.history, HISTORY, queues),
        (made.inputs.agents, AGENTS, None),
        (plan.forecast.forecast, FORECAST, queues),
        (plan.forecast.days, DAYS, None),
        (plan.forecast.scores, SCORES, None),
        (plan.forecast.parts, SCORE_PARTS, None),
        (plan.requirements, REQUIREMENTS, queues),
        (plan.schedule.roster, ROSTER, sites),
        (plan.schedule.coverage, COVERAGE, queues),
    ]
    if made.hindsight is not None:
        written.append((made.hindsight, HINDSIGHT, None))
    if proof is not None:
        written += [(proof.simulation, SIMULATION, queues), (proof.days, SIMULATED_DAYS, None)]
    for frame, table, zones in written:
        write_table(frame, table, folder / f"{table.name}.parquet", zones)
    return {table.name: conform(frame, table) for frame, table, _ in written if table in RUN_TABLES}


def _summary(made: Material) -> dict[str, object]:
    summary, proof = made.plan.schedule.summary, made.plan.proof.roster
    simulated = {} if proof is None else {"simulation": proof.summary}
    return {**summary, "warnings": [*made.gaps, *summary["warnings"]], "gaps": list(made.gaps), **simulated}


def _facts(finding: Finding) -> dict[str, object]:
    return {
        "queue": finding.queue,
        "kind": finding.kind,
        "wrong": finding.wrong,
        "text": finding.text,
        "dates": list(finding.dates),
    }


def _changes(
    before: Path | None, folder: Path, run_id: str, tables: RunTables, config: Config, journal: Journal
) -> Changes | None:
    """Return what changes against the published run; None without one, or with one that cannot be read."""
    if before is None:
        return None
    try:
        old = run_of(before, before.name, None if settings_file(before) else config)
        return changes_between(old, run_of(folder, run_id, config, tables))
    except WfmError as error:  # a run of another version; the night's plan does not depend on it
        journal.write("warning", f"nightly: not compared with the published run: {error.problem}")
        return None


def _export(folder: Path, tables: RunTables, made: Material, journal: Journal) -> None:
    """Write what `[outputs] exports` names; what another system cannot take is left out, and said."""
    config = made.config
    if not config.outputs.exports:
        return
    target = folder / EXPORTS
    try:
        target.mkdir()
    except OSError as error:
        raise OutputError(
            f"{target} cannot be made: {error.strerror}", hint="check [outputs] runs"
        ) from error
    for name in config.outputs.exports:
        try:
            if name == "svg":
                write_pictures(tables, config, target)
            else:
                source, out = FILES[name]
                named_format(name)(_request(folder / source, target / out, made))
        except OutputError:
            raise
        except WfmError as error:
            journal.write("warning", f"export: no {name}: {error.problem}")


def _request(source: Path, out: Path, made: Material) -> Request:
    if source.stem != "roster":
        return Request(source, out, made.config)
    base = made.config_path.resolve().parent
    return replace(
        roster_request(source.parent, out, made.config, base), coverage=source.with_name("coverage.parquet")
    )


def roster_request(run: Path, out: Path, config: Config, base: Path) -> Request:
    """Return what an export needs of the roster of a run; `base` is the folder of wfm.toml."""
    name = config.inputs.time_off
    time_off = None if name is None else base / name
    return Request(run / "roster.parquet", out, config, agents=run / "agents.parquet", time_off=time_off)

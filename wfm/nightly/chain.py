"""The steps of a night in their order, each with its stop rule, up to the switch of `current`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from wfm import interrupt
from wfm.config import Config
from wfm.errors import WfmError
from wfm.export import named_format
from wfm.forecast.doctor import Finding, examine
from wfm.forecast.hindsight import EarlierForecast, hindsight
from wfm.forecast.hindsight_words import hindsight_in_words
from wfm.forecast.sources import default_as_of
from wfm.io.atomic import write_text
from wfm.io.inputs import queue_zones
from wfm.io.results import read_summary, write_json
from wfm.io.run_paths import MANIFEST, read_manifest
from wfm.io.tables import read_table
from wfm.nightly.backends import backend_of, effort_of
from wfm.nightly.change_guard import check_changes
from wfm.nightly.codes import PUBLISHED_WITH_GAPS
from wfm.nightly.fingerprint import fingerprint
from wfm.nightly.fresh import check_fresh, judged_at
from wfm.nightly.history import published_runs
from wfm.nightly.journal import Journal
from wfm.nightly.manifest import Making, digests, is_whole, manifest_of
from wfm.nightly.publish import (
    clear_parts,
    current_run,
    drop_old,
    finish,
    new_part,
    new_run_id,
    publish,
    run_folders,
    unpublished,
)
from wfm.nightly.results import Imported
from wfm.nightly.run_files import Material, roster_request, write_run
from wfm.nightly.sources import (
    Sources,
    check_unchanged,
    find_sources,
    last_good,
    plan_inputs,
    read_history_of,
)
from wfm.nightly.stages import StoredWork
from wfm.nightly.store import Store
from wfm.nightly.volume import check_volume
from wfm.pipeline import LastGood, Plan, PlanInputs, make_plan
from wfm.schedule.options import Listener, Options
from wfm.tables import FORECAST

KEPT = ".kept"  # results of stages, see wfm.nightly.store
EARLIER_FORECASTS = 60  # nights that are scored
PATIENCE = 4.0  # a slow night gives the same roster; nobody waits for it


@dataclass(frozen=True)
class Done:
    """A published run, what it lacks, its summary; and whether it was published already."""

    folder: Path
    gaps: tuple[str, ...]
    summary: Mapping[str, Any]
    unchanged: bool = False


@dataclass(frozen=True)
class _Known:
    """What is known before anything is planned."""

    sources: Sources
    imported: Imported
    inputs: PlanInputs
    identity: str
    previous: Path | None
    current: Path | None


@dataclass(frozen=True)
class Chain:
    """The night of one configuration; `runs` is locked by the caller."""

    config: Config
    config_path: Path
    runs: Path
    journal: Journal
    progress: Listener

    @property
    def base(self) -> Path:
        """The folder that paths of wfm.toml are relative to."""
        return self.config_path.resolve().parent

    def run(self, as_of: pd.Timestamp | None, *, accept_changes: bool) -> Done:
        """Plan and publish, unless the published run was made from just this; raises what stops the night."""
        store = Store(self.runs / KEPT)
        clear_parts(self.runs)
        store.clear_parts()
        known = self._known(as_of, store)
        made_already = self._made_already(known, store)
        if made_already is not None:
            return made_already
        findings, scores = self._doctor(known.inputs.history), self._score(known)
        last = last_good(known.current, self.journal)
        work = StoredWork(store, backend_of(self.config, self.base), effort_of(self.config), self.journal)
        plan = self._plan(known, as_of, work, last)
        if not accept_changes:
            self._check_jumps(plan, known, last)
        made = Material(
            known.inputs,
            known.imported,
            findings,
            scores,
            plan,
            tuple(self._gaps(plan, known, last)),
            self.config,
            self.config_path,
        )
        folder = self._write(known, made, work.counts())
        return self._published(folder, plan.schedule.summary, store)

    def _made_already(self, known: _Known, store: Store) -> Done | None:
        """Return the run of just this that stands, or that a night left whole but unpublished."""
        if known.current is not None and self._stands(known.current, known):
            return self._unchanged(known.current)
        left = unpublished(self.runs, known.identity, None if known.previous is None else known.previous.name)
        if left is None:
            return None
        self.journal.write("info", f"nightly: {left.name} was whole, but not published: it is now")
        return self._published(left, read_summary(left / "summary.json"), store)

    def _plan(self, known: _Known, as_of: pd.Timestamp | None, work: StoredWork, last: LastGood) -> Plan:
        return make_plan(
            known.inputs,
            self.config,
            as_of=as_of,
            options=Options(patience=PATIENCE),
            say=self.journal.stage,
            progress=self.progress,
            work=work,
            last=last,
        )

    def _check_jumps(self, plan: Plan, known: _Known, last: LastGood) -> None:
        """Raise DataError when the forecast jumps against the published one without a reason."""
        if last.days is not None:
            reasons = [t for t in (known.inputs.events, known.inputs.overrides) if t is not None]
            check_changes(plan.forecast.days, last.days, self.config, reasons)

    def look(self, as_of: pd.Timestamp | None) -> dict[str, Any]:
        """Read and check everything that is known before planning, and say what a night would do."""
        known = self._known(as_of, Store(self.runs / KEPT, writable=False))
        self._doctor(known.inputs.history)
        stands = known.current is not None and self._stands(known.current, known)
        would = "publish nothing new: nothing has changed" if stands else "plan and publish"
        self.journal.write("info", f"nightly: dry run: the night would {would}; nothing was written")
        current = None if known.current is None else known.current.name
        return {"dry_run": True, "unchanged": stands, "published": current, "identity": known.identity}

    def _known(self, as_of: pd.Timestamp | None, store: Store) -> _Known:
        """Return what the night begins with, after the stop rules of data; raises when one of them holds."""
        sources = find_sources(self.config, self.base)
        imported = read_history_of(sources, store, self.journal)
        moment, judge = judged_at(self.config, as_of)
        stamp = moment.isoformat(timespec="minutes")
        self.journal.write("info", f"nightly: freshness judged at {stamp} ({judge})")
        check_fresh(imported.history, self.config, moment)
        identity = fingerprint(
            "night",
            sources.digests,
            self.config.inputs.model_dump_json(),  # which file is what
            self.config,
            self.config.outputs.exports,
            self.config_path.name,
            as_of,
        )
        current = current_run(self.runs)
        previous = self._previous(current, identity)
        inputs = plan_inputs(sources, imported.history, previous, self.journal)
        check_unchanged(sources)
        until = default_as_of(imported.history, self.config.centre.interval_min) if as_of is None else as_of
        check_volume(imported.history, self.config, until, inputs.events)
        if previous is not None and inputs.previous is not None:
            self.journal.write("info", f"nightly: the roster of {previous.name} is the plan to stay near")
        return _Known(sources, imported, inputs, identity, previous, current)

    def _previous(self, current: Path | None, identity: str) -> Path | None:
        """Return the run to stay near: the published one, or the one before if that was made from just this.

        So the same night twice gives the same plan twice.
        """
        manifest = read_manifest(current)
        if current is None or manifest.get("identity") != identity:
            return current
        name = manifest.get("previous")
        if name is None:
            return None
        before = self.runs / str(name)
        return before if before in run_folders(self.runs) else current

    def _stands(self, current: Path, known: _Known) -> bool:
        """Whether the published run is what this night would make."""
        manifest = read_manifest(current)
        # not by the run before it: that one may have been removed since
        same = manifest.get("identity") == known.identity
        return same and not manifest.get("stale") and is_whole(current)

    def _unchanged(self, current: Path) -> Done:
        self.journal.write("info", f"nightly: nothing has changed since {current.name}, which stands")
        gaps = tuple(read_manifest(current).get("gaps", ()))
        more = self._calendars(current)  # the last night may have failed to write them
        return Done(current, (*gaps, *more), read_summary(current / "summary.json"), unchanged=True)

    def _doctor(self, history: pd.DataFrame) -> list[Finding]:
        findings = examine(history, self.config)
        for finding in findings:
            self.journal.write("warning" if finding.wrong else "debug", f"doctor: {finding}")
        return findings

    def _score(self, known: _Known) -> pd.DataFrame | None:
        """Return HINDSIGHT of the last nights' forecasts; None where there is none that can be read."""
        zones = queue_zones(self.config)
        try:
            earlier = [
                EarlierForecast.of(run.name, read_table(run / "forecast.parquet", FORECAST, zones))
                for run in run_folders(self.runs)[-EARLIER_FORECASTS:]
                if (run / "forecast.parquet").exists()
            ]
            if not earlier:
                return None
            found = hindsight(earlier, known.inputs.history, self.config, events=known.inputs.events)
        except WfmError as error:  # the plan does not depend on it
            self.journal.write("warning", f"score: {error.problem}")
            return None
        for line in hindsight_in_words(found) if len(found.scores) else ():
            self.journal.write("info", f"score: {line.removeprefix('score: ')}")
        return found.scores

    def _gaps(self, plan: Plan, known: _Known, last: LastGood) -> Iterator[str]:
        """Yield what the plan does not cover, covers with an earlier result, or does not know; in words."""
        planned = set(plan.requirements["queue"])
        failed = {name for one in plan.stale for name in one.names}
        yield from (str(one) for one in plan.stale)
        yield from (str(one) for one in plan.uncovered)
        yield from plan.remarks
        if known.previous is not None and known.inputs.previous is None:
            unknown = "nothing keeps the plan near it, and rest between its shifts and tonight's is not known"
            yield f"the roster of {known.previous.name} cannot be read: {unknown}"
        if known.current is not None and last.days is None and self.config.nightly.max_change is not None:
            yield f"the forecast of {known.current.name} cannot be read: nobody looked for jumps against it"
        for name in self.config.queues:
            if name not in planned and name not in failed:
                yield f"queue {name} has no forecast"

    def _write(self, known: _Known, made: Material, parts: Mapping[str, Mapping[str, int]]) -> Path:
        """Return the finished run folder, which is not published yet."""
        interrupt.check()
        run_id = new_run_id(self.runs, made.plan.forecast.forecast["interval_start"].min())
        previous = None if known.previous is None else known.previous.name
        code = PUBLISHED_WITH_GAPS if made.gaps else 0
        making = Making(run_id, previous, known.identity, known.sources.digests, parts, code, made.gaps)
        part = new_part(self.runs, run_id)
        try:
            manifest = manifest_of(making, self.config, made.plan)
            write_json(manifest, part / MANIFEST)  # the page tells of it
            write_run(part, run_id, known.current, made, self.journal)
            write_text(part / "log.jsonl", self.journal.text())
            write_json({**manifest, "outputs": digests(part)}, part / MANIFEST)
            return finish(part, self.runs, run_id)
        finally:
            shutil.rmtree(part, ignore_errors=True)

    def _published(self, folder: Path, summary: Mapping[str, Any], store: Store) -> Done:
        publish(folder)
        gaps = tuple(read_manifest(folder).get("gaps", ()))
        more = self._calendars(folder)
        self._tidy(folder, store)
        return Done(folder, (*gaps, *more), summary)

    def _tidy(self, folder: Path, store: Store) -> None:
        """Remove what is no longer needed; a failure is only told, for the plan is published already."""
        try:
            drop_old(self.runs, self.config.outputs.keep, [*published_runs(self.runs), folder.name])
            store.tidy()
        except (OSError, ValueError, WfmError) as error:
            self.journal.write("warning", f"nightly: old runs were not removed: {error}")

    def _calendars(self, folder: Path) -> Sequence[str]:
        """Bring the agents' calendars up to date; return in words why they are not."""
        name = self.config.outputs.calendars
        if name is None:
            return ()
        try:
            named_format("ics")(roster_request(folder, self.base / name, self.config, self.base))
        except WfmError as error:
            return (f"the calendars in {name} are those of an earlier plan: {error.problem}",)
        return ()

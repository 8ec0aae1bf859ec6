"""What a night plans from: the files of `[inputs]`, and the plan that stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from wfm.config import Config
from wfm.errors import ConfigError, DataError, Fault, WfmError, count_of
from wfm.io import inputs
from wfm.io.history import read_history
from wfm.io.intake import take_in
from wfm.io.recognition import likeness
from wfm.io.run_folder import read_run
from wfm.io.run_paths import read_manifest
from wfm.io.sniff import NotOurColumns
from wfm.io.tables import read_table
from wfm.nightly.fingerprint import file_digest, fingerprint
from wfm.nightly.journal import Journal
from wfm.nightly.results import Imported
from wfm.nightly.store import Store
from wfm.pipeline import LastGood, PlanInputs
from wfm.tables import BACKLOG, COVERAGE, DAYS, EVENTS, FORECAST, OVERRIDES, REQUIREMENTS, ROSTER

Stamp = tuple[tuple[str, int, int, int, int], ...]
_MAPPING_NEEDED = "name a mapping file in [inputs] mapping: `wfm import --sniff FILE` proposes one"


@dataclass(frozen=True)
class Sources:
    """The files of one night, relative to `base`, with the digests of those that are there.

    `stamps` are what the file system said of them before they were read.
    """

    config: Config
    base: Path
    digests: dict[str, str]
    stamps: dict[str, Stamp]

    def path(self, name: str | None) -> Path | None:
        """Return the path of a file that `[inputs]` names."""
        return None if name is None else self.base / name


def find_sources(config: Config, base: Path) -> Sources:
    """Return the files that `[inputs]` names; ConfigError if there is nothing to plan from."""
    named = config.inputs
    if named.agents is None or (named.contacts is None and named.history is None):
        fault = Fault("nightly needs agents, and contacts or history", column="inputs")
        raise ConfigError([fault], hint='e.g. [inputs] history = "history.parquet", agents = "agents.csv"')
    stamps = {name: _stamp(base / name) for name in _there(config, base)}
    return Sources(config, base, {name: file_digest(base / name) for name in stamps}, stamps)


def check_unchanged(sources: Sources) -> None:
    """Raise DataError naming the files that changed while they were read: nobody knows what was read.

    Only those are hashed again that the file system says are others.
    """
    now = set(_there(sources.config, sources.base))
    names = sorted(now | sources.stamps.keys())
    changed = [name for name in names if name not in now or _is_another(sources, name)]
    if changed:
        raise DataError(
            [Fault("was changed while it was read", source=name) for name in changed],
            hint="write inputs under another name and rename them, or start the night later",
        )


def _is_another(sources: Sources, name: str) -> bool:
    path = sources.base / name
    if sources.stamps.get(name) == _stamp(path):
        return False
    return sources.digests.get(name) != file_digest(path)


def _stamp(path: Path) -> Stamp:
    """Return what the file system says of a file or of all in a folder: size, times of change, inode."""
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    found = [(str(file), file.stat()) for file in files]
    return tuple((name, s.st_size, s.st_mtime_ns, s.st_ctime_ns, s.st_ino) for name, s in found)


def _there(config: Config, base: Path) -> Iterator[str]:
    for _, names in config.inputs:
        for name in (names,) if isinstance(names, str) else names or ():
            if (base / name).exists():
                yield name


def read_history_of(sources: Sources, store: Store, journal: Journal) -> Imported:
    """Return the history, imported again only if files, mapping or settings have changed."""
    config, named = sources.config, sources.config.inputs
    wanted = named.history if named.contacts is None else named.contacts
    names = [wanted] if isinstance(wanted, str) else list(wanted or ())
    known = [(name, sources.digests.get(str(name))) for name in (*names, named.mapping)]
    key = fingerprint("import", known, named.contacts is None, config)
    kept: Imported | None = store.get(key)
    if kept is None:
        kept = store.put(key, _imported(sources, names))
    else:
        journal.write("debug", "import: unchanged")
    for note in kept.notes:
        journal.write("info", f"import: {note}")
    return kept


def _imported(sources: Sources, names: list[str]) -> Imported:
    config, mapping = sources.config, sources.path(sources.config.inputs.mapping)
    paths = [sources.base / name for name in names]
    if config.inputs.contacts is None:
        parts = [read_history(path, config, mapping=mapping) for path in paths]
        return Imported(pd.concat(parts, ignore_index=True), None, ())
    try:
        intake = take_in(paths, config, mapping=mapping)
    except NotOurColumns as refusal:  # nobody is there to see what would be guessed
        seen, preset = likeness(paths, config)
        named = f'{seen}: name a mapping file in [inputs] mapping, with [source.X] preset = "{preset}"'
        raise refusal.advised(named if seen else _MAPPING_NEEDED) from None
    counts = f"{intake.rows_kept} of {count_of(intake.rows_read, 'row')} kept"
    left = f", {intake.rows_quarantined} refused, {intake.rows_duplicate} repeated"
    return Imported(intake.history, intake.quarantine, (counts + left, *intake.warnings))


def plan_inputs(
    sources: Sources, history: pd.DataFrame, previous: Path | None, journal: Journal
) -> PlanInputs:
    """Return the tables to plan from; `previous` is the run whose roster the new one stays near."""
    config, named, path = sources.config, sources.config.inputs, sources.path
    agents = inputs.read_agents(sources.base / str(named.agents), config)
    return PlanInputs(
        history=history,
        agents=agents,
        time_off=inputs.read_time_off(path(named.time_off), config, agents),
        requests=inputs.read_requests(path(named.requests)),
        pins=inputs.read_pins(path(named.pins)),
        activities=inputs.read_activities(path(named.activities), config, agents),
        overrides=inputs.read_optional(path(named.overrides), OVERRIDES, config),
        events=inputs.read_optional(path(named.events), EVENTS, config),
        backlog=inputs.read_optional(path(named.backlog), BACKLOG, config),
        previous=None if previous is None else _roster_of(previous, config, journal),
    )


def _roster_of(run: Path, config: Config, journal: Journal) -> pd.DataFrame | None:
    """Return the roster of a run at the sites that there still are; None of one that cannot be read.

    An error here would come back every night: nobody can mend a published run. It is told as a gap.
    """
    path = run / "roster.parquet"
    try:
        roster = read_table(path, ROSTER, inputs.site_zones(config))
    except WfmError as error:
        told = "the plan stays near no other, and knows nothing of the shifts before it"
        journal.write("warning", f"nightly: {told}: {error.problem}")
        return None
    gone = ~roster["site"].isin(config.sites)
    return roster[~gone].reset_index(drop=True) if gone.any() else roster


def last_good(run: Path | None, journal: Journal) -> LastGood:
    """Return the tables of the plan that stands, but those that cannot be read; nothing without a plan.

    Parts that were kept from an earlier night in that plan are still of that night.
    """
    if run is None:
        return LastGood()
    found: dict[str, pd.DataFrame | None] = {}
    for table in (FORECAST, DAYS, REQUIREMENTS, ROSTER, COVERAGE):
        try:
            found[table.name] = getattr(read_run(run, wanted=(table,)), table.name)
        except WfmError as error:
            journal.write("warning", f"nightly: the published plan cannot be read: {error.problem}")
    older = {
        (str(one["stage"]), str(name)): str(one["since"])
        for one in read_manifest(run).get("stale", ())
        for name in one["names"]
        if one.get("since")
    }
    return LastGood(**found, night=run.name, older=older)

"""The files behind an explanation: those that options name, else those of a run and of [inputs]."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wfm.cli.advice import Files, read
from wfm.cli.common import say
from wfm.errors import UsageError

if TYPE_CHECKING:
    from wfm.config import Config
    from wfm.schedule.advice import Published

NIGHTLY = Path("runs/current")
OF_ROSTER = ("roster", "agents", "requirements")
OF_INPUTS = ("time_off", "requests", "pins", "activities")
TOLERANCE = 1e-6


@dataclass(frozen=True)
class Given:
    """The options that name a run or its files; None was not given."""

    config: Path
    run: Path | None = None
    roster: Path | None = None
    agents: Path | None = None
    requirements: Path | None = None
    time_off: Path | None = None
    requests: Path | None = None
    pins: Path | None = None
    previous: Path | None = None
    activities: Path | None = None
    skill_requirements: Path | None = None
    freeze: str | None = None
    first_day: str | None = None
    weeks: int | None = None

    @property
    def of_files(self) -> bool:
        """Whether roster, agents and requirements are all named."""
        return all(getattr(self, name) is not None for name in OF_ROSTER)


def published_of(given: Given, settings: Config) -> Published:
    """Return the roster with what it is judged by; UsageError if neither a run nor all files are named."""
    if given.run is None and any(getattr(given, name) is not None for name in OF_ROSTER):
        missing = [f"--{name}" for name in OF_ROSTER if getattr(given, name) is None]
        if missing:
            raise UsageError(f"{' and '.join(missing)} not given", hint="name all three, or a run with --run")
        return _for_groups(read(_files(given)), given)
    run = run_of(given.run)
    published = read(_files(_with_inputs(_with_run(given, run), settings)))
    return _for_groups(_as_published(published, given, run), given)


def _for_groups(published: Published, given: Given) -> Published:
    """Return the roster judged by its skill groups in place of queues, if they are named."""
    from wfm.cli.rostering import groups_in_place

    if given.skill_requirements is None:
        return published
    required, agents, config = groups_in_place(
        given.skill_requirements, published.requirements, published.agents, published.config
    )
    return replace(published, requirements=required, agents=agents, config=config)


def run_of(run: Path | None) -> Path:
    """Return the run that is named, else that of the last night; UsageError if there was none."""
    if run is None and not NIGHTLY.exists():
        raise UsageError(
            "no nightly run here yet", hint="name a run with --run, or its tables (see --help of the command)"
        )
    return NIGHTLY if run is None else run


def _with_run(given: Given, run: Path) -> Given:
    """Return the options with the tables of a run, and the roster of the run before, where none is named."""
    from wfm.io.run_paths import find_table, need_table, run_before
    from wfm.tables import AGENTS, REQUIREMENTS, ROSTER

    tables = {"roster": ROSTER, "agents": AGENTS, "requirements": REQUIREMENTS}
    named: dict[str, Any] = {
        name: need_table(run, table) for name, table in tables.items() if getattr(given, name) is None
    }
    before = run_before(run)
    if given.previous is None and before is not None:
        named["previous"] = find_table(before, ROSTER)
    return replace(given, **named)


def _with_inputs(given: Given, settings: Config) -> Given:
    """Return the options with the planner's files of wfm.toml where no other is named, if they are there."""
    named: dict[str, Any] = {
        name: in_config(getattr(given, name), getattr(settings.inputs, name), given.config)
        for name in OF_INPUTS
    }
    return replace(given, **named)


def in_config(path: Path | None, named: str | None, config: Path) -> Path | None:
    """Return the file of an option, or the one that the configuration names, if it exists."""
    if path is None and named is not None and (config.parent / named).exists():
        return config.parent / named
    return path


def _files(given: Given) -> Files:
    named: dict[str, Any] = {field.name: getattr(given, field.name) for field in fields(Files)}
    return Files(**named)


def _as_published(published: Published, given: Given, run: Path) -> Published:
    """Return the roster over the weeks of its run."""
    from datetime import date

    summary = summary_of(run)
    if given.first_day is None and "first_day" in summary:
        published = replace(published, first_day=date.fromisoformat(str(summary["first_day"])))
    if given.weeks is None and "weeks" in summary:
        published = replace(published, weeks=int(str(summary["weeks"])))
    return published


def summary_of(run: Path) -> Mapping[str, Any]:
    """Return the summary of a run; empty if it has none."""
    from wfm.io.results import read_summary

    path = run / "summary.json"
    return read_summary(path) if path.exists() else {}


def tell_difference(given: Given, objective: float) -> None:
    """Say that a run had another objective: an input changed since, or the roster before is not known."""
    if given.of_files:
        return
    stated = summary_of(run_of(given.run)).get("objective")
    if isinstance(stated, int | float) and abs(stated - objective) > TOLERANCE * max(1.0, abs(stated)):
        say(
            f"warning: the run had objective {stated:.2f}, with the files of today it is {objective:.2f}:"
            " name the inputs of that night, and the roster before it with --previous"
        )

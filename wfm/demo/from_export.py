"""`wfm init --from EXPORT`: a planning project from the user's own file, which works at once.

The file is imported with every queue open always and without zeros, so that the opening hours can be learnt;
then the quiet intervals inside them are filled in. The history is the one that `wfm import` makes with the
wfm.toml and mapping.toml that are written.
"""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from wfm.config import Config, build_config
from wfm.demo.folder import CONFIG_FILE, make_folder
from wfm.demo.project import refuse_to_overwrite
from wfm.demo.project_text import QueueGuess, project_text, queue_name
from wfm.errors import DataError, Fault, UsageError
from wfm.io.absent import with_zeros
from wfm.io.atomic import write_text
from wfm.io.guess import (
    Facts,
    Guess,
    Learnt,
    facts_of,
    guess_file,
    interval_length,
    learnt_hours,
    source_text,
    toml_key,
    toml_value,
)
from wfm.io.inputs import queue_zones
from wfm.io.intake import Intake, take_in
from wfm.io.mapping import load_mapping, parse_mapping
from wfm.io.quarantine import write_quarantine
from wfm.io.tables import write_table
from wfm.localtime import zone
from wfm.tables import HISTORY

INTERVALS = (5, 10, 15, 30, 60)
USUAL_INTERVAL = 15
_SETTLED = {"queues", "interval", "rows", "totals"}  # questions that the project itself answers
_QUEUE_WORDS = "\n# text in the file = queue of wfm.toml\n[source.export.values.queue]\n"


class UnmappedExport(DataError):
    """No preset fits a file; `mapping` is the text of one to complete."""

    def __init__(self, guess: Guess) -> None:
        self.mapping = guess.mapping_text
        hint = "complete the mapping on standard output, save it, and name it with --mapping"
        fault = Fault("no preset fits it, and not all that is needed can be seen", source=str(guess.path))
        super().__init__([fault], hint=hint)


@dataclass(frozen=True)
class Project:
    """What was written: the files, and what the user must know or answer."""

    paths: tuple[Path, ...]
    notes: tuple[str, ...]


def write_project_from(
    export: Path, folder: Path, *, timezone: str | None = None, mapping: Path | None = None
) -> Project:
    """Write wfm.toml, history.parquet and, where the export needs one, mapping.toml into `folder`.

    Without `timezone` the offset of the stamps is taken, else UTC. Nothing is written if anything is wrong:
    UsageError for a zone that does not exist or files that are there, DataError for a file that is no table
    or has too many bad rows, UnmappedExport when no preset fits and no `mapping` is given.
    """
    _check_zone(timezone)
    paths = {name: folder / name for name in (CONFIG_FILE, "mapping.toml", "history.parquet")}
    refused = folder / "history.quarantine.csv"
    refuse_to_overwrite([*paths.values(), refused])
    guess = guess_file(export, mapping=None if mapping is None else load_mapping(mapping))
    if guess.best is None or (guess.proposal is not None and len(guess.best.formats) > 1):
        raise UnmappedExport(guess)
    text = guess.mapping_text if mapping is None else mapping.read_text(encoding="utf-8")
    facts = facts_of(export, parse_mapping(text, "mapping") if text else {})
    names = _names(facts, export, own_mapping=mapping is not None)
    text += _renaming(guess, names, text)
    intake, config_text = _imported(export, guess, text, _queues(facts, names), _zone_of(timezone, facts))
    config = build_config(tomllib.loads(config_text), text=config_text)
    make_folder(folder)
    write_text(paths[CONFIG_FILE], config_text)
    if text:
        write_text(paths["mapping.toml"], text)
    write_table(_history(intake, config, guess), HISTORY, paths["history.parquet"], queue_zones(config))
    if len(intake.quarantine):
        write_quarantine(intake.quarantine, refused)
    written = [path for path in (*paths.values(), refused) if path.exists()]
    settled = _SETTLED | ({"timezone"} if timezone is not None else set())
    asked = [f"{each.topic}: {each.text}" for each in guess.questions if each.topic not in settled]
    return Project(tuple(written), (*intake.warnings, *asked))


def _check_zone(timezone: str | None) -> None:
    try:
        if timezone is not None:
            zone(timezone)
    except ValueError as error:
        raise UsageError(f"--timezone: {error}", hint="write a name such as Europe/Berlin") from error


def _zone_of(timezone: str | None, facts: Facts) -> tuple[str, str]:
    """Return the zone of the centre, and the comment that says where it comes from."""
    if timezone is not None:
        return timezone, "the zone of queues and sites that name none"
    whole_hours = [offset // 60 for offset in facts.offsets if offset % 60 == 0 and offset]
    if len(facts.offsets) == 1 and whole_hours:
        (hours,) = whole_hours
        return (
            f"Etc/GMT{-hours:+d}",
            f"CHECK: the stamps say UTC{hours:+d}; write your zone, e.g. Europe/Berlin",
        )
    return "UTC", "CHECK: the file does not say it; write your zone, e.g. Europe/Berlin, and import again"


def _names(facts: Facts, export: Path, *, own_mapping: bool) -> dict[str, str]:
    """Return the name in wfm.toml of each queue of the file: its own, if it can be one."""
    names: dict[str, str] = {}
    for queue in facts.channels:
        names[queue] = queue_name(queue, {*names.values(), *(set(facts.channels) - {queue})})
    changed = [queue for queue, name in names.items() if queue != name]
    if changed and own_mapping:
        problem = "this queue's name has signs that a list of skills cannot hold"
        remedy = "give it another name in values.queue of the mapping"
        raise DataError([Fault(problem, remedy, str(export), value=queue) for queue in changed])
    return names


def _renaming(guess: Guess, names: Mapping[str, str], text: str) -> str:
    """Return what the mapping needs more, so that queues get names that wfm.toml can have."""
    changed = {queue: name for queue, name in names.items() if queue != name}
    if not changed or guess.best is None:
        return ""
    source = guess.best.source
    own = "" if text else source_text({"grain": source.grain, "columns": _present(guess)})
    words = "\n".join(f"{toml_key(queue)} = {toml_value(name)}" for queue, name in changed.items())
    return f"{own}{_QUEUE_WORDS}{words}\n"


def _present(guess: Guess) -> dict[str, str]:
    """Return the canonical columns that a canonical file has."""
    reading = guess.best.reading if guess.best is not None else None
    columns = reading.source.columns if reading is not None else {}
    return {name: str(header) for name, header in columns.items()}


def _queues(facts: Facts, names: Mapping[str, str]) -> dict[str, QueueGuess]:
    return {names[queue]: QueueGuess(channel) for queue, channel in facts.channels.items()}


def _imported(
    export: Path, guess: Guess, mapping: str, queues: Mapping[str, QueueGuess], centre: tuple[str, str]
) -> tuple[Intake, str]:
    """Return what the import gives without zeros, and the text of wfm.toml with the hours learnt from it."""
    timezone, remark = centre
    interval_min = _interval_min(guess)
    text = project_text(timezone, remark, interval_min, queues)
    provisional = build_config(tomllib.loads(text), text=text)
    rules = provisional.import_.model_copy(update={"absent": "missing"})
    provisional = provisional.model_copy(update={"import_": rules})
    with tempfile.TemporaryDirectory(prefix="wfm-init-") as name:
        path = Path(name) / "mapping.toml"
        path.write_text(mapping, encoding="utf-8")
        intake = take_in([export], provisional, mapping=path if mapping else None)
    learnt = learnt_hours(intake.history, timezone, interval_min)
    known = {
        name: QueueGuess(
            queue.channel, learnt.get(name, Learnt("", 0, is_known=False)), _has_times(intake, name)
        )
        for name, queue in queues.items()
    }
    return intake, project_text(timezone, remark, interval_min, known)


def _has_times(intake: Intake, queue: str) -> bool:
    rows = intake.history[intake.history["queue"] == queue]
    return bool(rows["aht_s"].notna().any())


def _interval_min(guess: Guess) -> int:
    """Return the shortest interval of a centre that the file's intervals make up; 15 for contacts."""
    reading = guess.best.reading if guess.best is not None else None
    length = None
    if reading is not None and reading.source.grain == "interval":
        length = interval_length(reading.frame)
    if length is None:
        return USUAL_INTERVAL
    fitting = [minutes for minutes in INTERVALS if minutes % length == 0]
    return fitting[0] if fitting else INTERVALS[-1]


def _history(intake: Intake, config: Config, guess: Guess) -> pd.DataFrame:
    """Return the history as an import with the written configuration gives it: logs with their zeros."""
    history = intake.history
    if guess.best is None or guess.best.source.grain == "interval" or history.empty:
        return history
    starts = history["interval_start"]
    return with_zeros(history, [(starts.min(), starts.max())], config)

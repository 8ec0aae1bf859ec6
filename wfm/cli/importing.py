"""What `wfm import` does around the intake: the quarantine is written, the import accepted or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wfm.cli.common import say
from wfm.cli.recognising import recognising
from wfm.cli.screen import show_volume
from wfm.config import Config
from wfm.errors import UsageError, count_of
from wfm.io.inputs import queue_zones
from wfm.io.intake import Intake, take_in
from wfm.io.quarantine import TooManyBadRows, quarantine_path, refusals, write_quarantine
from wfm.io.store import amend
from wfm.io.tables import write_table
from wfm.tables import HISTORY


@dataclass(frozen=True)
class Places:
    """Where an import writes: the history, the quarantine (default: beside it), and the store, if any."""

    out: Path
    quarantine: Path | None = None
    store: Path | None = None


def run_import(
    sources: Sequence[Path], config: Config, places: Places, *, preset: str | None, mapping: Path | None
) -> dict[str, Any]:
    """Import, write history and quarantine, and return the summary; DataError when too many rows are bad.

    Without `preset` and `mapping` files that have not our columns are read with the preset that they are, if
    that is beyond doubt. UsageError, before anything is read, if a result would take the place of a source.
    """
    out, refused = places.out, places.quarantine or quarantine_path(places.out)
    _refuse_to_replace(sources, (out, refused))

    def taken(preset: str | None) -> Intake:
        if places.store is None:
            return take_in(sources, config, preset=preset, mapping=mapping)
        return amend(places.store, sources, config, preset=preset, mapping=mapping)

    try:
        intake, seen = recognising(lambda: taken(preset), taken, sources, config)
    except TooManyBadRows as error:
        write_quarantine(error.quarantine, refused)
        say(f"import: refused rows -> {refused}")
        raise
    write_quarantine(intake.quarantine, refused)
    write_table(intake.history, HISTORY, out, queue_zones(config))
    for warning in (*intake.warnings, *refusals(intake.quarantine)):
        say(f"warning: {warning}")
    say(
        f"import: {intake.rows_kept} of {count_of(intake.rows_read, 'row')} kept,"
        f" {count_of(intake.rows_duplicate, 'duplicate')}, {intake.rows_quarantined} refused ({refused});"
        f" {count_of(len(intake.history), 'interval')} -> {out}"
    )
    show_volume(intake.history, config.centre.timezone, "contacts")
    summary = intake.summary()
    if seen is not None:
        summary["warnings"] = [*seen.warnings, *summary["warnings"]]
    return {**summary, "preset": preset if seen is None else seen.preset}


def _refuse_to_replace(sources: Sequence[Path], results: Sequence[Path]) -> None:
    """Refuse a result in place of a source, which may be the only copy of the contacts."""
    read = {source.resolve() for source in sources}
    for result in results:
        if result.resolve() in read:
            raise UsageError(f"{result} is a source: it would be replaced", hint="write to another file")

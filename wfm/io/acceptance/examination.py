"""The eleven acceptance checks of one or more files, and the findings of the history that they make.

Nothing is refused here but a file that is no table at all, or does not fit its mapping: of every other one it
is said what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from wfm.config import Config
from wfm.errors import UsageError, count_of
from wfm.forecast.doctor import Check, Finding, examine, history_checks, last_interval
from wfm.forecast.doctor.checks import KIND_OF
from wfm.forecast.doctor.finding import MOST_NAMED
from wfm.io.acceptance.form import form_of
from wfm.io.acceptance.formats import format_check
from wfm.io.acceptance.overlaps import overlap_check
from wfm.io.acceptance.refusals import queue_check, refusals, refused_findings, stamps_check
from wfm.io.acceptance.taken import Taken, take_each
from wfm.io.acceptance.twice import twice_check

_MARKS = {"wrong": "!", "look": "?"}
_STAMPS = ("arrived_at", "answered_at", "ended_at")


@dataclass(frozen=True)
class Acceptance:
    """The checks in the order of their numbers, and the findings."""

    checks: tuple[Check, ...]
    findings: tuple[Finding, ...]

    @property
    def wrong(self) -> int:
        """The wrong findings, and the wrong checks that no wrong finding is behind."""
        kinds = {finding.kind for finding in self.findings if finding.wrong}
        alone = [check for check in self.checks if KIND_OF.get(check.number) not in kinds]
        return sum(finding.wrong for finding in self.findings) + sum(c.status == "wrong" for c in alone)

    def lines(self) -> Iterator[str]:
        """Yield what `wfm doctor` prints: `!` before what is wrong, `?` before what is worth a look."""
        for check in self.checks:
            yield f"{_MARKS.get(check.status, ' ')} {check}"
            shown = check.places if check.status in _MARKS else ()
            yield from (f"      {place}" for place in shown[:MOST_NAMED])
            if len(shown) > MOST_NAMED:
                yield f"      and {count_of(len(shown) - MOST_NAMED, 'more place')}"
        for finding in self.findings:
            yield f"{'!' if finding.wrong else ' '} {finding}"

    def summary(self) -> dict[str, Any]:
        """Return what `wfm doctor --json` prints."""
        checks = [
            {
                "number": check.number,
                "name": check.name,
                "status": check.status,
                "text": check.text,
                "places": [_filled(vars(place)) for place in check.places],
            }
            for check in self.checks
        ]
        return {"checks": checks, "findings": [vars(f) for f in self.findings], "wrong": self.wrong}


def accept(
    files: Sequence[Path], config: Config, *, preset: str | None = None, mapping: Path | None = None
) -> Acceptance:
    """Return what there is to say of `files`, taken in their order as `wfm import` takes them.

    Raises UsageError without a file, ConfigError for a mapping that is wrong or does not fit a file, and
    DataError for a file that is no table.
    """
    if not files:
        raise UsageError("no file to examine", hint="name one or more files")
    taken = take_each(files, config, preset=preset, mapping=mapping)
    history = taken.whole.history
    forms = [form_of(path) for path in taken.files]
    told = refusals(taken, forms, config)
    findings = examine(history, config)
    checks = [
        twice_check(taken),
        overlap_check(taken),
        *history_checks(history, findings, config),
        last_interval(history, config, _last_stamp(taken)),
        queue_check(told),
        format_check(forms, told, taken),
    ]
    checks[2] = stamps_check(checks[2], told, taken.whole.warnings)
    return Acceptance(tuple(checks), (*refused_findings(told), *_repeats(taken), *findings))


def _last_stamp(taken: Taken) -> pd.Timestamp | None:
    """Return the latest instant of any contact, None without contacts."""
    contacts = taken.whole.contacts
    if contacts is None or contacts.empty:
        return None
    latest: pd.Timestamp = contacts[list(_STAMPS)].max().max()
    return latest


def _repeats(taken: Taken) -> Iterator[Finding]:
    """Yield rows whose key comes again in the same file: usual in logs, a fault in exports."""
    for path, intake in zip(taken.files, taken.alone, strict=True):
        if intake.rows_duplicate:
            text = f"{count_of(intake.rows_duplicate, 'row')} left out: their key comes again"
            yield Finding(str(path), "duplicate", intake.contacts is None, text)


def _filled(place: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in place.items() if value}

"""The acceptance checks of a history, made of its findings; those about files are `wfm.io.acceptance`'s.

The eleven numbers and names are those of docs/doctor.md. `look` is worth a look, `wrong` is to be corrected
or explained.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from wfm.config import Config
from wfm.forecast.doctor.finding import MOST_NAMED, Finding, named
from wfm.localtime import local_dates

Status = Literal["ok", "look", "wrong", "not applicable"]
NAMES = {
    1: "imported twice",
    2: "overlapping files",
    3: "clock changes",
    4: "day sums",
    5: "handle times",
    6: "talk time",
    7: "outages",
    8: "silent queues",
    9: "last interval",
    10: "unknown queues",
    11: "file format",
}
KIND_OF = {3: "clock day", 4: "balance", 5: "aht", 6: "talk", 7: "outage", 8: "silent"}
_LOOK_KINDS = ("talk",)  # worth a look even where not wrong
_IN_ORDER = {
    3: "every day of a clock change has the intervals that its wall clock makes",
    4: "offered = handled + abandoned + flow_out on every day, within 2 % and a contact",
    5: "every mean handle time lies between 5 and 7,200 s",
    6: "no interval has handled contacts without talk time",
    7: "no run of zeros inside opening hours that chance does not explain",
    8: "no queue was without contacts for more than 28 days",
}
SAME_WEEKDAYS_DAYS = 8  # from so many days on some weekday comes twice


@dataclass(frozen=True)
class Place:
    """Where something is: a queue with its dates (ISO), or a file with its records (1 is the first row)."""

    queue: str = ""
    file: str = ""
    dates: tuple[str, ...] = ()
    records: tuple[int, ...] = ()
    note: str = ""

    def __str__(self) -> str:
        found = [self.queue, self.file]
        found += [f"on {named(self.dates, 'days')}"] if self.dates else []
        found += [f"records {named(self.records, 'records')}"] if self.records else []
        return ", ".join(part for part in [*found, self.note] if part)


@dataclass(frozen=True)
class Check:
    """The outcome of one acceptance check, in a sentence, with the places that it is about."""

    number: int
    status: Status
    text: str
    places: tuple[Place, ...] = ()

    @property
    def name(self) -> str:
        """The name of the check."""
        return NAMES[self.number]

    def __str__(self) -> str:
        return f"{self.number:2d} {self.name}: {self.status}: {self.text}"


def history_checks(history: pd.DataFrame, findings: Sequence[Finding], config: Config) -> list[Check]:
    """Return checks 3 to 8 of HISTORY, of which `findings` are the findings."""
    checks = []
    for number, kind in KIND_OF.items():
        idle = _not_applicable(number, history, findings, config)
        found = [finding for finding in findings if finding.kind == kind]
        checks.append(Check(number, "not applicable", idle) if idle else _check(number, found))
    return checks


def _check(number: int, found: list[Finding]) -> Check:
    told = [finding for finding in found if finding.wrong or finding.kind in _LOOK_KINDS]
    if not told:
        more = f": {_in_words(found)}" if number == 3 else ""
        return Check(number, "ok", _IN_ORDER[number] + more)
    status: Status = "wrong" if any(finding.wrong for finding in told) else "look"
    places = tuple(Place(queue=finding.queue, dates=finding.dates) for finding in told)
    return Check(number, status, _in_words(told), places)


def _in_words(found: Sequence[Finding]) -> str:
    text = "; ".join(f"{finding.queue}: {finding.text}" for finding in found[:MOST_NAMED])
    more = len(found) - MOST_NAMED
    return f"{text}; and {more} more" if more > 0 else text


def _not_applicable(number: int, history: pd.DataFrame, findings: Sequence[Finding], config: Config) -> str:
    """Return why a check cannot be made, or nothing if it can."""
    if history.empty:
        return "no row could be read"
    needed = {4: ("handled", "abandoned"), 5: ("aht_s",), 6: ("handled", "talk_s")}.get(number, ())
    if needed and not history[list(needed)].notna().all(axis=1).any():
        return f"the history has no {' and '.join(needed)}"
    if number == 3 and not any(finding.kind == KIND_OF[3] for finding in findings):
        return "no clock change in open hours between the first and the last row"
    if number == 7 and _longest_days(history, config) < SAME_WEEKDAYS_DAYS:
        return "less than eight days: no weekday comes twice, so that none says what is usual"
    return ""


def _longest_days(history: pd.DataFrame, config: Config) -> int:
    """Return the days from the first to the last row of the queue that has most of them."""
    lengths: list[int] = []
    for queue, starts in history.groupby("queue")["interval_start"]:
        dates = local_dates(starts, config.queues[str(queue)].timezone)
        lengths.append(int((dates.max() - dates.min()).days) + 1)
    return max(lengths)

"""What the quarantine says, told once: stamps of a clock change (check 3), unknown queues (check 10), serial
days and totals rows (check 11), and the rest as findings.

Values come from the quarantine, which hides ids and telephone numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from wfm.config import Config
from wfm.errors import count_of, one_line, shown
from wfm.forecast.doctor import Check, Finding, Place, named
from wfm.io.acceptance.form import Form
from wfm.io.acceptance.taken import Taken
from wfm.io.checks import UNKNOWN_QUEUE
from wfm.stamps import StampFault

SKIPPED = "hour that the clock change skips"  # of the warning about rows that `nonexistent = "drop"` drops
NOT_A_TIME = "not a time"


@dataclass(frozen=True)
class Refusals:
    """Rows of the quarantine by what they are; `totals` are the files that end with a row of sums."""

    stamps: pd.DataFrame
    queues: pd.DataFrame
    serials: pd.DataFrame
    totals: pd.DataFrame
    others: pd.DataFrame
    ends_with_totals: tuple[bool, ...]


def refusals(taken: Taken, forms: Sequence[Form | None], config: Config) -> Refusals:
    """Return the quarantine of all files, each row in one part."""
    rows = pd.concat([intake.quarantine for intake in taken.alone], ignore_index=True).drop_duplicates(
        ignore_index=True
    )
    reason = rows["reason"].astype("str")
    ends = tuple(form is not None and form.ends_with_totals(config.queues) for form in forms)
    last = {
        (str(path), intake.rows_read + intake.rows_excluded)
        for path, intake, totals in zip(taken.files, taken.alone, ends, strict=True)
        if totals
    }
    serial = {str(form.path) for form in forms if form is not None and form.serial_columns}
    pairs = zip(rows["file"], rows["record"], strict=True)
    kinds = pd.Series("others", index=rows.index, dtype="str")
    kinds[reason.str.startswith((StampFault.AMBIGUOUS.value, StampFault.NONEXISTENT.value))] = "stamps"
    kinds[reason.str.startswith(UNKNOWN_QUEUE)] = "queues"
    kinds[reason.str.startswith(NOT_A_TIME) & rows["file"].isin(serial)] = "serials"
    kinds[[pair in last for pair in pairs]] = "totals"
    parts = {kind: rows[kinds == kind] for kind in ("stamps", "queues", "serials", "totals", "others")}
    return Refusals(**parts, ends_with_totals=ends)


def stamps_check(check: Check, told: Refusals, warnings: Sequence[str]) -> Check:
    """Return check 3 of the history with the stamps that the import could not place, or dropped."""
    dropped = [warning for warning in warnings if SKIPPED in warning]
    if told.stamps.empty:
        if not dropped or check.status == "wrong":
            return check
        return replace(check, status="look", text="; ".join([*dropped, check.text]))
    twice = int(told.stamps["reason"].str.startswith(StampFault.AMBIGUOUS.value).sum())
    never = len(told.stamps) - twice
    words = (
        [f"{count_of(twice, 'stamp')} of the repeated hour without a word which pass is meant"]
        if twice
        else []
    )
    words += [f"{count_of(never, 'stamp')} in the hour that the clock change skips"] if never else []
    words += dropped + ([check.text] if check.status != "not applicable" else [])
    places = (*places_of(told.stamps), *(check.places if check.status == "wrong" else ()))
    return Check(3, "wrong", "; ".join(words), places)


def queue_check(told: Refusals) -> Check:
    """Return check 10."""
    if told.queues.empty:
        return Check(10, "ok", "every queue is one of wfm.toml")
    names = told.queues["value"].fillna("(hidden)").value_counts()
    words = [f"{shown(str(name))} ({count_of(count, 'row')})" for name, count in names.items()]
    refused = f"{count_of(len(told.queues), 'row')} refused"
    text = f"{refused}, their queues are not in wfm.toml: {named(words, 'names')}"
    return Check(10, "wrong", text, places_of(told.queues, named_values=True))


def refused_findings(told: Refusals) -> Iterator[Finding]:
    """Yield the refused rows that no check tells, by file, column and reason."""
    others = told.others.fillna({"column": ""})
    for (file, column, reason), rows in others.groupby(["file", "column", "reason"], sort=True):
        where = f"{one_line(str(column))}: " if column != "" else ""
        records = named(rows["record"].tolist(), "rows")
        text = f"{count_of(len(rows), 'row')}: {where}{one_line(str(reason))}; records {records}"
        yield Finding(one_line(str(file)), "refused", True, text)


def places_of(rows: pd.DataFrame, *, named_values: bool = False) -> tuple[Place, ...]:
    """Return the records of each file, or of each value in it."""
    values = rows["value"].fillna("") if named_values else pd.Series("", index=rows.index, dtype="str")
    return tuple(
        Place(file=one_line(str(file)), records=tuple(part["record"].tolist()), note=one_line(str(value)))
        for (file, value), part in rows.groupby([rows["file"], values], sort=True)
    )

"""Acceptance check 11: a byte order mark, UTF-16, semicolons, serial days, a last row of sums.

The first three are read as they are, and it is said that they were met. Serial days need a word in the
mapping; a row of sums is no contact and no interval, and must be refused or left out.
"""

from __future__ import annotations

from collections.abc import Sequence

from wfm.errors import count_of, one_line
from wfm.forecast.doctor import Check, Status
from wfm.io.acceptance.form import Form
from wfm.io.acceptance.refusals import Refusals, places_of
from wfm.io.acceptance.taken import Taken
from wfm.io.source import EXCEL

OTHER_TOTAL = "own total says"  # of the import's warning, see wfm.io.totals


def format_check(forms: Sequence[Form | None], told: Refusals, taken: Taken) -> Check:
    """Return check 11: what was met in each text file, and what of it cannot be used."""
    texts = [form for form in forms if form is not None]
    if not texts:
        return Check(11, "not applicable", "no delimited text among the files")
    words = [f"{one_line(str(form.path))}: {', '.join(form.traits)}" for form in texts if form.traits]
    said, status = _serials(texts, told, taken), _worst(told, taken)
    said += _totals(told, taken) + _cut(taken)
    met = f"read as they are: {'; '.join(words)}" if words else "UTF-8 with commas, no byte order mark"
    places = (*places_of(told.serials), *places_of(told.totals))
    return Check(11, status, "; ".join([*said, met]), places)


def _worst(told: Refusals, taken: Taken) -> Status:
    if len(told.serials) or any(kept for _, kept in _unrefused_totals(told, taken)):
        return "wrong"
    return "look" if len(told.totals) or _cut(taken) else "ok"


def _cut(taken: Taken) -> list[str]:
    """Return the warnings of files whose rows do not add up to their own total."""
    return [warning for warning in taken.whole.warnings if OTHER_TOTAL in warning]


def _serials(texts: Sequence[Form], told: Refusals, taken: Taken) -> list[str]:
    if len(told.serials):
        files = ", ".join(one_line(str(file)) for file in sorted(told.serials["file"].unique()))
        rows = count_of(len(told.serials), "row")
        return [f'{rows} refused: times are serial days, say time_format = "{EXCEL}" ({files})']
    declared = any(source.time_format == EXCEL for source in taken.sources)
    found = [one_line(str(form.path)) for form in texts if form.serial_columns] if declared else []
    return [f"serial days, read as the mapping says: {', '.join(found)}"] if found else []


def _totals(told: Refusals, taken: Taken) -> list[str]:
    said = [f"a last row of sums, refused: {one_line(str(file))}" for file in told.totals["file"]]
    for path, kept in _unrefused_totals(told, taken):
        fate = "counted as if it were one of the others" if kept else "left out"
        said.append(f"a last row of sums, {fate}: {one_line(path)}")
    return said


def _unrefused_totals(told: Refusals, taken: Taken) -> list[tuple[str, bool]]:
    """Return the files whose row of sums was not refused, and whether it was kept (nothing was left out)."""
    refused = set(told.totals["file"])
    return [
        (str(path), intake.rows_excluded == 0)
        for path, intake, totals in zip(taken.files, taken.alone, told.ends_with_totals, strict=True)
        if totals and str(path) not in refused
    ]

"""Acceptance check 2: where files overlap, which one holds, over which span, how many rows it replaces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import pandas as pd

from wfm.errors import count_of, one_line
from wfm.forecast.doctor import Check, Place, named
from wfm.io.acceptance.taken import Taken
from wfm.io.intake import Intake
from wfm.localtime import zone
from wfm.tables import HISTORY


@dataclass(frozen=True)
class Overlap:
    """Two files with rows of the same key: `rows` of them, `changed` with other values, and their span."""

    winner: str
    loser: str
    rows: int
    changed: int
    first: pd.Timestamp
    last: pd.Timestamp
    rule: str

    @property
    def text(self) -> str:
        """The overlap in words, times in the zone of its ends."""
        differ = f"{self.changed} with other values" if self.changed else "all with the same values"
        span = f"{self.first:%Y-%m-%dT%H:%M%z} to {self.last:%Y-%m-%dT%H:%M%z}"
        rows = count_of(self.rows, "row")
        return f"{self.winner} replaces {rows} of {self.loser} ({differ}), {span}: {self.rule}"


def overlap_check(taken: Taken) -> Check:
    """Return check 2; files whose rows differ are worth a look, the same rows twice are in order."""
    if len(taken.files) == 1:
        return Check(2, "not applicable", "there is one file only")
    found = list(_overlaps(taken))
    if not found:
        return Check(2, "ok", "no two files have a row of the same key")
    place = zone(taken.timezone)
    places = []
    for overlap in found:
        days = dict.fromkeys(f"{at.tz_convert(place):%Y-%m-%d}" for at in (overlap.first, overlap.last))
        places.append(Place(file=overlap.winner, dates=tuple(days), note=f"over {overlap.loser}"))
    text = named([overlap.text for overlap in found], "overlaps")
    return Check(2, "look" if any(overlap.changed for overlap in found) else "ok", text, tuple(places))


def _overlaps(taken: Taken) -> Iterator[Overlap]:
    latest = [source.latest for source in taken.sources if source.latest]
    rule = f"the row with the greatest {latest[0]} holds" if latest else "the file named later holds"
    for one, two in combinations(range(len(taken.files)), 2):
        names = [one_line(str(taken.files[number])) for number in (two, one)]
        first, second = taken.alone[one], taken.alone[two]
        if (first.contacts is None) != (second.contacts is None):
            if first.contacts is not None:
                names.reverse()
            rows = _same_intervals(first, second)
            why = "contacts hold against an interval export"
        elif first.contacts is not None and second.contacts is not None:
            rows, why = _same_contacts(first.contacts, second.contacts), rule
        else:
            rows, why = _same_intervals(first, second), rule
            if len(rows) and not _replaced(taken, one, two):
                continue  # finer rows of both files in one interval of ours: a seam, no overlap
        if len(rows):
            at = rows["at"].dt.tz_convert(zone(taken.timezone))
            changed = int(rows["changed"].sum())
            yield Overlap(names[0], names[1], len(rows), changed, at.min(), at.max(), why)


def _replaced(taken: Taken, one: int, two: int) -> int:
    """Return the rows of either file that the other one replaces."""
    both = taken.again((taken.files[one], taken.files[two]))
    return both.rows_duplicate - taken.alone[one].rows_duplicate - taken.alone[two].rows_duplicate


def _same_contacts(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Return (at, changed) of each contact that both logs have."""
    return _compared(first.set_index("contact_id"), second.set_index("contact_id"), "arrived_at")


def _same_intervals(first: Intake, second: Intake) -> pd.DataFrame:
    """Return (at, changed) of each interval of a queue that both files have."""
    key = list(HISTORY.key)
    tables = [
        part.history.assign(at=part.history["interval_start"]).set_index(key) for part in (first, second)
    ]
    return _compared(tables[0], tables[1], "at")


def _compared(first: pd.DataFrame, second: pd.DataFrame, at: str) -> pd.DataFrame:
    """Return when each row of both tables is, by the second, and whether it differs."""
    common = second.index.intersection(first.index, sort=False)
    mine, other = first.loc[common], second.loc[common]
    same = (mine == other) | (mine.isna() & other.isna())
    return pd.DataFrame({"at": other[at], "changed": ~same.all(axis=1)})

"""What changed since another run, as `wfm diff` tells it: one sentence for the first screen, tables below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wfm.diff import Changes
from wfm.diff.in_words import Section, headline, sections
from wfm.report import wording
from wfm.report.chart import NumberTable

MOST_ROWS = 20  # of days, shifts and settings, each; `wfm diff --most` shows more
ON_COVER = (  # figures of the first screen: name in `wfm.diff`, digits, words
    ("volume", 0, "contacts expected"),
    ("required", 1, "agent-hours required"),
    ("missing", 1, "agent-hours missing"),
    ("paid", 1, "paid hours"),
)


@dataclass(frozen=True)
class ChangeTable:
    """One table of changes; `number` stands for it in anchors, `left_out` counts the rows not shown.

    `figures`: from the third column on its cells are numbers, else they are texts.
    """

    number: int
    table: NumberTable
    left_out: int
    figures: bool


@dataclass(frozen=True)
class ChangeView:
    """What the page says about the run before: its name, the sentence, what was compared, and the tables."""

    before: str
    sentence: str
    notes: Sequence[str]
    tables: Sequence[ChangeTable]


def change_view(found: Changes | None) -> ChangeView | None:
    """Return the changes in words; None where there is no run to compare with."""
    if found is None:
        return None
    return ChangeView(
        before=wording.printable(found.before),
        sentence=_sentence(found),
        notes=[wording.printable(line, wording.LONGEST_TEXT) for line in headline(found)[1:]],
        tables=[_table(number, one) for number, one in enumerate(sections(found, MOST_ROWS), start=1)],
    )


def _sentence(found: Changes) -> str:
    """Return how the sums over the common time moved; unchanged ones are not named."""
    if found.is_empty:
        return "Nothing differs."
    parts = []
    for name, digits, words in ON_COVER:
        figure = found.figure(name)
        if figure is None:
            continue
        moved = float(figure.rows["after"].sum() - figure.rows["before"].sum())
        if round(moved, digits):
            parts.append(f"{wording.signed(moved, digits)} {words}")
    inside = found.shifts["kind"] == "inside"
    others = found.shifts[~inside]
    if len(others):
        people = wording.counted(others["agent_id"].nunique(), "agent")
        parts.append(f"{wording.counted(len(others), 'shift')} of {people} new, gone or moved")
    if inside.any():
        parts.append(f"{wording.counted(int(inside.sum()), 'shift')} with other breaks or activities")
    return f"{'; '.join(parts)}." if parts else "Small differences only."


def _table(number: int, section: Section) -> ChangeTable:
    title = section.title[:1].upper() + section.title[1:]
    rows = [[wording.printable(cell, wording.LONGEST_TEXT) for cell in row] for row in section.rows]
    table = NumberTable(title, section.header, rows)
    return ChangeTable(number, table, section.left_out, figures=section.texts < len(section.header))

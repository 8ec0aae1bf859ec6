"""What a table must be as a whole: header, names that exist, order within a row, one row for each key."""

from __future__ import annotations

import difflib
from collections.abc import Collection

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.conform.distinct import distinct_texts
from wfm.conform.faults import FrameFaults
from wfm.errors import MOST_FAULTS_SHOWN, DataError, Fault
from wfm.tables import Table

CLOSE_NAME = 0.8
MOST_NAMES_SHOWN = 12


def check_twice(frame: pd.DataFrame, table: Table, source: str) -> None:
    """Refuse a table in which a column stands twice: which of them holds is anybody's guess."""
    twice = [str(name) for name in frame.columns[frame.columns.duplicated()].unique()]
    if twice:
        faults = [Fault("column stands twice", "keep one of them", "", 1, name) for name in twice]
        raise DataError(faults, source=source or table.name)


def check_header(frame: pd.DataFrame, table: Table, faults: FrameFaults) -> None:
    """Report columns that are missing, with their meaning, and misspelt ones with the right name."""
    unknown = [str(name) for name in frame.columns if name not in table.names]
    for column in table.columns:
        if column.name in frame:
            continue
        near = difflib.get_close_matches(column.name, unknown, n=1, cutoff=CLOSE_NAME)
        if near:
            remedy = f"rename it to '{column.name}'"
            faults.add_one(Fault("unknown column", remedy, "", 1, near[0]))
        elif not column.optional:
            remedy = f"add it: {column.description}" + (f", {column.unit}" if column.unit else "")
            faults.add_one(Fault("missing column", remedy, "", 1, column.name))


def check_known(values: pd.Series, names: Collection[str], faults: FrameFaults) -> None:
    """Report cells that name something that does not exist, with the nearest name that does."""
    codes, texts = distinct_texts(values)
    dated = values.name == "skills"
    wrong = np.array([*(bool(_strangers(text, names, dated=dated)) for text in texts), False])

    def explain(text: str) -> tuple[str, str]:
        stranger = next(iter(_strangers(text, names, dated=dated)), text)
        return f"'{stranger}' is not known", _remedy_of_name(stranger, names)

    faults.add_each(wrong[codes], str(values.name), explain)


def _strangers(text: str, names: Collection[str], *, dated: bool) -> list[str]:
    """Return the pieces of a `;`-list that are no names; dates behind a skill (`wfm.skills`) aside."""
    pieces = [(piece.partition("[")[0] if dated else piece).strip() for piece in text.split(";")]
    return [p for p in pieces if p and p not in names and not p.startswith("team:")]


def _remedy_of_name(name: str, names: Collection[str]) -> str:
    if "," in name and all(piece.strip() in names for piece in name.split(",")):
        return "put ';' between names"
    near = difflib.get_close_matches(name, list(names), n=1)
    return f"did you mean '{near[0]}'?" if near else f"known: {', '.join(sorted(names)[:MOST_NAMES_SHOWN])}"


def check_order(typed: pd.DataFrame, table: Table, faults: FrameFaults) -> None:
    """Report rows whose values break a rule between two columns; empty cells break none."""
    for rule in table.ordered:
        first, last = typed[rule.first], typed[rule.last]
        bad = (first >= last) if rule.strict else (first > last)
        problem = f"{'not after' if rule.strict else 'before'} '{rule.first}'"
        faults.add(bad.to_numpy(dtype=bool), rule.last, problem, "swap or correct them")


def check_keys(typed: pd.DataFrame, table: Table, twice: NDArray[np.bool_], faults: FrameFaults) -> None:
    """Report the rows of `twice`, whose key an earlier row has, with the line of that row."""
    needed = [name for name in table.key if not table.column(name).optional]
    if not twice.any() or any(name not in faults.frame for name in needed):
        return
    keys = typed[list(table.key)]
    twice = twice & keys[needed].notna().all(axis=1).to_numpy()
    lines = pd.Series(faults.lines, index=keys.index)
    first_rows = lines.groupby([keys[name] for name in table.key], dropna=False).transform("first")
    for position in np.flatnonzero(twice)[:MOST_FAULTS_SHOWN]:
        key = ", ".join(f"{name}={keys[name].iloc[position]}" for name in table.key)
        problem = f"second row for one key ({key}), first in row {int(first_rows.iloc[position])}"
        row = int(faults.lines[position])
        faults.add_one(Fault(problem, "keep one of them", "", row, table.key[-1]))
    faults.total += max(int(twice.sum()) - MOST_FAULTS_SHOWN, 0)

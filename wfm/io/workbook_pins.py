"""An edited plan back from a spreadsheet: the cells that differ from what was exported, as pins.

The workbook carries what was exported in a hidden sheet, with its checksum: nothing else is needed to tell an
edit. Rows, columns and sheets that were taken away say nothing; so a team's sheet may come back alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from wfm.conform import conform, empty
from wfm.errors import DataError, Fault
from wfm.io.roster_cells import (
    AGENT_COLUMN,
    DATES_ROW,
    GRID,
    STATE,
    VERSION,
    UnreadableCell,
    Wanted,
    agent_of,
    wanted,
)
from wfm.io.tables import unreadable_file
from wfm.tables import PINS

ENDINGS = (".xlsx", ".xlsm", ".ods")
AGAIN = "export the plan again (wfm export --format xlsx), and put the edits into that"
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")

Rows = Sequence[Sequence[object]]
Key = tuple[str, str]  # agent's key, ISO date


@dataclass(frozen=True)
class Place:
    """A cell of a grid, by agent and date, and what it holds now."""

    name: str
    key: Key
    text: object


def is_workbook(path: Path) -> bool:
    """Return whether a file of pins is an edited workbook, by its name."""
    return path.suffix.lower() in ENDINGS


def state_digest(cells: Sequence[tuple[str, str, str]]) -> str:
    """Return the checksum of what was exported: agent's key, ISO date and text of each cell."""
    content = "\x1e".join("\x1f".join(cell) for cell in cells)
    return hashlib.sha256(content.encode()).hexdigest()


def read_workbook_pins(path: Path) -> pd.DataFrame:
    """Return PINS: one for every cell that asks for another shift than was exported.

    Raises DataError if the file is no plan of ours or was damaged, or naming every cell that cannot be read.
    """
    sheets = _sheets(path)
    exported = _exported(sheets, path)
    pins: dict[Key, tuple[Wanted | None, str]] = {}
    faults: list[Fault] = []
    for sheet, rows in sheets.items():
        if _cell(rows, 0, 0) != GRID:
            continue
        for place in _places(sheet, rows, exported, faults):
            try:
                found = wanted(exported[place.key], place.text)
            except UnreadableCell as error:
                faults.append(Fault(str(error), error.remedy, place.name, value=str(place.text)))
                continue
            first, where = pins.setdefault(place.key, (found, place.name))
            if first != found:
                problem = f"the same agent and date as {where}, with another shift"
                faults.append(Fault(problem, "keep one of them", place.name, value=str(place.text)))
    if faults:
        hint = f"nothing was planned; {path.name} is as it was"
        raise DataError(faults, source=str(path), hint=hint)
    found_pins = [(agent_of(agent), day, *pin) for (agent, day), (pin, _) in pins.items() if pin is not None]
    if not found_pins:
        return empty(PINS)
    return conform(pd.DataFrame(found_pins, columns=PINS.names), PINS, source=str(path))


def _sheets(path: Path) -> dict[str, Rows]:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        with CalamineWorkbook.from_path(path) as book:
            return {
                name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                for name in book.sheet_names
            }
    except (CalamineError, PasswordError, OSError, ValueError) as error:
        raise unreadable_file(path, error) from error


def _exported(sheets: dict[str, Rows], path: Path) -> dict[Key, str]:
    """Return what the plan's cells held when they were exported."""
    state = next((rows for rows in sheets.values() if _cell(rows, 0, 0) == STATE), None)
    if state is None:
        remedy = "name a workbook made by `wfm export --format xlsx`, or a table of pins"
        raise DataError([Fault("no plan that wfm exported", remedy, str(path))])
    if _cell(state, 0, 1) != VERSION:
        raise DataError([Fault("exported by another version of wfm", AGAIN, str(path))])
    cells = [(str(row[0]), str(row[1]), str(row[2])) for row in state[1:] if len(row) >= 3 and row[0]]
    if not cells or state_digest(cells) != _cell(state, 0, 2):
        raise DataError([Fault("the hidden sheet with the exported plan was changed", AGAIN, str(path))])
    if not any(_cell(rows, 0, 0) == GRID for rows in sheets.values()):
        problem = "no week grid is left: its hidden first column or row was taken away"
        raise DataError([Fault(problem, AGAIN, str(path))])
    return {(agent, day): text for agent, day, text in cells}


def _places(sheet: str, rows: Rows, exported: dict[Key, str], faults: list[Fault]) -> Iterator[Place]:
    """Yield the cells of a grid that were exported; what stands elsewhere under a date is a fault."""
    dates = {
        column: str(cell)
        for column, cell in enumerate(rows[DATES_ROW] if len(rows) > DATES_ROW else ())
        if _ISO_DATE.fullmatch(str(cell))
    }
    if not dates:
        faults.append(Fault("the hidden row of dates was taken away", AGAIN, sheet))
    for row in range(DATES_ROW + 2, len(rows)):
        agent = _cell(rows, row, AGENT_COLUMN)
        for column, day in dates.items():
            name, text = f"{sheet}!{cell_name(row, column)}", _cell(rows, row, column)
            if (str(agent), day) in exported:
                yield Place(name, (str(agent), day), text)
            elif agent or (isinstance(text, str) and text.strip()):
                problem = "no agent and date of the exported plan belong to this cell"
                remedy = "edit the rows that are there; for new agents write a table of pins"
                faults.append(Fault(problem, remedy, name, value=str(text)))


def _cell(rows: Rows, row: int, column: int) -> object:
    return rows[row][column] if row < len(rows) and column < len(rows[row]) else ""


def cell_name(row: int, column: int) -> str:
    """Return the name of a cell, counted from 0, as spreadsheets print it: D7."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row + 1}"

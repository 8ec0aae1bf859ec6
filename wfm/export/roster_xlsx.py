"""A roster as a workbook for team leads: week grids, staffing, a legend, and what was exported, hidden.

Every text of the plan is written as text: nothing in it is ever a formula. Cells of days are formatted as
text too, so that an edit such as 8-16 stays what was typed. The workbook's date is the plan's own, so that
the same plan gives the same bytes. `wfm.io.workbook_pins` reads the edits.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from wfm.errors import UsageError
from wfm.export.plan import read_plan
from wfm.export.request import DEMAND_OPTIONS, Exported, Request, refuse_options
from wfm.export.sheet_names import sheet_names, visible
from wfm.export.staffing_days import check_one_source, staffing_days
from wfm.export.week_grid import Grid, week_grids
from wfm.export.workbook_grid import Missing, write_grid
from wfm.export.workbook_looks import Looks
from wfm.export.workbook_staffing import write_staffing
from wfm.io.atomic import replacing
from wfm.io.roster_cells import KEEP, OFF, STATE, VERSION, agent_key
from wfm.io.workbook_pins import state_digest

STAFFING, LEGEND, HIDDEN = "Staffing", "Legend", "wfm"
LEGEND_LINES = (
    (
        "08:00-16:30",
        "a shift, by the clock of the site; below it, small: when its breaks begin, other work, leave",
    ),
    (OFF, "no shift on this day"),
    ("leave", "a day of leave, or leave at these times"),
    ("(empty)", "not employed on this day"),
    ("Paid h", "paid hours of the week without leave; red: outside Min h and Max h"),
    ("Leave h", "hours that leave credits"),
    (
        "Min h, Max h",
        "of the contract in this week, after leave and employment, overtime that is allowed included",
    ),
    (
        "Missing h, all",
        "hours that all queues of the centre lack on that day (only with coverage); red: some",
    ),
    (
        "How to edit",
        f"Overwrite a shift with other times, such as 09:00-17:30, or with {OFF}. Leave the rest as it is.",
    ),
    ("", f"A {KEEP} behind a shift or {OFF} pins it as it is. Breaks and leave cannot be edited here."),
    ("", "wfm schedule --pins THIS_FILE, or wfm repair --pins THIS_FILE, takes the edits as pins."),
    (
        "",
        "Totals and colours of hours are those of the plan as exported; rows may be sorted, sheets renamed.",
    ),
)


def write(request: Request) -> Exported:
    """Write the workbook: a sheet for each team and week.

    Raises UsageError for options that do not fit or without agents, DataError for a roster that is empty or
    of other agents, OutputError if the file cannot be written.
    """
    refuse_options(request, DEMAND_OPTIONS, "is not for a roster")
    if request.out.suffix != ".xlsx":
        raise UsageError(f"{request.out}: the format is a workbook", hint="name a file that ends with .xlsx")
    check_one_source(request)
    plan = read_plan(request)
    days = staffing_days(request, plan)
    grids = week_grids(plan)
    missing: Missing = {}
    if days is not None:
        every = days[days["queue"] == ""]
        missing = dict(zip(every["date"].dt.date, every["missing_h"], strict=True))
    with replacing(request.out) as part, xlsxwriter.Workbook(part, {"in_memory": True}) as book:
        book.set_properties(
            {"title": visible(plan.config.centre.name), "created": _midnight(plan.horizon.first_day)}
        )
        looks = Looks(book)
        for grid, name in zip(grids, _names(grids), strict=True):
            write_grid(book.add_worksheet(name), grid, looks, missing)
        if days is not None:
            write_staffing(book.add_worksheet(STAFFING), days, looks)
        _write_legend(book.add_worksheet(LEGEND), looks)
        _write_state(book.add_worksheet(HIDDEN), grids)
    agents = len({line.agent_id for grid in grids for line in grid.lines})
    shifts = sum(line.shifts for grid in grids for line in grid.lines)
    figures = {"agents": agents, "shifts": shifts, "sheets": len(grids), "weeks": plan.horizon.weeks}
    notes = () if days is not None else ("without --coverage or --requirements there is no staffing in it",)
    return Exported("week grids of a roster", agents, notes, figures)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _names(grids: Sequence[Grid]) -> list[str]:
    """Return the sheets' names: the team, its site if two share a name, the week if there are several."""
    sites: dict[str, set[str]] = {}
    for grid in grids:
        sites.setdefault(grid.team, set()).add(grid.site)
    weeks = {grid.dates[0] for grid in grids}
    wanted = []
    for grid in grids:
        name = grid.team if grid.team and len(sites[grid.team]) == 1 else f"{grid.team} {grid.site}".strip()
        wanted.append(f"{grid.dates[0]} {name}" if len(weeks) > 1 else name)
    return sheet_names(wanted, (STAFFING, LEGEND, HIDDEN))


def _write_legend(sheet: Worksheet, looks: Looks) -> None:
    sheet.set_landscape()
    sheet.set_paper(looks.A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_column(0, 0, 18, looks.text)
    sheet.set_column(1, 1, 110, looks.text)
    for row, (word, meaning) in enumerate(LEGEND_LINES):
        sheet.write_string(row, 0, word, looks.bold)
        sheet.write_string(row, 1, meaning, looks.text)


def _write_state(sheet: Worksheet, grids: Sequence[Grid]) -> None:
    cells = [
        (agent_key(line.agent_id), day.isoformat(), text)
        for grid in grids
        for line in grid.lines
        for day, text in zip(grid.dates, line.cells, strict=True)
    ]
    for row, texts in enumerate([(STATE, VERSION, state_digest(cells)), *cells]):
        for column, text in enumerate(texts):
            sheet.write_string(row, column, text)
    sheet.very_hidden()

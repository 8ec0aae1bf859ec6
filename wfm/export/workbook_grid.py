"""One week grid as a sheet: agents down, days across, hours beside the contract's, totals below.

The first column (agents) and the third row (dates) are hidden: by them an edited grid is read back.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from wfm.export.sheet_names import visible
from wfm.export.week_grid import Grid, Line
from wfm.export.workbook_looks import Looks, set_page
from wfm.hours import WEEKDAYS
from wfm.io.roster_cells import AGENT_COLUMN, DATES_ROW, GRID, LEAVE, OFF, agent_key

HEAD_ROW = DATES_ROW + 1
NAME, CONTRACT, FIRST_DAY = 1, 2, 3
HOURS = FIRST_DAY + 7
HOUR_HEADS = ("Paid h", "Leave h", "Min h", "Max h", "Shifts")
LINE_HEIGHT = 13.5  # points
HALF_A_MINUTE_H = 1 / 120  # less than this is no breach, but the rounding of a float
Missing = Mapping[date, float]


def write_grid(sheet: Worksheet, grid: Grid, looks: Looks, missing: Missing) -> None:
    """Write a grid into an empty sheet; `missing` has the hours that the whole centre lacks by date."""
    _write_heads(sheet, grid, looks)
    for row, line in enumerate(grid.lines, start=HEAD_ROW + 1):
        _write_line(sheet, row, line, looks)
    _write_totals(sheet, grid, looks, missing)
    _colour(sheet, len(grid.lines), looks)
    sheet.set_column(AGENT_COLUMN, AGENT_COLUMN, 8, looks.text, {"hidden": True})
    sheet.set_column(NAME, NAME, 24)
    sheet.set_column(CONTRACT, CONTRACT, 14)
    sheet.set_column(FIRST_DAY, HOURS - 1, 17)
    sheet.set_column(HOURS, HOURS + len(HOUR_HEADS) - 1, 8)
    sheet.set_row(DATES_ROW, None, None, {"hidden": True})
    sheet.freeze_panes(HEAD_ROW + 1, FIRST_DAY)
    set_page(sheet, HEAD_ROW)


def _write_heads(sheet: Worksheet, grid: Grid, looks: Looks) -> None:
    title = f"{visible(grid.team or grid.site)}: {grid.dates[0]} to {grid.dates[-1]}"
    hint = f"Times are {grid.timezone}. Overwrite a shift with HH:MM-HH:MM or {OFF}; see the sheet Legend."
    sheet.write_string(0, 0, GRID, looks.text)
    sheet.write_string(0, NAME, title, looks.title)
    sheet.write_string(1, NAME, hint, looks.hint)
    heads = ["agent_id", "Name", "Contract", *(_day_head(day) for day in grid.dates), *HOUR_HEADS]
    for column, head in enumerate(heads):
        sheet.write_string(HEAD_ROW, column, head, looks.head)
    for column, day in enumerate(grid.dates, start=FIRST_DAY):
        sheet.write_string(DATES_ROW, column, day.isoformat(), looks.text)


def _day_head(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]} {day.isoformat()[5:]}"


def _write_line(sheet: Worksheet, row: int, line: Line, looks: Looks) -> None:
    sheet.write_string(row, AGENT_COLUMN, agent_key(line.agent_id), looks.text)
    sheet.write_string(row, NAME, line.name, looks.name)
    sheet.write_string(row, CONTRACT, line.contract, looks.plain)
    for column, text in enumerate(line.cells, start=FIRST_DAY):
        first, newline, more = text.partition("\n")
        if more:
            sheet.write_rich_string(row, column, first, looks.small, newline + more, looks.day)
        elif first:
            sheet.write_string(row, column, first, looks.day)
        else:
            sheet.write_blank(row, column, None, looks.day)
    numbers = (line.paid_h, line.leave_h, line.least_h, line.most_h)
    for column, number in enumerate(numbers, start=HOURS):
        sheet.write_number(row, column, round(number, 4), looks.number)
    sheet.write_number(row, HOURS + len(numbers), line.shifts, looks.count)
    lines = max(text.count("\n") + 1 for text in line.cells)
    sheet.set_row(row, max(2, lines) * LINE_HEIGHT)


def _write_totals(sheet: Worksheet, grid: Grid, looks: Looks, missing: Missing) -> None:
    row = HEAD_ROW + 1 + len(grid.lines)
    totals = [("Shifts", grid.worked, looks.total_count), ("Paid hours", grid.paid_h, looks.total)]
    lacking = [missing.get(day, 0.0) for day in grid.dates]
    if missing:
        totals.append(("Missing h, all", lacking, looks.total))
    for place, (name, values, look) in enumerate(totals, start=row):
        sheet.write_string(place, NAME, name, looks.total_name)
        sheet.write_blank(place, CONTRACT, None, looks.total_name)
        for column, value in enumerate(values, start=FIRST_DAY):
            sheet.write_number(place, column, round(value, 4), look)
    sums = (sum(grid.paid_h), sum(line.leave_h for line in grid.lines))
    for column, number in enumerate(sums, start=HOURS):
        sheet.write_number(row + 1, column, round(number, 4), looks.total)
    sheet.write_number(row, HOURS + len(HOUR_HEADS) - 1, sum(grid.worked), looks.total_count)
    if missing:
        rule = {"type": "cell", "criteria": ">", "value": HALF_A_MINUTE_H, "format": looks.is_short}
        sheet.conditional_format(row + 2, FIRST_DAY, row + 2, HOURS - 1, rule)


def _colour(sheet: Worksheet, agents: int, looks: Looks) -> None:
    """Colour days off, leave and hours outside the contract, also as cells are edited."""
    first, last = HEAD_ROW + 1, HEAD_ROW + agents
    days = (first, FIRST_DAY, last, HOURS - 1)
    is_off = {"type": "cell", "criteria": "==", "value": f'"{OFF}"', "format": looks.is_off}
    is_leave = {"type": "text", "criteria": "begins with", "value": LEAVE, "format": looks.is_leave}
    sheet.conditional_format(*days, is_off)
    sheet.conditional_format(*days, is_leave)
    paid, least, most = (xl_rowcol_to_cell(first, HOURS + place, col_abs=True) for place in (0, 2, 3))
    outside = f"=OR({paid}<{least}-{HALF_A_MINUTE_H:.4f},{paid}>{most}+{HALF_A_MINUTE_H:.4f})"
    rule = {"type": "formula", "criteria": outside, "format": looks.is_short}
    sheet.conditional_format(first, HOURS, last, HOURS, rule)

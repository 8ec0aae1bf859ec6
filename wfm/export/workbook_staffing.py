"""The staffing of each day as a sheet: all queues together, then queue by queue."""

from __future__ import annotations

import pandas as pd
from xlsxwriter.worksheet import Worksheet

from wfm.export.sheet_names import visible
from wfm.export.staffing_days import ALL, SUMS
from wfm.export.workbook_grid import HALF_A_MINUTE_H
from wfm.export.workbook_looks import Looks, set_page

HEADS = (
    "Date",
    "Day",
    "Queue",
    "Required h",
    "To schedule h",
    "Scheduled h",
    "Net h",
    "Missing h",
    "Over h",
    "Lowest net",
)
HINT = (
    "Agent-hours by the queue's date. To schedule: with unplanned shrinkage. Net: scheduled less to schedule."
)
HEAD_ROW = 2


def write_staffing(sheet: Worksheet, days: pd.DataFrame, looks: Looks) -> None:
    """Write the rows of `staffing_days`; days and queues that lack hours are red."""
    sheet.write_string(0, 0, "Staffing by day", looks.title)
    sheet.write_string(1, 0, HINT, looks.hint)
    for column, head in enumerate(HEADS):
        sheet.write_string(HEAD_ROW, column, head, looks.head)
    for row, values in enumerate(days.to_dict("records"), start=HEAD_ROW + 1):
        whole = values["queue"] == ALL
        word, number = (looks.total_name, looks.total) if whole else (looks.plain, looks.number)
        sheet.write_string(row, 0, f"{values['date']:%Y-%m-%d}", word)
        sheet.write_string(row, 1, f"{values['date']:%a}", word)
        sheet.write_string(row, 2, "all queues" if whole else visible(str(values["queue"])), word)
        for column, name in enumerate((*SUMS, "lowest"), start=3):
            sheet.write_number(row, column, round(values[name], 4), number)
    missing, last = HEADS.index("Missing h"), HEAD_ROW + len(days)
    rule = {"type": "cell", "criteria": ">", "value": HALF_A_MINUTE_H, "format": looks.is_short}
    sheet.conditional_format(HEAD_ROW + 1, missing, last, missing, rule)
    sheet.set_column(0, 1, 11)
    sheet.set_column(2, 2, 24)
    sheet.set_column(3, len(HEADS) - 1, 12)
    sheet.freeze_panes(HEAD_ROW + 1, 3)
    set_page(sheet, HEAD_ROW)

"""How cells of our workbooks look: one place for fonts, colours and numbers, the same in every sheet."""

from __future__ import annotations

from typing import Any, ClassVar

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

QUIET = "#6B757E"
RULE = "#C9CED2"


class Looks:
    """The formats of one workbook."""

    A4: ClassVar[int] = 9  # paper size, as Excel counts them

    def __init__(self, book: Workbook) -> None:
        def look(**properties: Any) -> Format:
            return book.add_format({"font_name": "Calibri", "font_size": 10, "valign": "top", **properties})

        box = {"border": 1, "border_color": RULE}
        self.text = look(num_format="@", text_wrap=True)
        self.bold = look(num_format="@", bold=True, text_wrap=True)
        self.title = look(num_format="@", bold=True, font_size=14)
        self.hint = look(num_format="@", font_size=9, font_color=QUIET)
        self.head = look(num_format="@", bold=True, bg_color="#E4EAEF", align="center", text_wrap=True, **box)
        self.name = look(num_format="@", bold=True, **box)
        self.plain = look(num_format="@", **box)
        self.day = look(num_format="@", align="center", text_wrap=True, **box)
        self.small = book.add_format({"font_name": "Calibri", "font_size": 8, "font_color": QUIET})
        self.number = look(num_format="0.0#", align="right", **box)
        self.count = look(num_format="0", align="center", **box)
        self.total_name = look(num_format="@", bold=True, bg_color="#F1F3F5", **box)
        self.total_count = look(num_format="0", bold=True, bg_color="#F1F3F5", align="center", **box)
        self.total = look(num_format="0.0", bold=True, bg_color="#F1F3F5", align="center", **box)
        self.is_off = book.add_format({"font_color": "#7A838B", "bg_color": "#F4F5F6"})
        self.is_leave = book.add_format({"font_color": "#4A2D6B", "bg_color": "#E7DDF1"})
        self.is_short = book.add_format({"font_color": "#8A1C06", "bg_color": "#FBD9CF"})


def set_page(sheet: Worksheet, last_head_row: int) -> None:
    """Set up printing: A4 landscape, one page wide, heads on every page, sheet and page number on each."""
    sheet.set_landscape()
    sheet.set_paper(Looks.A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, last_head_row)
    sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
    sheet.set_header("&L&A")
    sheet.set_footer("&L&F&RPage &P of &N")

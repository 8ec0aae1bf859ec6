"""What a cell of an exported week grid says, and what an edited one asks for: the words of both sides.

The first line of a cell is the shift by the wall clock of the site (`08:00-16:30`), `off`, or leave; the
lines below it (breaks, other activities) are for people. Agents and dates that the grid is about stand in
hidden cells, so that rows may be sorted and sheets renamed.
"""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import quote, unquote

from wfm.hours import DAY_MIN, clock

GRID = "wfm week grid"  # in A1 of every sheet with a grid
STATE = "wfm exported plan"  # in A1 of the hidden sheet that holds what was exported
VERSION = "1"
DATES_ROW = 2  # rows and columns count from 0; the row of dates and the column of agents are hidden
AGENT_COLUMN = 0

OFF = "off"
LEAVE = "leave"
KEEP = "!"  # behind a shift: pinned although it is as it was
Wanted = tuple[str, str]  # shift_start and shift_end of a pin

_OFF_WORDS = ("", OFF, "-", "\u2013", "\u2014")
_CLOCK = r"(\d{1,2})(?:[:.]?(\d{2}))?"
_SPAN = re.compile(rf"{_CLOCK}\s*[-\u2013\u2014]\s*{_CLOCK}")
WAY_OUT = f"write HH:MM-HH:MM or {OFF}, or put back what stood there"


class UnreadableCell(ValueError):
    """An edited cell of which no pin can be made; the text says why, `remedy` what to do."""

    def __init__(self, problem: str, remedy: str = WAY_OUT) -> None:
        super().__init__(problem)
        self.remedy = remedy


def shift_text(start: datetime, end: datetime) -> str:
    """Return clock times as the first line of a cell."""
    return f"{start:%H:%M}-{end:%H:%M}"


def agent_key(agent_id: str) -> str:
    """Return an agent's id in signs that no spreadsheet changes: ASCII, nothing to run, no underscore.

    Workbooks write control characters as `_x0007_`, so that an underscore of the id must not stand either.
    """
    return "id:" + quote(agent_id, safe="").replace("_", "%5F")


def agent_of(key: str) -> str:
    """Return the id of a key."""
    return unquote(key.removeprefix("id:"))


def wanted(exported: str, found: object) -> Wanted | None:
    """Return the pin that an edited cell asks for; None if it says what was exported.

    Raises UnreadableCell if it cannot be read, if it is about breaks alone, or if it grants leave.
    """
    if not isinstance(found, str):
        raise UnreadableCell("no text: the spreadsheet made a number or a date of it")
    before, now = _lines(exported), _lines(found)
    if now == before:
        return None
    first = now[0] if now else ""
    meant = _meaning(first.removesuffix(KEEP).rstrip())
    if meant == (LEAVE, ""):
        raise UnreadableCell("leave is granted in the time off (--time-off), not by a pin")
    if meant != _meaning(before[0] if before else "") or first.endswith(KEEP):
        return meant
    if now[1:] and now[1:] != before[1:]:
        raise UnreadableCell(
            "the shift is as it was, and breaks cannot be pinned", "put the lines back, or change the shift"
        )
    return None


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _meaning(line: str) -> Wanted:
    word = line.lower()
    if word in _OFF_WORDS:
        return OFF, ""
    if word.startswith(LEAVE):
        return LEAVE, ""
    span = _SPAN.fullmatch(word)
    if span is None:
        raise UnreadableCell("cannot be read")
    start, end = _minute(span[1], span[2]), _minute(span[3], span[4])
    if start == DAY_MIN:
        raise UnreadableCell("24:00 is no start")
    return clock(start), clock(end)


def _minute(hours: str, minutes: str | None) -> int:
    minute = int(hours) * 60 + int(minutes or 0)
    if int(minutes or 0) > 59 or minute > DAY_MIN:
        raise UnreadableCell("there is no such time of day")
    return minute

"""Numbers, hours, shares and local times in the words of the page: English, units beside every number.

Ratios come in as fractions and go out as percent; times are printed in the zone that the caller names. What
is missing (NaN, None, NaT) is printed as a dash.
"""

from __future__ import annotations

import math
import unicodedata
from datetime import date

import pandas as pd

from wfm.hours import WEEKDAYS
from wfm.localtime import zone

NBSP = "\u00a0"
MINUS = "\u2212"
EN_DASH = "\u2013"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
REPLACEMENT = "\ufffd"
TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)], REPLACEMENT)  # writing directions
INVISIBLE = frozenset({"Cc", "Cs", "Co", "Cn"})  # control, surrogate, private and unassigned characters
LONGEST_NAME = 160
LONGEST_TEXT = 600


def number(value: float | None, digits: int = 0) -> str:
    """Return a number with thousands separators; a rounded zero has no sign."""
    if value is None or not math.isfinite(value):
        return EN_DASH
    rounded = round(value, digits) + 0.0
    return f"{rounded:,.{digits}f}".replace("-", MINUS)


def signed(value: float, digits: int = 0) -> str:
    """Return a number with its sign, except for zero."""
    text = number(value, digits)
    return f"+{text}" if round(value, digits) > 0 else text


def hours(value: float | None) -> str:
    """Return hours with a tenth, whole from 1,000 h on."""
    if value is None or not math.isfinite(value):
        return EN_DASH
    return f"{number(value, 0 if abs(value) >= 1000 else 1)}{NBSP}h"


def percent(share: float | None, digits: int = 1) -> str:
    """Return a fraction as percent."""
    if share is None or not math.isfinite(share):
        return EN_DASH
    return f"{number(share * 100, digits)}{NBSP}%"


def percent_at_most(share: float) -> str:
    """Return a fraction as percent, rounded up to a tenth, so that `at most` stays true."""
    return percent(_tenths_up(share * 100) / 100)


def hours_at_most(value: float) -> str:
    """Return hours, rounded up to a tenth (whole from 1,000 h on), so that `at most` stays true."""
    return hours(math.ceil(round(value, 6)) if value >= 1000 else _tenths_up(value))


def _tenths_up(value: float) -> float:
    return math.ceil(round(value * 10, 6)) / 10


def seconds(value: float | None) -> str:
    """Return a duration up to two minutes in seconds, a longer one as minutes and seconds."""
    if value is None or not math.isfinite(value):
        return EN_DASH
    whole = round(value)
    if whole < 120:
        return f"{whole}{NBSP}s"
    minutes, rest = divmod(whole, 60)
    return f"{number(minutes)}{NBSP}min" + (f" {rest}{NBSP}s" if rest else "")


def day(when: date, *, year: bool = False) -> str:
    """Return a date as `Mon 2 Mar`."""
    text = f"{WEEKDAYS[when.weekday()]} {when.day}{NBSP}{MONTHS[when.month - 1]}"
    return f"{text} {when.year}" if year else text


def short_day(when: date) -> str:
    """Return a date as `2 Mar`."""
    return f"{when.day}{NBSP}{MONTHS[when.month - 1]}"


def day_span(first: date, last: date) -> str:
    """Return two dates as a span with the year."""
    if first == last:
        return day(first, year=True)
    return f"{day(first, year=first.year != last.year)} {EN_DASH} {day(last, year=True)}"


def clock_time(instant: pd.Timestamp, timezone: str) -> str:
    """Return the wall clock of `timezone` as HH:MM."""
    return f"{instant.tz_convert(zone(timezone)):%H:%M}"


def moment(instant: pd.Timestamp, timezone: str) -> str:
    """Return date and wall clock of `timezone`, without its name."""
    return f"{day(instant.tz_convert(zone(timezone)).date())}, {clock_time(instant, timezone)}"


def printable(text: object, longest: int = LONGEST_NAME) -> str:
    """Return a text from a table as one visible line, cut if very long; unprintable becomes a replacement."""
    whole = str(text)
    cut = whole if len(whole) <= longest else f"{whole[:longest]}\u2026"
    shown = (REPLACEMENT if unicodedata.category(char) in INVISIBLE else char for char in cut)
    return "".join(shown) or EN_DASH


def unturned(text: object, longest: int = LONGEST_NAME) -> str:
    """Return the same for a picture, where nothing isolates a text: no sign turns the words beside it."""
    return printable(text, longest).translate(TURNING)


def in_sentence(name: object) -> str:
    """Return a name for the middle of a sentence: its writing direction ends where it ends."""
    return f"\u2068{printable(name)}\u2069"


def counted(count: int, noun: str) -> str:
    """Return `1 shift`, `2 shifts`."""
    return f"{number(count)}{NBSP}{noun}{'' if count == 1 else 's'}"

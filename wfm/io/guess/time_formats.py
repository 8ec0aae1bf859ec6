"""How a file writes its times: strptime formats that read every sampled text, or an epoch, or ISO 8601.

`03/04/2026` is 3 April or March 4. Where both orders read every text, the order under which the file covers
the shorter time is put first, because an export is of days that follow each other; it stays a question.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from wfm.io.source import EXCEL

_DATES = (
    *(
        "%Y-%m-%d",
        "%d.%m.%Y",
        "%d/%m/%Y",
        "%m/%d/%Y",
        "%d-%m-%Y",
        "%m-%d-%Y",
        "%Y/%m/%d",
        "%Y.%m.%d",
        "%Y%m%d",
    ),
    *("%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%d-%m-%y", "%d %b %Y", "%d-%b-%Y", "%b %d, %Y", "%a, %d %b %Y"),
)
_CLOCKS = ("%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p", "%H.%M", "%H%M", "%H:%M:%S.%f")
CLOCK_FORMATS = _CLOCKS
_ISO = re.compile(
    r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?( ?(Z|[+-]\d{2}(:?\d{2})?))?)?", re.IGNORECASE
)
_NUMBER = re.compile(r"\d+(\.\d+)?")
_EPOCHS = (("epoch_s", 1e9, 2.5e9), ("epoch_ms", 1e12, 2.5e12), (EXCEL, 30_000, 80_000))
_OFFSET = re.compile(r"[T ]\d{1,2}:\d{2}.*?([+-])(\d{2}):?(\d{2})?$")


def time_formats(texts: Sequence[str]) -> list[str]:
    """Return the time formats of a mapping that read all `texts`, the likeliest first; "" is ISO 8601.

    Two formats mean that the order of day and month cannot be seen. Nothing for texts that are no times.
    """
    if not texts:
        return []
    if all(_ISO.fullmatch(text) for text in texts):
        return [""]
    if all(_NUMBER.fullmatch(text) for text in texts):
        numbers = [float(text) for text in texts]
        epochs = [name for name, low, high in _EPOCHS if all(low <= number < high for number in numbers)]
        if epochs:
            return epochs
    found = [pattern for pattern in _patterns(texts) if _covers(texts, pattern) is not None]
    found.sort(key=lambda pattern: _covers(texts, pattern) or timedelta())
    return [pattern for pattern in found if _digits(pattern) == _digits(found[0])][:2]


def is_clock(texts: Sequence[str]) -> bool:
    """Return whether all `texts` are times of day."""
    return bool(texts) and any(_read(texts, pattern) for pattern in _CLOCKS)


def offset_of(text: str) -> int | None:
    """Return the offset from UTC of an ISO stamp in minutes, None if it has none."""
    if text[-1:] in ("Z", "z"):
        return 0
    found = _OFFSET.search(text)
    if found is None:
        return None
    minutes = int(found[2]) * 60 + int(found[3] or 0)
    return -minutes if found[1] == "-" else minutes


def _patterns(texts: Sequence[str]) -> list[str]:
    separators = [mark for mark in (" ", "T", ", ") if all(mark in text for text in texts)]
    both = [date + mark + clock for date, clock, mark in itertools.product(_DATES, _CLOCKS, separators)]
    return [*_DATES, *both]


def _covers(texts: Sequence[str], pattern: str) -> timedelta | None:
    """Return the time from the first to the last of `texts`, None if one is not of this pattern."""
    stamps = _read(texts, pattern)
    return max(stamps) - min(stamps) if stamps else None


def _read(texts: Sequence[str], pattern: str) -> list[datetime]:
    try:
        return [datetime.strptime(text, pattern) for text in texts]
    except ValueError:
        return []


def _digits(pattern: str) -> str:
    """Return a pattern without the order of day and month."""
    return pattern.replace("%m", "%d")

"""Names of sheets as Excel takes them: at most 31 characters, none of []:*?/\\, no two alike but for case."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

LONGEST = 31  # UTF-16 units
FORBIDDEN = frozenset("[]:*?/\\")
RESERVED = frozenset({"history"})  # Excel's own
INVISIBLE = frozenset({"Cc", "Cs", "Co", "Cn"})  # control, surrogate, private and unassigned characters
TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # the direction of what follows


def sheet_names(wanted: Iterable[str], taken: Iterable[str] = ()) -> list[str]:
    """Return a name for each wanted one, in order: signs that Excel refuses become `_`, doubles a number."""
    used = {name.casefold() for name in taken} | RESERVED
    names = []
    for text in wanted:
        plain = _allowed(text) or "Team"
        name, number = _cut(plain, LONGEST), 1
        while name.casefold() in used:
            number += 1
            mark = f" ({number})"
            name = _cut(plain, LONGEST - len(mark)) + mark
        used.add(name.casefold())
        names.append(name)
    return names


def visible(text: str, longest: int = 160) -> str:
    """Return a text on one line: what cannot be seen becomes a replacement sign, what is very long is cut."""
    whole = "".join(map(_seen, text[: longest + 1]))
    return whole if len(whole) <= longest else whole[: longest - 1] + "\u2026"


def _seen(char: str) -> str:
    kind = unicodedata.category(char)
    if kind[0] == "Z":
        return " "
    return "\ufffd" if kind in INVISIBLE or char in TURNING else char


def _allowed(text: str) -> str:
    kept = "".join("_" if char in FORBIDDEN else char for char in visible(text))
    return kept.strip().strip("'").strip()


def _cut(text: str, units: int) -> str:
    """Return as much of a text as fits; a sign outside the basic plane takes two units."""
    while len(text.encode("utf-16-le")) // 2 > units:
        text = text[:-1]
    return text.rstrip(" '")

"""A mapping proposed for a file that no preset fits: columns by their headers, marks and units by the cells.

What cannot be found stands in the text as a comment, so that it can be saved and completed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wfm.errors import one_line
from wfm.io.guess.headers import assigned, is_mean
from wfm.io.guess.time_formats import CLOCK_FORMATS, is_clock, time_formats
from wfm.io.guess.toml_text import source_text, toml_value
from wfm.io.quarantine import showable
from wfm.io.source import EPOCHS, EXCEL
from wfm.tables import CONTACTS, HISTORY, Table

Texts = Callable[[Sequence[str]], list[str]]  # different texts under headers, those of a row joined
_CLOCK = re.compile(r"(\d+:)?\d+:[0-5]\d([.,]\d+)?")
_COMMA = re.compile(r"\d+,\d+")
_DOTTED = re.compile(r"\d{1,3}(\.\d{3})+(,\d+)?")
_MISSING = ("-", "--", "n/a", "N/A", "NULL", "null", "(null)", "None")
_DURATIONS = ("aht_s", "talk_s", "hold_s", "acw_s", "wait_s")
_COUNTS = ("offered", "handled", "abandoned", "flow_out")
MOST_OUTCOMES = 12
_OUTCOMES = {
    "handled": (
        *("handled", "answered", "completed", "connected", "success", "ok", "angenommen", "beantwortet"),
        *("traite", "repondu", "atendida", "contestada", "gestita", "risposta"),
    ),
    "short_abandon": ("short abandon", "short_abandon"),
    "abandoned": (
        *("abandon", "abandoned", "no answer", "missed", "lost", "aufgelegt", "verloren", "abgebrochen"),
        *("abandonne", "perdu", "abandonada", "perdida", "abbandonata", "persa"),
    ),
    "flow_out": ("flow_out", "overflow", "transferred", "voicemail", "uberlauf", "weitergeleitet"),
}


@dataclass(frozen=True)
class Proposal:
    """The text of a mapping, whether nothing needed is missing in it, and the time formats that fit."""

    text: str
    is_complete: bool
    formats: tuple[str, ...]


def proposed(headers: Sequence[str], texts: Texts) -> Proposal:
    """Return a mapping for a file with these headers; `texts` gives what stands under some of them."""
    named = assigned(headers, (*_COUNTS, "contact_id"))
    table = HISTORY if "offered" in named or "contact_id" not in named else CONTACTS
    time = "interval_start" if table is HISTORY else "arrived_at"
    when, formats = _when(headers, texts, time)
    rest = [header for header in headers if header not in when]
    own = [column.name for column in table.columns if column.kind != "time" and column.name != "channel"]
    own += [] if table is HISTORY else ["answered_at", "ended_at"]
    own = [name for name in own if name in _known_names()]
    means = [header for header in rest if is_mean(header)] if table is HISTORY else []
    columns: dict[str, Any] = dict(assigned([header for header in rest if header not in means], own))
    columns |= {name: header for name, header in assigned(means, ["aht_s"]).items() if name not in columns}
    for name in ("answered_at", "ended_at"):
        if name in columns and time_formats(texts([columns[name]])) != list(formats):
            del columns[name]
    if when:
        columns[time] = when[0] if len(when) == 1 else list(when)
    ordered = {column.name: columns[column.name] for column in table.columns if column.name in columns}
    keys: dict[str, Any] = {"grain": "interval" if table is HISTORY else "contact"}
    if formats and formats[0]:
        keys["time_format"] = formats[0]
    keys |= _marks(ordered, texts)
    keys["columns"] = ordered
    keys |= _outcomes(ordered, texts) if table is CONTACTS else {}
    gaps = _gaps(table, keys, headers) | _open_outcomes(keys, texts)
    return Proposal(source_text(keys, gaps), not gaps, tuple(formats))


def _known_names() -> set[str]:
    return {"queue", "contact_id", "outcome", "agent_id", *_COUNTS, *_DURATIONS, "answered_at", "ended_at"}


def _when(headers: Sequence[str], texts: Texts, time: str) -> tuple[tuple[str, ...], list[str]]:
    """Return the headers of the time, one or a date and a clock, and the formats that read them."""
    stamps = [header for header in headers if _has_clock(time_formats(texts([header])))]
    written = [header for header in stamps if not set(time_formats(texts([header]))) & {*EPOCHS, EXCEL}]
    best = assigned(stamps, [time]).get(time) or (
        written[0] if written else ""
    )  # an id may look like an epoch
    if best:
        return (best,), time_formats(texts([best]))
    dates = [header for header in headers if time_formats(texts([header])) and header not in stamps]
    clocks = [header for header in headers if header not in dates and is_clock(texts([header]))]
    date = assigned(dates, ["date"]).get("date") or (dates[0] if dates else "")
    clock = assigned(clocks, ["clock"]).get("clock")
    if not date or not clock:
        return (), []
    return (date, clock), time_formats(texts([date, clock]))


def _has_clock(formats: Sequence[str]) -> bool:
    """Return whether formats have a time of day; ISO 8601 and epochs are taken to have one."""
    return bool(formats) and ("%" not in formats[0] or any(clock in formats[0] for clock in CLOCK_FORMATS))


def _marks(columns: Mapping[str, Any], texts: Texts) -> dict[str, Any]:
    """Return decimal and thousands mark, texts for no value and the unit of durations, where not usual."""
    numbers = {name: texts([columns[name]]) for name in (*_COUNTS, *_DURATIONS) if name in columns}
    every = [text for found in numbers.values() for text in found]
    counts = [text for name in _COUNTS for text in numbers.get(name, ())]
    times = [text for name in _DURATIONS for text in numbers.get(name, ())]
    keys: dict[str, Any] = {}
    if any(map(_DOTTED.fullmatch, counts)) or (any(map(_COMMA.fullmatch, times)) and not _has_commas(counts)):
        keys["decimal"] = ","
        keys |= {"thousands": "."} if any(map(_DOTTED.fullmatch, every)) else {}
    elif _has_commas(counts):
        keys["thousands"] = ","
    if missing := [word for word in _MISSING if word in every]:
        keys["missing"] = missing
    clocks = [name for name in _DURATIONS if name in numbers and any(map(_CLOCK.fullmatch, numbers[name]))]
    timed = [name for name in _DURATIONS if name in numbers]
    if clocks:
        keys["duration"] = "h:mm:ss" if clocks == timed else dict.fromkeys(clocks, "h:mm:ss")
    return keys


def _has_commas(counts: Sequence[str]) -> bool:
    """Return whether counts, which are whole, have commas between their thousands."""
    return any(re.fullmatch(r"\d{1,3}(,\d{3})+", text) for text in counts)


def _outcomes(columns: Mapping[str, Any], texts: Texts) -> dict[str, Any]:
    """Return the values of `outcome`, or how it is derived where no header says it."""
    if "outcome" not in columns:
        answered = columns.get("answered_at") or columns.get("agent_id")
        return {"derive": {"outcome": {"handled_if": answered}}} if answered else {}
    found = texts([columns["outcome"]])
    words = {
        text: meaning
        for text in sorted(found)
        for meaning, known in _OUTCOMES.items()
        if text.casefold().rstrip("s") in {word.rstrip("s") for word in known}
    }
    return {"values": {"outcome": words}} if len(found) <= MOST_OUTCOMES else {}


def _gaps(table: Table, keys: Mapping[str, Any], headers: Sequence[str]) -> dict[str, list[str]]:
    """Return comments for what is needed and was not found, by the table of the mapping they stand in."""
    given = {name for part in ("columns", "derive") for name in keys.get(part, {})}
    lines = [
        f'{column.name} = "..."     # TO DO: which header is it? {column.description}'
        for column in table.columns
        if not column.optional and column.name not in given
    ]
    if not lines:
        return {}
    shown = ", ".join(_comment(header) for header in headers if header)
    return {"columns": [*lines, f"headers of the file: {shown}"]}


def _open_outcomes(keys: Mapping[str, Any], texts: Texts) -> dict[str, list[str]]:
    """Return comments for the texts of `outcome` whose meaning is not known."""
    header = keys["columns"].get("outcome")
    known = {*keys.get("values", {}).get("outcome", {}), *(CONTACTS.column("outcome").choices or ())}
    found = [text for text in sorted(texts([header])) if text not in known] if header else []
    lines = [
        f'{_comment(text)} = "..."     # TO DO: handled, abandoned or flow_out'
        for text in found[:MOST_OUTCOMES]
    ]
    return {"values.outcome": lines} if lines else {}


def _comment(text: str) -> str:
    """Return a text from the file as it may stand in a comment: one line, no number of a caller."""
    return toml_value(one_line(showable("", text) or ""))

"""Damaged exports, and a simple reader of CSV that shares no code with import.

Damage is drawn from a seeded generator, so that a failing try is found again by its number.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from wfm.io.source import Source

INSERTED = (
    *(
        b'"',
        b'""',
        b"'",
        b"\x00",
        b"\n",
        b"\r\n",
        b"\r",
        b"\t",
        b",",
        b";",
        b"|",
        b"\\",
        b"\xff",
        b"\xef\xbb\xbf",
    ),
    *(
        b"1e999",
        b"9" * 40,
        b"-1",
        b"1_0",
        b"nan",
        b"inf",
        b"\xc3\xa9",
        b"\xe2\x80\xa8",
        b"\x1a",
        b" ",
        b"\x0c",
    ),
    *(b"{", b"}", b"[", b"]", b":", b"null", b"\\u0000", b"\\ud800", b"\n\n", b"''; DROP TABLE rows0; --"),
)
ENCODINGS = ("utf-8", "cp1252", "latin-1")


def damaged(content: bytes, rng: random.Random) -> bytes:
    """Return bytes with one to four kinds of damage."""
    for _ in range(rng.choice((1, 1, 1, 2, 3, 4))):
        content = rng.choice(DAMAGES)(content, rng)
    return content


def _span(content: bytes, rng: random.Random) -> tuple[int, int]:
    start = rng.randrange(len(content) + 1)
    return start, min(len(content), start + rng.choice((1, 1, 2, 5, 20, 80, 500)))


def _flip(content: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 8))):
        if changed:
            changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _digit(content: bytes, rng: random.Random) -> bytes:
    places = [place for place, byte in enumerate(content) if chr(byte).isdigit()]
    if not places:
        return content
    place = rng.choice(places)
    return content[:place] + str(rng.randrange(10)).encode() + content[place + 1 :]


def _delete(content: bytes, rng: random.Random) -> bytes:
    start, end = _span(content, rng)
    return content[:start] + content[end:]


def _double(content: bytes, rng: random.Random) -> bytes:
    start, end = _span(content, rng)
    return content[:end] + content[start:end] + content[end:]


def _cut(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(len(content) + 1)]


def _insert(content: bytes, rng: random.Random) -> bytes:
    place = rng.randrange(len(content) + 1)
    return content[:place] + rng.choice(INSERTED) + content[place:]


def _splice(content: bytes, rng: random.Random) -> bytes:
    start, end = _span(content, rng)
    place = rng.randrange(len(content) + 1)
    return content[:place] + content[start:end] + content[place:]


def _lines(content: bytes, rng: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    if len(lines) < 2:
        return content
    first, second = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[first], lines[second] = lines[second], rng.choice((lines[first], lines[second], b""))
    return b"".join(lines)


DAMAGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    *(_flip, _digit, _delete, _double, _cut, _insert, _insert, _splice, _lines),
)


@dataclass(frozen=True)
class Simple:
    """What the simple reader finds in a CSV file: its records, those that count, and what they add up to.

    `keys` are the different contacts or intervals among those that count, `offered` is their sum.
    """

    records: int
    counted: int
    keys: int
    offered: float


def simple_reading(content: bytes, source: Source, delimiter: str) -> Simple:
    """Read a good CSV file with Python's csv module; ValueError or LookupError where it is not good."""
    rows = list(_records(_decoded(content), source, delimiter))
    counted = [row for row in rows if not any(_holds(rule.when, rule.unless, row) for rule in source.exclude)]
    latest: dict[tuple[str, ...], float] = {}
    for row in counted:
        key = ("contact_id",) if source.grain == "contact" else ("queue", "interval_start")
        texts = tuple(_normal(row[header]) for name in key for header in source.headers_of(name))
        texts += tuple(row[header] for header in source.parts)  # rows of one interval, which are summed
        latest[texts] = 1 if source.grain == "contact" else float(row[source.headers_of("offered")[0]])
    return Simple(len(rows), len(counted), len(latest), sum(latest.values()))


def _decoded(content: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError:
            continue
    raise ValueError


def _records(text: str, source: Source, delimiter: str) -> Iterator[Mapping[str, str]]:
    csv.field_size_limit(1 << 30)
    lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    header = [name.strip() for name in lines[0]]
    spelt = {"".join(name.casefold().split()): name for name in header}
    own = {
        name: name if name in header else spelt.get("".join(name.casefold().split()), "")
        for name in source.headers
    }
    for line in lines[1:]:
        if line:
            cells = dict(zip(header, (cell.strip(" ") for cell in line), strict=False))
            yield {name: cells.get(found, "") for name, found in own.items()}


def _holds(
    when: Mapping[str, str | tuple[str, ...]],
    unless: Mapping[str, str | tuple[str, ...]],
    row: Mapping[str, str],
) -> bool:
    def every(wanted: Mapping[str, str | tuple[str, ...]]) -> bool:
        return all(
            row[name] in ((texts,) if isinstance(texts, str) else texts) for name, texts in wanted.items()
        )

    return every(when) and not (unless and every(unless))


def _normal(text: str) -> str:
    """Return an ISO stamp with offset as its instant, so that it is the same key however it is written."""
    try:
        moment = datetime.fromisoformat(text.upper().replace(" +", "+").replace(" -", "-"))
    except ValueError:
        return text
    return (moment.astimezone(UTC) if moment.tzinfo else moment).isoformat()

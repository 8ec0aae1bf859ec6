"""A folder of published calendars: what it holds of earlier plans, and the key that hides who is who.

`published.json` has every event as published, and the salt of a folder without WFM_ID_KEY; `index.csv` says
which file is whose. Both are for their owner alone: whoever has them can find everybody's shifts. The name of
a calendar is a keyed hash of the agent's id (HMAC-SHA256), so that nobody guesses it from the id.

One export at a time writes into a folder: two would go on from the same plan, a new folder under two salts.
"""

from __future__ import annotations

import csv
import io
import json
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import date, datetime
from pathlib import Path
from typing import Any

from wfm.errors import DataError, Fault, OutputError, UsageError
from wfm.export.calendar_events import Event
from wfm.export.queue_names import FORMULA_SIGNS
from wfm.io.atomic import replacing
from wfm.io.lock import locked
from wfm.io.store.keys import VARIABLE, hashed, id_key

STATE, INDEX, LOCK = "published.json", "index.csv", ".lock"
VERSION = 1
FORMULAS = frozenset(FORMULA_SIGNS) | {"\t", "\r"}
MARK = "wfm calendars"  # what the fingerprint of a key is made of


@dataclass(frozen=True)
class Folder:
    """The folder, the key of its names, its salt if it has one, and what was published, by uid."""

    path: Path
    key: bytes
    salt: str
    events: Mapping[str, Event]

    def uid(self, agent_id: str, day: date) -> str:
        """Return the uid of an agent's shift on a date: the same in every plan."""
        return hashed(self.key, f"shift\0{agent_id}\0{day.isoformat()}") + "@wfm"

    def file_of(self, agent_id: str) -> str:
        """Return the name of an agent's calendar."""
        return hashed(self.key, f"calendar\0{agent_id}") + ".ics"


@contextmanager
def held_folder(path: Path) -> Iterator[Folder]:
    """Yield the folder for an export, made if need be; another export of it meanwhile ends with LockError.

    Raises what `open_folder` raises, with nothing made, and OutputError if the folder cannot be made.
    """
    if not (path / LOCK).exists():  # else it is ours, and another export may be half-way through it
        open_folder(path)
    try:
        path.mkdir(exist_ok=True)
    except OSError as error:
        hint = f"create the folder {path.parent} first"
        raise OutputError(f"{path} cannot be made: {error.strerror}", hint=hint) from error
    with locked(path / LOCK):
        yield open_folder(path)  # as the export before left it


def open_folder(path: Path) -> Folder:
    """Return the folder as it is, or as it will be.

    Raises UsageError if it holds something else or was made under another key, DataError if what was
    published cannot be read, OutputError if it is no folder.
    """
    if path.exists() and not path.is_dir():
        raise OutputError(f"{path} cannot be written: it is a file", hint="name a folder with -o")
    state = path / STATE
    if not state.exists():
        if path.is_dir() and any(one.name != LOCK for one in path.iterdir()):
            raise UsageError(
                f"{path} holds something else", hint="name a folder of its own for the calendars"
            )
        salt = "" if os.environ.get(VARIABLE) else secrets.token_hex(32)
        return Folder(path, salt.encode() or id_key(), salt, {})
    try:
        known = json.loads(state.read_text(encoding="utf-8"))
        events = {str(uid): _event(one) for uid, one in known["events"].items()}
        salt, fingerprint = str(known["salt"]), str(known["fingerprint"])
        usable = known["version"] == VERSION
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(state) from error
    if not usable:
        raise _damaged(state)
    key = salt.encode() if salt and not os.environ.get(VARIABLE) else id_key()
    if hashed(key, MARK) != fingerprint:
        begun = f"without {VARIABLE}" if salt else f"under another {VARIABLE}"
        raise UsageError(
            f"the calendars in {path} were begun {begun}: their addresses would change",
            hint="set the variable as it was then, or export into another folder",
        )
    return Folder(path, key, salt, events)


def _damaged(state: Path) -> DataError:
    remedy = "restore it, or export into another folder (calendars get new addresses)"
    return DataError([Fault("what was published cannot be read", remedy, str(state))])


def write_state(folder: Folder, events: Mapping[str, Event]) -> None:
    """Write what is published now."""
    known = {
        "version": VERSION,
        "salt": folder.salt,
        "fingerprint": hashed(folder.key, MARK),
        "events": {uid: _record(event) for uid, event in sorted(events.items())},
    }
    content = json.dumps(known, indent=0, ensure_ascii=False).encode()
    write_if_new(folder.path / STATE, content, private=True)


def write_index(folder: Folder, rows: Iterable[tuple[str, str, str]]) -> None:
    """Write whose file is which: agent_id, name, file; a text that looks like a formula gets a `'`."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["agent_id", "name", "file"])
    for row in rows:
        table.writerow(["'" + cell if cell[:1] in FORMULAS else cell for cell in row])
    write_if_new(folder.path / INDEX, text.getvalue().encode(), private=True)


def write_if_new(path: Path, content: bytes, *, private: bool = False) -> bool:
    """Write a file unless it holds this already; return whether it was written."""
    if path.exists() and path.read_bytes() == content:
        return False
    with replacing(path, private=private) as part:
        part.write_bytes(content)
    return True


def _record(event: Event) -> dict[str, Any]:
    values = {field.name: getattr(event, field.name) for field in fields(event)}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def _event(record: Mapping[str, Any]) -> Event:
    moments = {name: datetime.fromisoformat(record[name]) for name in ("start", "end", "stamp")}
    return Event(**{**record, **moments, "day": date.fromisoformat(record["day"])})

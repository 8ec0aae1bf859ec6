"""The log of a night: one JSON object a line, on disk at once, and said aloud from a level on."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from wfm.config import LogLevel

LEVELS: tuple[LogLevel, ...] = ("debug", "info", "warning", "error")
LOGS = "logs"


class Journal:
    """Collects messages with their time and level; each is in the file before it is said.

    A disk that takes no more does not end the night: what could not be written is still said and collected.
    """

    def __init__(
        self, say: Callable[[str], None], level: LogLevel = "info", folder: Path | None = None
    ) -> None:
        self._say = say
        self._level = LEVELS.index(level)
        self._lines: list[str] = []
        self._file = None if folder is None else _new_log(folder)
        self._path = None if self._file is None else Path(self._file.name)

    def write(self, level: LogLevel, message: str) -> None:
        """Keep a message, and say it if its level is high enough."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"time": now, "level": level, "message": message}, ensure_ascii=False) + "\n"
        self._lines.append(line)
        if self._file is not None:
            try:
                self._file.write(line)
                self._file.flush()
            except OSError as error:
                self._file = None
                self.write("warning", f"the log cannot be written: {error.strerror}")
        if LEVELS.index(level) >= self._level:
            self._say(message)

    def stage(self, message: str) -> None:
        """Keep what a stage says: a warning is told by its first word."""
        self.write("warning" if message.startswith("warning: ") else "info", message)

    def text(self) -> str:
        """Return the whole log."""
        return "".join(self._lines)

    def close(self, keep: int) -> None:
        """Close the file, and remove the oldest logs beyond `keep`, by name; never this night's own.

        Its name may be the oldest: the clock may have been set back.
        """
        if self._file is not None:
            self._file.close()
            self._file = None
        if self._path is None:
            return
        others = sorted(path for path in self._path.parent.glob("*.jsonl") if path != self._path)
        for log in others[: max(0, len(others) + 1 - keep)]:
            log.unlink(missing_ok=True)


def _new_log(folder: Path) -> TextIO | None:
    """Open a log that no other night has; None where none can be made."""
    stem = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    try:
        (folder / LOGS).mkdir(exist_ok=True)
        same = [path.stem.rpartition("-")[2] for path in (folder / LOGS).glob(f"{stem}-*.jsonl")]
        last = max((int(number) for number in same if number.isdecimal()), default=0)
        return (folder / LOGS / f"{stem}-{last + 1:03d}.jsonl").open("a", encoding="utf-8")
    except OSError:
        return None

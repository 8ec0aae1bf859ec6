"""The log of a night: one JSON object a line, each also said aloud."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime


class Journal:
    """Collects messages with their time and level."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._lines: list[str] = []

    def write(self, level: str, message: str) -> None:
        """Keep a message, and say it."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._lines.append(json.dumps({"time": now, "level": level, "message": message}, ensure_ascii=False))
        self._say(message)

    def text(self) -> str:
        """Return the whole log."""
        return "".join(line + "\n" for line in self._lines)

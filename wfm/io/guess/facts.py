"""What a configuration needs to know of a whole file: queues, their channels, the offset of its stamps."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from wfm.errors import DataError, Fault
from wfm.io.guess.headers import channel_header
from wfm.io.guess.reading import companions, queues_of, texts_of
from wfm.io.guess.time_formats import offset_of
from wfm.io.opening import opened
from wfm.io.scan import Scan
from wfm.io.source import Source, as_tuple

MOST_QUEUES = 1000  # beyond it the column that was taken for the queue is another one


@dataclass(frozen=True)
class Facts:
    """Queues of a file with the channel of each, voice where the file does not say it.

    `offsets` are the offsets from UTC of its stamps in minutes, as far as they have any.
    """

    channels: Mapping[str, str]
    offsets: frozenset[int]


def facts_of(path: Path, known: Mapping[str, Source]) -> Facts:
    """Return the facts of the file at `path`, read with the `known` sources; the whole file is read.

    DataError when it has no queue or too many to be believed, ConfigError if no source fits.
    """
    with tempfile.TemporaryDirectory(prefix="wfm-init-") as name, duckdb.connect(":memory:") as connection:
        connection.execute("SET TimeZone = 'UTC'")
        ((source, found),) = opened(connection, [path], known, Path(name)).parts
        queues = queues_of(connection, source, found)
        if not 0 < len(queues) <= MOST_QUEUES:
            problem = f"{len(queues)} different queues are in it, believed are 1 to {MOST_QUEUES}"
            raise DataError([Fault(problem, "which column is the queue? write a mapping", str(path))])
        channels = _channels(connection, source, found)
        time = "interval_start" if source.grain == "interval" else "arrived_at"
        offsets = {offset_of(text) for text in texts_of(connection, found, source.headers_of(time))}
    return Facts(
        {queue: channels.get(queue, "voice") for queue in queues},
        frozenset(offset for offset in offsets if offset is not None),
    )


def _channels(connection: duckdb.DuckDBPyConnection, source: Source, found: Scan) -> dict[str, str]:
    constant = source.constants.get("channel")
    if constant is not None:
        return dict.fromkeys(queues_of(connection, source, found), str(constant))
    mapped = as_tuple(source.columns.get("channel", ()))
    header = mapped[0] if mapped else channel_header(list(found.numbers))
    said = companions(connection, source, found, header) if header else {}
    return {queue: _channel(text) for queue, text in said.items()}


def _channel(text: str) -> str:
    word = text.casefold()
    if "mail" in word:
        return "email"
    return "chat" if "chat" in word or "messag" in word else "voice"

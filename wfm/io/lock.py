"""One run at a time: a file lock that the operating system frees when its holder dies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from wfm.errors import LockError, OutputError


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock for the block; LockError at once when another run holds it."""
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise LockError(
            f"another run holds {path}", hint="wait for it to end; the lock is freed by its end"
        ) from error
    except OSError as error:
        raise OutputError(f"{path} cannot be made: {error.strerror}", hint="check the permissions") from error
    try:
        yield
    finally:
        lock.release()

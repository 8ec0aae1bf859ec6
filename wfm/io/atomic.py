"""Writing so that nothing is ever half-written: temporary file beside the target, fsync, rename."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wfm.errors import OutputError


@contextmanager
def replacing(target: Path, *, private: bool = False) -> Iterator[Path]:
    """Yield a temporary path; when the block ends well, it takes the place of `target`, else it is removed.

    A private file is for its owner alone at every moment.

    Raises OutputError when the disk, the folder or the permissions do not allow it; `target` stays as it was.
    """
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".part")
        os.close(handle)
    except OSError as error:
        raise _cannot_write(target, error) from error
    part = Path(name)
    try:
        yield part
        _settle(part, target, 0o600 if private else 0o666 & ~_umask())
    except OSError as error:
        raise _cannot_write(target, error) from error
    finally:
        part.unlink(missing_ok=True)


def write_text(target: Path, text: str) -> None:
    """Write a UTF-8 text file atomically."""
    with replacing(target) as part:
        part.write_text(text, encoding="utf-8", newline="")


def _settle(part: Path, target: Path, mode: int) -> None:
    with part.open("rb+") as written:
        os.fsync(written.fileno())
    part.chmod(mode)
    part.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _cannot_write(target: Path, error: OSError) -> OutputError:
    hints = {
        errno.ENOSPC: "free some space",
        errno.EFBIG: "the file size limit is reached (ulimit -f)",
        errno.ENOENT: f"create the folder {target.parent} first",
        errno.EACCES: "check the permissions of the folder",
        errno.EISDIR: "name a file, not a folder",
        errno.ENOTDIR: f"{target.parent} is not a folder",
    }
    hint = hints.get(error.errno or 0, "nothing was changed")
    return OutputError(f"{target} cannot be written: {error.strerror or error}", hint=hint)

"""Acceptance check 1: the same bytes imported twice change nothing; which files are the same bytes."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from wfm.errors import one_line
from wfm.forecast.doctor import Check, Place
from wfm.io.acceptance.taken import Taken


def twice_check(taken: Taken) -> Check:
    """Return check 1: the files are imported again behind themselves, and the histories compared."""
    with tempfile.TemporaryDirectory(prefix="wfm-doctor-") as folder:
        links = [_link(path, Path(folder) / str(number)) for number, path in enumerate(taken.files)]
        again = taken.again((*taken.files, *links))
    if not again.history.equals(taken.whole.history):
        return Check(
            1, "wrong", "imported twice in one go, the files give another history", _places(taken.files)
        )
    groups = same_bytes(taken.files)
    if not groups:
        return Check(1, "ok", "imported twice in one go, the files give the same history")
    words = "; ".join(" = ".join(one_line(str(path)) for path in group) for group in groups)
    places = tuple(place for group in groups for place in _places(group))
    return Check(1, "look", f"the same bytes are there twice, which changes nothing: {words}", places)


def _link(path: Path, folder: Path) -> Path:
    """Return another name of the file, or a copy where there are no links: its refused rows stay apart."""
    folder.mkdir()
    link = folder / path.name
    try:
        link.symlink_to(path.resolve())
    except OSError:
        (shutil.copytree if path.is_dir() else shutil.copy)(path, link)
    return link


def same_bytes(files: Iterable[Path]) -> list[list[Path]]:
    """Return the groups of files that are the same byte for byte; folders are left out."""
    plain = [path for path in files if path.is_file()]
    sizes = [path.stat().st_size for path in plain]
    groups: dict[str, list[Path]] = {}
    for path, size in zip(plain, sizes, strict=True):
        if sizes.count(size) > 1:
            with path.open("rb") as file:
                groups.setdefault(hashlib.file_digest(file, "sha256").hexdigest(), []).append(path)
    return [group for group in groups.values() if len(group) > 1]


def _places(files: Iterable[Path]) -> tuple[Place, ...]:
    return tuple(Place(file=one_line(str(path))) for path in files)

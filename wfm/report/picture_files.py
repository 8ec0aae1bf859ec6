"""The charts of a run as files in a folder: one way for the command and for nights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from wfm.config import Config
from wfm.errors import OutputError
from wfm.io.atomic import replacing
from wfm.io.run_folder import RunTables
from wfm.report.pictures import pictures


def write_pictures(
    run: RunTables,
    config: Config,
    folder: Path,
    suffix: str = ".svg",
    drawn: Callable[[str], bytes] = str.encode,
) -> list[Path]:
    """Write each chart of a run as `drawn` makes it of its SVG; the folder is made if need be.

    Return the files; OutputError if one cannot be written, or the folder not be made.
    """
    found = list(pictures(run, config))
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder} cannot be made: {error.strerror}", hint="name a folder") from error
    files = [(folder / picture.name).with_suffix(suffix) for picture in found]
    for file, picture in zip(files, found, strict=True):
        with replacing(file) as part:
            part.write_bytes(drawn(picture.svg))
    return files

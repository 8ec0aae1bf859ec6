"""`wfm init`: a planning project that works at once, with tables to be replaced by one's own."""

from __future__ import annotations

from pathlib import Path

from wfm.demo.folder import CONFIG_FILE, make_folder, write_part
from wfm.demo.generator import generate_sample
from wfm.errors import UsageError
from wfm.io.atomic import write_text

FILES = {
    "history": "history.csv",
    "agents": "agents.csv",
    "time_off": "time_off.csv",
    "requests": "requests.csv",
}


def write_project(folder: Path) -> list[Path]:
    """Write a commented wfm.toml and small sample tables into `folder`; return the paths.

    Raises UsageError, before anything is written, when a file of one of these names is already there.
    """
    paths = {name: folder / file for name, file in FILES.items()}
    config_path = folder / CONFIG_FILE
    refuse_to_overwrite([config_path, *paths.values()])
    make_folder(folder)
    centre = generate_sample()
    for name, path in paths.items():
        write_part(centre, name, path)
    write_text(config_path, centre.config_text)
    return [config_path, *paths.values()]


def refuse_to_overwrite(paths: list[Path]) -> None:
    """Raise UsageError with the names of files that are already there."""
    present = [str(path) for path in paths if path.exists() or path.is_symlink()]
    if present:
        problem = f"already there: {', '.join(present)}"
        raise UsageError(problem, hint="name an empty folder, or move these files away; nothing was written")

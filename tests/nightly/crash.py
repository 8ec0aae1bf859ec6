"""Nights as processes of their own, to be killed and starved; and what must hold of the folder after."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import PROJECT
from wfm.io.run_paths import RUN_NAME
from wfm.nightly.manifest import is_whole

EXEMPT = ("manifest.json", "log.jsonl")  # by the contract
CURRENT = Path("runs/current")


@dataclass(frozen=True)
class Ended:
    """How a night ended, and what it said."""

    code: int
    err: str


def begin(
    folder: Path, *arguments: str, wrapper: Sequence[str] = (), **options: Any
) -> subprocess.Popen[str]:
    """Start a night in a folder."""
    command = [*wrapper, sys.executable, "-m", "wfm", "nightly", *arguments]
    paths = os.pathsep.join([str(PROJECT), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        command, cwd=folder, env=environment, text=True, stderr=subprocess.PIPE, **options
    )


def night(folder: Path, *arguments: str, **options: Any) -> Ended:
    """Run a night to its end."""
    with begin(folder, *arguments, **options) as process:
        _, err = process.communicate(timeout=900)  # the first night of a machine compiles
    return Ended(process.returncode, err)


def plan_of(folder: Path) -> dict[str, bytes]:
    """Return the files of the published run, without what is exempt and measured seconds."""
    run = folder / CURRENT
    files = {path.relative_to(run).as_posix(): path.read_bytes() for path in run.rglob("*") if path.is_file()}
    summary = json.loads(files.pop("summary.json"))
    files["summary.json"] = json.dumps({**summary, "seconds": 0}).encode()
    return {name: content for name, content in files.items() if name not in EXEMPT}


def check_whole(folder: Path) -> None:
    """Check that what is published is whole, and that every run under its final name is."""
    if (folder / CURRENT).exists():
        assert is_whole((folder / CURRENT).resolve())
    for run in (folder / "runs").iterdir() if (folder / "runs").is_dir() else ():
        if RUN_NAME.fullmatch(run.name):
            assert is_whole(run), run


def leftovers(folder: Path) -> list[str]:
    """Return the names of half-made files and folders."""
    return [path.name for path in folder.rglob("*") if ".part" in path.name]


def copied(source: Path, target: Path) -> Path:
    """Return a copy of a centre, with its runs."""
    shutil.copytree(source, target, symlinks=True)
    return target

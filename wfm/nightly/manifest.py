"""What a run was made from and how: fingerprints, versions, settings, durations, memory, what came of it."""

from __future__ import annotations

import json
import platform
import resource
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wfm import __version__
from wfm.config import Config
from wfm.io.run_paths import MANIFEST, read_manifest
from wfm.nightly.fingerprint import code_version, file_digest, library_versions
from wfm.pipeline import Plan

KIB_PER_MIB = 1024


@dataclass(frozen=True)
class Making:
    """How a run came about: its name, the run whose roster it stays near, and what it depends on else.

    `parts` are the parts of each stage that were computed, and those that were unchanged.
    """

    run: str
    previous: str | None
    identity: str
    inputs: Mapping[str, str]
    parts: Mapping[str, Mapping[str, int]]
    exit_code: int
    gaps: Sequence[str]


def manifest_of(making: Making, config: Config, plan: Plan) -> dict[str, Any]:
    """Return the manifest of a run, but for the digests of its files."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "run": making.run,
        "previous": making.previous,
        "identity": making.identity,
        "exit_code": making.exit_code,
        "gaps": list(making.gaps),
        "stale": [
            {
                "stage": one.stage,
                "names": list(one.names),
                "kept": one.kept,
                "reason": one.reason,
                "since": one.since,
                "until": None if one.until is None else one.until.isoformat(),
            }
            for one in plan.stale
        ],
        "uncovered": [
            {"queue": one.queue, "days": [day.isoformat() for day in one.days]} for one in plan.uncovered
        ],
        "wfm": __version__,
        "code": code_version(),
        "python": platform.python_version(),
        "libraries": dict(library_versions()),
        "command": ["wfm", *sys.argv[1:]],
        "inputs": dict(making.inputs),
        "seed": plan.schedule.summary["seed"],
        "configuration": json.loads(config.model_dump_json()),
        "parts": {stage: dict(counts) for stage, counts in making.parts.items()},
        "seconds": {name: round(value, 3) for name, value in plan.seconds.items()},
        "peak_memory_mib": peak // KIB_PER_MIB if sys.platform != "darwin" else peak // KIB_PER_MIB**2,
    }


def digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of a run but its manifest, by its place in the folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    return {path.relative_to(folder).as_posix(): file_digest(path) for path in files}


def is_whole(run: Path) -> bool:
    """Return whether every file of a run is as its manifest says."""
    outputs = read_manifest(run).get("outputs")
    return isinstance(outputs, dict) and all(
        (run / name).is_file() and file_digest(run / name) == digest for name, digest in outputs.items()
    )

"""What a run was made from and how: input hashes, versions, seed, durations, peak memory."""

from __future__ import annotations

import hashlib
import platform
import resource
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from wfm import __version__
from wfm.config import Config
from wfm.pipeline import Plan

LIBRARIES = ("pandas", "numpy", "ortools", "statsmodels", "numba", "duckdb")
KIB_PER_MIB = 1024


def manifest_of(run_id: str, config: Config, base: Path, plan: Plan) -> dict[str, Any]:
    """Return the manifest of a run."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "run": run_id,
        "wfm": __version__,
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in LIBRARIES},
        "command": ["wfm", *sys.argv[1:]],
        "inputs": _hashes(config, base),
        "seed": plan.schedule.summary["seed"],
        "seconds": {name: round(value, 3) for name, value in plan.seconds.items()},
        "peak_memory_mib": peak // KIB_PER_MIB if sys.platform != "darwin" else peak // KIB_PER_MIB**2,
    }


def _hashes(config: Config, base: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for _, names in config.inputs:
        for name in [names] if isinstance(names, str) else names or ():
            path = base / name
            if path.is_file():
                found[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found

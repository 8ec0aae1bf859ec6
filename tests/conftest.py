"""What every test may use: the folder of shared data, and the Hypothesis profiles."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

PROJECT = Path(__file__).resolve().parents[1]

# One thread of BLAS, before anything imports numpy: on small matrices more threads only wait for each other
# (two on two busy cores made sarimax eleven times slower).
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

# No deadlines: the first call of a compiled kernel compiles it, and CI machines are shared.
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# `thorough` (make test-all) tries 100 examples, and always the same ones; `ci` (make test) a quarter of them.
settings.register_profile("thorough", settings.get_profile("default"), derandomize=True, print_blob=True)
settings.register_profile("ci", settings.get_profile("thorough"), max_examples=25)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(scope="session")
def project() -> Path:
    """Return the root of the project: the folder with pyproject.toml."""
    return PROJECT


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of shared data and reference values; without it the test is skipped."""
    folder = Path(os.environ.get("WFM_SHARED", PROJECT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no shared data in {folder}: set WFM_SHARED to the folder that has it")
    return folder

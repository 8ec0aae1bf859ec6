"""What is installed: the lock, the bounds of the dependencies, the version, the files of the wheel."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import wfm

SHA256 = re.compile(r"--hash=sha256:[0-9a-f]{64}(?=\s|$)")


@pytest.fixture(scope="module")
def pyproject(project: Path) -> dict[str, Any]:
    return tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def lock(project: Path) -> str:
    return (project / "requirements.lock").read_text(encoding="utf-8")


def entries(lock: str) -> list[str]:
    """Return the logical lines of a requirements file: one pin with its hashes each."""
    joined = lock.replace("\\\n", " ")
    return [line for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def pins(lock: str) -> list[Requirement]:
    return [Requirement(entry.partition(" --hash")[0]) for entry in entries(lock)]


def needs(pyproject: dict[str, Any], *extras: str) -> list[Requirement]:
    table = pyproject["project"]
    lists = [table["dependencies"], *(table["optional-dependencies"][extra] for extra in extras)]
    return [Requirement(text) for names in lists for text in names]


def test_every_pin_is_exact_and_hashed(lock: str) -> None:
    assert len(entries(lock)) > 30
    for entry, pin in zip(entries(lock), pins(lock), strict=True):
        assert [part.operator for part in pin.specifier] == ["=="], entry
        assert SHA256.search(entry), f"no hash: {entry}"


def test_the_lock_names_no_address_and_no_place(lock: str) -> None:
    options = [entry for entry in entries(lock) if entry.lstrip().startswith("-")]
    assert options == []
    assert "://" not in lock
    assert not re.search(r"(?m)^\s*#.*/", lock), "a comment names a path"


def test_the_lock_satisfies_every_dependency(pyproject: dict[str, Any], lock: str) -> None:
    locked: dict[str, list[str]] = {}
    for pin in pins(lock):
        locked.setdefault(canonicalize_name(pin.name), []).append(str(pin.specifier).removeprefix("=="))
    for need in needs(pyproject, "dev"):
        versions = locked.get(canonicalize_name(need.name), [])
        assert versions, f"{need.name} is not in requirements.lock: make lock"
        assert all(version in need.specifier for version in versions), f"{need} but {versions}"


def test_the_lock_holds_what_an_install_without_isolation_needs(pyproject: dict[str, Any], lock: str) -> None:
    build = {canonicalize_name(Requirement(text).name) for text in pyproject["build-system"]["requires"]}
    assert build | {"editables"} <= {canonicalize_name(pin.name) for pin in pins(lock)}


def test_dependencies_have_lower_bounds_and_no_upper_ones(pyproject: dict[str, Any]) -> None:
    for need in needs(pyproject, *pyproject["project"]["optional-dependencies"]):
        assert [part.operator for part in need.specifier] == [">="], str(need)


def test_the_package_states_one_version(pyproject: dict[str, Any]) -> None:
    assert "version" in pyproject["project"]["dynamic"]
    assert pyproject["tool"]["hatch"]["version"]["path"] == "wfm/__init__.py"
    assert re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc|\.dev)\d+)?", wfm.__version__)


def test_the_installed_version_is_that_of_the_source() -> None:
    try:
        installed = importlib.metadata.version("openwfm")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("openwfm runs from the source folder here, it is not installed")
    assert installed == wfm.__version__, "make install"


def test_the_wheel_holds_every_file_of_the_package(project: Path, tmp_path: Path) -> None:
    pytest.importorskip("hatchling", reason="hatchling builds the wheel")
    build = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert build.returncode == 0, build.stderr
    (wheel,) = tmp_path.glob("openwfm-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if name.startswith("wfm/")}
    assert packed == source_files(project)
    assert "wfm/py.typed" in packed


def source_files(project: Path) -> set[str]:
    return {
        path.relative_to(project).as_posix()
        for path in (project / "wfm").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }

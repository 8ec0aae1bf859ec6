"""A project folder for each test: the tiny centre with its chain run, made once and copied."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.tiny import make_chain, short_search


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the finished chain; not to be written into."""
    folder = tmp_path_factory.mktemp("made")
    with short_search():
        make_chain(folder)
    return folder


@pytest.fixture(autouse=True, scope="module")
def _short_search() -> Iterator[None]:
    with short_search():
        yield


@pytest.fixture
def planned(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with the finished chain, which is also the current one."""
    folder = tmp_path / "centre"
    shutil.copytree(made, folder)
    monkeypatch.chdir(folder)
    return folder

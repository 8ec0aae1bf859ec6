"""Where the tables of a run are, and which run came before."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from wfm.errors import DataError
from wfm.io.run_paths import find_table, need_table, run_before, settings_file
from wfm.tables import FORECAST, ROSTER

NAMES = ("20260301T2300Z-001", "20260302T2300Z-001", "20260302T2300Z-002")


def test_a_table_is_found_whatever_its_ending(tmp_path: Path) -> None:
    (tmp_path / "roster.csv.gz").touch()
    assert find_table(tmp_path, ROSTER) == tmp_path / "roster.csv.gz"
    assert find_table(tmp_path, FORECAST) is None
    with pytest.raises(DataError, match="has no table forecast"):
        need_table(tmp_path, FORECAST)
    with pytest.raises(DataError, match="is not a folder"):
        find_table(tmp_path / "nowhere", ROSTER)


def test_the_run_before_is_the_last_one_with_a_lesser_name(tmp_path: Path) -> None:
    for name in (*NAMES, "by-hand"):
        (tmp_path / name).mkdir()
    (tmp_path / "current").symlink_to(NAMES[2], target_is_directory=True)
    assert run_before(tmp_path / "current") == tmp_path / NAMES[1]
    assert run_before(tmp_path / NAMES[1]) == tmp_path / NAMES[0]
    assert run_before(tmp_path / NAMES[0]) is None
    assert run_before(tmp_path / "by-hand") is None


def test_the_run_before_is_the_one_that_the_manifest_names(tmp_path: Path) -> None:
    """Whatever the names say: a night `--as-of` an earlier day has a lesser one."""
    for name, before in zip(NAMES, (NAMES[2], None, NAMES[1]), strict=True):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text(json.dumps({"previous": before}))
    assert run_before(tmp_path / NAMES[0]) == tmp_path / NAMES[2]
    assert run_before(tmp_path / NAMES[1]) is None
    (tmp_path / NAMES[1] / "manifest.json").unlink()
    (tmp_path / NAMES[1]).rmdir()
    assert run_before(tmp_path / NAMES[2]) is None  # it was removed: no other is the one before


def test_the_settings_of_a_run_are_its_only_toml(tmp_path: Path) -> None:
    assert settings_file(tmp_path) is None
    (tmp_path / "night.toml").touch()
    assert settings_file(tmp_path) == tmp_path / "night.toml"
    (tmp_path / "other.toml").touch()
    assert settings_file(tmp_path) is None

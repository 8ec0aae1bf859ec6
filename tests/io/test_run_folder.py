"""A run folder read back: what was written, however much of it, and a clear error for what is no run."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.report.centre import config_of, run_of
from wfm.errors import DataError
from wfm.io.run_folder import RUN_TABLES, RunTables, read_run
from wfm.io.tables import write_table

RUN = run_of(config_of(["billing", "tech"]), agents=6, weeks=1)


def write_run(run: RunTables, folder: Path, ending: str) -> None:
    for table in RUN_TABLES:
        write_table(getattr(run, table.name), table, folder / f"{table.name}{ending}")
    (folder / "summary.json").write_text(json.dumps(run.summary), encoding="utf-8")
    (folder / "manifest.json").write_text(json.dumps(run.manifest), encoding="utf-8")


@pytest.mark.parametrize("ending", [".parquet", ".csv", ".csv.gz"])
def test_what_is_written_is_read_back(tmp_path: Path, ending: str) -> None:
    write_run(RUN, tmp_path, ending)
    found = read_run(tmp_path)
    for table in RUN_TABLES:
        pd.testing.assert_frame_equal(getattr(found, table.name), getattr(RUN, table.name), check_exact=False)
    assert found.summary == RUN.summary
    assert found.manifest == RUN.manifest


def test_absent_tables_are_none(tmp_path: Path) -> None:
    write_run(RUN, tmp_path, ".parquet")
    for name in ("agents.parquet", "scores.parquet", "manifest.json"):
        (tmp_path / name).unlink()
    found = read_run(tmp_path)
    assert (found.agents, found.scores, found.manifest) == (None, None, None)
    assert found.roster is not None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param({}, "has none of the tables", id="empty folder"),
        pytest.param({"summary.json": "{}"}, "has none of the tables", id="only figures"),
        pytest.param({"summary.json": "{", "roster.parquet": ""}, "roster.parquet", id="damaged table"),
        pytest.param({"coverage.csv": "queue\nx\n"}, "missing column", id="wrong table"),
    ],
)
def test_what_is_no_run_is_a_data_error(tmp_path: Path, content: dict[str, str], reason: str) -> None:
    for name, text in content.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=reason):
        read_run(tmp_path)


@pytest.mark.parametrize("text", ["{", "[1]", '"x"'])
def test_figures_that_are_no_json_object_are_a_data_error(tmp_path: Path, text: str) -> None:
    write_run(RUN, tmp_path, ".parquet")
    (tmp_path / "summary.json").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"summary\.json"):
        read_run(tmp_path)


def test_a_missing_folder_is_a_data_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="is not a folder"):
        read_run(tmp_path / "nowhere")

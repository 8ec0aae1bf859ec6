"""`wfm init`: a project that works at once and never overwrites."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from wfm.demo import write_project
from wfm.demo.project import FILES
from wfm.errors import UsageError
from wfm.io.tables import read_table
from wfm.io.toml import load_config
from wfm.tables import TABLES


@pytest.fixture(scope="module")
def project_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("init") / "my-centre"
    write_project(folder)
    return folder


def test_a_project_has_a_configuration_and_tables_that_fit_it(project_folder: Path) -> None:
    config = load_config(project_folder / "wfm.toml")
    tables = {name: read_table(project_folder / file, TABLES[name]) for name, file in FILES.items()}
    assert set(tables["history"]["queue"]) == set(config.queues)
    assert set(tables["agents"]["contract"]) <= set(config.contracts)
    assert set(tables["agents"]["site"]) == set(config.sites)
    skills = {skill for text in tables["agents"]["skills"] for skill in text.split(";")}
    assert skills == set(config.queues)


def test_a_project_has_some_weeks_of_history(project_folder: Path) -> None:
    starts = read_table(project_folder / FILES["history"], TABLES["history"])["interval_start"]
    assert starts.max() - starts.min() > pd.Timedelta(weeks=7)


def test_the_configuration_explains_every_section(project_folder: Path) -> None:
    text = (project_folder / "wfm.toml").read_text(encoding="utf-8")
    for section in ("centre", "sites.", "defaults.queue", "queues.", "contracts.", "forecast", "schedule"):
        assert f"[{section}" in text
    for section in ("import", "inputs", "outputs", "nightly"):
        assert f"[{section}]" in text
    assert text.count("#") > 40


def test_a_second_init_names_the_files_that_are_there_and_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "agents.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match=r"agents\.csv"):
        write_project(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["agents.csv"]
    assert (tmp_path / "agents.csv").read_text(encoding="utf-8") == "mine"


def test_init_returns_what_it_wrote(tmp_path: Path) -> None:
    assert sorted(write_project(tmp_path)) == sorted(tmp_path.iterdir())

"""What is written is what was generated, and what a planner can use."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from wfm.demo import Centre, generate, write_centre
from wfm.demo.folder import FILES, zones_of
from wfm.errors import OutputError
from wfm.io.tables import read_table, write_table
from wfm.io.toml import load_config
from wfm.tables import AGENTS, TABLES


@pytest.fixture(scope="module")
def small() -> Centre:
    return generate(5, agents=40, history_days=9)


@pytest.fixture(scope="module")
def folder(small: Centre, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("centre") / "deep" / "down"
    write_centre(small, folder)
    return folder


@pytest.mark.parametrize("name", FILES, ids=str)
def test_every_file_reads_back_as_it_was_made(small: Centre, folder: Path, name: str) -> None:
    back = read_table(folder / FILES[name], TABLES[name])
    pd.testing.assert_frame_equal(back, getattr(small, name), check_exact=True)


def test_the_configuration_is_read_and_names_files_that_are_there(small: Centre, folder: Path) -> None:
    config = load_config(folder / "wfm.toml")
    assert config == small.config
    named = [path for path in config.inputs.model_dump().values() if path is not None]
    assert named
    assert all((folder / path).is_file() for path in named)


def test_names_survive_csv_and_parquet(centre: Centre, tmp_path: Path) -> None:
    for ending in ("csv", "csv.gz", "parquet"):
        path = tmp_path / f"agents.{ending}"
        write_table(centre.agents, AGENTS, path)
        pd.testing.assert_frame_equal(read_table(path, AGENTS), centre.agents)


@pytest.mark.parametrize(
    ("name", "key", "zone"),
    [
        pytest.param("overrides", "tech_voice", "Europe/Berlin", id="of a German queue"),
        pytest.param("events", "sales_voice", "Europe/Lisbon", id="of a Portuguese queue"),
        pytest.param("time_off", "H001", "Europe/Berlin", id="of a Hamburg agent"),
        pytest.param("time_off", "P001", "Europe/Lisbon", id="of a Porto agent"),
    ],
)
def test_stamps_show_the_wall_clock_of_queue_or_site(small: Centre, name: str, key: str, zone: str) -> None:
    assert zones_of(small, name).names[key] == zone


def test_stamps_of_time_off_are_midnights_in_the_file(small: Centre, folder: Path) -> None:
    lines = (folder / "time_off.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert len(lines) == len(small.time_off)
    whole = [line for line in lines if ",doctor," not in line]
    assert all(line.split(",")[1][10:19] == "T00:00:00" for line in whole)


def test_a_folder_that_cannot_be_made_is_an_output_error(small: Centre, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    with pytest.raises(OutputError, match="taken"):
        write_centre(small, tmp_path / "taken" / "below")

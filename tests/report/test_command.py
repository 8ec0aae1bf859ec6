"""`wfm report` with the tables that a run folder does not hold."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from tests.cli.tiny import fails, succeeds
from tests.report.centre import config_of, run_of
from wfm.conform import conform
from wfm.io.tables import write_table
from wfm.tables import AGENTS, REQUESTS, ROSTER

WFM_TOML = """
[centre]
name = "Example centre"
timezone = "Europe/Berlin"
[sites.hamburg]
[sites.porto]
timezone = "Europe/Lisbon"
[queues.billing]
service_level = 0.8
patience_s = 180
[contracts.full_time]
week_hours = [35, 40]
days_per_week = [4, 5]
shift_hours = [8, 9]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pd.DataFrame:
    """Write a run folder into the current one; return its roster."""
    monkeypatch.chdir(tmp_path)
    run = run_of(config_of(["billing"]), agents=4, weeks=1)
    assert run.roster is not None
    assert run.agents is not None
    write_table(run.roster, ROSTER, tmp_path / "roster.parquet")
    write_table(run.agents, AGENTS, tmp_path / "agents.parquet")
    Path("wfm.toml").write_text(WFM_TOML, encoding="utf-8")
    return run.roster


def test_requests_are_counted_when_they_are_given(folder: pd.DataFrame) -> None:
    first = folder.iloc[0]
    requests = pd.DataFrame(
        {"agent_id": [first["agent_id"]], "date": [first["shift_date"]], "kind": "day_off"}
    )
    write_table(conform(requests, REQUESTS), REQUESTS, Path("requests.csv"))
    succeeds("report", ".", "--requests", "requests.csv", "-o", "page.html")
    assert "<td>0 of 1</td>" in Path("page.html").read_text(encoding="utf-8")


def test_the_night_before_is_what_a_run_is_compared_with(folder: pd.DataFrame) -> None:
    for name, roster in (("20260301T2300Z-001", folder.iloc[:-7]), ("20260301T2300Z-002", folder)):
        Path("runs", name).mkdir(parents=True)
        write_table(roster, ROSTER, Path("runs", name, "roster.parquet"))
        shutil.copy("agents.parquet", Path("runs", name))
    succeeds("report", "runs/20260301T2300Z-002", "-o", "page.html")
    page = Path("page.html").read_text(encoding="utf-8")
    assert "Since <bdi>20260301T2300Z-001</bdi>" in page
    assert "1\u00a0shift of 1\u00a0agent new, gone or moved" in page
    assert str(Path.cwd()) not in page


def test_requests_that_are_not_there_are_a_data_fault_and_write_no_page(folder: pd.DataFrame) -> None:
    assert "nope.csv" in fails(4, "report", ".", "--requests", "nope.csv", "-o", "page.html")
    assert not Path("page.html").exists()

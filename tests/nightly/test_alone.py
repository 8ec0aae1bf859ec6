"""Nights of one queue and one site: what kills, or hangs, the only part of a step does not end the night."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pandas as pd
import pytest

import wfm.nightly.chain
from tests.cli.tiny import CONFIG, make_centre, run, short_search, succeeds, write
from tests.nightly.crash import CURRENT
from wfm.executor import Backend, Effort, Heard, Here, Processes, unheard

TWO_WEEKS = CONFIG.replace('horizon = "1w"', 'horizon = "2w"').replace("limit_s = 20", "limit_s = 1")
ALONE = TWO_WEEKS + "[compute]\nworkers = 1\nretries = 0\n"
DOERS = {
    "forecast": "wfm.pipeline.queue_parts.forecast_part",
    "staff": "wfm.pipeline.queue_parts.staff_part",
    "schedule": "wfm.pipeline.plan.scheduled_part",
}
PLANNED_BY = {"forecast": 'models = ["day_regression"]', "staff": "patience_s = 300", "schedule": "seed = 2"}


def killed(_: object) -> None:
    """Die as by the kernel that is out of memory."""
    os.kill(os.getpid(), signal.SIGKILL)


def broken(_: object) -> None:
    """Die as by a library that ends the process."""
    os._exit(3)


def hanging(_: object) -> None:
    time.sleep(600)


@dataclass(frozen=True)
class OnlyTheDeadly:
    """Does in another process what would else end this one, and all the rest here: that is faster."""

    def outcomes(
        self, function: Any, items: Sequence[Any], effort: Effort, heard: Heard = unheard
    ) -> Iterator[Any]:
        deadly = function.args[0] in (killed, broken, hanging)
        backend: Backend = Processes(1) if deadly else Here()
        return backend.outcomes(function, items, effort, heard)


@pytest.fixture(scope="module", autouse=True)
def _short_search() -> Iterator[None]:
    with short_search():
        yield


@pytest.fixture(scope="module")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a centre after its first night, which was short; not to be written into."""
    folder = tmp_path_factory.mktemp("alone")
    make_centre(folder)
    with chdir(folder), patch.object(wfm.nightly.chain, "backend_of", lambda *_: Here()):
        write("wfm.toml", TWO_WEEKS)
        succeeds("nightly")
    return folder


@pytest.fixture
def morning(first_night: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the centre, which is the current folder."""
    shutil.copytree(first_night, tmp_path / "centre", symlinks=True)
    monkeypatch.chdir(tmp_path / "centre")
    monkeypatch.setattr(wfm.nightly.chain, "backend_of", lambda *_: OnlyTheDeadly())
    return tmp_path / "centre"


def change(stage: str, more: str = "") -> None:
    """Change a setting, so that a stage has something to do."""
    old = {"forecast": 'models = ["seasonal_naive"]', "staff": "service_level", "schedule": "time_limit_s"}
    new = PLANNED_BY[stage] + ("" if stage == "forecast" else f"\n{old[stage]}")
    write("wfm.toml", ALONE.replace(old[stage], new, 1) + more)


def manifest() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((CURRENT / "manifest.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize(
    ("stage", "death", "name", "reach"),
    [
        pytest.param("forecast", killed, "hotline", "2026-03-13", id="forecast killed"),
        pytest.param(
            *("staff", broken, "hotline", "2026-03-13"),
            id="staffing ends its process",
            marks=pytest.mark.slow,
        ),
        pytest.param("schedule", killed, "office", "2026-03-06", id="roster killed"),
    ],
)
def test_the_only_part_that_kills_its_process_keeps_its_last_good_result(
    morning: Path, monkeypatch: pytest.MonkeyPatch, stage: str, death: Any, name: str, reach: str
) -> None:
    first = CURRENT.resolve()
    monkeypatch.setattr(DOERS[stage], death)
    change(stage)
    outcome = run("nightly")
    assert outcome.code == 10, outcome.err
    words = f"{stage} of {name} failed, its last good result is kept from {first.name}, reaches to {reach}"
    assert f"{words}: its worker died, once" in outcome.err
    assert words in (CURRENT / "log.jsonl").read_text(encoding="utf-8")
    assert words in (CURRENT / "report.html").read_text(encoding="utf-8")
    (stale,) = manifest()["stale"]
    assert (stale["names"], stale["since"], stale["until"]) == ([name], first.name, reach)
    assert f"{stage} of {name} kept from {first.name}, reaches to {reach}" in succeeds("status").out
    table = {"forecast": "forecast", "staff": "requirements", "schedule": "roster"}[stage]
    kept, before = (pd.read_parquet(folder / f"{table}.parquet") for folder in (CURRENT, first))
    pd.testing.assert_frame_equal(kept, before)


def test_the_only_part_that_hangs_is_stopped(morning: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DOERS["schedule"], hanging)
    change("schedule", "timeout_s = 1\n")
    outcome = run("nightly")
    assert outcome.code == 10, outcome.err
    assert "schedule of office failed" in outcome.err
    assert "took longer than 1 s, once" in outcome.err


def test_without_a_plan_from_before_it_is_6(morning: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree("runs")
    monkeypatch.setattr(DOERS["forecast"], killed)
    write("wfm.toml", ALONE)
    outcome = run("nightly")
    assert outcome.code == 6, outcome.err
    assert "its worker died" in outcome.err
    assert not CURRENT.exists()


def test_a_forecast_kept_night_after_night_is_of_the_first_and_its_end_is_a_gap(
    morning: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = CURRENT.readlink()
    monkeypatch.setattr(DOERS["forecast"], killed)
    change("forecast")
    assert run("nightly").code == 10
    assert manifest()["uncovered"] == []
    with Path("history.csv").open("a", encoding="utf-8") as history:
        history.writelines(f"hotline,2026-03-02T{hour:02d}:00:00,11,240\n" for hour in range(9, 17))
    outcome = run("nightly", "--as-of", "2026-03-03T00:00")
    assert outcome.code == 10, outcome.err
    assert f"kept from {first}, reaches to 2026-03-13" in outcome.err
    assert "queue hotline has no forecast on 2026-03-16" in outcome.err
    assert manifest()["uncovered"] == [{"queue": "hotline", "days": ["2026-03-16"]}]
    assert any("no forecast on 2026-03-16" in gap for gap in manifest()["gaps"])
    requirements = pd.read_parquet(CURRENT / "requirements.parquet")
    days = requirements["interval_start"].dt.tz_convert("Europe/Berlin").dt.day
    assert set(days) == {3, 4, 5, 6, 9, 10, 11, 12, 13}
    assert "no forecast of hotline from 2026-03-16" in succeeds("status", "--last", "1").out


def test_a_roster_that_cannot_be_read_is_a_gap(morning: Path) -> None:
    """For nobody knows then which shifts the new ones follow."""
    (CURRENT / "roster.parquet").write_bytes(b"torn")
    change("schedule")
    outcome = run("nightly")
    assert outcome.code == 10, outcome.err
    assert any("cannot be read" in gap and "rest" in gap for gap in manifest()["gaps"])


@pytest.mark.slow
def test_the_progress_of_the_only_part_is_told(morning: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wfm.nightly.chain, "backend_of", lambda *_: Processes(1))
    change("schedule")
    spoken = succeeds("nightly").err.splitlines()
    phases = [line for line in spoken if line.startswith("schedule: ") and "%" in line and "gap" not in line]
    assert phases, spoken

"""Nights of two sites: what fails alone, who is told, what a look costs, and the same plan by any workers."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pandas as pd
import pytest
from filelock import FileLock

import wfm.nightly.chain
import wfm.nightly.history
import wfm.nightly.journal
from tests.cli.tiny import Outcome, fails, run, short_search, succeeds, write
from tests.nightly.crash import CURRENT, plan_of
from tests.two_sites import CONFIG, make_two_sites
from wfm.executor import Here
from wfm.nightly.backends import backend_of

ALERT = """\
import os, sys
text = f"{os.environ['WFM_EXIT_CODE']} {os.environ['WFM_MESSAGE']}\\n{sys.stdin.read()}"
open("alert.txt", "a").write(text)
"""


@pytest.fixture(scope="module", autouse=True)
def _short_search_here() -> Iterator[None]:
    """Search short, which other processes would not know of: test_crash.py has nights of these."""
    with short_search(), patch.object(wfm.nightly.chain, "backend_of", lambda *_: Here()):
        yield


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the centre after its first night; not to be written into."""
    folder = tmp_path_factory.mktemp("first")
    make_two_sites(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        succeeds("nightly")
    return folder


@pytest.fixture
def morning(first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the centre after its first night, which is the current folder, with an alert."""
    folder = tmp_path / "centre"
    shutil.copytree(first, folder, symlinks=True)
    monkeypatch.chdir(folder)
    write("alert.py", ALERT)
    write("wfm.toml", with_alert(CONFIG))
    return folder


def with_alert(config: str) -> str:
    """Return a configuration with an alert command that writes alert.txt."""
    return config.replace("[nightly]", f"[nightly]\nalert = [{json.dumps(sys.executable)}, 'alert.py']")


def manifest() -> dict[str, Any]:
    """Return the manifest of the published run."""
    found: dict[str, Any] = json.loads((CURRENT / "manifest.json").read_text(encoding="utf-8"))
    return found


def table(name: str, place: Path = CURRENT) -> pd.DataFrame:
    """Return a table of a run."""
    return pd.read_parquet(place / f"{name}.parquet")


def rows(name: str, column: str, value: str, place: Path = CURRENT) -> pd.DataFrame:
    """Return the rows of a table of a run with a value in a column."""
    frame = table(name, place)
    return frame[frame[column] == value].reset_index(drop=True)


def alert() -> str:
    """Return what the alert command was told."""
    return Path("alert.txt").read_text(encoding="utf-8")


def without_handle_times_of(queue: str) -> None:
    """Take the handle times of a queue out of the history: nobody knows them then."""
    lines = Path("history.csv").read_text(encoding="utf-8").splitlines()
    kept = [line.rpartition(",")[0] + "," if line.startswith(f"{queue},") else line for line in lines]
    write("history.csv", "\n".join([*kept, ""]))


def test_a_poison_queue_keeps_its_last_good_forecast_and_the_night_ends_with_10(
    first: Path, morning: Path
) -> None:
    without_handle_times_of("claims")
    outcome = run("nightly")
    assert outcome.code == 10, outcome.err
    assert "forecast of claims failed, its last good result is kept" in outcome.err
    before, after = (
        frame[frame["queue"] == "claims"] for frame in (table("forecast", first / CURRENT), table("forecast"))
    )
    pd.testing.assert_frame_equal(after.reset_index(drop=True), before.reset_index(drop=True))
    pd.testing.assert_frame_equal(
        rows("days", "queue", "claims"), rows("days", "queue", "claims", first / CURRENT)
    )  # or the change guard would not know the queue the night after
    assert set(table("roster")["site"]) == {"north", "south"}
    assert [one["names"] for one in manifest()["stale"]] == [["claims"]]
    assert "claims" in json.loads((CURRENT / "summary.json").read_text())["warnings"][0]
    assert "last good result is kept" in (CURRENT / "report.html").read_text(encoding="utf-8")
    assert alert().startswith("10 published with gaps")


def test_a_night_with_stale_parts_is_tried_again(morning: Path) -> None:
    without_handle_times_of("claims")
    assert run("nightly").code == 10
    assert "nothing has changed" not in run("nightly").err


def test_a_site_whose_rules_contradict_keeps_its_roster(first: Path, morning: Path) -> None:
    full = CONFIG[CONFIG.index("[contracts.full]") : CONFIG.index("[forecast]")]
    bad = full.replace("contracts.full", "contracts.bad").replace("[32, 40]", "[48, 50]")
    write("wfm.toml", with_alert(CONFIG) + bad)
    agents = Path("agents.csv").read_text(encoding="utf-8")
    people = [row for row in agents.splitlines() if not row.startswith("S2,")]  # who has left since
    write("agents.csv", "\n".join(people).replace("S1,south 1,south,full", "S1,south 1,south,bad") + "\n")
    outcome = run("nightly")
    assert outcome.code == 10, outcome.err
    assert "schedule of south failed, its last good result is kept" in outcome.err
    assert "week_hours" in outcome.err
    south, kept = (
        frame[frame["site"] == "south"] for frame in (table("roster"), table("roster", first / CURRENT))
    )
    kept = kept[kept["agent_id"] != "S2"]
    gaps = manifest()["gaps"]
    for words in ("dropped, for they are not there: ", "against the rules of tonight: "):
        assert sum(words in gap for gap in gaps) == 1, gaps
        assert f"the roster kept for south: {words}" in (CURRENT / "report.html").read_text(encoding="utf-8")
    assert any("S1 2026-03-02 week_hours" in gap for gap in gaps)
    pd.testing.assert_frame_equal(south.reset_index(drop=True), kept.reset_index(drop=True))


def test_the_plan_does_not_depend_on_the_workers(morning: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wfm.nightly.chain, "backend_of", backend_of)
    plans = []
    for workers in (1, 3):
        shutil.rmtree("runs")
        write("wfm.toml", f"{CONFIG}[compute]\nworkers = {workers}\n")
        succeeds("nightly")
        plans.append(plan_of(morning))
    one, three = plans
    assert {name for name in one | three if one.get(name) != three.get(name)} == {"wfm.toml"}


def test_who_is_told_when_the_plan_before_is_kept(morning: Path) -> None:
    write("history.csv", "queue,interval_start,offered,aht_s\nbills,2026-02-27T09:00:00,-5,240\n")
    assert run("nightly").code == 11
    assert alert().startswith("11 ")
    assert "history.csv: 1 data fault" in alert().splitlines()[0]
    assert "value '-5'" in alert()


def test_who_is_told_when_another_night_holds_the_lock(morning: Path) -> None:
    with FileLock("runs/.lock"):
        fails(12, "nightly")
    assert alert().startswith("12 another run holds")


def test_nobody_is_told_of_a_good_night(morning: Path) -> None:
    succeeds("nightly")
    assert not Path("alert.txt").exists()


def test_an_alert_that_cannot_be_run_is_logged_and_changes_nothing(morning: Path) -> None:
    write("wfm.toml", CONFIG.replace("[nightly]", "[nightly]\nalert = ['./no-such-command']"))
    Path("agents.csv").unlink()
    outcome = run("nightly")
    assert outcome.code == 11
    assert "alert: ./no-such-command could not be run" in outcome.err


def test_a_dry_run_reads_everything_and_writes_nothing(morning: Path) -> None:
    files = {path: path.read_bytes() for path in morning.rglob("*") if path.is_file()}
    facts = json.loads(succeeds("nightly", "--dry-run", "--json").out)
    assert (facts["dry_run"], facts["unchanged"]) == (True, True)
    write("wfm.toml", CONFIG.replace("[schedule]", "[schedule]\nseed = 2"))
    assert "would plan and publish" in succeeds("nightly", "--dry-run").err
    write("wfm.toml", with_alert(CONFIG))
    assert {path: path.read_bytes() for path in morning.rglob("*") if path.is_file()} == files
    Path("agents.csv").unlink()
    assert "agents.csv" in fails(4, "nightly", "--dry-run")
    assert not Path("alert.txt").exists()


def test_a_dry_run_before_the_first_night_makes_no_folder(morning: Path) -> None:
    shutil.rmtree("runs")
    succeeds("nightly", "--dry-run")
    assert not Path("runs").exists()


def spoken(*arguments: str) -> list[str]:
    """Return what a night says when a setting has changed."""
    outcome: Outcome = succeeds("nightly", *arguments)
    return [line for line in outcome.err.splitlines() if line]


def test_quiet_says_warnings_only_and_the_log_has_all(morning: Path) -> None:
    write("wfm.toml", CONFIG.replace("[schedule]", "[schedule]\nseed = 3"))
    assert spoken("--quiet") == []
    log = sorted(Path("runs/logs").glob("*.jsonl"))[-1].read_text(encoding="utf-8")
    levels = {json.loads(line)["level"] for line in log.splitlines()}
    assert {"debug", "info"} <= levels
    assert any("parts unchanged" in line for line in spoken("--log-level", "debug")) or "unchanged" in log


def test_a_clock_set_back_changes_no_order(morning: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Earlier(datetime):
        @classmethod
        def now(cls, _tz: object = None) -> datetime:  # type: ignore[override]
            return datetime(2020, 1, 1, tzinfo=UTC)

    for module in (wfm.nightly.history, wfm.nightly.journal):
        monkeypatch.setattr(module, "datetime", Earlier)
    for seed in (2, 3):
        write(
            "wfm.toml", CONFIG.replace("[schedule]", f"[schedule]\nseed = {seed}") + "[outputs]\nkeep = 2\n"
        )
        succeeds("nightly")
    names = [line.split()[1] for line in succeeds("status").out.splitlines()[:1]]
    assert names == [str(CURRENT.readlink())]
    assert str(CURRENT.readlink()).endswith("-003")
    assert sorted(path.name[-3:] for path in Path("runs").glob("2026*")) == ["002", "003"]


def test_a_jump_of_the_forecast_is_held_until_it_is_accepted(morning: Path) -> None:
    lines = Path("history.csv").read_text(encoding="utf-8").splitlines()
    tenfold = [
        ",".join([queue, start, str(int(offered) * 10), aht])
        for queue, start, offered, aht in (line.split(",") for line in lines[1:])
    ]
    write("history.csv", "\n".join([lines[0], *tenfold, ""]))
    before = plan_of(morning)
    outcome = run("nightly")
    assert outcome.code == 11
    assert "the forecast jumps" in outcome.err
    assert plan_of(morning) == before
    run("nightly", "--accept-changes")
    assert plan_of(morning) != before

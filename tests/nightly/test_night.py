"""`wfm nightly` and `wfm status`: published whole or not at all, and what stands after a bad night."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from unittest.mock import patch

import pandas as pd
import pytest
from filelock import FileLock

import wfm.nightly.chain
import wfm.nightly.run_files
from tests.cli.tiny import (
    CONFIG,
    PLANNED,
    VERIFY_COMMAND,
    Outcome,
    fails,
    leftovers,
    make_centre,
    run,
    short_search,
    succeeds,
    write,
)
from wfm.errors import LimitError, OutputError
from wfm.executor import Here
from wfm.io.run_paths import RUN_NAME
from wfm.nightly.publish import drop_old

TABLES = (
    "history", "forecast", "requirements", "roster", "coverage", "scores", "simulation", "simulated_days",
)  # fmt: skip
EXEMPT = ("manifest.json", "log.jsonl", "summary.json")  # clocks and measured seconds
CURRENT = Path("runs/current")


@pytest.fixture(scope="module", autouse=True)
def _short_search_here() -> Iterator[None]:
    """Search short, which other processes would not know of: test_parts.py and test_alone.py have these."""
    with short_search(), patch.object(wfm.nightly.chain, "backend_of", lambda *_: Here()):
        yield


@pytest.fixture(scope="module")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a centre after its first night; not to be written into."""
    folder = tmp_path_factory.mktemp("night")
    make_centre(folder)
    with chdir(folder):
        succeeds("nightly")
    return folder


@pytest.fixture
def morning(first_night: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the centre after its first night, which is also the current folder."""
    folder = tmp_path / "centre"
    shutil.copytree(first_night, folder, symlinks=True)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a centre that has had no night yet, which is also the current folder."""
    make_centre(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def published() -> str:
    """Return what the link `current` says."""
    return str(CURRENT.readlink())


def run_folders() -> list[str]:
    """Return the names of the run folders, oldest first."""
    return sorted(path.name for path in Path("runs").iterdir() if RUN_NAME.fullmatch(path.name))


def files_of(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder, by its place in it."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


@contextmanager
def previous_plan_kept() -> Iterator[None]:
    """Check that the published plan is the same, byte for byte, after the block."""
    target = published()
    files = files_of(CURRENT)
    yield
    assert published() == target
    assert files_of(CURRENT) == files
    assert run_folders() == [target]
    assert leftovers(Path("runs")) == []


def break_history() -> None:
    """Put one row into the history that nobody can believe."""
    with Path("history.csv").open("a", encoding="utf-8") as history:
        history.write("hotline,2026-03-02T09:00:00,-5,240\n")


def change_something() -> None:
    """Change a setting, so that the night has something to do."""
    write("wfm.toml", CONFIG.replace("time_limit_s = 20", "time_limit_s = 21"))


def nights() -> list[dict[str, object]]:
    """Return what `wfm status` knows, newest first."""
    found: list[dict[str, object]] = json.loads(succeeds("status", "--json").out)["runs"]
    return found


def test_a_night_leaves_a_whole_run_folder(morning: Path) -> None:
    for name in TABLES:
        assert len(pd.read_parquet(CURRENT / f"{name}.parquet")) > 0 or name == "scores"
    summary = json.loads((CURRENT / "summary.json").read_text(encoding="utf-8"))
    assert summary["first_day"] == PLANNED.isoformat()
    assert summary["bound"] <= summary["objective"]
    assert 0 <= summary["simulation"]["queues"]["hotline"]["days_met"] <= 1
    assert "hotline" in (CURRENT / "report.html").read_text(encoding="utf-8")
    assert leftovers(Path("runs")) == []


def test_the_manifest_says_what_the_plan_was_made_from(morning: Path) -> None:
    manifest = json.loads((CURRENT / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["inputs"]) == {"history.csv", "agents.csv"}
    assert all(len(digest) == 64 for digest in manifest["inputs"].values())
    assert manifest["seed"] == 1
    assert manifest["run"] == published()
    assert all(seconds >= 0 for seconds in manifest["seconds"].values())


def test_the_log_is_a_json_object_a_line(morning: Path) -> None:
    lines = (CURRENT / "log.jsonl").read_text(encoding="utf-8").splitlines()
    entries = [json.loads(line) for line in lines]
    assert {"time", "level", "message"} <= set(entries[0])
    assert any("verify: 0 violations" in entry["message"] for entry in entries)


def test_current_is_a_relative_link_to_the_run(morning: Path) -> None:
    assert CURRENT.is_symlink()
    target = published()
    assert not Path(target).is_absolute()
    assert run_folders() == [target]
    shutil.move(morning / "runs", morning / "elsewhere")
    assert (morning / "elsewhere" / "current" / "roster.parquet").exists()


def test_the_published_roster_passes_verify(morning: Path) -> None:
    succeeds(
        "verify",
        CURRENT / "roster.parquet",
        *VERIFY_COMMAND[2:5],
        CURRENT / "requirements.parquet",
        "--summary",
        CURRENT / "summary.json",
    )


def test_the_same_night_again_changes_nothing_and_says_so(morning: Path) -> None:
    with previous_plan_kept():
        outcome = succeeds("nightly", "--json")
    assert "nothing has changed" in outcome.err
    assert json.loads(outcome.out)["unchanged"] is True
    assert [(night["exit_code"], night["published"]) for night in nights()] == [(0, True), (0, True)]


def test_a_changed_setting_makes_a_second_folder_and_computes_only_what_it_concerns(morning: Path) -> None:
    first = CURRENT.resolve()
    change_something()
    succeeds("nightly")
    assert len(run_folders()) == 2
    assert CURRENT.resolve().name == run_folders()[1] != first.name
    assert first.is_dir()
    parts = json.loads((CURRENT / "manifest.json").read_text(encoding="utf-8"))["parts"]
    made = {stage for stage, counts in parts.items() if counts["made"]}
    assert made == {"schedule", "simulate"}
    for name in ("history", "forecast", "requirements", "roster", "coverage"):
        path = f"{name}.parquet"
        assert (CURRENT / path).read_bytes() == (first / path).read_bytes()


def test_the_same_night_again_changes_nothing_when_the_run_before_was_removed(morning: Path) -> None:
    change_something()
    with Path("wfm.toml").open("a", encoding="utf-8") as config:
        config.write("[outputs]\nkeep = 1\n")
    succeeds("nightly")
    assert run_folders() == [published()]
    with previous_plan_kept():
        assert "nothing has changed" in succeeds("nightly").err


def test_an_export_that_may_be_cut_keeps_the_plan(morning: Path) -> None:
    write("wfm.toml", CONFIG.replace('history = "history.csv"', 'contacts = "history.csv"'))
    history = Path("history.csv").read_bytes()
    Path("history.csv").write_bytes(history[:-1])
    with previous_plan_kept():
        outcome = run("nightly")
    assert outcome.code == 11
    assert "history.csv: the file does not end with a line break" in outcome.err
    assert nights()[0]["exit_code"] == 11


def test_a_night_takes_no_export_that_it_would_have_to_guess(morning: Path, project: Path) -> None:
    write("wfm.toml", CONFIG.replace('history = "history.csv"', 'contacts = "export.csv"'))
    shutil.copy(project / "data/samples/exports/genesys-wfm.csv", "export.csv")
    with previous_plan_kept():
        outcome = run("nightly")
    assert outcome.code == 11
    assert "export.csv looks like preset genesys-wfm (1.00)" in outcome.err
    assert 'with [source.X] preset = "genesys-wfm"' in outcome.err


def test_calendars_that_are_missing_are_written_though_nothing_has_changed(morning: Path) -> None:
    with Path("wfm.toml").open("a", encoding="utf-8") as config:
        config.write('[outputs]\ncalendars = "calendars"\n')
    with previous_plan_kept():
        assert "nothing has changed" in succeeds("nightly").err
    assert list(Path("calendars").glob("**/*.ics"))


def test_what_fails_after_the_switch_does_not_deny_it(morning: Path) -> None:
    before = published()
    with Path("runs/attempts.jsonl").open("a", encoding="utf-8") as attempts:
        attempts.write("not JSON\n")
    change_something()
    assert "old runs were not removed" in succeeds("nightly").err
    assert published() != before


def test_a_damaged_run_is_made_again(morning: Path) -> None:
    first = CURRENT.resolve()
    whole = files_of(first)
    (first / "roster.parquet").write_bytes(b"torn")
    succeeds("nightly")
    assert CURRENT.resolve() != first
    assert files_of(CURRENT)["roster.parquet"] == whole["roster.parquet"]


def test_a_whole_run_that_was_not_published_is_published(morning: Path) -> None:
    """So it is when a night was killed just before its last step."""
    name = published()
    CURRENT.unlink()
    succeeds("nightly")
    assert published() == name
    assert run_folders() == [name]


def test_two_first_nights_give_the_same_bytes(first_night: Path, fresh: Path) -> None:
    succeeds("nightly")
    theirs = first_night / CURRENT
    ours, other = files_of(CURRENT), files_of(theirs)
    assert ours.keys() == other.keys()
    assert {name for name in ours if ours[name] != other[name]} <= set(EXEMPT)


def test_json_is_the_summary_with_the_name_of_the_run(morning: Path) -> None:
    outcome = succeeds("nightly", "--json")
    assert len(outcome.out.splitlines()) == 1
    summary = json.loads(outcome.out)
    assert summary["run"] == published()
    assert summary["status"] in {"optimal", "feasible", "time_limit"}


def test_as_of_moves_the_plan_and_its_name(morning: Path) -> None:
    succeeds("nightly", "--as-of", "2026-02-23T00:00")
    assert published().startswith("20260223T")
    starts = pd.read_parquet(CURRENT / "forecast.parquet")["interval_start"]
    assert starts.min() == pd.Timestamp("2026-02-23 09:00", tz="Europe/Berlin")


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        pytest.param("history", "row 322, column offered, value '-5'", id="a broken history"),
        pytest.param("agents", "agents.csv", id="a missing file"),
        pytest.param("contract", "week_hours", id="an infeasible contract"),
        pytest.param("seats", "site office", id="a limit that cannot be kept"),
    ],
)
def test_a_failing_night_ends_with_11_and_the_plan_before_stands(
    morning: Path, failure: str, words: str
) -> None:
    if failure == "history":
        break_history()
    elif failure == "agents":
        Path("agents.csv").unlink()
    elif failure == "contract":
        write("wfm.toml", CONFIG.replace("[32, 40]", "[48, 50]"))
    else:
        write("wfm.toml", CONFIG.replace("[sites.office]", "[sites.office]\nseats = 1"))
    with previous_plan_kept():
        outcome = run("nightly")
    assert outcome.code == 11, outcome.err
    assert words in outcome.err
    assert "kept" in outcome.err
    assert "Traceback" not in outcome.err
    assert [(night["exit_code"], night["published"]) for night in nights()] == [(11, False), (0, True)]


def test_a_full_disk_keeps_the_plan_before(morning: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OutputError("report.html cannot be written: No space left on device", hint="free some space")

    monkeypatch.setattr(wfm.nightly.run_files, "render", full)
    change_something()
    with previous_plan_kept():
        assert run("nightly").code == 11


@pytest.mark.parametrize(
    ("failure", "code"), [pytest.param("history", 4, id="data"), pytest.param("contract", 5, id="rules")]
)
def test_a_failing_first_night_ends_with_its_own_code_and_publishes_nothing(
    fresh: Path, failure: str, code: int
) -> None:
    if failure == "history":
        break_history()
    else:
        write("wfm.toml", CONFIG.replace("[32, 40]", "[48, 50]"))
    assert run("nightly").code == code
    assert not CURRENT.exists()
    assert run_folders() == []


def test_no_roster_within_the_limit_is_6_the_first_night(
    fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(*_: object, **__: object) -> None:
        raise LimitError("no roster found", hint="raise the limit")

    monkeypatch.setattr(wfm.nightly.chain, "make_plan", late)
    assert "raise the limit" in fails(6, "nightly")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        pytest.param('history = "history.csv"', "", "contacts or history", id="no history named"),
        pytest.param('agents = "agents.csv"', "", "agents", id="no agents named"),
        pytest.param("[inputs]", "[input]", "did you mean 'inputs'?", id="section misspelt"),
        pytest.param("interval_min = 60", "interval_min = 61", "centre.interval_min", id="wrong value"),
    ],
)
def test_a_wrong_configuration_is_3_with_or_without_a_plan(
    morning: Path, old: str, new: str, words: str
) -> None:
    write("wfm.toml", CONFIG.replace(old, new))
    with previous_plan_kept():
        assert words in fails(3, "nightly")


def test_another_run_with_the_lock_is_12_and_the_plan_stands(morning: Path) -> None:
    with previous_plan_kept(), FileLock("runs/.lock"):
        assert "another run holds" in fails(12, "nightly")
    succeeds("nightly")


def test_a_bug_keeps_its_traceback_and_the_plan(morning: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(wfm.nightly.chain, "make_plan", broken)
    change_something()
    with previous_plan_kept():
        outcome = run("nightly")
    assert outcome.code == 1
    assert "ZeroDivisionError" in outcome.err
    assert nights()[0]["exit_code"] == 1


def test_ctrl_c_is_130_and_the_plan_stands(morning: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(wfm.nightly.run_files, "render", interrupted)
    change_something()
    with previous_plan_kept():
        assert run("nightly").code == 130
    monkeypatch.undo()


def test_what_a_killed_night_left_behind_goes_with_the_next(morning: Path) -> None:
    left = Path("runs/.20200101T0000Z-001.part")
    left.mkdir()
    (left / "history.parquet").write_bytes(b"half")
    succeeds("nightly")
    assert leftovers(Path("runs")) == []


def test_only_the_last_runs_are_kept_and_no_name_comes_twice(fresh: Path) -> None:
    seen = []
    for seed in range(3):
        seeded = CONFIG.replace("[schedule]", f"[schedule]\nseed = {seed}")
        write("wfm.toml", f"{seeded}[outputs]\nkeep = 1\n")
        succeeds("nightly")
        seen.append(published())
    assert len(set(seen)) == 3
    assert run_folders() == seen[-1:]


def test_the_published_run_is_never_dropped(morning: Path) -> None:
    for number in range(3):
        (Path("runs") / f"20270101T0000Z-{number:03d}").mkdir()
    drop_old(Path("runs"), 1, [published()])
    assert CURRENT.resolve().is_dir()
    assert published() in run_folders()


def test_a_runs_folder_that_cannot_be_made_is_7(fresh: Path) -> None:
    write("runs", "a file")
    assert "[outputs] runs" in fails(7, "nightly")


def test_paths_are_relative_to_the_configuration(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (fresh / "elsewhere").mkdir()
    monkeypatch.chdir(fresh / "elsewhere")
    succeeds("nightly", "--config", "../wfm.toml")
    assert (fresh / CURRENT / "report.html").is_file()
    assert list(Path().iterdir()) == []


def test_the_report_of_a_run_can_be_made_again(morning: Path) -> None:
    succeeds("report", CURRENT, "-o", "again.html")
    assert Path("again.html").read_bytes() == (CURRENT / "report.html").read_bytes()


def test_status_shows_the_published_run_with_a_star(morning: Path) -> None:
    break_history()
    run("nightly")
    lines = succeeds("status").out.splitlines()
    assert [line[0] for line in lines] == [" ", "*"]
    assert "exit 11" in lines[0]
    assert published() in lines[1]
    assert len(succeeds("status", "--last", "1").out.splitlines()) == 1


def test_status_without_a_run_says_so(fresh: Path) -> None:
    outcome: Outcome = succeeds("status")
    assert outcome.out == ""
    assert "no run yet" in outcome.err


def test_a_list_of_nights_that_somebody_wrote_in_is_4_and_names_the_line(morning: Path) -> None:
    with Path("runs/attempts.jsonl").open("a", encoding="utf-8") as attempts:
        attempts.write("not JSON\n")
    assert "attempts.jsonl" in (message := fails(4, "status"))
    assert "row 2" in message


def test_a_queue_without_history_is_a_gap_10_and_the_rest_is_published(morning: Path) -> None:
    before = published()
    write(
        "wfm.toml", CONFIG.replace("[queues.hotline]", "[queues.new]\nservice_level = 0.8\n[queues.hotline]")
    )
    outcome = run("nightly")
    assert outcome.code == 10
    assert "queue new has no forecast" in outcome.err
    assert published() != before
    assert nights()[0]["exit_code"] == 10


def test_stale_data_keep_the_plan_before(morning: Path) -> None:
    write("wfm.toml", CONFIG.replace("2026-03-02T03:30", "2026-03-20T03:30"))
    with previous_plan_kept():
        outcome = run("nightly")
    assert outcome.code == 11
    assert "should be in it by now" in outcome.err
    assert "should be in it by now" in str(nights()[0]["text"])

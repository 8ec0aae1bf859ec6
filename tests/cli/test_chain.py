"""From `wfm init` to the report with the commands alone; any kind of file, the same bytes every time."""

from __future__ import annotations

import json
import re
from contextlib import chdir
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from tests.cli.tiny import (
    FORECAST_COMMAND,
    SCHEDULE_COMMAND,
    STAFF_COMMAND,
    VERIFY_COMMAND,
    run,
    succeeds,
    write,
)
from wfm.io.inputs import queue_zones, site_zones
from wfm.io.tables import read_table
from wfm.io.toml import load_config
from wfm.tables import COVERAGE, DAYS, FORECAST, REQUIREMENTS, ROSTER, SCORES, Table

WEEK = "2026-03-02"  # of the sample; its history ends the day before


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder made by `wfm init`, with the chain run over it as the last line of init tells."""
    folder = tmp_path_factory.mktemp("sample") / "planning"
    succeeds("init", folder)
    with chdir(folder):
        succeeds(*FORECAST_COMMAND, "--horizon", "2w", "--model", "median_of_weeks", "--days", "days.csv")
        succeeds(*STAFF_COMMAND)
        wishes = ("--time-off", "time_off.csv", "--requests", "requests.csv")
        outputs = ("--coverage", "coverage.csv", "--summary", "summary.json", "--proof", "proof.csv")
        succeeds(*SCHEDULE_COMMAND, *wishes, *outputs, "--time-limit", "4s")
    return folder


def table(path: Path, kind: Table, config: Path) -> pd.DataFrame:
    """Read a table as the commands do."""
    settings = load_config(config)
    return read_table(path, kind, site_zones(settings) if kind is ROSTER else queue_zones(settings))


def test_init_tells_the_next_command_and_that_command_exists(tmp_path: Path) -> None:
    outcome = succeeds("init", tmp_path / "new")
    assert (
        outcome.err.splitlines()[-1]
        == f"next: cd {tmp_path / 'new'} && wfm forecast history.csv -o forecast.csv"
    )


def test_the_forecast_has_two_weeks_of_open_hours_from_the_end_of_the_history(sample: Path) -> None:
    forecast = table(sample / "forecast.csv", FORECAST, sample / "wfm.toml")
    local = forecast["interval_start"].dt.tz_convert("Europe/Berlin")
    assert local.min() == pd.Timestamp(f"{WEEK} 08:00", tz="Europe/Berlin")
    assert local.dt.date.nunique() == 10
    assert set(local.dt.day_of_week) == {0, 1, 2, 3, 4}
    assert (forecast["offered"] >= 0).all()
    assert forecast["offered"].sum() > 1000


def test_the_days_are_the_sums_of_their_intervals(sample: Path) -> None:
    forecast = table(sample / "forecast.csv", FORECAST, sample / "wfm.toml")
    days = table(sample / "days.csv", DAYS, sample / "wfm.toml").set_index(["queue", "date"])["offered"]
    local = forecast["interval_start"].dt.tz_convert("Europe/Berlin").dt.tz_localize(None).dt.normalize()
    sums = forecast.groupby(["queue", local])["offered"].sum()
    assert list(days.index) == list(sums.index)
    assert days.to_numpy() == pytest.approx(sums.to_numpy(), rel=1e-9)


def test_the_coverage_is_the_requirement_against_the_roster(sample: Path) -> None:
    coverage = table(sample / "coverage.csv", COVERAGE, sample / "wfm.toml")
    required = table(sample / "requirements.csv", REQUIREMENTS, sample / "wfm.toml")
    both = coverage.merge(required, on=["queue", "interval_start"], suffixes=("", "_staffed"))
    assert len(both) == len(coverage) > 0
    assert (both["agents_to_schedule"] == both["agents_to_schedule_staffed"]).all()
    net = coverage["agents_scheduled"] - coverage["agents_to_schedule"]
    assert coverage["net_staffing"].to_numpy() == pytest.approx(net.to_numpy(), abs=1e-9)


def test_segments_tile_every_shift_of_the_roster(sample: Path) -> None:
    roster = table(sample / "roster.csv", ROSTER, sample / "wfm.toml")
    assert len(roster["agent_id"].unique()) > 1
    for _, shift in roster.groupby(["agent_id", "shift_date"]):
        segments = list(zip(shift["start"], shift["end"], strict=True))
        assert all(start < end for start, end in segments)
        assert all(before[1] == after[0] for before, after in pairwise(segments))


def test_the_roster_passes_verification_with_the_inputs_it_was_made_from(
    sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(sample)
    wishes = ("--time-off", "time_off.csv", "--requests", "requests.csv")
    outcome = succeeds(*VERIFY_COMMAND, *wishes, "--summary", "summary.json", "--json")
    summary = json.loads(Path("summary.json").read_text(encoding="utf-8"))
    checked = json.loads(outcome.out)
    assert checked["violations"] == 0
    assert checked["objective"] == pytest.approx(summary["objective"], rel=1e-9)
    assert summary["bound"] <= summary["objective"]
    assert summary["gap"] == pytest.approx(
        (summary["objective"] - summary["bound"]) / max(1, abs(summary["objective"]))
    )
    assert summary["gap_h"] * 4 == pytest.approx(summary["objective"] - summary["bound"])  # weight of `paid`


def test_the_report_of_a_folder_of_tables_is_one_page_that_names_the_queues(
    sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(sample)
    succeeds("report", ".", "-o", "report.html")
    page = Path("report.html").read_text(encoding="utf-8")
    assert "hotline" in page
    assert "chat" in page
    assert not re.search(r"""(?:src|href)=["']?https?:""", page)


@pytest.mark.parametrize("ending", ["csv.gz", "parquet"])
def test_the_kind_of_file_changes_nothing_in_the_tables(planned: Path, ending: str) -> None:
    succeeds("import", "history.csv", "-o", f"history.{ending}")
    succeeds("forecast", f"history.{ending}", "-o", f"forecast.{ending}", "--days", f"days.{ending}")
    succeeds("forecast", "history.csv", "-o", "forecast.csv", "--days", "days.csv")
    succeeds("staff", f"forecast.{ending}", "-o", f"requirements.{ending}")
    options = ("--agents", "agents.csv", "-o", f"roster.{ending}", "--coverage", f"coverage.{ending}")
    succeeds("schedule", f"requirements.{ending}", *options)
    for kind in (FORECAST, DAYS, REQUIREMENTS, ROSTER, COVERAGE):
        expected = table(Path(f"{kind.name}.csv"), kind, Path("wfm.toml"))
        found = table(Path(f"{kind.name}.{ending}"), kind, Path("wfm.toml"))
        assert len(found) > 0
        assert_frame_equal(found, expected, check_exact=True)


def test_a_folder_of_parquet_is_one_table(planned: Path) -> None:
    Path("parts").mkdir()
    lines = Path("history.csv").read_text(encoding="utf-8").splitlines()
    for number, rows in enumerate((lines[1:100], lines[100:])):
        write("part.csv", "\n".join([lines[0], *rows, ""]))
        succeeds("import", "part.csv", "-o", f"parts/{number}.parquet")
    for refused in Path("parts").glob("*.quarantine.csv"):
        refused.unlink()
    assert succeeds("forecast", "parts", "-o", "-").out == Path("forecast.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize("ending", ["csv.gz", "parquet"])
def test_the_same_inputs_and_seed_give_the_same_bytes(planned: Path, ending: str) -> None:
    made = []
    for name in ("one", "two"):
        Path(name).mkdir()
        succeeds(*FORECAST_COMMAND[:-1], f"{name}/forecast.{ending}")
        succeeds("staff", f"{name}/forecast.{ending}", "-o", f"{name}/requirements.{ending}")
        outputs = ("-o", f"{name}/roster.{ending}", "--coverage", f"{name}/coverage.{ending}")
        options = ("--agents", "agents.csv", "--seed", "7", "--proof", f"{name}/proof.csv")
        succeeds("schedule", f"{name}/requirements.{ending}", *options, *outputs)
        succeeds("report", name, "-o", f"{name}/report.html")
        made.append({path.name: path.read_bytes() for path in Path(name).iterdir()})
    assert made[0].keys() == made[1].keys()
    assert [name for name in made[0] if made[0][name] != made[1][name]] == []


def test_the_summary_repeats_but_for_the_seconds(planned: Path) -> None:
    first, second = (json.loads(succeeds(*SCHEDULE_COMMAND, "--json").out) for _ in range(2))
    assert first.pop("seconds") > 0
    second.pop("seconds")
    assert first == second


def test_the_order_of_the_rows_of_a_file_means_nothing(planned: Path) -> None:
    for name in ("history.csv", "agents.csv"):
        header, *rows = Path(name).read_text(encoding="utf-8").splitlines()
        write(f"turned_{name}", "\n".join([header, *reversed(rows), ""]))
    roster = Path("roster.csv").read_bytes()
    forecast = succeeds("forecast", "turned_history.csv", "-o", "-").out
    assert forecast == Path("forecast.csv").read_text(encoding="utf-8")
    succeeds("schedule", "requirements.csv", "--agents", "turned_agents.csv", "-o", "turned.csv")
    assert Path("turned.csv").read_bytes() == roster


def test_rows_at_or_after_as_of_are_not_used(planned: Path) -> None:
    lines = Path("history.csv").read_text(encoding="utf-8").splitlines()
    cut = next(number for number, line in enumerate(lines) if "2026-02-23T" in line)
    write("until.csv", "\n".join([*lines[:cut], ""]))
    early = succeeds("forecast", "history.csv", "-o", "-", "--as-of", "2026-02-23").out
    assert early == succeeds("forecast", "until.csv", "-o", "-", "--as-of", "2026-02-23T00:00+01:00").out
    assert "2026-02-23T09:00:00+01:00" in early


def test_backtest_scores_the_model_that_was_asked_for(planned: Path) -> None:
    succeeds("backtest", "history.csv", "-o", "scores.csv", "--horizon", "1w", "--origins", "2")
    scores = table(Path("scores.csv"), SCORES, Path("wfm.toml"))
    assert set(scores["model"]) == {"seasonal_naive"}
    assert (scores["wape"] >= 0).all()


def test_import_then_forecast_is_forecast_of_the_log_itself(planned: Path) -> None:
    header = "contact_id,queue,arrived_at,answered_at,ended_at,wait_s,talk_s,hold_s,acw_s,outcome"
    stamps = pd.date_range("2026-02-02 09:00", "2026-02-27 16:30", freq="23min")
    open_stamps = [s for s in stamps if s.day_of_week < 5 and 9 <= s.hour < 17]
    rows = [
        f"c{number},hotline,{s:%Y-%m-%dT%H:%M:%S},{s:%Y-%m-%dT%H:%M:%S},{s:%Y-%m-%dT%H:%M:%S},0,180,0,60,handled"
        for number, s in enumerate(open_stamps)
    ]
    write("log.csv", "\n".join([header, *rows, ""]))
    succeeds("import", "log.csv", "-o", "imported.parquet")
    imported = succeeds("forecast", "imported.parquet", "-o", "-")
    direct = succeeds("forecast", "log.csv", "-o", "-")
    assert direct.out == imported.out
    assert run("forecast", "log.csv", "-o", "log.parquet", "--json").code == 0

"""`wfm score`: runs and files found, figures that can be said by hand, and messages that say what to do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

from tests.cli.tiny import CALLS, CONFIG, fails, history_rows, history_text, succeeds, write

BANDS = "offered_p025,offered_p10,offered_p50,offered_p90,offered_p975"
HEADER = f"queue,interval_start,offered,aht_s,{BANDS},model"
LAST_WEEK = date(2026, 2, 23)  # of the history, whose counts are CALLS, and one more on Tuesday and Thursday
MONDAY_RUN, TUESDAY_RUN = "20260223T0800Z-001", "20260224T0800Z-001"
SCORE = ("score", "-o", "score.csv")


@pytest.fixture(autouse=True)
def centre(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder: a centre with its history, and no run yet."""
    monkeypatch.chdir(tmp_path)
    write("wfm.toml", CONFIG)
    write("history.csv", history_text(history_rows()))
    return tmp_path


def forecast(first: date, days: int, more: float, queue: str = "hotline", aht_s: float = 240) -> str:
    """Return FORECAST as CSV, `more` contacts above CALLS in each hour, on weekdays."""
    dates = (first + timedelta(days=step) for step in range(days))
    rows = [
        f"{queue},{day}T{9 + hour:02d}:00:00,{calls + more},{aht_s},0,0,{calls + more},99,99,by hand"
        for day in dates
        if day.weekday() < 5
        for hour, calls in enumerate(CALLS)
    ]
    return "\n".join([HEADER, *rows, ""])


def keep(folder: str, text: str) -> Path:
    """Write the forecast of a run, and return its folder."""
    path = Path(folder)
    path.mkdir(parents=True)
    write(f"{folder}/forecast.csv", text)
    return path


def two_runs() -> None:
    """Write a run of Monday, two contacts too many, and one of Tuesday, which is right on even days."""
    keep(f"runs/{MONDAY_RUN}", forecast(LAST_WEEK, 14, 2))
    keep(f"runs/{TUESDAY_RUN}", forecast(LAST_WEEK + timedelta(days=1), 14, 0))


def table(name: str = "score.csv") -> pd.DataFrame:
    """Return the scores, by their lead."""
    return pd.read_csv(name).set_index("lead_from_day")


def test_two_runs_score_as_counted_by_hand() -> None:
    two_runs()
    said = succeeds(*SCORE).err
    found, hours, day = table(), len(CALLS), sum(CALLS)
    assert found.index.tolist() == [0, 1, 2, 4]
    # same day: Monday's run of Monday (+2), Tuesday's of Tuesday (-1 for the odd day)
    assert found.loc[0, "offered"] == day + (day + hours)
    assert found.loc[0, "wape"] == pytest.approx(3 * hours / (2 * day + hours))
    assert found.loc[0, "bias"] == pytest.approx(1 * hours / (2 * day + hours))
    # 1 day ahead: Monday's of Tuesday (+1), Tuesday's of Wednesday (0); 2-3 days: +2, +1 and -1, 0
    assert found.loc[1, "wape"] == pytest.approx(hours / (2 * day + hours))
    assert found.loc[2, "wape"] == pytest.approx(4 * hours / (4 * day + 2 * hours))
    assert found["forecasts"].tolist() == [2, 2, 2, 1]
    assert found["intervals"].tolist() == [16, 16, 32, 8]
    assert found["days"].tolist() == [2, 2, 4, 1]
    assert (found["coverage_95"] == 1).all()
    assert (found["aht_bias"] == 0).all()
    whole = 9 * day + 4 * hours  # of Monday's run five days, of Tuesday's four
    level = (5 * 2 - 2 - 2) * hours / whole
    assert f"too high by {level:.1%}" in said
    assert f"hotline: Fri 2026-02-27: {day} contacts came, {day} expected (+0.0%) by {TUESDAY_RUN}" in said


def test_the_summary_for_machines_is_the_table() -> None:
    two_runs()
    summary = json.loads(succeeds(*SCORE, "--json").out)
    leads = summary["queues"]["hotline"]["leads"]
    assert [row["lead_from_day"] for row in leads] == [0, 1, 2, 4]
    for row in leads:
        stated: Mapping[str, float] = table().loc[row["lead_from_day"]].to_dict()
        assert {name: row[name] for name in ("wape", "bias", "intervals")} == pytest.approx(
            {name: stated[name] for name in ("wape", "bias", "intervals")}
        )
    assert summary["forecasts"] == 2
    assert summary["queues"]["hotline"]["last_day"]["forecast_of"] == TUESDAY_RUN


@pytest.mark.parametrize(
    "places",
    [
        pytest.param(("runs",), id="folder of runs"),
        pytest.param((f"runs/{MONDAY_RUN}", f"runs/{TUESDAY_RUN}"), id="run folders"),
        pytest.param(("runs", "runs/current", f"runs/{TUESDAY_RUN}"), id="a run named three times"),
        pytest.param(
            (
                f"runs/{MONDAY_RUN}/forecast.csv",
                f"runs/{TUESDAY_RUN}/forecast.csv",
                "--history",
                "history.csv",
            ),
            id="forecasts",
        ),
    ],
)
def test_every_way_to_name_the_forecasts_gives_one_table(places: tuple[str, ...]) -> None:
    two_runs()
    Path("runs/current").symlink_to(TUESDAY_RUN)
    succeeds(*SCORE)
    plain = Path("score.csv").read_bytes()
    succeeds(*SCORE, *places)
    assert Path("score.csv").read_bytes() == plain


def test_the_history_of_the_newest_run_comes_before_that_of_the_inputs() -> None:
    two_runs()
    rows = [row for row in history_rows() if ",2026-02-25T" not in row and ",2026-02-26T" not in row]
    write(f"runs/{MONDAY_RUN}/history.csv", history_text(rows[:-1]))
    write(f"runs/{TUESDAY_RUN}/history.csv", history_text(rows))
    succeeds(*SCORE)
    assert table()["days"].sum() == 9 - 4
    succeeds(*SCORE, "--history", "history.csv")
    assert table()["days"].sum() == 9


def test_outages_are_left_out_only_when_they_are_named() -> None:
    keep(f"runs/{MONDAY_RUN}", forecast(LAST_WEEK, 7, 0))
    rows = [
        row.replace(f",{CALLS[2]},240", ",0,") if ",2026-02-23T11" in row else row for row in history_rows()
    ]
    write("history.csv", history_text(rows))
    succeeds(*SCORE)
    assert table().loc[0, "wape"] == pytest.approx(CALLS[2] / (sum(CALLS) - CALLS[2]))
    outage = "name,queue,from,to,kind,effect\nline,,2026-02-23T11:00,2026-02-23T12:00,outage,\n"
    said = succeeds(*SCORE, "--events", write("events.csv", outage)).err
    assert table().loc[0, "wape"] == 0
    assert table().loc[0, "days"] == 0
    assert "1 interval lies in an outage or closure" in said


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        pytest.param((), 4, ("runs: does not exist", "wfm nightly"), id="no runs folder"),
        pytest.param(("empty",), 4, ("empty: no run with a forecast", "wfm nightly"), id="no run"),
        pytest.param(("nowhere.csv",), 4, ("nowhere.csv: does not exist",), id="no such file"),
        pytest.param(("history.csv",), 4, ("model",), id="not a forecast"),
        pytest.param(
            ("late.csv",), 4, ("no interval of 1 forecast has happened", "--history"), id="too early"
        ),
        pytest.param(
            ("late.csv", "--config", "bare.toml"), 2, ("no history", "--history FILE"), id="no history"
        ),
        pytest.param(("none.csv",), 4, ("without rows", "none.csv"), id="no rows"),
        pytest.param(("half.csv",), 4, ("intervals of 30 min", "half.csv"), id="other intervals"),
    ],
)
def test_wrong_input_says_what_to_do(arguments: tuple[str, ...], code: int, words: tuple[str, ...]) -> None:
    Path("empty").mkdir()
    write("bare.toml", CONFIG.replace('history = "history.csv"\n', ""))
    write("late.csv", forecast(date(2026, 3, 2), 7, 0))
    write("none.csv", f"{HEADER}\n")
    hours = forecast(LAST_WEEK, 1, 0).splitlines()
    write("half.csv", "\n".join([*hours, *(row.replace(":00:00,", ":30:00,") for row in hours[1:])]))
    message = fails(code, *SCORE, *arguments)
    for word in words:
        assert word in message
    assert not Path("score.csv").exists()


@pytest.mark.parametrize("name", ["[red]x[bold]", "a\x1b[31mb", "50% of = 1", "naïve ✓"], ids=ascii)
def test_hostile_names_are_shown_as_they_are(name: str) -> None:
    toml = json.dumps(name, ensure_ascii=True)
    write("wfm.toml", CONFIG.replace("[queues.hotline]", f"[queues.{toml}]"))
    write("history.csv", history_text([row.replace("hotline", name) for row in history_rows()]))
    keep(f"runs/{name}", forecast(LAST_WEEK, 7, 1, queue=name))
    said = succeeds(*SCORE).err
    visible = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in name)
    assert f"{visible}: WAPE of intervals" in said
    assert f"by {visible}, 4 d before" in said
    assert "\x1b" not in said
    assert pd.read_csv("score.csv")["queue"].unique().tolist() == [name]

"""The benchmark of the forecast: origins, what a contender sees, its plain models and its scores."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench import forecast, forecast_peers, real_series
from bench.forecast_question import Question, answered, days_of

SLOTS = 4
WEEKDAYS = np.array([1.4, 1.1, 1.0, 0.9, 1.2])
SHAPE = np.array([20.0, 60.0, 45.0, 30.0])
OPEN = [[600, 660, 720, 780]] * 5 + [[]] * 2


def stamps_of(first: str, days: int) -> pd.DatetimeIndex:
    """Return the hours from 10 to 13 of the working days."""
    hours = pd.date_range(first, periods=24 * days, freq="h")
    return hours[(hours.day_of_week < 5) & (hours.hour >= 10) & (hours.hour < 10 + SLOTS)]


def pattern(stamps: pd.DatetimeIndex) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return contacts whose root, a quarter added, is a weekday's level times a slot's shape."""
    return np.asarray(WEEKDAYS[stamps.day_of_week] * SHAPE[stamps.hour - 10] - 0.25)


def asked(origin: str = "2024-04-01", holidays: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return a question about 15 weeks of the pattern; its rows go on for the two weeks that are wanted."""
    rows, wanted = stamps_of("2024-01-01", 105), stamps_of(origin, 14)
    return {
        "config": {},
        "interval_min": 60,
        "open_minutes": OPEN,
        "holidays": dict.fromkeys(holidays, "feast"),
        "stamps": [stamp.isoformat() for stamp in rows],
        "offered": pattern(rows).tolist(),
        "origins": [{"origin": origin, "wanted": [stamp.isoformat() for stamp in wanted]}],
    }


def test_origins_are_weekly_and_end_one_horizon_before_the_end():
    starts = pd.date_range("2024-01-01", "2024-07-01", freq="30min", tz="Europe/Berlin", inclusive="left")
    history = pd.DataFrame({"interval_start": starts.tz_convert("UTC")})
    found = forecast.origins(history, "Europe/Berlin", 99)
    assert found[0] == pd.Timestamp("2024-06-17", tz="Europe/Berlin")
    assert {earlier + pd.DateOffset(days=7) for earlier in found[1:]} == set(found[:-1])
    assert found[-1] >= starts[0] + (starts[-1] - starts[0]) * 2 / 3
    assert forecast.origins(history, "Europe/Berlin", 2) == found[:2]


def test_contender_sees_nothing_from_its_origin_on():
    seen: list[Question] = []

    def watching(question: Question) -> np.ndarray[Any, np.dtype[np.float64]]:
        seen.append(question)
        return np.ones(len(question.wanted))

    given = asked()
    given["origins"].append({"origin": "2024-03-25", "wanted": given["origins"][0]["wanted"]})
    answered(given, watching)
    assert [q.known.index.max() for q in seen] == list(
        pd.to_datetime(["2024-03-29 13:00", "2024-03-22 13:00"])
    )
    days = days_of(seen[0])
    assert np.isnan(days.offered[days.past :]).all()
    assert not np.isnan(days.offered[: days.past]).any()


@pytest.mark.parametrize(
    ("name", "package", "within"),
    [
        pytest.param("svd_shen_huang", "numpy", 1e-5, id="svd"),
        *(pytest.param(name, "numpy", 1e-5, id=name) for name in forecast_peers.RULES),
        pytest.param("glm_poisson", "statsmodels", 0.01, id="glm"),
        pytest.param("sarimax", "statsmodels", 0.1, id="sarimax"),
        pytest.param("lightgbm", "lightgbm", 0.1, id="lightgbm"),
    ],
)
def test_forecast_of_a_weekly_pattern_without_noise_is_the_pattern(name: str, package: str, within: float):
    pytest.importorskip(package)
    given = asked(holidays=("2024-02-06",))
    found = answered(given, forecast_peers.PEERS[name])
    expected = pattern(pd.DatetimeIndex(given["origins"][0]["wanted"]))
    assert found["failed"] == {}
    assert found["forecasts"][0] == pytest.approx(expected, rel=within)


def test_score_of_singular_vectors_goes_on_as_weekday_and_day_before_say():
    weekday = np.arange(60) % 5
    score = np.zeros(60)
    for day in range(1, 60):
        score[day] = WEEKDAYS[weekday[day]] + 0.5 * score[day - 1]
    made = forecast_peers.autoregressed(score[:50], weekday[:50], weekday[50:])
    assert made == pytest.approx(score[50:])


def test_origin_at_which_a_contender_fails_is_reported_and_not_scored():
    def failing(question: Question) -> np.ndarray[Any, np.dtype[np.float64]]:
        if question.origin == pd.Timestamp("2024-04-01"):
            raise ArithmeticError("first line\nlast line")
        return np.full(len(question.wanted), np.nan)

    given = asked()
    given["origins"].append({**given["origins"][0], "origin": "2024-03-25"})
    found = answered(given, failing)
    assert found["forecasts"] == [None, None]
    assert list(found["failed"].values()) == [
        "ArithmeticError: last line",
        "ValueError: 40 of 40 forecasts are not numbers",
    ]


def cells() -> pd.DataFrame:
    """Return two origins of two days with two intervals; one interval has no actual."""
    stamps = pd.to_datetime(["2024-01-01 10:00", "2024-01-01 11:00", "2024-01-02 10:00", "2024-01-02 11:00"])
    actual = [10.0, 20.0, 30.0, np.nan, 10.0, 10.0, 10.0, 10.0]
    origin = pd.to_datetime(["2024-01-01"] * 4 + ["2024-01-08"] * 4)
    stamp = stamps.append(stamps + pd.Timedelta(days=7))
    return pd.DataFrame({"origin": origin, "interval_start": stamp, "stamp": stamp, "actual": actual})


def test_scores_are_those_counted_by_hand():
    answer = {
        "forecasts": [[12.0, 18.0, 36.0, 99.0], [10.0, 15.0, 10.0, 10.0]],
        "failed": {},
        "cpu_s": 1,
        "mib": 9,
    }
    found = forecast.figures(cells(), answer)
    assert isinstance(found, dict)
    assert found["wape"] == pytest.approx((2 + 2 + 6 + 5) / 100)
    assert found["day_wape"] == pytest.approx((0 + 6 + 5 + 0) / 100)
    assert found["bias"] == pytest.approx((6 + 5) / 100)
    assert found["wape_by_origin"] == {
        "2024-01-01": pytest.approx(10 / 60),
        "2024-01-08": pytest.approx(5 / 40),
    }


def test_best_is_sought_among_those_who_answered_at_every_origin():
    whole, partly = {"wape": 0.2, "failed": {}}, {"wape": 0.01, "failed": {"2024-01-01": "ValueError: "}}
    contenders = {"wfm": {"wape": 0.1, "failed": {}}, "a": whole, "b": partly, "c": "skipped: not there"}
    found = forecast.summary({"one": {"contenders": contenders}, "other": {"contenders": contenders}})
    assert found["series"]["one"]["best"] == "a"
    assert found["geometric_mean"] == pytest.approx(0.5)


@pytest.mark.parametrize("folder", [None, Path("nowhere")], ids=["not asked for", "not installed"])
def test_peer_that_is_absent_is_skipped_with_a_reason(folder: Path | None):
    answer = forecast.ask(folder, "prophet", asked())
    assert isinstance(answer, str)
    assert answer.startswith("skipped: ")


def test_contenders_are_asked_in_a_process_of_their_own():
    answer = forecast.ask(None, "last week", asked())
    assert isinstance(answer, dict)
    assert answer["forecasts"][0] == pytest.approx(pattern(stamps_of("2024-04-01", 14)), abs=1e-4)
    assert answer["mib"] is None or answer["mib"] > 10


def test_intervals_of_a_file_are_added_up_if_none_is_missing(tmp_path: Path):
    series = real_series.Series("calls.csv", "own", "Europe/Berlin", 15, "", "", file_min=5)
    clock = ["10:00", "10:05", "10:10", "10:15", "10:25", "10:30", "10:35", "10:40"]
    rows = [f"bank,2024-03-04T{time}:00,{2**step}" for step, time in enumerate(clock)]
    (tmp_path / "calls.csv").write_text("\n".join(["queue,interval_start,offered", *rows]))
    found = series.history(tmp_path)
    assert found["offered"].tolist() == [7, 224]
    assert found["interval_start"].dt.strftime("%H:%M").tolist() == ["09:00", "09:30"]
    assert set(found["queue"]) == {"own"}


@pytest.mark.real_data
def test_question_holds_the_open_intervals_of_whole_horizons(shared: Path):
    if not real_series.DATA.is_dir():
        pytest.skip(f"the benchmark reads {real_series.DATA} only, not {shared}")
    given, rows = forecast.question(real_series.BANK, 2)
    assert rows.groupby("origin").size().tolist() == [280, 280]  # ten working days of 14 hours
    assert (rows["stamp"].dt.day_of_week < 5).all()
    assert "2003-07-04" in given["holidays"]

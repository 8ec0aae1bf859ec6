"""The backtest: scores equal written-out loops over separate forecasts, and say what is near the floor."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.forecast.made import BERLIN, OFFICE, configured, events, history, local_dates_of
from wfm.forecast import backtest, forecast
from wfm.forecast.combination import chosen
from wfm.forecast.rolling import Rolled
from wfm.forecast.scoring import noise_floor

PAST = history("2025-11-03", "2026-03-01", level=60.0)
CONFIG = configured()
RESULT = backtest(PAST, CONFIG, horizon_days=14, origins=4)
SCORES, PARTS = RESULT.scores, RESULT.parts


def loop_oracle(model, origins):
    """Return WAPE, day WAPE and bias of forecasts made one by one."""
    errors, actuals, days = [], [], []
    for origin in pd.date_range(end="2026-02-15", periods=origins, freq="7D"):
        made = forecast(
            PAST, CONFIG, horizon_days=14, as_of=origin.tz_localize(BERLIN), models=(model,)
        ).forecast
        both = made.merge(PAST, on=["queue", "interval_start"], suffixes=("", "_came"))
        error = both["offered"] - both["offered_came"]
        errors.append(error)
        actuals.append(both["offered_came"])
        days.append(error.groupby(local_dates_of(both)).sum().abs().sum())
    error, total = pd.concat(errors), pd.concat(actuals).sum()
    return error.abs().sum() / total, sum(days) / total, error.sum() / total


@pytest.mark.parametrize("model", ["seasonal_naive", "moving_average", "day_regression"])
def test_scores_equal_a_loop_over_separate_forecasts(model):
    row = SCORES[SCORES["model"] == model].iloc[0]
    assert (row["wape"], row["day_wape"], row["bias"]) == pytest.approx(loop_oracle(model, 4), rel=1e-9)


def test_the_mean_is_near_the_poisson_floor_and_ahead_of_the_naive():
    wape = SCORES.set_index("model")["wape"]
    mean = wape[[name for name in wape.index if name.startswith("mean(")]].iloc[0]
    floor = SCORES["noise_floor"].iloc[0]
    assert floor < mean < 1.08 * floor
    assert mean < wape["moving_average"] < wape["seasonal_naive"]


def test_the_noise_floor_is_that_of_the_true_rates():
    span = history("2026-01-25", "2026-02-28", level=60.0, seed=None)
    starts = pd.date_range(end="2026-02-15", periods=4, freq="7D")
    rates = [
        span[
            (local_dates_of(span) >= str(day.date()))
            & (local_dates_of(span) < str((day + pd.Timedelta(days=14)).date()))
        ]
        for day in starts
    ]
    assert SCORES["noise_floor"].iloc[0] == pytest.approx(
        noise_floor(pd.concat(rates)["offered"].to_numpy()), rel=0.01
    )


def test_bands_of_every_model_cover_what_they_promise():
    assert SCORES["coverage_80"].between(0.75, 0.86).all()
    assert SCORES["coverage_95"].between(0.92, 0.98).all()


def test_the_bands_of_an_origin_have_not_seen_what_came_after_it():
    wild = np.where(np.arange(len(PAST)) % 2 == 0, 0.3, 1.7)
    past = PAST.assign(
        offered=PAST["offered"].where(local_dates_of(PAST) < "2026-02-15", wild * PAST["offered"])
    )
    scores = backtest(past, CONFIG, horizon_days=14, origins=1, models=("moving_average",)).scores
    assert scores["coverage_80"].iloc[0] < 0.3


def test_exactly_one_model_of_a_queue_is_chosen_and_the_forecast_uses_it():
    result = forecast(PAST, CONFIG, horizon_days=14)
    (name,) = result.scores[result.scores["chosen"]]["model"]
    assert set(result.forecast["model"]) == {name}


def test_a_history_too_short_for_an_origin_is_not_scored():
    scores = backtest(PAST[local_dates_of(PAST) > "2026-02-15"], CONFIG, horizon_days=14, origins=4).scores
    assert set(scores["origins"]) == {0}
    assert scores[["wape", "bias", "coverage_80"]].isna().all(axis=None)


def test_excluded_intervals_are_not_scored():
    hidden = events(("strike", "2026-02-20", "2026-02-21", "exclude", None))
    fewer = backtest(
        PAST, CONFIG, horizon_days=14, origins=1, models=("moving_average",), events=hidden
    ).scores
    all_of = backtest(PAST, CONFIG, horizon_days=14, origins=1, models=("moving_average",)).scores
    assert all_of["intervals"].iloc[0] - fewer["intervals"].iloc[0] == 24


def test_handle_times_are_scored_against_what_came():
    rng = np.random.default_rng(3)
    exact = PAST.assign(aht_s=240.0, handled=PAST["offered"])
    noisy = exact.assign(aht_s=240.0 * rng.choice([0.9, 1.1], len(PAST)))
    errors = [
        backtest(past, CONFIG, horizon_days=14, origins=2, models=("moving_average",))
        .scores["aht_wape"]
        .iloc[0]
        for past in (exact, noisy)
    ]
    assert errors[0] == pytest.approx(0, abs=1e-6)
    assert errors[1] == pytest.approx(0.1, abs=0.01)


NAMES = ("one", "two", "mean")


def rolled_of(errors):
    """Return forecasts of two models and their mean that miss actuals of 100 by these errors per origin."""
    miss = np.array(errors, dtype=float)[:, :, None, None] * np.ones((1, 1, 7, 4))
    actual = np.full(miss.shape[1:], 100.0)
    unknown = np.full(actual.shape, np.nan)
    first = np.arange(len(actual), dtype=np.int64) * 7
    special = np.zeros(actual.shape[:2], dtype=bool)
    return Rolled(NAMES, 100.0 + miss, actual, unknown, unknown, unknown, first, special)


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        pytest.param([[1, 1, 1, 1], [9, 9, 9, 9], [4, 4, 4, 4]], "one", id="one model clearly better"),
        pytest.param([[3.9, 3.9, 3.9, 3.9], [9, 9, 9, 9], [4, 4, 4, 4]], "mean", id="hardly better"),
        pytest.param([[0, 0, 5, 5], [9, 9, 9, 9], [4, 4, 4, 4]], "mean", id="better half of the time"),
        pytest.param([[1, 1], [9, 9], [4, 4]], "mean", id="too few origins"),
    ],
)
def test_a_single_model_replaces_the_mean_only_if_it_is_clearly_better(errors, expected):
    assert chosen(rolled_of(errors), NAMES) == expected


def test_queues_are_scored_apart():
    two = pd.concat([PAST, history("2025-11-03", "2026-03-01", queue="b", level=5.0)])
    config = configured(a={"hours": OFFICE}, b={"hours": OFFICE})
    scores = backtest(two, config, horizon_days=14, origins=2, models=("moving_average",)).scores
    alone = backtest(PAST, CONFIG, horizon_days=14, origins=2, models=("moving_average",)).scores
    assert scores[scores["queue"] == "a"].equals(alone)
    assert scores["queue"].tolist() == ["a", "b"]

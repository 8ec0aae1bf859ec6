"""Laws that every model obeys, and closed forms of the simple ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wfm.errors import ConfigError
from wfm.forecast.learning import Learning
from wfm.forecast.registry import BUILT_IN, MEMBERS, known_models, model, selected
from wfm.forecast.weekly import day_totals, profiles

ALL = list(BUILT_IN)
SLOTS = 24
DATES = pd.date_range("2026-03-02", periods=14, freq="D", unit="us")


def learning(weeks=16, level=30.0, seed=1, first="2025-11-10"):
    """Return weeks of Poisson counts with a weekday level and a hump, closed on Sundays and at night."""
    dates = pd.date_range(first, periods=7 * weeks, freq="D", unit="us")
    open_week = np.zeros((7, SLOTS), dtype=bool)
    open_week[:6, 8:20] = True
    weekday = np.asarray(dates.day_of_week)
    mean = np.array([1.4, 1.2, 1, 1, 1, 0.5, 0])[weekday][:, None] * (1 + np.sin(np.arange(SLOTS) / 6))
    offered = np.random.default_rng(seed).poisson(level * mean).astype(float)
    offered[~open_week[weekday]] = np.nan
    return Learning(dates, offered, open_week)


@pytest.mark.parametrize("name", ALL)
def test_a_constant_history_is_continued(name):
    past = learning()
    level = np.where(np.isnan(past.offered), np.nan, 7.0)
    found = model(name)(replace(past, offered=level), DATES)
    assert found[past.open_week[DATES.day_of_week]] == pytest.approx(7.0, rel=1e-3)


@pytest.mark.parametrize("name", ALL)
def test_twice_the_history_is_twice_the_forecast(name):
    past = learning()
    once, twice = (model(name)(replace(past, offered=scale * past.offered), DATES) for scale in (1.0, 2.0))
    assert twice.sum() == pytest.approx(2 * once.sum(), rel=0.01)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("weeks", [1, 2, 3, 8, 30], ids=lambda weeks: f"{weeks} weeks")
def test_forecasts_are_finite_and_not_negative_at_any_length(name, weeks):
    found = model(name)(learning(weeks), DATES)
    assert found.shape == (14, SLOTS)
    assert np.isfinite(found).all()
    assert (found >= 0).all()


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("kept", ["none", "one cell", "one weekday"])
def test_next_to_nothing_known_gives_numbers_all_the_same(name, kept):
    past = learning(6)
    known = np.zeros(past.offered.shape, dtype=bool)
    known[20, 9] = kept == "one cell"
    known[past.weekdays == 2] = kept == "one weekday"
    found = model(name)(replace(past, offered=np.where(known, past.offered, np.nan)), DATES)
    assert np.isfinite(found).all()


@pytest.mark.parametrize("name", ALL)
def test_zeros_give_zeros(name):
    past = learning()
    assert not model(name)(replace(past, offered=0.0 * past.offered), DATES)[:, 8:20].round(6).any()


@pytest.mark.parametrize("name", MEMBERS)
def test_a_generated_series_is_recovered(name):
    past, truth = learning(26, level=60.0), learning(400, level=60.0, seed=2)
    mean = np.array([truth.offered[truth.weekdays == day, 8:20].mean(axis=0) for day in range(6)])
    error = np.abs(model(name)(past, DATES[:6])[:, 8:20] - mean).sum() / mean.sum()
    assert error < 0.05  # the mean of 8 weeks is at 0.045, one week at 0.13


@pytest.mark.parametrize("name", MEMBERS)
def test_a_new_level_is_followed(name):
    past = learning(30, level=50.0)
    before = model(name)(past, DATES).sum()
    past.offered[-49:] *= 1.5
    assert model(name)(past, DATES).sum() > 1.3 * before


ENDS = {"Sunday": "2025-11-10", "Wednesday": "2025-11-13"}  # first days of twelve weeks that end there


@pytest.mark.parametrize(
    ("name", "weeks", "middle"),
    [("seasonal_naive", 1, np.mean), ("moving_average", 8, np.mean), ("median_of_weeks", 6, np.median)],
    ids=["last week", "mean of eight", "median of six"],
)
@pytest.mark.parametrize("first", ENDS.values(), ids=ENDS)
def test_the_planners_rules_are_what_they_say(name, weeks, middle, first):
    past = learning(12, first=first)
    dates = pd.date_range(past.dates[-1] + pd.Timedelta(days=1), periods=14, freq="D", unit="us")
    found = model(name)(past, dates)
    for day, date in enumerate(dates[:7]):
        if date.day_of_week < 6:
            expected = middle([past.offered[day - 7 * week, 12] for week in range(1, weeks + 1)])
            assert found[[day, day + 7], 12] == pytest.approx(expected)


def test_last_week_again_goes_back_where_last_week_is_unknown():
    past = learning(5)
    past.offered[-7, 10] = np.nan
    assert model("seasonal_naive")(past, DATES)[0, 10] == past.offered[-14, 10]


@settings(max_examples=25)
@given(seed=st.integers(0, 10**6), level=st.floats(0.01, 50), missing=st.floats(0, 0.9))
def test_profiles_are_shares_of_the_open_hours(seed, level, missing):
    past = learning(9, level, seed)
    gaps = np.random.default_rng(seed).random(past.offered.shape) < missing
    profile = profiles(replace(past, offered=np.where(gaps, np.nan, past.offered)))
    totals = profile.sum(axis=1)
    assert np.all((np.abs(totals - 1) < 1e-9) | (totals == 0))
    assert not profile[~past.open_week].any()


def test_short_saturdays_do_not_bend_the_other_profiles():
    past = learning(9)
    past.open_week[5, 14:] = False
    past.offered[past.weekdays == 5, 14:] = np.nan
    flat = profiles(replace(past, offered=np.where(np.isnan(past.offered), np.nan, 7.0)))
    assert flat[:5, 8:20] == pytest.approx(1 / 12)
    assert flat[5, 8:14] == pytest.approx(1 / 6)


def test_a_day_with_gaps_is_scaled_up_to_the_whole_day():
    past = learning(9, level=500.0)
    whole = day_totals(past, profiles(past))
    past.offered[30, 8:12] = np.nan
    assert day_totals(past, profiles(past))[30] == pytest.approx(whole[30], rel=0.03)


def test_the_course_of_the_month_is_learnt():
    past = learning(40, level=50.0, first="2025-05-26")
    start_of_month = np.asarray(past.dates.day) <= 7
    past.offered[start_of_month] *= 1.4
    dates = pd.date_range("2026-03-02", periods=21, freq="D", unit="us")
    for name in ("day_regression", "day_smoothing", "svd_profile", "median_days"):
        found = model(name)(past, dates).sum(axis=1)
        assert 1.15 < found[0] / found[14] < 1.6, name  # the 2nd against the 16th, both Mondays


def test_an_unknown_model_lists_the_known_ones():
    with pytest.raises(ConfigError, match="svd_profile"):
        selected(["prophet"])


def test_every_member_of_the_mean_is_a_known_model():
    assert set(MEMBERS) <= set(known_models())

"""Laws that every model obeys, and closed forms of the simple ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.forecast.made_cases import OPEN, SLOTS, counts, learnt, open_on, past_dates, rates
from wfm.errors import ConfigError
from wfm.forecast.registry import MEMBERS, RULES, known_models, model, selected

ALL = [*RULES, *MEMBERS]
OPEN_DAYS = [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12]


def predicted(name, offered, **where):
    """Return the forecast (days, slots) of one queue."""
    return model(name)(learnt(offered, **where).learning)[0]


@pytest.mark.parametrize("name", ALL)
def test_a_constant_history_is_continued(name):
    found = predicted(name, np.full((7 * 16, SLOTS), 7.0))
    assert found[OPEN_DAYS, OPEN] == pytest.approx(7.0, rel=5e-3)


@pytest.mark.parametrize("name", ALL)
def test_twice_the_history_is_twice_the_forecast(name):
    once, twice = (predicted(name, scale * counts()) for scale in (1.0, 2.0))
    assert twice.sum() == pytest.approx(2 * once.sum(), rel=0.01)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("weeks", [1, 2, 3, 8, 30], ids=lambda weeks: f"{weeks} weeks")
def test_forecasts_are_finite_and_not_negative_at_any_length(name, weeks):
    found = predicted(name, counts(weeks))
    assert found.shape == (14, SLOTS)
    assert np.isfinite(found).all()
    assert (found >= 0).all()


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("kept", ["none", "one cell", "one weekday"])
def test_next_to_nothing_known_gives_numbers_all_the_same(name, kept):
    known = np.zeros((42, SLOTS), dtype=bool)
    known[20, 9] = kept == "one cell"
    known[np.arange(42) % 7 == 2] = kept == "one weekday"
    assert np.isfinite(predicted(name, np.where(known, counts(6), np.nan))).all()


@pytest.mark.parametrize("name", ALL)
def test_zeros_give_zeros(name):
    assert predicted(name, np.zeros((7 * 16, SLOTS))).max() < 0.01


@pytest.mark.parametrize("name", ALL)
def test_queues_do_not_see_each_other(name):
    one, two = counts(12, level=5.0), counts(30, level=80.0, seed=4)
    together = model(name)(learnt(one, two).learning)
    for row, offered in enumerate((one, two)):
        assert together[row] == pytest.approx(predicted(name, offered), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("name", MEMBERS)
def test_a_generated_series_is_recovered(name):
    truth = rates(past_dates(1), 60.0)[:6, OPEN]
    error = np.abs(predicted(name, counts(26, level=60.0))[:6, OPEN] - truth).sum() / truth.sum()
    assert error < 0.03  # the mean of 8 weeks is at 0.045, one week at 0.13


@pytest.mark.parametrize("name", MEMBERS)
def test_a_new_level_is_followed(name):
    past = counts(30, level=50.0)
    before = predicted(name, past).sum()
    past[-28:] *= 1.4
    assert predicted(name, past).sum() == pytest.approx(1.4 * before, rel=0.03)


@pytest.mark.parametrize("monthly", [-0.08, 0.08], ids=["decline", "growth"])
def test_steady_growth_is_followed_nearer_than_by_the_mean_of_eight_weeks(monthly):
    days = np.arange(-7 * 40, 0) / 30
    past = counts(40, level=60.0) * np.exp(monthly * days)[:, None]
    truth = rates(past_dates(1), 60.0)[:6, OPEN].sum() * np.exp(monthly * 3 / 30)
    misses = [
        abs(predicted(name, np.round(past))[:6, OPEN].sum() / truth - 1)
        for name in ("day_regression", "moving_average")
    ]
    assert misses[0] < 0.8 * misses[1]


@pytest.mark.parametrize(
    ("name", "weeks", "middle"),
    [("seasonal_naive", 1, np.mean), ("moving_average", 8, np.mean), ("median_of_weeks", 6, np.median)],
    ids=["last week", "mean of eight", "median of six"],
)
@pytest.mark.parametrize("first", ["2026-03-02", "2026-03-05"], ids=["from Monday", "from Thursday"])
def test_the_planners_rules_are_what_they_say(name, weeks, middle, first):
    past = counts(12, first=first)
    found = predicted(name, past, first=first)
    for day, is_open in enumerate(open_on(past_dates(1, first)).any(axis=1)):
        if is_open:
            expected = middle([past[day - 7 * week, 12] for week in range(1, weeks + 1)])
            assert found[[day, day + 7], 12] == pytest.approx(expected)


def test_last_week_again_goes_back_where_last_week_is_unknown():
    past = counts(5)
    past[-7, 10] = np.nan
    assert predicted("seasonal_naive", past)[0, 10] == past[-14, 10]


@settings(max_examples=examples(25), deadline=None)
@given(seed=st.integers(0, 10**6), level=st.floats(0.01, 50), missing=st.floats(0, 0.9))
def test_profiles_are_shares_of_the_open_hours(seed, level, missing):
    past = counts(9, level, seed)
    gaps = np.random.default_rng(seed).random(past.shape) < missing
    learning = learnt(np.where(gaps, np.nan, past)).learning
    totals = learning.share.sum(axis=2)
    assert np.all((np.abs(totals - 1) < 1e-9) | (totals == 0))
    assert not learning.share[~learning.open_week].any()


def test_short_saturdays_do_not_bend_the_other_profiles():
    def opening(dates):
        is_open = open_on(dates)
        is_open[np.asarray(dates.day_of_week) == 5, 14:] = False
        return is_open

    share = learnt(np.full((63, SLOTS), 7.0), is_open=opening).learning.share[0]
    assert share[:5, OPEN] == pytest.approx(1 / 12, rel=1e-3)
    assert share[5, 8:14] == pytest.approx(1 / 6, rel=1e-3)


def test_the_profile_of_noise_is_nearer_to_the_truth_than_the_mean():
    truth = rates(past_dates(1), 2.0)[:6, OPEN]
    truth = truth / truth.sum(axis=1, keepdims=True)
    past = counts(13, level=2.0)
    plain = past.reshape(13, 7, SLOTS).mean(axis=0)[:6, OPEN]
    plain = plain / plain.sum(axis=1, keepdims=True)
    shrunk = learnt(past).learning.share[0, :6, OPEN]
    assert ((shrunk - truth) ** 2).sum() < 0.4 * ((plain - truth) ** 2).sum()


@pytest.mark.parametrize("name", MEMBERS)
def test_the_course_of_the_month_is_learnt(name):
    past = counts(40, level=50.0)
    past[np.asarray(past_dates(40).day) <= 7] *= 1.3
    found = predicted(name, past, horizon=21).sum(axis=1)
    assert 1.12 < found[0] / found[14] < 1.4  # the 2nd against the 16th, both Mondays


def test_an_unknown_model_lists_the_known_ones():
    with pytest.raises(ConfigError, match="svd_profile"):
        selected(["prophet"])


def test_every_member_of_the_mean_is_a_known_model():
    assert set(MEMBERS) <= set(known_models())

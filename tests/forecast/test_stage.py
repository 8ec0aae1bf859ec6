"""Laws of the whole stage: what it may see, which rows it has, and what disturbs it little."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.forecast.made import (
    BERLIN,
    OFFICE,
    configured,
    events,
    grid,
    history,
    local_dates_of,
)
from wfm.errors import ConfigError, DataError
from wfm.forecast import forecast
from wfm.tables import BANDS

PAST = history("2025-11-03", "2026-03-01")
CONFIG = configured(a={"hours": OFFICE}, sections={"forecast": {"backtest_origins": 1}})  # to be quick
QUICK = ("moving_average",)
FULL = forecast(PAST, CONFIG, horizon_days=14)


def test_rows_are_exactly_the_open_intervals_of_the_horizon():
    assert FULL.forecast["interval_start"].tolist() == grid("2026-03-01", "2026-03-14").tolist()
    assert FULL.days["date"].tolist() == [
        day for day in pd.date_range("2026-03-01", "2026-03-14") if day.day_of_week < 6
    ]


def test_nothing_is_negative_or_unknown_and_quantiles_are_ordered():
    for frame in (FULL.forecast, FULL.days):
        numbers = frame[["offered", "aht_s", *BANDS]].to_numpy()
        assert np.isfinite(numbers).all()
        assert (numbers >= 0).all()
        assert (np.diff(frame[list(BANDS)].to_numpy(), axis=1) >= 0).all()


def test_the_order_of_rows_and_a_second_run_change_nothing():
    shuffled = forecast(PAST.sample(frac=1, random_state=1), CONFIG, horizon_days=14)
    assert shuffled.forecast.equals(FULL.forecast)
    assert shuffled.days.equals(FULL.days)
    assert shuffled.scores.equals(FULL.scores)


def test_rows_at_or_after_as_of_are_never_seen():
    as_of = pd.Timestamp("2026-02-16", tz=BERLIN)
    known = PAST[PAST["interval_start"] < as_of]
    changed = PAST.assign(offered=PAST["offered"].where(PAST["interval_start"] < as_of, 777.0))
    results = [forecast(past, CONFIG, horizon_days=14, as_of=as_of) for past in (known, PAST, changed)]
    for result in results[1:]:
        assert result.forecast.equals(results[0].forecast)
        assert result.scores.equals(results[0].scores)
    assert results[0].forecast["interval_start"].min() == as_of + pd.Timedelta(hours=8)


def test_a_day_that_has_begun_is_the_first_of_the_horizon_and_not_learnt_from():
    noon = pd.Timestamp("2026-02-25 12:10", tz=BERLIN)
    begun = (PAST["interval_start"] < noon) & (local_dates_of(PAST) == "2026-02-25")
    results = [
        forecast(past, CONFIG, horizon_days=7, as_of=noon, models=QUICK)
        for past in (PAST, PAST.assign(offered=PAST["offered"].where(~begun, 0.0)))
    ]
    assert results[1].forecast.equals(results[0].forecast)
    assert results[0].forecast["interval_start"].min() == pd.Timestamp("2026-02-25 12:30", tz=BERLIN)
    assert set(local_dates_of(results[0].forecast)) == {f"2026-02-{day}" for day in range(25, 29)} | {
        "2026-03-02",
        "2026-03-03",
    }


def test_a_day_that_is_over_is_learnt_from_and_not_counted():
    evening = pd.Timestamp("2026-02-25 20:00", tz=BERLIN)
    result = forecast(PAST, CONFIG, horizon_days=7, as_of=evening, models=("seasonal_naive",)).forecast
    wednesday = result[local_dates_of(result) == "2026-03-04"]["offered"]
    assert wednesday.tolist() == PAST[local_dates_of(PAST) == "2026-02-25"]["offered"].tolist()


@pytest.mark.parametrize(
    "day", ["2026-02-28", "2026-03-01", "2026-03-02"], ids=["Saturday", "Sunday", "Monday"]
)
def test_from_midnight_the_horizon_is_its_calendar_days_open_or_not(day):
    as_of = pd.Timestamp(day, tz=BERLIN)
    rows = forecast(PAST, CONFIG, horizon_days=6, as_of=as_of, models=QUICK).forecast
    last = (as_of + pd.Timedelta(days=5)).strftime("%Y-%m-%d")
    assert rows["interval_start"].tolist() == grid(day, last).tolist()


@pytest.mark.parametrize(
    ("last", "change", "quarters"),
    [("2026-03-25", "2026-03-29", 92), ("2026-10-20", "2026-10-25", 100)],
    ids=["spring", "autumn"],
)
def test_clock_changes_have_their_92_and_100_quarter_hours(last, change, quarters):
    past = history("2026-01-05", last, hours="", interval_min=15)
    result = forecast(past, configured(15, a={}), horizon_days=14, models=QUICK)
    counts = local_dates_of(result.forecast).value_counts()
    assert counts[change] == quarters
    assert set(counts.drop(change)) == {96}
    assert len(counts) == 14


def test_a_clock_change_in_the_history_keeps_the_wall_clock():
    past = history("2026-02-02", "2026-05-10", seed=None, hours="")
    rows = forecast(past, configured(a={}), horizon_days=7).forecast
    expected = history("2026-05-11", "2026-05-17", seed=None, hours="")
    assert rows["offered"].to_numpy() == pytest.approx(expected["offered"].to_numpy(), rel=0.02)


def test_the_hour_that_does_not_exist_is_not_an_absent_one():
    past = history("2026-03-02", "2026-04-12", seed=None, hours="")
    zero = configured(a={}, sections={"import": {"absent": "zero"}})
    results = [forecast(past, config, horizon_days=7) for config in (configured(a={}), zero)]
    assert results[0].forecast.equals(results[1].forecast)


@pytest.mark.parametrize(("absent", "total"), [("missing", 1.0), ("zero", 0.75)], ids=["missing", "zero"])
def test_absent_intervals_are_missing_unless_configured_as_zero(absent, total):
    past = history("2025-11-03", "2026-03-01", level=1.0)  # so little that no zero looks like an outage
    sparse = past[(np.arange(len(past)) % 4 > 0) | (past["interval_start"] == past["interval_start"].max())]
    config = configured(a={"hours": OFFICE}, sections={"import": {"absent": absent}})
    found = forecast(sparse, config, horizon_days=14, models=QUICK).forecast["offered"].sum()
    whole = forecast(past, CONFIG, horizon_days=14, models=QUICK).forecast["offered"].sum()
    assert found / whole == pytest.approx(total, abs=0.05)


def total(past, **options):
    return forecast(past, CONFIG, horizon_days=14, **options).forecast["offered"].sum()


@pytest.mark.parametrize("factor", [0.0, 0.1, 3.0], ids=["outage", "a tenth", "triple"])
def test_an_odd_day_in_the_last_week_moves_the_total_by_less_than_a_percent(factor):
    day = local_dates_of(PAST) == "2026-02-26"
    odd = PAST.assign(offered=PAST["offered"].where(~day, (factor * PAST["offered"]).round()))
    assert total(odd) == pytest.approx(total(PAST), rel=0.01)


def test_a_missing_day_and_missing_intervals_move_little():
    assert total(PAST[local_dates_of(PAST) != "2026-02-26"]) == pytest.approx(total(PAST), rel=0.01)
    kept = np.random.default_rng(4).random(len(PAST)) > 0.05
    assert total(PAST[kept]) == pytest.approx(total(PAST), rel=0.01)


def test_a_new_level_is_followed():
    shifted = PAST["offered"].where(local_dates_of(PAST) < "2026-02-02", 1.4 * PAST["offered"])
    truth = 1.4 * total(PAST)
    default, median = (
        abs(total(PAST.assign(offered=shifted), models=models) - truth)
        for models in ((), ("median_of_weeks",))
    )
    assert default <= median


def test_a_gap_of_months_leaves_the_weeks_before_it():
    gone = (local_dates_of(PAST) > "2025-12-07") & (local_dates_of(PAST) < "2026-02-27")
    assert total(PAST[~gone]) == pytest.approx(total(PAST), rel=0.05)


@pytest.mark.parametrize(("offered", "expected"), [(0.0, 0.0), (7.0, 7.0)], ids=["all zeros", "constant"])
def test_a_constant_history_is_continued(offered, expected):
    result = forecast(PAST.assign(offered=offered), CONFIG, horizon_days=14)
    assert result.forecast["offered"].to_numpy() == pytest.approx(expected, rel=1e-3, abs=1e-3)
    assert any("forecast is zero" in note for note in result.notes) == (expected == 0)


@pytest.mark.parametrize("rows", [1, 2, 12], ids=lambda rows: f"{rows} rows")
def test_a_handful_of_rows_gives_a_flagged_forecast(rows):
    result = forecast(PAST.iloc[:rows], CONFIG, horizon_days=14)
    assert np.isfinite(result.forecast["offered"]).all()
    assert any("short history" in note for note in result.notes)


@pytest.mark.parametrize("weeks", [1, 2, 4], ids=lambda weeks: f"{weeks} weeks")
def test_a_short_history_is_no_worse_than_last_week_again(weeks):
    errors = np.zeros(2)
    for seed in range(4):
        past = history(
            f"2026-0{2 if weeks < 4 else 1}-{23 - 7 * (weeks - 1) if weeks < 4 else 26}", seed=seed
        )
        truth = history("2026-03-02", "2026-03-14", seed=seed + 100)["offered"].to_numpy()
        for place, models in enumerate(((), ("seasonal_naive",))):
            found = forecast(past, CONFIG, horizon_days=14, models=models).forecast
            rows = found[local_dates_of(found) > "2026-03-01"]["offered"].to_numpy()
            errors[place] += np.abs(rows[: len(truth)] - truth).sum()
    assert errors[0] <= 1.01 * errors[1]


def test_a_queue_below_one_call_per_interval_keeps_its_volume():
    past = history("2025-11-03", "2026-03-01", level=0.1, seed=3)
    expected = history("2026-03-02", "2026-03-14", level=0.1, seed=None)["offered"].sum()
    result = forecast(past, CONFIG, horizon_days=14)
    assert result.forecast["offered"].sum() == pytest.approx(expected, rel=0.25)
    bands = result.forecast[list(BANDS)].to_numpy()
    assert np.array_equal(bands, np.round(bands))


def test_a_new_queue_is_forecast_like_the_other_at_its_own_level():
    queues: dict[str, Any] = {"a": {"hours": OFFICE}, "b": {"hours": OFFICE, "like": "a"}}
    fresh = history("2026-02-23", queue="b", level=5.0)
    result = forecast(pd.concat([PAST, fresh]), configured(**queues), horizon_days=14, models=QUICK)
    by_queue = result.forecast.groupby("queue")["offered"].sum()
    assert by_queue["b"] / by_queue["a"] == pytest.approx(0.25, rel=0.1)
    assert any("borrowed from a" in note for note in result.notes)


def test_a_queue_without_history_has_rows_only_if_it_is_like_another():
    queues: dict[str, Any] = {
        "a": {"hours": OFFICE},
        "b": {"hours": OFFICE, "like": "a"},
        "c": {"hours": OFFICE},
    }
    result = forecast(PAST, configured(**queues), horizon_days=14, models=QUICK)
    assert result.forecast["queue"].value_counts().to_dict() == {"a": 260, "b": 260}
    assert any(note.startswith("c: no history") for note in result.notes)


def test_an_unconfigured_queue_is_named():
    with pytest.raises(DataError, match=r"'z'.*unknown queue"):
        forecast(pd.concat([PAST, PAST.assign(queue="z")]), CONFIG, horizon_days=7)


@pytest.mark.parametrize("interval_min", [10, 15, 60], ids=lambda minutes: f"{minutes} min configured")
def test_a_history_of_another_interval_length_is_refused(interval_min):
    with pytest.raises(DataError, match="intervals of"):
        forecast(PAST, configured(interval_min), horizon_days=7)


def test_an_empty_history_and_an_unknown_model_are_refused():
    with pytest.raises(DataError, match="no rows"):
        forecast(PAST.iloc[:0], CONFIG, horizon_days=7)
    with pytest.raises(ConfigError, match="no such forecast model"):
        forecast(PAST, CONFIG, horizon_days=7, models=("nostradamus",))


def day_of(result, day):
    return result.forecast[local_dates_of(result.forecast) == day]


def with_events(past, *rows):
    return forecast(past, CONFIG, horizon_days=14, models=QUICK, events=events(*rows))


def test_a_given_effect_multiplies_and_a_closed_event_leaves_no_rows():
    plain = forecast(PAST, CONFIG, horizon_days=14, models=QUICK)
    result = with_events(
        PAST,
        ("sale", "2026-03-04", "2026-03-05", "campaign", 1.5),
        ("move", "2026-03-05 12:00", "2026-03-06", "closed", None),
    )
    expected = 1.5 * day_of(plain, "2026-03-04")["offered"].to_numpy()
    assert day_of(result, "2026-03-04")["offered"].to_numpy() == pytest.approx(expected)
    assert len(day_of(result, "2026-03-05")) == 8
    assert day_of(result, "2026-03-06").equals(
        day_of(plain, "2026-03-06").set_axis(day_of(result, "2026-03-06").index)
    )


def test_an_effect_is_learnt_from_two_earlier_events_of_the_name():
    past = history("2025-11-03", "2026-03-01", seed=None)
    campaigns = ["2025-12-10", "2026-01-14"]
    past.loc[local_dates_of(past).isin(campaigns), "offered"] *= 1.8
    spans = [("mail", day, str((pd.Timestamp(day) + pd.Timedelta(days=1)).date())) for day in campaigns]
    coming = ("mail", "2026-03-11", "2026-03-12", "campaign", None)
    known = [(*span, "campaign", None) for span in spans]
    ordinary = day_of(with_events(past, *known), "2026-03-11")["offered"].sum()
    learnt, once = with_events(past, *known, coming), with_events(past, known[0], coming)
    assert day_of(learnt, "2026-03-11")["offered"].sum() / ordinary == pytest.approx(1.8, rel=0.02)
    assert day_of(once, "2026-03-11")["offered"].sum() / ordinary == pytest.approx(1.0, rel=0.1)
    assert any("no effect learnt" in note for note in once.notes)


@pytest.mark.parametrize("kind", ["outage", "exclude"])
def test_excluded_days_teach_nothing(kind):
    worse = PAST.assign(
        offered=PAST["offered"].where(local_dates_of(PAST) != "2026-02-25", 1.4 * PAST["offered"])
    )
    span = ("strike", "2026-02-25", "2026-02-26", kind, None)
    assert with_events(worse, span).forecast.equals(with_events(PAST, span).forecast)
    assert not with_events(worse).forecast.equals(with_events(PAST).forecast)


def test_an_event_of_an_unknown_queue_is_refused():
    table = events(("sale", "2026-03-04", "2026-03-05", "campaign", 1.5)).assign(queue="z")
    with pytest.raises(DataError, match="unknown queue"):
        forecast(PAST, CONFIG, horizon_days=7, events=table)

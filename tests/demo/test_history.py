"""The history has what it is said to have: measured from the series, not read from its parameters."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from wfm.config import Config
from wfm.demo import Centre
from wfm.demo.casts import DEMO, OUTAGE_DAY, VOICE
from wfm.hours import parse_hours
from wfm.localtime import interval_grid, open_mask

WEEKS_AROUND = [pd.Timedelta(weeks=week) for week in (-2, -1, 1, 2)]


def days_of(history: pd.DataFrame, queue: str) -> pd.Series:
    """Return day totals of a queue by local date."""
    totals = history[history["queue"] == queue].groupby("date")["offered"].sum()
    return totals.set_axis(pd.DatetimeIndex(totals.index))


def test_the_history_ends_with_a_sunday_and_covers_more_than_a_year(history: pd.DataFrame) -> None:
    email = history[history["queue"] == "email"]
    assert email["local"].max() == pd.Timestamp("2026-03-01 23:45")
    assert email["date"].max().day_name() == "Sunday"
    assert email["date"].nunique() == 56 * 7


def test_volume_is_that_of_a_centre_of_150(history: pd.DataFrame) -> None:
    recent = history[history["date"] >= "2026-02-02"]
    by_day = recent.groupby("date")["offered"].sum()
    weekdays = by_day[pd.DatetimeIndex(by_day.index).day_of_week < 5]
    assert 5000 < weekdays.mean() < 6500


def test_live_queues_have_a_row_for_every_open_interval_and_none_besides(
    history: pd.DataFrame, config: Config
) -> None:
    day = date(2026, 2, 17)
    for name, queue in config.queues.items():
        if queue.deferred:
            continue
        grid = interval_grid(day, day, queue.timezone, 15)
        expected = grid[open_mask(grid, parse_hours(queue.hours), queue.timezone)]
        rows = history[(history["queue"] == name) & (history["date"] == pd.Timestamp(day))]
        assert list(rows["interval_start"]) == list(expected)


@pytest.mark.parametrize(
    ("day", "intervals"),
    [
        pytest.param("2025-03-29", 96, id="day before"),
        pytest.param("2025-03-30", 92, id="spring"),
        pytest.param("2025-10-26", 100, id="autumn"),
    ],
)
def test_days_of_a_clock_change_have_92_and_100_intervals(
    history: pd.DataFrame, day: str, intervals: int
) -> None:
    rows = history[(history["queue"] == "email") & (history["date"] == day)]
    assert len(rows) == intervals
    assert rows["interval_start"].is_unique


def test_the_day_begins_an_hour_earlier_in_utc_in_summer(history: pd.DataFrame) -> None:
    rows = history[history["queue"] == "billing_voice"]
    hours = rows.groupby("date")["interval_start"].min().dt.hour
    assert hours[pd.Timestamp("2025-03-28")] == 7
    assert hours[pd.Timestamp("2025-03-31")] == 6
    assert hours[pd.Timestamp("2025-10-27")] == 7


@pytest.mark.parametrize(
    ("queue", "holiday", "low", "high"),
    [
        pytest.param("tech_voice", "2025-05-01", 0.2, 0.5, id="shorter and quieter"),
        pytest.param("sales_voice", "2025-06-10", 0, 0, id="lines on, nobody calls"),
        pytest.param("email", "2025-10-03", 0.35, 0.7, id="arrives all the same"),
    ],
)
def test_holidays_are_low(history: pd.DataFrame, queue: str, holiday: str, low: float, high: float) -> None:
    days = days_of(history, queue)
    day = pd.Timestamp(holiday)
    usual = days[[day + week for week in WEEKS_AROUND]].mean()
    assert low <= days[day] / usual <= high


def test_a_closed_holiday_has_no_rows_and_a_shorter_one_its_own_hours(history: pd.DataFrame) -> None:
    unity_day = history[history["date"] == "2025-10-03"]
    assert not (unity_day["queue"] == "billing_voice").any()
    assert (unity_day["queue"] == "sales_voice").any(), "no holiday in Portugal"
    minutes = unity_day.loc[unity_day["queue"] == "tech_voice", "minute"]
    assert (minutes.min(), minutes.max()) == (9 * 60, 17 * 60 + 45)


def test_a_closed_event_has_no_rows(history: pd.DataFrame) -> None:
    minutes = history.loc[(history["queue"] == "billing_voice") & (history["date"] == "2025-12-24"), "minute"]
    assert minutes.max() == 11 * 60 + 45


def test_nothing_comes_in_during_the_outage_and_more_after_it(history: pd.DataFrame) -> None:
    voice = history[history["queue"].isin(VOICE)]
    begin = pd.Timestamp(OUTAGE_DAY, tz="Europe/Berlin") + pd.Timedelta(hours=10)
    end = begin + pd.Timedelta(minutes=150)
    dark = between(voice, begin, end)
    assert set(dark["queue"]) == set(VOICE), "the rows are there"
    assert dark["offered"].sum() == 0
    rush = end + pd.Timedelta(hours=1)
    usual = np.mean([between(voice, end + week, rush + week)["offered"].sum() for week in WEEKS_AROUND])
    assert between(voice, end, rush)["offered"].sum() > 1.25 * usual


def between(rows: pd.DataFrame, begin: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    return rows[(rows["interval_start"] >= begin) & (rows["interval_start"] < end)]


def test_nobody_told_the_planner_of_the_outage(centre: Centre) -> None:
    assert not (centre.events["kind"] == "outage").any()


def test_a_campaign_raises_its_week(history: pd.DataFrame) -> None:
    days = days_of(history, "sales_voice")
    week = days["2025-09-08":"2025-09-12"].sum()
    usual = np.mean([days["2025-09-01":"2025-09-05"].sum(), days["2025-09-15":"2025-09-19"].sum()])
    assert 1.15 < week / usual < 1.6


@pytest.mark.parametrize(
    ("queue", "yearly"),
    [pytest.param("support_chat", 0.18, id="grows"), pytest.param("email", -0.05, id="shrinks")],
)
def test_the_trend_is_that_of_the_same_weeks_a_year_apart(
    history: pd.DataFrame, queue: str, yearly: float
) -> None:
    days = days_of(history, queue)
    before = days["2025-02-03":"2025-03-02"].sum()
    after = days["2026-02-02":"2026-03-01"].sum()
    assert np.log(after / before) == pytest.approx(yearly, abs=0.08)


def test_day_totals_vary_more_than_poisson_by_the_spread_of_the_day(history: pd.DataFrame) -> None:
    """Variance over mean squared is 1 / mean + the square of the day's cv; interval factors add little."""
    excess = []
    for name, traffic in DEMO.traffic.items():
        days = days_of(history, name)["2026-01-26":"2026-03-01"]
        weekday = pd.DatetimeIndex(days.index).day_of_week
        residual = (days / days.groupby(weekday).transform("mean"))[weekday < 5]
        variance = residual.var() * (len(residual) - 1) / (len(residual) - 5)  # one mean per weekday
        poisson = 1 / days[weekday < 5].mean()
        assert variance > poisson, name
        excess.append((variance - poisson) / traffic.day_cv**2)
    assert np.mean(excess) == pytest.approx(1, abs=0.5)


def test_intervals_vary_more_than_their_day(history: pd.DataFrame) -> None:
    """Within a day, (count - share of the day)^2 exceeds what Poisson allows."""
    rows = history[(history["queue"] == "billing_voice") & (history["date"] >= "2026-01-26")]
    table = rows.pivot_table(index="date", columns="minute", values="offered").dropna()  # without Saturdays
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.to_numpy().sum()
    chi_square = ((table.to_numpy() - expected) ** 2 / expected).sum()
    freedom = (len(table) - 1) * (table.shape[1] - 1)
    assert chi_square > freedom + 4 * np.sqrt(2 * freedom)

"""Opening of a queue: weekly hours, midnight, holidays configured and learnt."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.forecast.made import BERLIN, OFFICE, configured, history, local_dates_of
from wfm.calendars import public_holidays
from wfm.errors import ConfigError
from wfm.forecast import forecast
from wfm.forecast.calendar import opening, queue_calendar
from wfm.hours import parse_hours
from wfm.localtime import interval_grid, open_mask

NAIVE = ("seasonal_naive",)


@pytest.mark.parametrize(
    "hours",
    [
        pytest.param(OFFICE, id="office"),
        pytest.param("", id="always"),
        pytest.param("Mon-Sun 22:00-06:00", id="over midnight"),
        pytest.param("Fri 20:00-04:00;Sat 00:00-24:00", id="weekend night"),
        pytest.param("Mon-Fri 07:10-21:05", id="off the grid"),
    ],
)
def test_opening_without_holidays_is_the_weekly_mask(hours):
    queue = configured(15, timezone="UTC", a={"hours": hours}).queues["a"]
    dates = pd.date_range("2026-03-04", periods=17, freq="D")
    calendar = queue_calendar("a", queue, 15, dates, {})
    starts = interval_grid(dates[0].date(), dates[-1].date(), "UTC", 15)
    expected = open_mask(starts, parse_hours(hours), "UTC")
    assert np.array_equal(opening(dates, calendar).ravel(), expected)


def test_a_closed_holiday_leaves_the_night_that_began_before_it():
    queue = configured(60, a={"hours": "Mon-Sun 22:00-06:00", "holidays": "DE", "holiday_hours": ""})
    dates = pd.date_range("2026-04-30", "2026-05-02", freq="D")  # May 1st is a holiday
    open_hours = opening(dates, queue_calendar("a", queue.queues["a"], 60, dates, {}))
    assert np.flatnonzero(open_hours[1]).tolist() == [0, 1, 2, 3, 4, 5]
    assert np.flatnonzero(open_hours[2]).tolist() == [22, 23]


def test_easter_moves_with_the_year():
    found = public_holidays("DE-HH", (2025, 2026))
    fridays = {str(day) for day, name in found.items() if name == "Good Friday"}
    assert {"2025-04-18", "2026-04-03"} <= fridays


def test_an_unknown_calendar_names_the_queue():
    with pytest.raises(ConfigError, match=r"queues\.a\.holidays"):
        forecast(history(), configured(a={"hours": OFFICE, "holidays": "QQ"}), horizon_days=7)


def without(frame, *days):
    return frame[~local_dates_of(frame).isin(days)]


CHRISTMAS = ("2025-12-25", "2025-12-26", "2026-01-01")


@pytest.mark.parametrize(
    ("closed", "is_open"),
    [
        pytest.param(CHRISTMAS, False, id="none of three had contacts"),
        pytest.param(CHRISTMAS[:2], True, id="one of three had contacts"),
        pytest.param((), True, id="all had contacts"),
    ],
)
def test_holidays_are_closed_only_if_none_of_at_least_two_had_contacts(closed, is_open):
    past = without(history("2025-11-17", "2026-03-29"), *closed)
    config = configured(a={"hours": OFFICE, "holidays": "DE"})
    result = forecast(past, config, horizon_days=14, models=NAIVE)
    assert ("2026-04-03" in set(local_dates_of(result.forecast))) == is_open  # Good Friday
    assert any("holidays of the history" in note for note in result.notes)


def test_zeros_on_holidays_teach_like_missing_rows():
    past = history("2025-11-17", "2026-03-29")
    past.loc[local_dates_of(past).isin(CHRISTMAS), "offered"] = 0.0
    result = forecast(past, configured(a={"hours": OFFICE, "holidays": "DE"}), horizon_days=14, models=NAIVE)
    assert "2026-04-03" not in set(local_dates_of(result.forecast))


def test_one_empty_holiday_is_not_enough_to_close():
    past = without(history("2025-12-29", "2026-03-29"), "2026-01-01")
    config = configured(a={"hours": OFFICE, "holidays": "DE"})
    result = forecast(past, config, horizon_days=14, models=NAIVE)
    assert "2026-04-03" in set(local_dates_of(result.forecast))
    assert any("too few to tell (1)" in note for note in result.notes)


@pytest.mark.parametrize(("hours", "rows"), [("", 0), ("Fri 10:00-12:00", 4)], ids=["closed", "two hours"])
def test_configured_holiday_hours_beat_the_history(hours, rows):
    config = configured(a={"hours": OFFICE, "holidays": "DE", "holiday_hours": hours})
    result = forecast(history("2026-01-12", "2026-03-29"), config, horizon_days=14, models=NAIVE)
    assert (local_dates_of(result.forecast) == "2026-04-03").sum() == rows


def test_email_arrives_always_holidays_and_nights_included():
    queues: dict[str, Any] = {
        "a": {"channel": "email", "deadline_h": 8, "hours": OFFICE, "holidays": "DE", "holiday_hours": ""}
    }
    past = history("2026-01-12", "2026-03-29", hours="")
    result = forecast(past, configured(**queues), horizon_days=7, models=NAIVE)
    assert local_dates_of(result.forecast, BERLIN).value_counts().eq(48).all()


def test_a_holiday_and_the_days_around_it_have_the_effect_of_earlier_ones():
    past = history("2025-03-31", "2026-03-29", seed=None)
    holidays = ["2025-04-18", "2025-04-21", "2025-05-01", "2025-05-29", "2025-06-09", "2025-10-03"]
    past.loc[local_dates_of(past).isin(holidays), "offered"] *= 0.4
    config = configured(a={"hours": OFFICE, "holidays": "DE"})
    rows = forecast(past, config, horizon_days=14, models=("median_of_weeks",)).forecast
    day = local_dates_of(rows)
    ordinary, holiday = rows[day == "2026-04-10"], rows[day == "2026-04-03"]
    assert holiday["offered"].sum() / ordinary["offered"].sum() == pytest.approx(0.4, abs=0.1)


def test_a_wild_holiday_in_the_last_week_says_nothing_of_ordinary_days():
    past = history("2026-01-12", "2026-04-05")
    wild = past.assign(offered=past["offered"].where(local_dates_of(past) != "2026-04-03", 900.0))
    config = configured(a={"hours": OFFICE, "holidays": "DE"})
    days = [forecast(one, config, horizon_days=14, models=NAIVE).days for one in (past, wild)]
    ordinary = days[0]["date"] > "2026-04-07"  # Easter Monday and the day after it are not
    calm, wild_days = (one.loc[ordinary, "offered"].to_numpy() for one in days)
    assert wild_days == pytest.approx(calm, rel=0.01)


def test_holidays_and_their_eves_have_their_own_course_of_the_day():
    past = history("2025-03-31", "2026-03-29", hours="", seed=4)
    local = past["interval_start"].dt.tz_convert(BERLIN)
    holidays = list(public_holidays("DE", (2025, 2026)))
    afternoon = local.dt.hour >= 14
    eve = (local + pd.Timedelta(days=1)).dt.date.isin(holidays) & ~local.dt.date.isin(holidays)
    past.loc[eve & afternoon, "offered"] *= 0.2
    config = configured(a={"hours": "", "holidays": "DE"})
    made = forecast(past, config, horizon_days=14, models=("day_regression",)).forecast
    hour = made["interval_start"].dt.tz_convert(BERLIN).dt.hour
    day = local_dates_of(made)
    late = {
        date: made.loc[(day == date) & (hour >= 14), "offered"].sum() / made.loc[day == date, "offered"].sum()
        for date in ("2026-04-02", "2026-04-09")  # Maundy Thursday, a Thursday
    }
    usual, truth = late["2026-04-09"], 0.2 * late["2026-04-09"] / (1 - 0.8 * late["2026-04-09"])
    assert late["2026-04-02"] - truth < 0.25 * (usual - truth)


def test_without_hours_what_never_has_a_row_is_forecast_as_nothing():
    past = history("2026-01-05", "2026-03-01")  # rows of the office hours only
    monday = pd.Timestamp("2026-03-02", tz=BERLIN)
    result = forecast(past, configured(a={"hours": ""}), horizon_days=14, as_of=monday)
    made = result.forecast
    starts = pd.DatetimeIndex(made["interval_start"])
    is_open = open_mask(starts, parse_hours(OFFICE), BERLIN)
    assert len(made) == 14 * 48
    assert (made.loc[~is_open, "offered"] == 0).all()
    assert (made.loc[~is_open, "offered_p975"] == 0).all()
    same = forecast(past, configured(), horizon_days=14, as_of=monday).forecast
    assert made.loc[is_open, "offered"].to_numpy() == pytest.approx(same["offered"].to_numpy(), rel=1e-6)
    assert any("no row ever on Sun and other hours" in note for note in result.notes)
